"""What every use case is given: the installation it runs in, and the session it runs for."""

import secrets
from dataclasses import dataclass
from functools import cached_property

from genjin.domain.clock import Clock, SystemClock
from genjin.domain.directory import Directory
from genjin.domain.policy import Viewer
from genjin.service.directory import Directories
from genjin.settings import Settings, parse_rate
from genjin.store.blobs import Blobs, open_blobs
from genjin.store.database import Database, open_database
from genjin.store.secret import find_secret, make_secret

SIGNING = "signing"
"""The name of the secret of links and tickets."""


@dataclass(frozen=True)
class Installation:
    """One running Genjin. `login_attempts` is (failures, seconds) or None for no limit; `token_days` 0 for ever."""

    database: Database
    clock: Clock
    directories: Directories
    blobs: Blobs
    login_attempts: tuple[int, int] | None = (10, 300)
    token_days: int = 0

    @cached_property
    def secret(self) -> bytes:
        """What links and tickets are signed with, the same in all workers. Not to be asked for in a transaction."""
        found = self.database.read(lambda tx: find_secret(tx, SIGNING), organisation_id=None)
        return found or self.database.write(
            lambda tx: make_secret(tx, SIGNING, secrets.token_bytes(32)), organisation_id=None
        )


def open_installation(settings: Settings, clock: Clock | None = None) -> Installation:
    """The services of one process; its schema is not looked at. Close `installation.database` when done."""
    return Installation(
        database=open_database(settings.database_url),
        clock=clock or SystemClock(),
        directories=Directories(),
        blobs=open_blobs(settings),
        login_attempts=parse_rate(settings.login_attempts),
        token_days=settings.token_days,
    )


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks, and the organisation as it is now."""

    viewer: Viewer
    directory: Directory

    @property
    def organisation_id(self) -> int:
        return self.viewer.organisation_id
