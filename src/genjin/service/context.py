"""What every use case is given: the installation it runs in, and the session it runs for."""

from dataclasses import dataclass

from genjin.domain.clock import Clock
from genjin.domain.directory import Directory
from genjin.domain.policy import Viewer
from genjin.service.directory import Directories
from genjin.store.database import Database


@dataclass(frozen=True)
class Installation:
    """One running Genjin. `login_attempts` is (failures, seconds) or None for no limit; `token_days` 0 for ever."""

    database: Database
    clock: Clock
    directories: Directories
    login_attempts: tuple[int, int] | None = (10, 300)
    token_days: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """Who asks, and the organisation as it is now."""

    viewer: Viewer
    directory: Directory

    @property
    def organisation_id(self) -> int:
        return self.viewer.organisation_id
