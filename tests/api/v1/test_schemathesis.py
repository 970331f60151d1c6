"""Schemathesis holds the description of /api/v1 and the server to each other: no answer that is not described."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
import structlog
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from genjin.api.docs import document
from genjin.api.routes import V1
from genjin.api.v1.server import is_ours
from tests.api.described import (
    STRICT,
    filter_body,
    furnish,
    labels_of,
    of_each,
    running,
)
from tests.api.states import COMMENTED
from tests.api.test_schemathesis import ALL, QUICK, some
from tests.databases import new_sqlite

LASTING = ("last_activity", "last_follow_up", "last_call", "last_visit", "next_due")
pytestmark = pytest.mark.usefixtures("server")
TIMES = {"from", "to", "as_of"} | {f"{of}_{way}" for of in LASTING for way in ("after", "before")}
THERE: Mapping[tuple[str, str], Sequence[object]] = {
    ("path", "id"): [COMMENTED, 1],
    ("path", "number"): [1, 2],
    ("path", "name"): ["follow_up.written", "erp.invoice_paid"],
    ("query", "active"): ["2024-01-01..2024-01-31", "!2024-02-29..2024-02-29"],
    ("query", "kind"): ["talk", "!call", "record.edited"],
}
"""What is there, of what no schema says; and of ids what is not."""
LAST = {"removeWebhook"}
"""What would leave nothing to the others."""
WRITES = ("POST", "PATCH", "DELETE")
"""Which words belong to which kind, which ids and states are there, no schema says: these may refuse what fits it."""
ENDLESS = {row.path for row in V1 if row.stream}
"""Answers that nobody sees the end of; tests/cli/test_streams.py reads them."""
OPERATIONS = labels_of((row for row in V1 if row.path not in ENDLESS), twins=True)


def described(config: dict[str, Any]) -> BaseSchema:
    """The document of /api/v1 without cursors, of which no schema says which the server has given out."""
    told = orjson.loads(document(strict=True))
    told["paths"] = {path: at_path for path, at_path in told["paths"].items() if is_ours(path) and path not in ENDLESS}
    for operation in (operation for at_path in told["paths"].values() for operation in at_path.values()):
        operation["parameters"] = [each for each in operation["parameters"] if each["name"] != "cursor"]
        for each in operation["parameters"]:
            known = [1] if operation["operationId"] in LAST else THERE.get((each["in"], each["name"]))
            if known:
                schema = each["schema"]
                if "enum" not in schema.get("items", schema):
                    each["schema"] = {**schema, "items": {"enum": known}} if "items" in schema else {"enum": known}
    schema = schemathesis.openapi.from_dict(told, config=SchemathesisConfig.from_dict(config | {"operations": []}))
    schema.app = STRICT
    schema.hook(filter_body)
    schema.hook(map_query)
    return schema


def map_query(_: object, query: Any) -> Any:
    """With the year of every time where there are some: no schema says how far a calendar goes. With letters to search
    for: no schema says what is one.
    """
    if not isinstance(query, dict):
        return query
    given = {name: _in_our_time(value) if name in TIMES else value for name, value in query.items()}
    if all(isinstance(given.get(name), str) for name in ("from", "to")):
        given |= dict(zip(("from", "to"), sorted((given["from"], given["to"])), strict=True))
    if isinstance(asked := given.get("q"), str) and 1 < len(asked) < 200:
        given["q"] = f"ab{asked}"[:200]
    return given


def _in_our_time(value: Any) -> Any:
    is_time = isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value, re.ASCII)
    return f"2024{value[4:]}" if is_time else value


@cache
def ours() -> BaseSchema:
    return described(ALL)


@cache
def authorised() -> BaseSchema:
    return described(QUICK)


@pytest.fixture(scope="module")
def server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A server, and no log."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    url = new_sqlite(tmp_path_factory.mktemp("described") / "genjin.db", sqlite_template)
    with running(url, furnish(url)):
        yield
    structlog.configure(**before)


def test_every_operation_has_its_tests() -> None:
    operations = [found.ok().label for found in ours().get_all_operations() if isinstance(found, Ok)]
    assert sorted(operations) == sorted(OPERATIONS)


@of_each(OPERATIONS, ours)
@some(20)
def test_every_answer_is_as_described(case: Case[Any]) -> None:
    beyond_schemas = [positive_data_acceptance] if case.method in WRITES else []
    if isinstance(case.body, dict) and "items" in case.body:  # each of many is refused by itself, in an answer
        beyond_schemas.append(negative_data_rejection)
    case.call_and_validate(headers=STRICT.headers, excluded_checks=[ignored_auth, *beyond_schemas])


@of_each(OPERATIONS, authorised)
@some(2)
def test_no_call_is_answered_without_its_token(case: Case[Any]) -> None:
    case.call_and_validate(headers=STRICT.headers, checks=[ignored_auth])
