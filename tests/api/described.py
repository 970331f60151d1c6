"""The described server: the OpenAPI document for Schemathesis, and a server with the documented example to hold it to.

Tests are made from the document before any server runs, so the ids of all data are chosen here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
import schemathesis
from schemathesis import Case
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.schemas import BaseSchema
from starlette.types import ASGIApp, Receive, Scope, Send

from genjin.api.docs import document
from genjin.api.route import ApiRoute
from genjin.api.v1.server import is_ours
from genjin.app import build, open_installation
from genjin.domain.activity import Draft
from genjin.domain.attachment import Attachment, FileKind
from genjin.domain.call import Call
from genjin.domain.checkin import CheckIn
from genjin.domain.clock import FixedClock
from genjin.domain.comment import Comment
from genjin.domain.kinds import CHECKED_IN
from genjin.domain.people import DataScope, Department, Option, Role, User
from genjin.domain.records import MERGEABLE, OF_A_CUSTOMER, Record, RecordType, Ref
from genjin.importers.capture import import_captures
from genjin.service import activities
from genjin.service.organisation.signin import create_token
from genjin.settings import Settings
from genjin.store import calls, checkins, comments, files, people, records
from genjin.store.transaction import Tx
from genjin.wire.schemas import file_inputs, inputs, life_bodies, record_bodies
from genjin.wire.schemas import pools as pool_types
from tests.api.states import (
    ANY,
    COMMENT,
    COMMENTED,
    DUPLICATE,
    LASTING,
    MERGE,
    POOLS,
    STATES,
    WAITING,
    furnish_states,
)

EXAMPLE = Path(__file__).parents[1] / "wire" / "upstream" / "sales_activities.json"
NOW = 1_718_000_000
ORGANISATION, AUTHOR, COLLEAGUE, LEAD, FOLLOW_UPS = 11300332, 12343133, 12341142, 1311120102, [1312134154, 1534014235]
"""Of the documented example; the others are ours."""
ROLE, DEPARTMENT = Role(1, "管理员", DataScope.ALL), Department(2, "销售部")
CATEGORY, STATUS = Option(3, "follow_up.category", "拜访"), Option(4, "lead.status", "联系中")
LEADS, CUSTOMERS, DIALLED = [11, 12, 13, 14], [21, 22, 23, 24], [31, 32]
CONTACTS, OPPORTUNITIES, CONTRACTS = [41, 42, 43, 44], [51, 52, 53, 54], [61, 62, 63, 64]
KEPT_CUSTOMER, KEPT_CONTACT, KEPT_OPPORTUNITY, KEPT_CONTRACT = 25, 45, 55, 65
"""What others belong to or name; nobody deletes them."""
VISITS = [91, 92, 93, 94]
COMMENTS = [71, 72]
LEAVER = 99
"""Who may leave, and is nobody whom another call needs."""
LIMIT = 2**63
FILES, ATTACHABLE = [81, 82], [83]
POOLED_LEADS, POOLED_CUSTOMERS = [93, 94, 95], [96, 97, 98]
POOL_OF = {type_.name.lower(): id_ for type_, id_ in POOLS.items()}
IN_PATH = {
    "files": FILES,
    "leads": LEADS,
    "customers": CUSTOMERS,
    "contacts": CONTACTS,
    "opportunities": OPPORTUNITIES,
    "contracts": CONTRACTS,
    "follow-ups": FOLLOW_UPS,
    "calls": DIALLED,
    "check-ins": VISITS,
    "timeline": [LEAD, 21],
    "lead pools": [POOLS[RecordType.LEAD], *POOLED_LEADS],
    "customer pools": [POOLS[RecordType.CUSTOMER], *POOLED_CUSTOMERS],
    "comments": COMMENTS,
    "users": [LEAVER],
    "approval": [WAITING],
}
IN_BODY: Mapping[str, Sequence[object]] = {
    "user_id": [AUTHOR, COLLEAGUE],
    "at_user_ids": [AUTHOR, COLLEAGUE],
    "to_user_id": [AUTHOR, COLLEAGUE],
    "user_ids": [AUTHOR, COLLEAGUE],
    "assist_user_ids": [AUTHOR, COLLEAGUE],
    "ids": [ANY],
    "merge_ids": [DUPLICATE],
    "merge_id": [MERGE + type_ for type_ in MERGEABLE],
    "department_ids": [DEPARTMENT.id],
    "want_department_id": [DEPARTMENT.id],
    "category": [CATEGORY.id],
    "status": [STATUS.id],
    "contacts_ids": [KEPT_CONTACT],
    "opportunity_id": [KEPT_OPPORTUNITY],
    "contract_id": [KEPT_CONTRACT],
    "refer_lead_id": [LEAD, *LEADS],
    "sales_activity_id": [COMMENTED],
    "parent_id": [COMMENT],
    "customer_id": [KEPT_CUSTOMER],
    "loggable_id": [LEAD],
    "caller_id": [LEAD],
    "checkable_id": [LEAD],
    "checkable_type": ["Lead", "Contract"],
    "attachment_ids": ATTACHABLE,
    "id": ATTACHABLE,
    "loggable_type": ["Lead", "Contract"],
    "caller_type": ["Lead", "Contract"],
}
IN_QUERY = {
    "corp_id": [f"org{ORGANISATION}"],
    "lead_id": [str(ANY)],
    "entity_type": ["leads", "Contract"],
    "entity_id": [str(ANY)],
}
FILTERED_BY = ["user_id", "department_id"]
"""Fields with choices, of records of any type."""

OF_ONE_ENTRY = ("attachment_ids", "attachment_file_ids", "audio_ids")

Json = Any


class Served:
    """Stands for a server that is not running yet, in documents and in tests."""

    def __init__(self, mode: str) -> None:
        self.mode, self.token = mode, ""
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # the fixture's affair
            for word in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{word}.complete"})
            return
        assert self.app is not None
        await self.app(scope, receive, send)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Token token={self.token}, device=open_api, version_code=9.9.9"}


STRICT, DOCUMENTED = Served("strict"), Served("documented")


def furnish(database_url: str) -> str:
    """Put the documented example and a few records of our own into a database. Returns a token."""
    installation = open_installation(Settings(database_url=database_url), FixedClock(NOW))
    with closing(installation.database) as database:
        import_captures(installation, [EXAMPLE])
        database.write(_furnish)
        return create_token(installation, ORGANISATION, "author", "test")


@contextmanager
def running(database_url: str, token: str) -> Iterator[None]:
    """Run both servers over one furnished database; those that ran before are back afterwards."""
    plain = Settings(database_url=database_url)
    installation = open_installation(plain, FixedClock(NOW))
    before = [(served, served.app) for served in (STRICT, DOCUMENTED)]
    with closing(installation.database):
        for served, _ in before:
            served.app = build(installation, plain.model_copy(update={"http_errors": served.mode}))
            served.token = token
        yield
        for served, app in before:
            served.app = app


def _furnish(tx: Tx) -> None:
    people.put_roles(tx, ORGANISATION, [ROLE])
    people.put_departments(tx, ORGANISATION, [DEPARTMENT])
    people.put_options(tx, ORGANISATION, [CATEGORY, STATUS])
    author = next(user for user in people.user_list(tx, ORGANISATION) if user.id == AUTHOR)
    people.put_users(tx, ORGANISATION, [replace(author, login="author", role_id=ROLE.id), User(LEAVER, "小周", NOW)])
    furnish_states(tx, ORGANISATION, AUTHOR, DEPARTMENT.id, NOW)
    people.bump_version(tx, ORGANISATION)
    for type_, ids in (
        (RecordType.LEAD, LEADS),
        (RecordType.CUSTOMER, [*CUSTOMERS, KEPT_CUSTOMER, COMMENT]),  # a `parent_id` may be meant for either
        (RecordType.CONTACT, [*CONTACTS, KEPT_CONTACT]),
        (RecordType.OPPORTUNITY, [*OPPORTUNITIES, KEPT_OPPORTUNITY]),
        (RecordType.CONTRACT, [*CONTRACTS, KEPT_CONTRACT]),
    ):
        some = [Record(type_, id_, f"示例{id_}", AUTHOR, AUTHOR, DEPARTMENT.id, NOW, NOW) for id_ in ids]
        if type_ in OF_A_CUSTOMER:
            some = [replace(each, customer_id=KEPT_CUSTOMER) for each in some]
        records.put_records(tx, ORGANISATION, some)
    for type_, ids in ((RecordType.LEAD, POOLED_LEADS), (RecordType.CUSTOMER, POOLED_CUSTOMERS)):
        pooled = Record(type_, 0, "示例", None, AUTHOR, None, NOW, NOW, pool_id=POOLS[type_], pooled_at=NOW)
        records.put_records(tx, ORGANISATION, [replace(pooled, id=id_) for id_ in ids])
    for id_ in COMMENTS:
        comments.put(tx, ORGANISATION, Comment(id_, COMMENTED, AUTHOR, "好的", NOW))
        comments.count(tx, ORGANISATION, COMMENTED, 1)
    for id_ in (*FILES, *ATTACHABLE):
        data = Attachment(id_, bytes(32), f"{id_}.pdf", "application/pdf", 1, FileKind.FILE, AUTHOR, NOW)
        files.put(tx, ORGANISATION, data)
    drafts = [Draft(CHECKED_IN, AUTHOR, Ref(RecordType.LEAD, LEAD), NOW, NOW, id_) for id_ in VISITS]
    for facts in activities.record_many(tx, ORGANISATION, drafts):
        visit = CheckIn(facts.object_id or 0, facts.id, AUTHOR, Ref(RecordType.LEAD, LEAD), NOW, "南京路")
        checkins.put(tx, ORGANISATION, visit)
    for id_ in DIALLED:
        calls.put(tx, ORGANISATION, Call(id_, AUTHOR, Ref(RecordType.LEAD, LEAD), "13400000001", NOW, NOW))


def of_each(operations: Sequence[str], make: Callable[[], BaseSchema]) -> Callable[[Callable[[Case[Any]], None]], Any]:
    """Makes a test of each operation of a description, with its cases, when that test is run.

    Schemathesis by itself makes all cases of all operations while tests are collected, in every process.
    """

    def decorate(test: Callable[[Case[Any]], None]) -> Callable[[str], None]:
        @pytest.mark.parametrize("operation", operations)
        def of_one(operation: str) -> None:
            load_all_checks()
            method, path = operation.split(" ")
            schema = make()
            build_operation_test(
                config=schema.config,
                operation=schema[path][method],
                test_func=test,
                given_kwargs={},
                feedback=NO_FEEDBACK,
            )()

        return of_one

    return decorate


def labels_of(routes: Iterable[ApiRoute], twins: bool = False) -> list[str]:
    """What Schemathesis calls the operations of routes, such as `GET /api/v2/leads`; with `twins` also those that are
    other methods of the same handler.
    """
    return [
        f"{method} {route.path}"
        for route in routes
        for method in route.methods
        if method != "HEAD" and (twins or method == route.methods[0])
    ]


def description(served: Served, config: dict[str, Json], tags: Sequence[str] = ()) -> BaseSchema:
    """The document of /api/v2 for Schemathesis, narrowed to the data above where only the data tell what is right.

    With `tags`, only what has one of them.
    """
    told = orjson.loads(document(served.mode == "strict"))
    told["paths"] = {path: at_path for path, at_path in told["paths"].items() if not is_ours(path)}
    for at_path in told["paths"].values():
        for method in [method for method, operation in at_path.items() if tags and operation["tags"][0] not in tags]:
            del at_path[method]
    for name, schema in told["components"]["schemas"].items():
        of_pools = issubclass(getattr(pool_types, name, object), inputs.Input)
        if of_pools or any(hasattr(module, name) for module in (inputs, file_inputs, life_bodies, record_bodies)):
            _narrow(schema, of_entry=hasattr(inputs, name))
    for path, at_path in told["paths"].items():
        for operation in at_path.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
                    attaching = operation["operationId"] in ("attachFiles", "addFiles")
                    known = [LEAD] if attaching else IN_PATH[operation["tags"][0]]
                    end = path.rpartition("/")[2]
                    parameter["schema"]["enum"] = STATES.get(end, LASTING.get(end, known))
                elif parameter["in"] == "path" and parameter["name"] == "field":
                    parameter["schema"]["enum"] = FILTERED_BY
                elif parameter["in"] == "query" and parameter["name"] in IN_QUERY:
                    allowed = parameter["schema"].get("enum")
                    known = [each for each in IN_QUERY[parameter["name"]] if allowed is None or each in allowed]
                    parameter["schema"] = {"enum": known or allowed}
            for content in operation.get("requestBody", {"content": {}})["content"].values():
                _narrow(content["schema"], of_entry=operation["tags"][0] in ("follow-ups", "calls", "check-ins"))
    schema = schemathesis.openapi.from_dict(told, config=SchemathesisConfig.from_dict(config))
    schema.app = served
    schema.hook(filter_body)
    return schema


def filter_body(_: object, body: Json) -> bool:
    """Without what no schema says: a number beyond 64 bits is refused even where nobody looks at it, and a number
    that is taken for a text is as long as its digits.
    """
    if isinstance(body, dict | list):
        return all(filter_body(_, part) for part in (body.values() if isinstance(body, dict) else body))
    return not isinstance(body, int | float) or body == 0 or 1 / LIMIT < abs(body) < LIMIT


def _narrow(schema: Json, of_entry: bool) -> None:
    """With `of_entry`, no file is named: each can be attached to one entry only, and so only once."""
    properties = schema.get("properties", {})
    for name, declared in properties.items():
        last = name.removesuffix("[]").rpartition("[")[2].rstrip("]")
        known = [] if of_entry and last in OF_ONE_ENTRY else IN_BODY.get(last)
        if name == "common_id":  # a pool is for what is created in it, and needs no name where something is put back
            created = {each.partition("[")[0] for each in properties}
            known = [pool for noun, pool in POOL_OF.items() if noun in created] or [None]
        if known is not None:
            _allow_only(declared, known)


def _allow_only(schema: Json, known: Sequence[object]) -> None:
    """Where the schema lets any id or type through, only these, and what stands for none."""
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])):
        _allow_only(part, known)
    if "pattern" in schema or "enum" in schema:
        before = {key: value for key, value in schema.items() if key != "examples"}
        for key in ("type", "pattern", "minimum", "maximum"):
            schema.pop(key, None)
        candidates = [*known, *map(str, known), 0, "0", "", None, [], {}]
        schema["enum"] = [value for value in candidates if jsonschema_rs.is_valid(before, value)]
