"""Schemathesis holds the description and the server to each other: over the whole API, in both ways of refusing."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import CHECKS
from schemathesis.core.transport import Response

from tests.api.described import DOCUMENTED, STRICT, description, running
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
ALL = {"seed": 1, "generation": GENERATION}
QUICK = ALL | {"phases": {"coverage": {"enabled": False}, "examples": {"enabled": False}}}
TWINS = "By(Patch|Post)$"
"""Other methods of the same handler."""

strict = description(STRICT, **ALL).exclude(operation_id_regex=TWINS)
authorised = description(STRICT, **QUICK)
documented = description(DOCUMENTED, **QUICK).exclude(operation_id_regex=TWINS)


@pytest.fixture(scope="module")
def servers(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Both servers, and no log."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with running(new_sqlite(tmp_path_factory.mktemp("described") / "genjin.db", sqlite_template)):
        yield
    structlog.reset_defaults()


@strict.parametrize()
@some(4)
def test_every_check_holds_where_refusals_have_statuses(case: Case) -> None:
    case.call_and_validate(headers=STRICT.headers, excluded_checks=[CHECKS.get_one("ignored_auth")])


@authorised.parametrize()
@some(2)
def test_no_call_is_answered_without_its_token(case: Case) -> None:
    case.call_and_validate(headers=STRICT.headers, checks=[CHECKS.get_one("ignored_auth")])
