"""The storage suite runs with a checker: a statement that Citus could not send to one node fails the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hearing import every_statement_is_routed


@pytest.fixture(autouse=True)
def routed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path, postgres_template: str
) -> Iterator[None]:
    """It listens once the templates of databases are there: migrations go through all organisations."""
    with every_statement_is_routed(request, monkeypatch):
        yield
