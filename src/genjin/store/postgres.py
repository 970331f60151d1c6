"""PostgreSQL: reads in autocommit, writes in a transaction that is tried again on a conflict. Replicas may answer the
reads that say how much they have to see.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.errors import DeadlockDetected, InsufficientPrivilege, SerializationFailure
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from genjin.domain.clock import Clock, SystemClock
from genjin.errors import DiskFull, Overloaded, ReplicaRefused, StoreUnavailable
from genjin.store import read_point
from genjin.store.database import QUERY_SECONDS, ReplicaReport
from genjin.store.distribution import is_on_citus
from genjin.store.postgres_readers import READERS, Readers
from genjin.store.postgres_server import Limits, PostgresServer
from genjin.store.read_point import ReadPoint
from genjin.store.replicas import NoReplica, Replicas
from genjin.store.transaction import Tx
from genjin.store.watching import Heard, PostgresTeller, PostgresWatch, Watch

T = TypeVar("T")
TRIES = 5
FULL_SECONDS = 30.0
"""So long a disk counts as full that somebody found so, whatever was written since."""
_CONFLICTS = (DeadlockDetected, SerializationFailure)
_NO_RESOURCES = "53"
"""So the states of errors begin that tell of too few of them."""
CONNECTIONS = 40
"""The most that one process has open to a server."""
KEPT = 16
"""Connections that the pool of all others does not close."""


class PostgresDatabase:
    """A PostgreSQL database of version 15 or later, and its replicas."""

    engine = "postgresql"

    def __init__(
        self,
        url: str,
        replica_urls: Sequence[str] = (),
        wait_seconds: float = 0.0,
        clock: Clock | None = None,
        query_seconds: float = QUERY_SECONDS,
    ) -> None:
        self.full, self._full_at = False, 0.0
        limits = Limits(KEPT, CONNECTIONS - READERS - KEPT, query_seconds)
        ticks = self._ticks = (clock or SystemClock()).ticks
        self._replicas = Replicas(replica_urls, limits, wait_seconds, ticks) if replica_urls else None
        self._server = PostgresServer(url, limits, *([self._replicas.connect_primary] if self._replicas else []))
        self._readers = Readers()
        self._teller = PostgresTeller(self._server.connect_alone)

    def read(self, use: Callable[[Tx], T], organisation_id: int | None = None, since: ReadPoint | None = None) -> T:
        if self._replicas is not None and since is not None:
            told = _tried_again(lambda: self._to_tell(organisation_id), when_cut_off=True)
            try:
                return self._replicas.read(use, told, since)
            except NoReplica:
                pass
        return _tried_again(lambda: self._read_once(use, organisation_id), when_cut_off=True)

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        """In a thread that has a connection of its own: taking one from the pool costs more than the read."""
        act = functools.partial(self._read_on_own, use, organisation_id)
        return await self._readers.run(functools.partial(_tried_again, act, when_cut_off=True))

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        try:
            value = _tried_again(lambda: self._write_once(use, organisation_id), when_cut_off=False)
        except DiskFull:
            self.full, self._full_at = True, self._ticks()
            raise
        if self.full:  # what is small may have found room where something larger was
            self.full = self._ticks() - self._full_at < FULL_SECONDS
        return value

    @contextmanager
    def snapshot(self, organisation_id: int | None = None) -> Iterator[Tx]:
        told = _tried_again(lambda: self._to_tell(organisation_id), when_cut_off=True)
        try:
            with self._server.snapshot(told) as tx:
                yield tx
        except (DBAPIError, psycopg.Error) as error:
            raise _translated(error) from error

    def has_room(self) -> bool:
        return True

    def expect_many(self) -> None:
        pass

    def check_replicas(self) -> None:
        if self._replicas is not None:
            if self.read(is_on_citus):
                raise ReplicaRefused("GENJIN_REPLICA_URLS: Citus has replicas of its own, a node each")
            self._replicas.check(self.read(_now))

    def replicas(self) -> list[ReplicaReport]:
        return [] if self._replicas is None else self._replicas.report(self.read(_now))

    def watch(self, heard: Heard) -> Watch:
        return PostgresWatch(self._server.connect_alone, heard)

    def close(self) -> None:
        self._teller.close()
        self._teller = PostgresTeller(self._server.connect_alone)
        self._readers.close()
        self._server.close()
        if self._replicas is not None:
            self._replicas.close()

    def _read_once(self, use: Callable[[Tx], T], organisation_id: int | None) -> T:
        told = self._to_tell(organisation_id)
        if self._replicas is None:
            return self._server.read(use, told)
        return self._server.read(lambda tx: use(replace(tx, read_point=read_point.OF_PRIMARY)), told)

    def _read_on_own(self, use: Callable[[Tx], T], organisation_id: int | None) -> T:
        told, replicas = self._to_tell(organisation_id), self._replicas
        if replicas is None:
            return self._server.read_on_own(use, told)

        def onward(here: Tx, rest: Callable[[Tx], Any], since: ReadPoint) -> Any:
            try:
                return replicas.read_on_own(rest, told, since)
            except NoReplica:
                return rest(here)

        def use_here(tx: Tx) -> T:
            return use(replace(tx, read_point=read_point.OF_PRIMARY, onward=onward))

        return self._server.read_on_own(use_here, told)

    def _write_once(self, use: Callable[[Tx], T], organisation_id: int | None) -> T:
        told = self._to_tell(organisation_id)
        by_copy = told is None and organisation_id is not None
        changed = set[int]()

        def use_and_note(tx: Tx) -> T:
            value = use(tx)
            changed.update(tx.logged.organisations)
            return value

        value = self._server.write(use_and_note, told, by_copy)
        if changed:
            self._teller.tell(changed)
        return value

    def _to_tell(self, organisation_id: int | None) -> int | None:
        """The organisation that the server has to be told; none where nothing there asks for it."""
        return organisation_id if organisation_id is not None and self._server.is_locked else None


def _now(tx: Tx) -> ReadPoint:
    return ReadPoint.parse(tx.rows(f"SELECT {read_point.OF_PRIMARY}", ())[0][0])


def _tried_again(act: Callable[[], T], when_cut_off: bool) -> T:
    """Run `act` again after a deadlock or a lost race, and after a cut connection if that can do no harm.

    A write whose connection is cut may have been committed, so it is not repeated.
    """
    for left in range(TRIES - 1, -1, -1):
        try:
            return act()
        except PoolTimeoutError as error:
            raise Overloaded("every connection to the database is in use") from error
        except (DBAPIError, psycopg.Error) as error:
            cut_off = when_cut_off and isinstance(error, DBAPIError) and error.connection_invalidated
            if left and (cut_off or isinstance(_cause(error), _CONFLICTS)):
                continue
            raise _translated(error) from error
    raise AssertionError("unreachable")


def _cause(error: DBAPIError | psycopg.Error) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _translated(error: DBAPIError | psycopg.Error) -> Exception:
    """What an error is to the caller; what is a mistake in a statement, and no state of the database, stays so."""
    cause = _cause(error)
    why = (str(cause) or "PostgreSQL").splitlines()[0]
    if isinstance(cause, psycopg.OperationalError):
        return _refusal(cause, why)
    if _is_ungranted(cause):
        return StoreUnavailable(f"{why}: the owner of the tables gives rights by `genjin db grant`")
    return error


def _refusal(cause: psycopg.OperationalError, why: str) -> StoreUnavailable:
    if isinstance(cause, errors.DiskFull):
        return DiskFull("the database")
    if isinstance(cause, (errors.QueryCanceled, errors.LockNotAvailable, *_CONFLICTS)):
        return Overloaded("it took too long")
    if (cause.sqlstate or "").startswith(_NO_RESOURCES):
        return Overloaded("the database has no more connections or memory")
    return StoreUnavailable(why)


def _is_ungranted(cause: BaseException | None) -> bool:
    """Whether the role lacks a right that it was not granted; a row that a policy refuses is a mistake of ours."""
    return isinstance(cause, InsufficientPrivilege) and cause.diag.source_function == "aclcheck_error"
