"""Opens the installation that the settings name, for the time of one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from genjin.errors import BadSettings, SchemaMissing

if TYPE_CHECKING:
    from genjin.service.context import Installation
    from genjin.settings import Settings


@contextmanager
def opened(ready: bool = True) -> "Iterator[Installation]":
    """The installation, closed in the end.

    When it has to be `ready`, raises SchemaMissing, SchemaTooOld or SchemaTooNew unless its schema is the one that
    this program knows. Also raises BadSettings, StoreUnavailable.
    """
    from genjin.settings import load_settings

    settings = load_settings()
    if ready and missing_file(settings):
        raise SchemaMissing(f"there is no database {settings.database_url} yet: run `genjin init`")
    with opened_with(settings) as installation:
        if ready:
            from genjin.service.health import check_ready

            check_ready(installation)
        yield installation


@contextmanager
def opened_with(settings: "Settings") -> "Iterator[Installation]":
    """The installation of these settings, whatever its schema is; closed in the end."""
    from sqlalchemy.exc import ArgumentError

    from genjin.service.context import open_installation

    try:
        installation = open_installation(settings)
    except (ArgumentError, ValueError) as error:
        raise BadSettings(f"GENJIN_DATABASE_URL: {error}") from error
    try:
        yield installation
    finally:
        installation.database.close()


def missing_file(settings: "Settings") -> bool:
    """Whether the database is an SQLite file that is not there; opening it would make an empty one."""
    prefix, is_sqlite, path = settings.database_url.partition("sqlite:///")
    return bool(is_sqlite) and not prefix and path not in ("", ":memory:") and not Path(path).exists()
