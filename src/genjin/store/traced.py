"""A database that tells traces of its transactions: which use case it was, how long it waited for its turn, how long it
worked, in how many statements. Only what happens within something that is traced is told.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from sqlalchemy import CursorResult, Executable, Table

from genjin import tracing
from genjin.store.database import Database
from genjin.store.read_point import ReadPoint
from genjin.store.transaction import Row, Tx

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


def traced(database: Database, ticks: Callable[[], float]) -> Database:
    """The same database. `ticks` are seconds."""
    return cast(Database, TracedDatabase(database, ticks))


class TracedDatabase:
    """Whatever else is asked for, the database itself answers."""

    def __init__(self, database: Database, ticks: Callable[[], float]) -> None:
        self._database, self._ticks = database, ticks
        self._kind: tracing.Kind = "INTERNAL" if database.engine == "sqlite" else "CLIENT"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def read(self, use: Callable[[Tx], T], organisation_id: int | None = None, since: ReadPoint | None = None) -> T:
        if not tracing.is_recorded():
            return self._database.read(use, organisation_id, since)
        with self._timed("read", use) as timed:
            return self._database.read(timed, organisation_id, since)

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        if not tracing.is_recorded():
            return await self._database.read_soon(use, organisation_id)
        with self._timed("read", use) as timed:
            return await self._database.read_soon(timed, organisation_id)

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        if not tracing.is_recorded():
            return self._database.write(use, organisation_id)
        with self._timed("write", use) as timed:
            return self._database.write(timed, organisation_id)

    @contextmanager
    def _timed(self, what: str, use: Callable[[Tx], T]) -> "Iterator[_Timed[T]]":
        name = f"{getattr(use, '__module__', '')}.{getattr(use, '__qualname__', type(use).__name__)}"
        known = {"db.system.name": self._database.engine, "code.function.name": name}
        with tracing.tracing(f"database {what}", self._kind, known) as span:
            timed = _Timed(use, span, self._ticks)
            try:
                yield timed
            finally:
                if span is not None:
                    span.set_attributes(timed.told)


class _Timed(Generic[T]):
    """A use case; `told` is what came of its last try, with milliseconds."""

    def __init__(self, use: Callable[[Tx], T], span: Any, ticks: Callable[[], float]) -> None:
        self._use, self._span, self._ticks = use, span, ticks
        self._asked, self._tries = ticks(), 0
        self.told: dict[str, int | float] = {}

    def __call__(self, tx: Tx) -> T:
        began, counted = self._ticks(), _counted(tx, [0])
        self._tries += 1
        try:
            with tracing.within(self._span):  # the writer of SQLite, and whoever reads for a loop, are other threads
                return self._use(counted)
        finally:
            self.told = {
                "genjin.db.waited_ms": round((began - self._asked) * 1000, 3),
                "genjin.db.worked_ms": round((self._ticks() - began) * 1000, 3),
                "genjin.db.statements": counted.count[0],
                "genjin.db.tries": self._tries,
            }


@dataclass(frozen=True)
class _Counted(Tx):
    """A transaction that counts what it asks of the driver."""

    count: list[int] = field(default_factory=lambda: [0])

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        self.count[0] += 1
        return Tx.execute(self, statement, parameters)

    def rows(self, sql: str, parameters: "Sequence[object]") -> list[Row]:
        self.count[0] += 1
        return Tx.rows(self, sql, parameters)

    def offload(self, use: Callable[[Tx], T], since: ReadPoint | None) -> T:
        return Tx.offload(self, lambda tx: use(_counted(tx, self.count)), since)

    def insert(self, table: Table, columns: tuple[str, ...], rows: "Sequence[Row]") -> None:
        self.count[0] += 1
        Tx.insert(self, table, columns, rows)

    def put(self, table: Table, rows: "Sequence[dict[str, object]]") -> None:
        self.count[0] += 1
        Tx.put(self, table, rows)


_fields = attrgetter(*(each.name for each in fields(Tx)))


def _counted(tx: Tx, count: list[int]) -> _Counted:
    return _Counted(*(*_fields(tx), count))
