"""Every row of an SQLite file into an empty database of PostgreSQL, in one transaction there.

While it goes on, nobody else has the file open: a server that did would write what is not moved any more.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import Boolean, Table, text

from genjin.errors import Invalid, StoreUnavailable
from genjin.store import ids, row_security
from genjin.store.postgres_copy import copier
from genjin.store.tables import metadata
from genjin.store.transaction import Row, Tx

AT_ONCE = 20_000
"""Rows that are held in memory."""
MOVED = tuple(table for table in metadata.sorted_tables if table.info.get("only_on") != "sqlite")
"""The tables; beside them there is the last id, which PostgreSQL keeps in a sequence."""
_DIGEST_BITS = 128
Seen = Callable[[str, int], object]
"""Hears how many rows more of a table were moved, and later how many were read again."""


class Digest(NamedTuple):
    """What rows come to, in any order."""

    rows: int = 0
    total: int = 0

    def with_rows(self, rows: list[Row]) -> "Digest":
        """What these and the rows so far come to."""
        total = sum(int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest()) for row in rows)
        return Digest(self.rows + len(rows), (self.total + total) % (1 << _DIGEST_BITS))


@contextmanager
def alone_in(path: str) -> Iterator[sqlite3.Connection]:
    """A connection to an SQLite file that nobody else can read or write meanwhile. Raises StoreUnavailable when
    somebody has it open.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as driver:
        try:
            driver.execute("PRAGMA locking_mode = EXCLUSIVE")
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StoreUnavailable(f"{path} is in use: stop the server and everything else that has it open") from error
        except sqlite3.DatabaseError as error:
            raise StoreUnavailable(f"cannot read {path}: {error}") from error
        try:
            yield driver
        finally:
            driver.execute("ROLLBACK")


def put_aside(path: str) -> Path | None:
    """Call a file that was moved `FILE.moved`, so that no server goes on with it; None where that cannot be done."""
    file, aside = Path(path), Path(f"{path}.moved")
    if any(Path(f"{path}{end}").exists() for end in (".moved", "-wal", "-journal")):
        return None
    try:
        return file.rename(aside)
    except OSError:
        return None


def revision_of(source: sqlite3.Connection) -> str | None:
    """The revision of its schema; None when it has none."""
    if not source.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone():
        return None
    found = source.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if found is None else str(found[0])


def refuse_unless_empty(tx: Tx) -> None:
    """Raises Invalid where there is a row in any table of PostgreSQL, or the role does not own the tables."""
    row_security.owner_here(tx, "move a database into them")
    held = [table.name for table in MOVED if tx.rows(f"SELECT EXISTS (SELECT 1 FROM {table.name})", ())[0][0]]
    if held:
        raise Invalid({"database": [f"it is not empty, there are rows in {', '.join(held)}: make another one"]})


def copy_all(tx: Tx, source: sqlite3.Connection, seen: Seen) -> dict[str, Digest]:
    """Move every row; what the rows of each table come to. Raises Invalid for what PostgreSQL cannot keep."""
    tx.execute(text("SET LOCAL statement_timeout = 0"))
    load = copier(_driver(tx))
    moved = dict[str, Digest]()
    for table in MOVED:
        digest, names = Digest(), tuple(column.name for column in table.columns)
        for rows in _rows_of(source, table):
            try:
                load(table, names, rows)
            except psycopg.DataError as error:
                raise Invalid({table.name: [f"PostgreSQL cannot keep one of its rows: {error}"]}) from error
            digest = digest.with_rows(rows)
            seen(table.name, len(rows))
        moved[table.name] = digest
    [last_id] = source.execute("SELECT last_id FROM id_counter").fetchone()
    ids.raise_floor(tx, last_id)
    return moved


def check_all(tx: Tx, moved: dict[str, Digest], seen: Seen) -> None:
    """Read every row again and compare. Raises StoreUnavailable where a table is not what was moved."""
    for table in MOVED:
        digest, names = Digest(), ", ".join(column.name for column in table.columns)
        with _driver(tx).cursor(name="genjin_check", binary=True) as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(f"SELECT {names} FROM {table.name}".encode())
            while rows := cursor.fetchmany(AT_ONCE):
                digest = digest.with_rows(rows)
                seen(table.name, len(rows))
        if digest != moved[table.name]:
            told = f"{digest.rows} of {moved[table.name].rows} rows"
            raise StoreUnavailable(f"{table.name} did not arrive as it was ({told}): nothing was moved")


def count_all(source: sqlite3.Connection) -> int:
    """How many rows there are to move."""
    return sum(source.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] for table in MOVED)


def analyse(tx: Tx) -> None:
    """Let PostgreSQL's planner count what came."""
    tx.execute(text("SET LOCAL statement_timeout = 0"))
    tx.execute(text("ANALYZE"))


def _rows_of(source: sqlite3.Connection, table: Table) -> Iterator[list[Row]]:
    """The rows as PostgreSQL gives them back: SQLite has no truth values, but 0 and 1."""
    names = ", ".join(column.name for column in table.columns)
    truths = [place for place, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
    cursor = source.execute(f"SELECT {names} FROM {table.name}")
    while rows := cursor.fetchmany(AT_ONCE):
        yield [_with_truths(row, truths) for row in rows] if truths else rows


def _with_truths(row: Row, places: list[int]) -> Row:
    values = list(row)
    for place in places:
        values[place] = None if values[place] is None else bool(values[place])
    return tuple(values)


def _driver(tx: Tx) -> "psycopg.Connection[Any]":
    driver = tx.connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
