"""Opens the database, runs reads and writes. The only file that begins or commits a transaction.

A use case is a function of a transaction: `database.read(use, organisation_id)` only reads, `database.write(use,
organisation_id)` commits what it did or, when it raises, none of it. It touches the data of that organisation alone;
None is for what belongs to the installation. A read sees one snapshot on SQLite; on PostgreSQL each of its statements
sees what was committed when it began, which saves a third of the time of a small read. An event loop reads by
`read_soon`. How the two engines do all this is in sqlite.py and postgres.py, and nobody else can tell them apart.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from genjin.store.transaction import Tx, undone_if_it_fails

T = TypeVar("T")


class Database(Protocol):
    """What both engines can do."""

    engine: str

    def read(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        """Run a use case that only reads. Raises StoreUnavailable."""
        ...

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        """Run a use case that only reads, and little, for an event loop, which it does not hold up. Raises
        StoreUnavailable.
        """
        ...

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        """Run a use case and commit it; durable when this returns. Raises StoreUnavailable."""
        ...

    def close(self) -> None:
        """Finish what was begun and let go of every connection."""
        ...


class Joined:
    """A database whose use cases are parts of a transaction that has begun. One that raises has done nothing."""

    def __init__(self, tx: Tx) -> None:
        self.engine = tx.engine
        self._tx = tx

    def read(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        return use(self._tx)

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        return use(self._tx)

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        with undone_if_it_fails(self._tx):
            return use(self._tx)

    def close(self) -> None:
        """Whoever opened it closes it."""


def open_database(url: str) -> Database:
    """Open `sqlite:///FILE` or `postgresql://...`; the schema is not looked at (see schema.py).

    Only the engine that is used is imported: the other one's driver is memory that no worker needs.
    """
    if url.startswith("sqlite:///"):
        from genjin.store.sqlite import SqliteDatabase

        return SqliteDatabase(url.removeprefix("sqlite:///"))
    from genjin.store.postgres import PostgresDatabase

    return PostgresDatabase(url)
