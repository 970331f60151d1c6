"""Imports a table as the command line does, in small batches, one of which may fail."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genjin.domain.table_import import Asked, Counts, Duplicates, TableForm, TableImport
from genjin.importers.tables import importing
from genjin.importers.tables.importing import Preview
from genjin.importers.tables.outcome import Earlier, Outcome
from genjin.importers.tables.reading import RowReader
from genjin.importers.tables.sheets import TableFile, look_at, rows_of
from genjin.store.transaction import Tx
from tests.world import World

CUSTOMERS, LEADS, CONTACTS = TableForm.CUSTOMERS, TableForm.LEADS, TableForm.CONTACTS
FOLLOW_UPS, CALLS = TableForm.FOLLOW_UPS, TableForm.CALLS


def written(folder: Path, text: str, encoding: str = "utf-8", name: str = "table.csv") -> TableFile:
    """A file with this text, looked at."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return look_at(path)


def seen(world: World, who: str, file: TableFile, form: TableForm, **changes: str) -> Preview:
    """What a preview shows; `changes` are made to the mapping."""
    return importing.preview(world.installation, world.session(who), file, Asked(form, {}, "t.csv"), changes=changes)


def imported(
    world: World,
    who: str,
    file: TableFile,
    form: TableForm,
    duplicates: Duplicates = Duplicates.SKIP,
    size: int = 3,
    most: int = 1_000,
    again: bool = False,
    **asked: Any,
) -> TableImport:
    """Import it, batch by batch, at most so many of them; how far it is then."""
    session = world.session(who)
    wanted = Asked(form, asked.pop("columns", {}), "t.csv", duplicates=duplicates, **asked)
    told = importing.preview(world.installation, session, file, wanted).asked
    at = importing.begin(world.installation, session, file, told, again)
    import_id = at.id

    def use(tx: Tx) -> TableImport:
        return importing.next_batch(tx, world.installation, session.organisation_id, import_id, file, size)

    for _ in range(most):
        at = world.installation.database.write(use, session.organisation_id)
        if at.ended_at is not None:
            break
    return at


def dry(world: World, who: str, file: TableFile, form: TableForm, duplicates: Duplicates, size: int = 3) -> Outcome:
    """What a dry run tells."""
    session = world.session(who)
    told = importing.preview(world.installation, session, file, Asked(form, {}, "t.csv", duplicates=duplicates))
    reader = RowReader(told.asked, told.columns, session, world.clock.now())
    earlier, outcome = Earlier(), Outcome()
    rows = [reader.read(*each) for each in rows_of(file, "", told.asked.heading)]
    for start in range(0, len(rows), size):
        outcome.add(importing.dry_batch(world.installation, reader, rows[start : start + size], earlier))
    return outcome


def reasons(world: World, done: TableImport) -> Mapping[int, str]:
    """Why rows were rejected, by their numbers."""
    return dict(importing.rejected_of(world.installation, 1, done.id))


def counts(created: int = 0, updated: int = 0, skipped: int = 0, rejected: int = 0) -> Counts:
    """What became of so many rows."""
    return Counts(created, updated, skipped, rejected)
