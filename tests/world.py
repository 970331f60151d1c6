"""The shared test world: two organisations, five people, and the real server over a real database, in process.

alice sells (she sees her own records), bob manages the department above hers, charlie sells in another department and
must not see, dora sees everything of theirs. eve is the administrator of another organisation.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import anyio.from_thread
import httpx

from genjin.app import build, open_installation
from genjin.domain.activity import Draft, Facts
from genjin.domain.calendar import calendar_of
from genjin.domain.clock import FixedClock
from genjin.domain.people import DataScope, Department, Option, Organisation, Role, User
from genjin.domain.records import RecordType, Ref
from genjin.domain.timeline import Page
from genjin.service import activities as birthplace
from genjin.service.context import Installation, Session
from genjin.service.organisation.passwords import hash_password
from genjin.service.organisation.signin import authenticate, create_token, key_of
from genjin.service.timeline.timeline import TimelineView, open_timeline, seen_record, view_page
from genjin.settings import Settings
from genjin.store import ids, people
from genjin.store.database import open_database
from genjin.store.recount import Miscount, recount
from genjin.store.transaction import Tx
from tests.databases import as_role

SHANGHAI = calendar_of("Asia/Shanghai")
NOW = SHANGHAI.instant(datetime(2024, 6, 12, 10, 0))
"""A Wednesday."""
ORGANISATION = Organisation(1, "长江贸易", "wwj0001")
OTHER = Organisation(2, "黄河物流", "wwj0002")
HEAD_OFFICE, SALES, PHONES, PARTNERS = (
    Department(10, "公司"),
    Department(11, "销售部", 10),
    Department(12, "电销组", 11),
    Department(13, "渠道部", 10),
)
SELLER = Role(20, "销售", DataScope.SELF)
MANAGER = Role(21, "经理", DataScope.DEPARTMENT_AND_BELOW)
ADMIN = Role(22, "管理员", DataScope.ALL)
PHONE_CALL, VISIT = Option(41, "follow_up.category", "电销", 0), Option(42, "follow_up.category", "拜访", 1)
NEW, HOT = Option(43, "lead.status", "新建", 0), Option(44, "lead.status", "重点", 1)
FROM_WEB = Option(45, "lead.source", "官网", 0)
KEY_ACCOUNT = Option(46, "customer.category", "大客户", 0)
FIRST_TALKS, WON = Option(47, "opportunity.stage", "初步接洽", 0), Option(48, "opportunity.stage", "赢单", 1)
PASSWORD = "correct horse battery staple"
LAST_ID = 1000
"""The ids below are the world's own; what the tests make has higher ones."""
FIRST_PAGE = Page()
WAIT_SECONDS = 0.2
"""How long the server waits for a replica that is behind."""
Json = Any


def _user(id_: int, name: str, role: Role, department: Department | None) -> User:
    return User(
        id=id_,
        name=name.capitalize(),
        created_at=NOW - 86_400 * 365,
        login=name,
        email=f"{name}@example.com",
        phone=f"134000000{id_}",
        role_id=role.id,
        department_id=department.id if department else None,
        job="销售",
        uid=id_ + 5000,
    )


ALICE = _user(31, "alice", SELLER, PHONES)
BOB = _user(32, "bob", MANAGER, SALES)
CHARLIE = _user(33, "charlie", SELLER, PARTNERS)
DORA = _user(34, "dora", ADMIN, HEAD_OFFICE)
EVE = _user(35, "eve", ADMIN, None)
PEOPLE: Mapping[str, tuple[Organisation, User]] = {
    "alice": (ORGANISATION, ALICE),
    "bob": (ORGANISATION, BOB),
    "charlie": (ORGANISATION, CHARLIE),
    "dora": (ORGANISATION, DORA),
    "eve": (OTHER, EVE),
}


@dataclass(frozen=True, slots=True)
class Site:
    """A database that the world was put into, and everybody's token. `role` is whom the server connects as, when it
    is not who owns the tables; `replica_url` is where a replica of it is, if there is one.
    """

    url: str
    tokens: Mapping[str, str]
    role: str = ""
    replica_url: str = ""

    def header(self, name: str) -> str:
        """The Authorization header that the documentation asks for."""
        return f"Token token={self.tokens[name]}, device=open_api, version_code=9.9.9"

    def at(self, url: str) -> "Site":
        """The same world in a copy of the database."""
        return replace(self, url=url)

    def served_by(self, role: str) -> "Site":
        """The same world, served by a role of PostgreSQL that does not own the tables."""
        return replace(self, role=role)

    def followed_by(self, replica_url: str) -> "Site":
        """The same world, with a replica."""
        return replace(self, replica_url=replica_url)

    @property
    def served_url(self) -> str:
        """What the server connects to."""
        return as_role(self.url, self.role) if self.role else self.url

    @property
    def served_replica_url(self) -> str:
        """What it connects to beside that."""
        return as_role(self.replica_url, self.role) if self.replica_url and self.role else self.replica_url


