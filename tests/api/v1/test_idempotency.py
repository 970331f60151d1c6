"""`Idempotency-Key`, on both databases: a request that is sent again is carried out once, and answered as before."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Annotated

import anyio.from_thread
import httpx
import pytest
from fastapi import Body
from starlette.responses import Response

from genjin.api.calling import Door
from genjin.api.edge import Edge
from genjin.api.rates import Budgets
from genjin.api.route import GET, ApiRoute
from genjin.api.v1.answers import one
from genjin.api.v1.calling import Caller
from genjin.api.v1.server import serve_v1
from genjin.app import open_installation
from genjin.domain.clock import FixedClock
from genjin.domain.followup import FollowUpInput
from genjin.domain.records import Record, RecordType, Ref
from genjin.errors import Forbidden
from genjin.service.context import Installation
from genjin.service.entries.followups import write_follow_up
from genjin.service.idempotency import forget_answers
from genjin.settings import Settings
from genjin.store import records, timeline
from genjin.wire.v1.me import Me
from tests.databases import ENGINES
from tests.world import ALICE, NOW, ORGANISATION, InProcess, Site, problem

LEAD = Ref(RecordType.LEAD, 900)
DAY = 86_400
HELD = threading.Event()
"""Set while nobody holds up who writes the text `wait`."""
ENTERED = threading.Event()


def write(call: Caller, id: int, text: Annotated[str, Body(embed=True)]) -> Response:  # noqa: A002
    """Write a follow-up; `wait` is held up, `fail` fails when it is written."""
    if text == "wait":
        ENTERED.set()
        assert HELD.wait(10)
    view = write_follow_up(call.installation, call.session, Ref(RecordType.LEAD, id), FollowUpInput(text=text))
    if text == "fail":
        raise Forbidden("不行")
    return one(call, {"id": view.facts.id, "text": text}, status=201, headers={"Location": f"/{view.facts.id}"})


def read(call: Caller) -> Response:
    """Nothing."""
    return one(call, {})


ROWS = (
    ApiRoute(("POST", "PATCH"), "/api/v1/tries/{id}", write, "try", Me),
    ApiRoute(GET, "/api/v1/tries", read, "read", Me),
)


class Server:
    """One worker of a server with these two routes."""

    def __init__(self, site: Site, portal: anyio.from_thread.BlockingPortal) -> None:
        self.clock = FixedClock(NOW)
        settings = Settings(database_url=site.url, idempotency_hours=24)
        self.installation: Installation = open_installation(settings, self.clock)
        door = Door(self.installation, settings, Budgets(None, None, self.clock), b"s" * 32)
        app = Edge(serve_v1(door, ROWS), self.clock, 1_000_000, strict=False, larger={})
        self._site, self._transport = site, InProcess(app, portal, "127.0.0.1")

    def client(self, name: str = "alice") -> httpx.Client:
        headers = {"Authorization": self._site.header(name)}
        return httpx.Client(transport=self._transport, base_url="http://genjin.test", headers=headers)

    def written(self) -> int:
        """How many follow-ups the lead has."""
        return self.installation.database.read(
            lambda tx: timeline.length(tx, ORGANISATION.id, LEAD)[0], ORGANISATION.id
        )


@pytest.fixture(params=ENGINES)
def settled(request: pytest.FixtureRequest, postgres_template: str) -> Site:
    """The test world on each engine, with a lead of alice's."""
    site: Site = request.getfixturevalue("site" if request.param == "sqlite" else "postgres_site")
    return site


@contextmanager
def workers(site: Site, count: int = 1) -> Iterator[list[Server]]:
    with anyio.from_thread.start_blocking_portal() as portal:
        servers = [Server(site, portal) for _ in range(count)]
        servers[0].installation.database.write(
            lambda tx: records.put_records(
                tx, 1, [Record(RecordType.LEAD, LEAD.id, "郑老师", ALICE.id, ALICE.id, 12, NOW, NOW)]
            ),
            ORGANISATION.id,
        )
        yield servers
        for server in servers:
            server.installation.database.close()


@pytest.fixture
def server(settled: Site) -> Iterator[Server]:
    with workers(settled) as [server]:
        yield server


def post(
    client: httpx.Client, key: str | None, text: str = "在忙", method: str = "POST", id_: int = 900
) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.request(method, f"/api/v1/tries/{id_}", json={"text": text}, headers=headers)


