"""What every use case is given: the installation it runs in, and the session it runs for."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from genjin import tracing
from genjin.domain.address import Networks, networks_of
from genjin.domain.clock import Clock, SystemClock
from genjin.domain.directory import Directory
from genjin.domain.policy import Viewer
from genjin.errors import InFlight, Unauthenticated
from genjin.service.bell import Bell
from genjin.service.directory import Directories
from genjin.settings import Settings, parse_rate, parse_urls
from genjin.store.blobs import Blobs, open_blobs
from genjin.store.database import Database, Joined, open_database
from genjin.store.read_point import ReadPoint
from genjin.store.secret import find_secret, make_secret
from genjin.store.transaction import Tx

T = TypeVar("T")
SIGNING = "signing"
"""The name of the secret of links and tickets."""


class Keys:
    """What this process is at, each thing by a key."""

    def __init__(self) -> None:
        self._keys = set[object]()
        self._lock = threading.RLock()  # a generator may be let go of, and with it a key, while this thread is in here

    @contextmanager
    def holding(self, key: object) -> Iterator[None]:
        """Be at it. Raises InFlight while another thread is."""
        with self._lock:
            if key in self._keys:
                raise InFlight
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.remove(key)


@dataclass(frozen=True)
class Installation:
    """One running Genjin. `login_attempts` is (failures, seconds) or None for no limit; `token_days` 0 for ever.
    `bell` wakes the worker of this process. `webhook_networks` are where webhooks may lead beside what is public.
    """

    database: Database
    clock: Clock
    directories: Directories
    blobs: Blobs
    login_attempts: tuple[int, int] | None = (10, 300)
    token_days: int = 0
    idempotency_hours: int = 24
    changes_days: int = 30
    webhook_networks: Networks = ()
    webhook_days: int = 14
    in_flight: Keys = field(default_factory=Keys)
    bell: Bell = field(default_factory=Bell)

    def within(self, tx: Tx) -> "Installation":
        """The same, whose use cases are parts of a transaction that has begun: all of them happen, or none."""
        return replace(self, database=Joined(tx))

    @cached_property
    def secret(self) -> bytes:
        """What links and tickets are signed with, the same in all workers. Not to be asked for in a transaction."""
        found = self.database.read(lambda tx: find_secret(tx, SIGNING), organisation_id=None)
        return found or self.database.write(
            lambda tx: make_secret(tx, SIGNING, secrets.token_bytes(32)), organisation_id=None
        )

    def read_for(self, session: "Session", use: Callable[[Tx], T]) -> T:
        """Run a use case that only reads, for who asks: a replica may answer it where the request does nothing else."""
        return self.database.read(use, session.organisation_id, session.since)


def open_installation(settings: Settings, clock: Clock | None = None) -> Installation:
    """The services of one process; its schema is not looked at. Close `installation.database` when done."""
    clock = clock or SystemClock()
    replicas = parse_urls(settings.replica_urls)
    database = open_database(
        settings.database_url, replicas, settings.replica_wait_seconds, clock, settings.query_seconds
    )
    if tracing.is_on():
        from genjin.store.traced import traced

        database = traced(database, clock.ticks)
    return Installation(
        database=database,
        clock=clock,
        directories=Directories(),
        blobs=open_blobs(settings),
        login_attempts=parse_rate(settings.login_attempts),
        token_days=settings.token_days,
        idempotency_hours=settings.idempotency_hours,
        changes_days=settings.changes_days,
        webhook_networks=networks_of(settings.webhook_networks),
        webhook_days=settings.webhook_days,
    )


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks, and the organisation as it is now.

    `since` is from where on reads have to see all, which lets a replica answer them. Only a request that writes nothing
    has it, and nobody keeps it for longer: who has written, or reads again later, has to see more.
    """

    viewer: Viewer
    directory: Directory
    since: ReadPoint | None = None

    @property
    def organisation_id(self) -> int:
        return self.viewer.organisation_id


def session_of(directory: Directory, user_id: int) -> Session:
    """A colleague, and what they may see now. Raises Unauthenticated for who is not there, or has left."""
    viewer = directory.viewer(user_id)
    if viewer is None or not directory.is_here(user_id):
        raise Unauthenticated("the user has left")
    return Session(viewer, directory)
