"""The whole database as one file, made while others write, and a database made of such a file.

SQLite is copied page by page, PostgreSQL by its own programs. How the two do it is in sqlite_dumps.py and
postgres_dumps.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from genjin.store.database import Database
from genjin.store.transaction import Tx

Seen = Callable[[str, int, int | None], object]
"""Hears what is being done, how much of it is done, and of how much, where that is known."""


class Dumps(Protocol):
    """What both can do. Each raises BackupRefused with what to do about it, or StoreUnavailable."""

    file_name: str
    """What the file is called in a backup."""

    def get_ready(self, database: Database) -> None:
        """See whether a dump of this database can be made here."""
        ...

    def dump(self, tx: Tx, target: Path, seen: Seen) -> None:
        """Write the moment that a `Database.snapshot` sees to a new file, which is on the disk when this returns."""
        ...

    def look(self, source: Path) -> None:
        """Read a dump as a database."""
        ...

    def check_empty(self, database: Database) -> None:
        """See whether there is nothing where a dump shall be restored."""
        ...

    def restore(self, source: Path, database: Database) -> None:
        """Make the database of a dump, all of it or nothing."""
        ...


def dumps_of(engine: str, programs: str) -> Dumps:
    """Those of an engine; `programs` is the folder of PostgreSQL's, empty for those on the path."""
    if engine == "sqlite":
        from genjin.store.sqlite_dumps import SqliteDumps

        return SqliteDumps()
    from genjin.store.postgres_dumps import PostgresDumps

    return PostgresDumps(programs)
