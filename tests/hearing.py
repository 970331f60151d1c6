"""Hears every statement that the store runs in a test, whichever engine it is for and whichever way it takes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from genjin.store import postgres_server, sqlite
from genjin.store.distribution import is_routed
from genjin.store.transaction import Row, Tx

SIGN_IN_ON_SQLITE = "WHERE login = ? OR (phone = ? AND phone <> '')) ORDER BY"
"""On PostgreSQL a function of the database looks for who signs in, who has not said where."""
ACROSS = "across"
"""The mark of a test that asks beyond one organisation on purpose."""


@contextmanager
def every_statement_is_routed(request: pytest.FixtureRequest, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """The test fails when Citus could not send one of its statements to one node."""
    heard = set[str]()
    for module in (postgres_server, sqlite):
        patch.setattr(module, "_transaction", _overheard(module._transaction, heard.add))
    with _core_overheard(heard.add):
        yield
    if request.node.get_closest_marker(ACROSS) is None:
        unrouted = [sql for sql in sorted(heard) if not is_routed(sql) and SIGN_IN_ON_SQLITE not in sql]
        assert unrouted == [], unrouted


def _overheard(make: Callable[..., Tx], hear: Callable[[str], None]) -> Callable[..., Tx]:
    def transaction(connection: Connection, *given: Any) -> Tx:
        tx = make(connection, *given)

        def fetch(sql: str, parameters: Sequence[object]) -> list[Row]:
            hear(sql)
            return tx.fetch(sql, parameters)

        def each(sql: str, rows: Sequence[Row]) -> None:
            hear(sql)
            tx.each(sql, rows)

        return replace(tx, fetch=fetch, each=each)

    return transaction


@contextmanager
def _core_overheard(hear: Callable[[str], None]) -> Iterator[None]:
    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        hear(statement)

    event.listen(Engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", before)