def test_without_a_key_each_request_is_carried_out(server: Server) -> None:
    answers = [post(server.client(), None) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert server.written() == 2
    assert "idempotency-replayed" not in answers[1].headers


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_with_a_key_it_is_carried_out_once_and_answered_as_before(server: Server, method: str) -> None:
    first = post(server.client(), "k-1", method=method)
    again = post(server.client(), "k-1", method=method)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert server.written() == 1


def test_spaces_and_the_order_of_keys_make_no_difference_and_neither_do_quotes(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    path = "/api/v1/tries/900"
    client = server.client()
    first = client.post(path, content=b'{"text":"a"}', headers=headers | {"Idempotency-Key": "8e03978e"})
    again = client.post(path, content=b' { "text" : "a" } ', headers=headers | {"Idempotency-Key": '"8e03978e"'})
    assert (first.status_code, again.content) == (201, first.content)
    assert server.written() == 1


def test_the_same_key_with_another_request_is_refused(server: Server) -> None:
    post(server.client(), "k-1")
    problem(post(server.client(), "k-1", text="不在忙"), 422, "key_reused")
    problem(post(server.client(), "k-1", method="PATCH"), 422, "key_reused")
    problem(post(server.client(), "k-1", id_=901), 422, "key_reused")
    problem(
        server.client().post("/api/v1/tries/900?lang=en", json={"text": "在忙"}, headers={"Idempotency-Key": "k-1"}),
        422,
        "key_reused",
    )
    assert server.written() == 1


def test_a_key_is_its_callers_own(server: Server) -> None:
    first, bobs = post(server.client("alice"), "k-1"), post(server.client("bob"), "k-1")
    assert bobs.status_code == 201
    assert bobs.json()["id"] != first.json()["id"]
    problem(post(server.client("charlie"), "k-1"), 404, "not_found")
    problem(post(server.client("eve"), "k-1"), 404, "not_found")


def test_what_is_refused_is_not_kept_and_may_be_sent_again(server: Server) -> None:
    problem(post(server.client(), "k-1", text="fail"), 403, "forbidden")
    assert server.written() == 0  # what it wrote was undone with it
    problem(post(server.client(), "k-1", text="fail"), 403, "forbidden")
    assert post(server.client(), "k-1").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a" * 256, 'a"b', "a b", '"', '""'])
def test_what_can_be_no_key_is_refused(server: Server, key: str) -> None:
    problem(post(server.client(), key), 400, "malformed")
    assert server.written() == 0


def test_a_key_that_is_not_ascii_and_two_keys_are_refused(server: Server) -> None:
    for keys in (["键"], ["a", "b"]):
        told = [(b"Idempotency-Key", key.encode()) for key in keys]
        problem(server.client().post("/api/v1/tries/900", json={"text": "a"}, headers=told), 400, "malformed")


def test_a_key_is_forgotten_after_its_time(server: Server) -> None:
    first = post(server.client(), "k-1")
    server.clock.at += DAY - 1
    assert forget_answers(server.installation) == 0
    assert post(server.client(), "k-1").content == first.content
    server.clock.at += 1
    assert post(server.client(), "k-1").content != first.content
    assert server.written() == 2
    server.clock.at += DAY + 1
    assert forget_answers(server.installation) == 1
    assert forget_answers(server.installation) == 0


def test_a_get_takes_no_key(server: Server) -> None:
    for _ in range(2):
        told = server.client().get("/api/v1/tries", headers={"Idempotency-Key": "k-1"})
        assert (told.status_code, "idempotency-replayed" in told.headers) == (200, False)


def test_who_sends_it_again_too_early_is_told_that_it_is_carried_out(settled: Site) -> None:
    """By the same worker on either database, and by another one on PostgreSQL; SQLite's other worker waits."""
    HELD.clear()
    ENTERED.clear()
    with workers(settled, 2) as servers, ThreadPoolExecutor() as pool:
        first = pool.submit(post, servers[0].client(), "k-1", "wait")
        assert ENTERED.wait(10)
        others = servers if settled.url.startswith("postgres") else servers[:1]
        for server in others:
            problem(post(server.client(), "k-1", "wait"), 409, "in_flight")
        HELD.set()
        assert first.result().status_code == 201
        for server in servers:
            assert post(server.client(), "k-1", "wait").content == first.result().content
        assert servers[0].written() == 1


def test_of_many_at_once_at_two_workers_one_is_carried_out(settled: Site) -> None:
    with workers(settled, 2) as servers, ThreadPoolExecutor(8) as pool:
        start = threading.Barrier(8)

        def send(nth: int) -> httpx.Response:
            start.wait(10)
            return post(servers[nth % 2].client(), "k-1")

        answers = list(pool.map(send, range(8)))
        done = [answer for answer in answers if answer.status_code == 201]
        assert len({answer.content for answer in done}) == 1
        assert sum("idempotency-replayed" not in answer.headers for answer in done) == 1
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert servers[0].written() == 1
