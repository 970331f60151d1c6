"""Schemathesis holds the description and the server to each other: over the whole API, in both ways of refusing."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from schemathesis import Case, CheckContext
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, unsupported_method, use_after_free

from genjin.api.routes import OURS, TIMELINE, UPSTREAM
from tests.api.described import (
    DOCUMENTED,
    STRICT,
    description,
    furnish,
    labels_of,
    of_each,
    running,
)
from tests.api.states import STATES, is_act
from tests.databases import new_sqlite

pytestmark = pytest.mark.usefixtures("servers")


def some(examples: int) -> settings:
    """So many examples of each operation, the same ones every time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


GENERATION = {"allow-x00": False, "with-security-parameters": False}
"""A NUL in any text is refused, which no schema says; the token is given by the tests."""
METHODS = {name: {"enabled": False} for name in ("unsupported_method", "allow_header_conformance")}
POOLS = ["listLeadPools", "createLeadPool", "listCustomerPools", "createCustomerPool"]
NOUNS = ("Leads", "Customers", "Contacts", "Opportunities", "Contracts")
LISTS = [name for noun in NOUNS for name in (f"listFiltersOf{noun}", f"list{noun}ByName")]
SIBLINGS = ["listFollowUps", "findCaller", "readCustomerOfLead", "searchDuplicateCustomers", *POOLS, *LISTS]
ALIKE = ["createLead", "updateCustomer", "createPooledCustomer", "createLeadPool", "updateCustomerPool"]
OPERATIONS = [
    # Their siblings have an id there, so other methods are theirs, with an id that no object has.
    {"include-operation-id": SIBLINGS, "checks": METHODS},
    # Every field at its limits, one by one, takes a second per hundred: once for a new record, once for a change, and
    # once for each body of pools, which are those of leads and of customers alike.
    {"include-operation-id": ALIKE, "phases": {"coverage": {"enabled": False}}},
]
NOT_FOUND = 404
UNMOVED = {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}}
"""The same requests whatever was answered before, and whatever texts are in our code."""
ALL = {
    "seed": 1,
    "generation": GENERATION,
    "operations": OPERATIONS,
    "phases": {"fuzzing": UNMOVED},
    "analysis": {"constants": {"enabled": False}},
}
QUICK = ALL | {"phases": {"fuzzing": UNMOVED, "coverage": {"enabled": False}, "examples": {"enabled": False}}}
TWINS = "By(Patch|Post)$"
"""Other methods of the same handler."""
ACTS = f"/({'|'.join(STATES)})$"
"""Each is refused the second time: what it follows from is gone."""

ROUTES = (TIMELINE, *UPSTREAM, *OURS)


@cache
def strict() -> BaseSchema:
    return description(STRICT, ALL).exclude(operation_id_regex=TWINS)


@cache
def authorised() -> BaseSchema:
    return description(STRICT, QUICK)


@cache
def documented() -> BaseSchema:
    return description(DOCUMENTED, QUICK).exclude(operation_id_regex=TWINS)


class Worlds:
    """Fresh databases with the same content."""

    template: Path
    token: str
    copies = count()

    @classmethod
    def fresh(cls) -> AbstractContextManager[None]:
        """Both servers over a database of their own."""
        copy = cls.template.with_name(f"{next(cls.copies)}.db")
        return running(new_sqlite(copy, cls.template), cls.token)

    @classmethod
    def of(cls, case: Case[Any]) -> AbstractContextManager[None]:
        """For an act a fresh one, where it is always its first time; for other calls the one that all share."""
        return cls.fresh() if is_act(case.operation.path) else nullcontext()


@pytest.fixture(scope="module")
def servers(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Both servers, and no log."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    Worlds.template = tmp_path_factory.mktemp("described") / "genjin.db"
    Worlds.token = furnish(new_sqlite(Worlds.template, sqlite_template))
    with Worlds.fresh():
        yield
    structlog.configure(**before)


@pytest.mark.parametrize(("make", "twins"), [(strict, False), (authorised, True), (documented, False)])
def test_every_operation_has_its_tests(make: Callable[[], BaseSchema], twins: bool) -> None:
    operations = [found.ok().label for found in make().get_all_operations() if isinstance(found, Ok)]
    assert sorted(operations) == sorted(labels_of(ROUTES, twins))


@of_each(labels_of(ROUTES), strict)
@some(4)
def test_every_check_holds_where_refusals_have_statuses(case: Case[Any]) -> None:
    with Worlds.of(case):
        case.call_and_validate(headers=STRICT.headers, excluded_checks=[ignored_auth])


def test_some_of_what_every_path_is_tried_with_is_there() -> None:
    """Otherwise all that is tried of it is that it is missing."""
    operations = [found.ok() for found in strict().get_all_operations() if isinstance(found, Ok)]
    with Worlds.fresh():
        assert [operation.label for operation in operations if _is_missing(operation)] == []


def _is_missing(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Whether nothing is there by any of the ids that the path is tried with."""
    named = {each.name: each.definition["schema"].get("enum", [None]) for each in operation.path_parameters}
    in_body = {"body": {"klass": "lead"}, "media_type": "application/json"}
    body: dict[str, Any] = {} if operation.method in ("get", "delete") else in_body
    for values in product(*named.values()):
        case = operation.Case(path_parameters=dict(zip(named, values, strict=True)), **body)
        with nullcontext() if operation.method == "get" else Worlds.fresh():
            if None in values or case.call(headers=STRICT.headers).status_code != NOT_FOUND:
                return False
    return bool(named)


@of_each(labels_of(ROUTES, twins=True), authorised)
@some(2)
def test_no_call_is_answered_without_its_token(case: Case[Any]) -> None:
    case.call_and_validate(headers=STRICT.headers, checks=[ignored_auth])


@of_each(labels_of(ROUTES), documented)
@some(5)
def test_refusals_with_http_200_are_as_described(case: Case[Any]) -> None:
    """Not checked are the four that demand an error's status, which there is none of here (decision 8)."""
    demanding = [negative_data_rejection, unsupported_method, use_after_free, ignored_auth]
    with Worlds.of(case):
        case.call_and_validate(headers=DOCUMENTED.headers, excluded_checks=demanding, additional_checks=[nothing_broke])


def nothing_broke(_: CheckContext, response: Response, case: Case[Any]) -> None:
    assert b'"code":100500' not in response.content, case.operation.label


@pytest.mark.parametrize("tags", [("leads", "customers", "timeline"), ("follow-ups",)], ids=" ".join)
def test_what_was_deleted_is_gone(tags: tuple[str, ...]) -> None:
    """Calls that follow from each other, on what these tags are about; every life begins in the same world.

    Without acts: one of them brings back what was deleted, and the others were tried where it was their first time.
    """
    tried = description(STRICT, ALL, tags).exclude(operation_id_regex=TWINS).exclude(path_regex=ACTS)

    class Life(tried.as_state_machine()):
        def setup(self) -> None:
            self.world = Worlds.fresh()
            self.world.__enter__()

        def teardown(self) -> None:
            self.world.__exit__(None, None, None)

        def get_call_kwargs(self, case: Case[Any]) -> dict[str, object]:
            return {"headers": STRICT.headers}

    Life.run(settings=settings(some(12), stateful_step_count=10))
