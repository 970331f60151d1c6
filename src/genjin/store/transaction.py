"""A transaction, as every function of the store is given one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Table, text

from genjin.domain.records import Ref
from genjin.store import read_point
from genjin.store.read_point import ReadPoint

T = TypeVar("T")
Row = tuple[Any, ...]


@dataclass(slots=True)
class Logged:
    """What a transaction has written to logs of changes so far. On PostgreSQL: how many lines, in which transaction and
    when, and for which organisations; on SQLite none of that is asked for.

    `watched` are the records of which it is being found out whether others see what happened on them.
    """

    stamp: Row | None = None
    count: int = 0
    organisations: set[int] = field(default_factory=set)
    watched: set[Ref] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Tx:
    """A transaction: Core statements by `execute`, the few hand-written ones by `rows`; what is put goes to the driver
    itself, which takes a third of the time of Core.

    `load` puts many new rows into a table, by its name and columns, where the engine has a quicker way for that.
    `moment` is equal in two transactions only if nothing at all was written between them; None when that is not known.
    `options` go with each Core statement. `read_point` is the column that tells how far the database has come, and
    `onward` runs what may be read elsewhere from there on; see `offload`.
    """

    connection: Connection
    fetch: Callable[[str, Sequence[object]], list[Row]]
    each: Callable[[str, Sequence[Row]], object]
    engine: str
    moment: object = None
    options: Mapping[str, Any] | None = None
    load: Callable[[Table, tuple[str, ...], Sequence[Row]], object] | None = None
    read_point: str = read_point.NONE
    onward: "Callable[[Tx, Callable[[Tx], Any], ReadPoint], Any] | None" = None
    logged: Logged = field(default_factory=Logged)

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a SQLAlchemy Core statement; a list of parameters runs it for each."""
        return self.connection.execute(statement, parameters, execution_options=self.options)

    def stream(self, statement: Executable, at_once: int = 2_000) -> Iterator[Row]:
        """The rows of a Core statement, of which so many are held in memory; for a `snapshot` (see database.py)."""
        options = {**(self.options or {}), "yield_per": at_once}
        with self.connection.execute(statement, execution_options=options) as found:
            for rows in found.partitions():
                yield from map(tuple, rows)

    def rows(self, sql: str, parameters: Sequence[object]) -> list[Row]:
        """Run a hand-written SELECT with `?` for each parameter, on the driver itself."""
        return self.fetch(sql, parameters)

    def offload(self, use: "Callable[[Tx], T]", since: ReadPoint | None) -> T:
        """Run the rest of a read, on a replica that has come to that point if there is one, and here otherwise.

        It may be begun on a replica and run anew here, so it does nothing but read.
        """
        return use(self) if since is None or self.onward is None else self.onward(self, use, since)

    def insert(self, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Insert rows of which none is there yet."""
        if self.load is not None and len(rows) >= MANY:
            self.load(table, columns, rows)
        elif rows:
            self.each(_insert(table, columns), rows)

    def put(self, table: Table, rows: Sequence[dict[str, object]]) -> None:
        """Insert rows; a row whose primary key is there already is replaced, column by column given."""
        if not rows:
            return
        columns = tuple(rows[0])
        self.each(_upsert(table, columns), list(map(itemgetter(*columns), rows)))


@contextmanager
def undone_if_it_fails(tx: Tx) -> Iterator[None]:
    """A part of a transaction: when it raises, all that it did is undone, and the rest can go on."""
    tx.execute(text("SAVEPOINT part"))
    try:
        yield
    except BaseException:
        tx.execute(text("ROLLBACK TO SAVEPOINT part"))
        tx.execute(text("RELEASE SAVEPOINT part"))
        raise
    tx.execute(text("RELEASE SAVEPOINT part"))


@lru_cache(maxsize=128)
def _insert(table: Table, columns: tuple[str, ...]) -> str:
    """Both engines have it so. The drivers know the types of all our columns: integers, texts, bytes, booleans."""
    return f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


@lru_cache(maxsize=128)
def _upsert(table: Table, columns: tuple[str, ...]) -> str:
    keys = [column.name for column in table.primary_key]
    changed = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in keys)
    then = f"UPDATE SET {changed}" if changed else "NOTHING"
    return f"{_insert(table, columns)} ON CONFLICT ({', '.join(keys)}) DO {then}"


MANY = 50
"""Rows from which on `Tx.load` takes less time."""
MOST_IDS = 5_000
"""Ids of one IN list; both engines take more, neither takes any number."""


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
