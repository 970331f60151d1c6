"""Opens the database, runs reads and writes. Nobody else begins or commits a transaction.

A use case is a function of a transaction: `database.read(use, organisation_id)` only reads, `database.write(use,
organisation_id)` commits what it did or, when it raises, none of it. It touches the data of that organisation alone;
None is for what belongs to the installation. A read sees one snapshot on SQLite; on PostgreSQL each of its statements
sees what was committed when it began, which saves a third of the time of a small read; `snapshot` sees one on both. An
event loop reads by `read_soon`. A read that says from where on it has to see all (read_point.py) may be answered by a
replica, where there is one; the primary does all the rest. How the two engines do all this is in sqlite.py and
postgres.py, and nobody else can tell them apart.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol, TypeVar

from genjin.domain.clock import Clock
from genjin.store.read_point import ReadPoint
from genjin.store.transaction import Tx, undone_if_it_fails
from genjin.store.watching import Heard, Watch

T = TypeVar("T")


class ReplicaReport(NamedTuple):
    """How a replica is: `why` it is left out, empty when it is not; how far it is behind, as far as that is known."""

    name: str
    why: str
    lag_bytes: int | None = None
    lag_seconds: float | None = None


class Database(Protocol):
    """What both engines can do."""

    engine: str
    full: bool
    """Whether somebody found no room on the disk to write to, and nobody has written since then with room left."""

    def read(self, use: Callable[[Tx], T], organisation_id: int | None = None, since: ReadPoint | None = None) -> T:
        """Run a use case that only reads; all that it does not see came after `since`, or after this call without one.
        Raises StoreUnavailable; Overloaded when it takes too long.
        """
        ...

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        """Run a use case that only reads, and little, for an event loop, which it does not hold up. Raises
        StoreUnavailable.
        """
        ...

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        """Run a use case and commit it; durable when this returns. Raises StoreUnavailable; DiskFull, Overloaded when
        nothing of it was done.
        """
        ...

    def snapshot(self, organisation_id: int | None = None) -> AbstractContextManager[Tx]:
        """A transaction that only reads and sees one moment of the database, however long its reader takes, on a
        connection of its own: for what takes the data out. One thread uses it. Raises StoreUnavailable.
        """
        ...

    def has_room(self) -> bool:
        """Whether there is some room on the disk, as far as that can be told from here."""
        ...

    def expect_many(self) -> None:
        """Be ready for transactions that write very many rows, as long as this is open."""
        ...

    def check_replicas(self) -> None:
        """Raises ReplicaRefused for what is no replica of this database, StoreUnavailable. Who cannot be reached is
        left out for now.
        """
        ...

    def replicas(self) -> list[ReplicaReport]:
        """How each replica is. Raises StoreUnavailable."""
        ...

    def watch(self, heard: Heard) -> Watch:
        """Hear of what is committed, by any process, from now on; it may be told of more often than something is, and
        rarely not at all.
        """
        ...

    def close(self) -> None:
        """Finish what was begun and let go of every connection."""
        ...


class Joined:
    """A database whose use cases are parts of a transaction that has begun. One that raises has done nothing."""

    full = False

    def __init__(self, tx: Tx) -> None:
        self.engine = tx.engine
        self._tx = tx

    def read(
        self,
        use: Callable[[Tx], T],
        organisation_id: int | None = None,  # noqa: ARG002
        since: ReadPoint | None = None,  # noqa: ARG002
    ) -> T:
        return use(self._tx)

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        return use(self._tx)

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        with undone_if_it_fails(self._tx):
            return use(self._tx)

    def snapshot(self, organisation_id: int | None = None) -> AbstractContextManager[Tx]:
        raise NotImplementedError("a part of a transaction has no moment of its own")

    def has_room(self) -> bool:
        """That is for who begins a transaction to ask."""
        return True

    def expect_many(self) -> None:
        """That was for who began the transaction."""

    def check_replicas(self) -> None:
        """There are none of a transaction."""

    def replicas(self) -> list[ReplicaReport]:
        """There are none of a transaction."""
        return []

    def watch(self, heard: Heard) -> Watch:
        raise NotImplementedError("a part of a transaction waits for no commit")

    def close(self) -> None:
        """Whoever opened it closes it."""


QUERY_SECONDS = 20.0


def open_database(
    url: str,
    replica_urls: Sequence[str] = (),
    replica_wait: float = 0.0,
    clock: Clock | None = None,
    query_seconds: float = QUERY_SECONDS,
) -> Database:
    """Open `sqlite:///FILE` or `postgresql://...`; the schema is not looked at (see schema.py). A read waits
    `replica_wait` seconds for a replica that has not come far enough. A read of SQLite, a statement of PostgreSQL may
    take `query_seconds`.

    Only the engine that is used is imported: the other one's driver is memory that no worker needs.
    """
    if url.startswith("sqlite:///"):
        from genjin.store.sqlite import SqliteDatabase

        return SqliteDatabase(url.removeprefix("sqlite:///"), query_seconds, clock)
    from genjin.store.postgres import PostgresDatabase

    return PostgresDatabase(url, replica_urls, replica_wait, clock, query_seconds)
