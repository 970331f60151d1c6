"""A transaction, as every function of the store is given one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Tx:
    """A transaction: Core statements by `execute`, the few hand-written ones by `rows`.

    `moment` is equal in two transactions only if nothing at all was written between them; None when that is not known.
    """

    connection: Connection
    fetch: Callable[[str, Sequence[object]], list[Row]]
    engine: str
    moment: object = None

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a SQLAlchemy Core statement; a list of parameters runs it for each."""
        return self.connection.execute(statement, parameters)

    def rows(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        """Run a hand-written SELECT with `?` for each parameter, on the driver itself."""
        return self.fetch(sql, parameters)

    def put(self, table: Table, rows: Sequence[dict[str, object]]) -> None:
        """Insert rows; a row whose primary key is there already is replaced, column by column given."""
        if not rows:
            return
        self.execute(_upsert(self.engine, table, tuple(rows[0])), rows)


@lru_cache(maxsize=128)
def _upsert(engine: str, table: Table, columns: tuple[str, ...]) -> Executable:
    """An upsert of these columns; making one costs more than running it."""
    insert = (sqlite if engine == "sqlite" else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in columns if name not in keys}
    upsert: Executable = (
        insert.on_conflict_do_update(index_elements=keys, set_=changed) if changed else insert.on_conflict_do_nothing()
    )
    return upsert


MOST_IDS = 5_000
"""Ids of one IN list; both engines take more, neither takes any number."""


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
