"""A dump of SQLite is a copy of its pages by the online backup interface.

`VACUUM INTO` would write a smaller file, at several times the processor's time, and would number the rows of tables
anew that have no key of their own. The copy is made in one snapshot, so it is not begun anew when somebody writes;
whatever is written meanwhile stays in the write-ahead log until it is done.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from genjin.errors import BackupRefused
from genjin.store.blob_files import disk_errors
from genjin.store.database import Database
from genjin.store.dumps import Seen
from genjin.store.folder import sync_folder
from genjin.store.sqlite import SqliteDatabase
from genjin.store.transaction import Tx

PAGES = 4_096
"""Pages of 4 kB that are copied between two looks at how far it is."""


class SqliteDumps:
    """See Dumps, which says what each of these promises."""

    file_name = "database.sqlite"

    def get_ready(self, database: Database) -> None:
        """SQLite has all that it needs."""

    def dump(self, tx: Tx, target: Path, seen: Seen) -> None:
        source = tx.connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        try:
            with closing(sqlite3.connect(target)) as copy:
                copy.execute("PRAGMA synchronous = OFF")  # it is brought to the disk as a whole
                source.backup(
                    copy, pages=PAGES, progress=lambda _, left, total: seen("the database", total - left, total)
                )
            with disk_errors(), target.open("rb+") as file:
                os.fsync(file.fileno())
        except sqlite3.Error as error:
            raise BackupRefused(f"the database could not be copied: {error}") from error

    def look(self, source: Path) -> None:
        try:
            with closing(sqlite3.connect(f"file:{quote(str(source))}?immutable=1", uri=True)) as copy:
                ((found, *_),) = copy.execute("PRAGMA integrity_check(1)").fetchall()
        except sqlite3.Error as error:
            found = str(error)
        if found != "ok":
            raise BackupRefused(f"{source} is damaged: {found}")

    def check_empty(self, database: Database) -> None:
        path = _path_of(database)
        if any(Path(f"{path}{end}").exists() for end in ("", "-wal", "-shm", "-journal")):
            raise BackupRefused(f"there is a database {path} already: name a file that is not there")

    def restore(self, source: Path, database: Database) -> None:
        path = _path_of(database)
        part = path.with_name(f"{path.name}.part")
        with disk_errors():
            try:
                shutil.copyfile(source, part)
                with part.open("rb+") as file:
                    os.fsync(file.fileno())
                part.replace(path)
                sync_folder(path.parent)
            finally:
                part.unlink(missing_ok=True)  # where there was no room for all of it


def _path_of(database: Database) -> Path:
    assert isinstance(database, SqliteDatabase)
    return Path(database.path)
