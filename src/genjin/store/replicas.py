"""The replicas of a PostgreSQL server, and which of them answers a read."""

import itertools
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg
from sqlalchemy.exc import ArgumentError

from genjin.errors import BadSettings, ReplicaRefused
from genjin.store.database import ReplicaReport
from genjin.store.postgres_server import Driver, Limits
from genjin.store.read_point import ReadPoint
from genjin.store.replica import Foreign, Identity, Replica, Unfit, identity_of
from genjin.store.transaction import Tx

T = TypeVar("T")
PRIMARY = "primary"
"""The server of a read point whose later reads are the primary's."""


class NoReplica(Exception):
    """None can answer now: the primary does."""


class Replicas:
    """Asked in turn. A read waits `wait` seconds for one that has not come far enough.

    Raises BadSettings for what is no URL.
    """

    def __init__(self, urls: Sequence[str], limits: Limits, wait: float, ticks: Callable[[], float]) -> None:
        self._wait = wait
        self._primary: Identity | None = None
        self._turn = itertools.count(os.getpid())
        try:
            self._all = [Replica(url, limits, lambda: self._primary, ticks) for url in urls]
        except (ArgumentError, ValueError) as error:
            raise BadSettings(f"GENJIN_REPLICA_URLS: {error}") from error

    def connect_primary(self, *args: Any, **given: Any) -> Driver:
        """A connection to the primary. When that is another server than before, nobody is a replica of it."""
        driver = psycopg.Connection.connect(*args, **given)
        try:
            found = identity_of(driver)
        except BaseException:
            driver.close()
            raise
        before, self._primary = self._primary, found
        if before not in (None, found):
            for replica in self._all:
                replica.forget()
        return driver

    def read(self, use: Callable[[Tx], T], told: int | None, since: ReadPoint) -> T:
        """Run a use case on a replica that has come to that point. Raises NoReplica."""
        return self._read(use, told, since, on_own=False)

    def read_on_own(self, use: Callable[[Tx], T], told: int | None, since: ReadPoint) -> T:
        """The same on a connection that this thread has to itself."""
        return self._read(use, told, since, on_own=True)

    def check(self, since: ReadPoint) -> None:
        """Raises ReplicaRefused for what is no replica of this primary; who cannot be reached may be later."""
        for replica in self._all:
            try:
                replica.report(since)
            except Foreign as error:
                raise ReplicaRefused(f"GENJIN_REPLICA_URLS: {replica.name}: {error}") from error

    def report(self, since: ReadPoint) -> list[ReplicaReport]:
        """How each of them is, and how far behind that point."""
        return [_reported(replica, since) for replica in self._all]

    def close(self) -> None:
        for replica in self._all:
            replica.close()

    def _read(self, use: Callable[[Tx], T], told: int | None, since: ReadPoint, on_own: bool) -> T:
        wait = self._wait
        for replica in self._candidates(since):
            if replica.may_be_asked():
                try:
                    return replica.read(use, told, since, wait, on_own)
                except Unfit:
                    wait = 0.0  # who waited for one waits for no other
        since.server = PRIMARY
        raise NoReplica

    def _candidates(self, since: ReadPoint) -> Sequence[Replica]:
        """Who may answer: of one request, only who answered before, since another may have come less far."""
        if since.server is None:
            first = next(self._turn) % len(self._all)
            return self._all[first:] + self._all[:first]
        return [since.server] if isinstance(since.server, Replica) else []


def _reported(replica: Replica, since: ReadPoint) -> ReplicaReport:
    try:
        return replica.report(since)
    except Foreign as error:
        return ReplicaReport(replica.name, str(error))
