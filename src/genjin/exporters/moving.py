"""Moves an installation from SQLite to PostgreSQL: all of it, as it is, or nothing."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from genjin.domain.audit import Act, Subject
from genjin.domain.people import SYSTEM_ID
from genjin.errors import Invalid, SchemaMissing, SchemaTooOld
from genjin.service.audit import Hand, note
from genjin.service.context import Installation
from genjin.store import moving, people, schema
from genjin.store.transaction import Tx

Progress = Callable[[str, int, int], object]
"""Hears what is being done, how many rows of it are done, and of how many."""
MOVING, CHECKING = "Moving", "Comparing"


class Moved(NamedTuple):
    """How many rows each table had, and the organisations they are of; `aside` is the file by its new name, None where
    it could not be given one.
    """

    rows: dict[str, int]
    organisations: list[str]
    aside: Path | None = None


def move_to_postgres(path: str, into: Installation, progress: Progress = lambda *_: None) -> Moved:
    """Move every row of an SQLite file into the empty PostgreSQL database of an installation, which is given a schema
    where it has none.

    All rows go in one transaction, are read again and compared before it is committed; then each organisation's audit
    log says that it was moved. What the file holds is left as it is; it is called `FILE.moved` afterwards. Raises
    StoreUnavailable when somebody has the file open, or the schema of either is not the one that this program knows;
    Invalid when the database is not empty.
    """
    if into.database.engine != "postgresql":
        raise Invalid({"database": ["name a PostgreSQL database to move into: postgresql://..."]})
    with moving.alone_in(path) as source:
        _check_schema(source, path)
        if schema.current_revision(into.database) is None:
            schema.upgrade(into.database)
        schema.check(into.database)
        total = moving.count_all(source)

        def use(tx: Tx) -> Moved:
            done = {MOVING: 0, CHECKING: 0}

            def seen_in(step: str) -> moving.Seen:
                def seen(_table: str, rows: int) -> None:
                    done[step] += rows
                    progress(step, done[step], total)

                return seen

            moving.refuse_unless_empty(tx)
            moved = moving.copy_all(tx, source, seen_in(MOVING))
            moving.check_all(tx, moved, seen_in(CHECKING))
            organisations = people.all_organisations(tx)
            for each in organisations:
                note(tx, into, Hand(each.id, SYSTEM_ID), Act.DATABASE_MOVED, Subject(None, "sqlite-to-postgres"))
            moving.analyse(tx)
            return Moved({name: digest.rows for name, digest in moved.items()}, [each.name for each in organisations])

        done = into.database.write(use, organisation_id=None)
    return done._replace(aside=moving.put_aside(path))


def _check_schema(source: sqlite3.Connection, path: str) -> None:
    found, known = moving.revision_of(source), schema.known_revision()
    if found is None:
        raise SchemaMissing(f"{path} has no Genjin schema")
    if found != known:
        raise SchemaTooOld(
            f"the schema of {path} is at revision {found}, not {known}: run `genjin db upgrade` on it, by this Genjin"
        )