def settle(url: str) -> Site:
    """Put the world into a migrated database."""
    with closing(open_installation(_settings(url), FixedClock(NOW)).database) as database:
        database.write(_put_people)
    installation = open_installation(_settings(url), FixedClock(NOW))
    with closing(installation.database):
        tokens = {
            name: create_token(installation, organisation.id, name, "test")
            for name, (organisation, _) in PEOPLE.items()
        }
        assert installation.secret, "made here, so that no server has to"
    return Site(url, tokens)


class World:
    """The server over one database, and clients that are signed in to it.

    `database` is for the tests to look into it, and to change it, as its owner; the server's may show less.
    """

    def __init__(self, site: Site, portal: anyio.from_thread.BlockingPortal) -> None:
        self.site, self.portal = site, portal
        self.clock = FixedClock(NOW)
        replica_url = site.served_replica_url
        replicas = {"replica_urls": replica_url, "replica_wait_seconds": WAIT_SECONDS} if replica_url else {}
        self.installation = open_installation(_settings(site.served_url, **replicas), self.clock)
        self.database = open_database(site.url) if site.role else self.installation.database
        self._servers: dict[tuple[object, ...], httpx.BaseTransport] = {}

    def client(self, name: str | None = None, address: str = "127.0.0.1", **settings: object) -> httpx.Client:
        """A client with this person's token in its header, or with none, from a network address; to a server with
        these settings.
        """
        key = (address, *sorted(settings.items()))
        if key not in self._servers:
            app = build(self.installation, _settings(self.site.served_url, **settings))
            self._servers[key] = InProcess(app, self.portal, address)
        headers = {} if name is None else {"Authorization": self.site.header(name)}
        return httpx.Client(transport=self._servers[key], base_url="http://genjin.test", headers=headers)

    def session(self, name: str) -> Session:
        """This person, and the organisation as it is now."""
        return authenticate(self.installation, self.site.tokens[name])

    def record(self, *drafts: Draft, organisation: Organisation = ORGANISATION) -> list[Facts]:
        """Record activities just so, at any time."""
        return self.database.write(lambda tx: birthplace.record_many(tx, organisation.id, drafts))

    def change(
        self, *things: Organisation | Department | Role | User | Option, organisation: Organisation = ORGANISATION
    ) -> None:
        """Rename something that is bound late, as the command line does."""
        self.database.write(lambda tx: _put(tx, organisation.id, things))

    def miscounts(self, organisation: Organisation = ORGANISATION) -> list[Miscount]:
        """Timelines whose counters are wrong; there should be none, ever."""
        return self.database.read(lambda tx: recount(tx, organisation.id))

    def close(self) -> None:
        self.database.close()
        self.installation.database.close()


class InProcess(httpx.BaseTransport):
    """Carries a request to an ASGI application that runs in the portal's event loop."""

    def __init__(self, app: Any, portal: anyio.from_thread.BlockingPortal, address: str) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50000))
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._send, request)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        told = await self._transport.handle_async_request(request)
        assert isinstance(told.stream, httpx.AsyncByteStream)
        body = b"".join([part async for part in told.stream])
        return httpx.Response(told.status_code, headers=told.headers, stream=httpx.ByteStream(body))


@contextmanager
def opened(site: Site) -> Iterator[World]:
    """The world of a site, and an event loop for its server; another one on the same site is another process's."""
    with anyio.from_thread.start_blocking_portal() as portal, closing(World(site, portal)) as world:
        yield world


def ok(response: httpx.Response) -> Json:
    """The `data` of an answer that went well."""
    body = response.json()
    assert (response.status_code, body["code"]) == (200, 0), body
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    return body["data"]


def refused(response: httpx.Response, code: int) -> Json:
    """The body of a refusal with this code, which has the one shape that all refusals have."""
    body = response.json()
    assert response.status_code == 200, response.text
    assert list(body)[:4] == ["code", "message", "error", "data"]
    assert (body["code"], body["data"]) == (code, None), body
    assert body["message"]
    assert body["error"]
    return body


def problem(response: httpx.Response, status: int, code: str) -> Json:
    """The problem details with which /api/v1 refuses, which have the one shape that RFC 9457 gives them."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert (response.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["type"] == f"urn:genjin:problem:{code}"
    assert body["title"]
    assert body["instance"] == f"urn:genjin:request:{response.headers['x-request-id']}"
    assert all(each["message"] and set(each) == {"field", "message"} for each in body.get("errors", ()))
    return body


def fields_of(refusal: Json) -> set[str]:
    """The fields of which a problem says that something is wrong with them."""
    return {each["field"] for each in refusal["errors"]}


def activities_of(page: Json) -> list[Json]:
    """The activities of a page, newest first, without their days."""
    return [activity for group in page["sales_activities"] for activity in group["activities"]]


def timeline_of(client: httpx.Client, id_: int, entity: str = "leads", **params: object) -> Json:
    """The `data` of a record's sales activities."""
    return ok(client.get(f"/api/v2/{entity}/{id_}/sales_activities", params={k: str(v) for k, v in params.items()}))


def view_of(installation: Installation, token: str, subject: Ref, page: Page = FIRST_PAGE) -> TimelineView:
    """What the server renders of a record's timeline."""

    organisation_id, token_hash = key_of(token)

    def use(tx: Tx) -> TimelineView:
        session, head = open_timeline(tx, installation, organisation_id, token_hash, subject, lambda _: None)
        return view_page(tx, session, seen_record(session, subject, head.record), page, head.total)

    return installation.database.read(use, organisation_id)


def new_lead(client: httpx.Client, name: str = "郑老师", **fields: object) -> int:
    """The id of a new lead of the client's."""
    return int(ok(client.post("/api/v2/leads", json={"lead": {"name": name, **fields}}))["id"])


def lead_names(client: httpx.Client, **asked: object) -> list[str]:
    """The names of the leads that a list holds, in its order."""
    return [found["name"] for found in ok(client.get("/api/v2/leads", params=asked))["leads"]]  # type: ignore[arg-type]


def new_customer(client: httpx.Client, name: str = "郑州第一中学", **fields: object) -> int:
    """The id of a new customer of the client's; `refer_lead_id` says which lead it was."""
    top = {"refer_lead_id": fields.pop("refer_lead_id")} if "refer_lead_id" in fields else {}
    return int(ok(client.post("/api/v2/customers", json={"customer": {"name": name, **fields}, **top}))["id"])


def new_contact(client: httpx.Client, name: str = "王主任", **fields: object) -> int:
    """The id of a new contact of the client's."""
    return int(ok(client.post("/api/v2/contacts", json={"contact": {"name": name, **fields}}))["id"])


def new_opportunity(client: httpx.Client, customer_id: int, title: str = "教学软件", **fields: object) -> int:
    """The id of a new opportunity of the client's."""
    given = {"title": title, "customer_id": customer_id, **fields}
    return int(ok(client.post("/api/v2/opportunities", json={"opportunity": given}))["id"])


def new_contract(client: httpx.Client, customer_id: int, title: str = "采购合同", **fields: object) -> int:
    """The id of a new contract of the client's."""
    given = {"title": title, "customer_id": customer_id, **fields}
    return int(ok(client.post("/api/v2/contracts", json={"contract": given}))["id"])


def follow_up(
    client: httpx.Client, id_: int, content: str = "在忙,留了电话", type_: str = "Lead", **fields: object
) -> Json:
    """What the writing of a follow-up answers."""
    given = {"loggable_type": type_, "loggable_id": id_, "content": content, **fields}
    return ok(client.post("/api/v2/revisit_logs", json={"revisit_log": given}))


def lead(id_: int) -> Ref:
    """A lead's place in the domain."""
    return Ref(RecordType.LEAD, id_)


def customer(id_: int) -> Ref:
    """A customer's place in the domain."""
    return Ref(RecordType.CUSTOMER, id_)


def at(text: str) -> int:
    """The instant of `2024-06-12 10:00` in Shanghai."""
    return SHANGHAI.instant(datetime.fromisoformat(text))


@cache
def _password_hash() -> str:
    return hash_password(PASSWORD)


def _put_people(tx: Tx) -> None:
    ids.raise_floor(tx, LAST_ID)
    people.put_organisation(tx, ORGANISATION)
    people.put_departments(tx, ORGANISATION.id, [HEAD_OFFICE, SALES, PHONES, PARTNERS])
    people.put_roles(tx, ORGANISATION.id, [SELLER, MANAGER, ADMIN])
    people.put_options(tx, ORGANISATION.id, [PHONE_CALL, VISIT, NEW, HOT, FROM_WEB, KEY_ACCOUNT, FIRST_TALKS, WON])
    people.put_organisation(tx, OTHER)
    people.put_roles(tx, OTHER.id, [ADMIN])
    for organisation, user in PEOPLE.values():
        people.put_users(tx, organisation.id, [user])
        people.set_password(tx, organisation.id, user.id, _password_hash())


def _put(tx: Tx, organisation_id: int, things: Iterable[Organisation | Department | Role | User | Option]) -> None:
    for thing in things:
        match thing:
            case Organisation():
                before = people.organisation(tx, organisation_id)
                assert before is not None
                people.put_organisation(tx, replace(thing, version=before.version))
            case Department():
                people.put_departments(tx, organisation_id, [thing])
            case Role():
                people.put_roles(tx, organisation_id, [thing])
            case User():
                people.put_users(tx, organisation_id, [thing])
            case Option():
                people.put_options(tx, organisation_id, [thing])
    people.bump_version(tx, organisation_id)


@cache
def _plain_settings() -> Settings:
    return Settings()


def _settings(url: str, **more: object) -> Settings:
    """The environment is read once: that takes longer than the rest of opening a world does."""
    if not more:
        return _plain_settings().model_copy(update={"database_url": url})
    return Settings.model_validate({"database_url": url, **more})
