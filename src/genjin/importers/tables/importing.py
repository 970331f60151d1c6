"""Imports a table batch by batch: looked at first, begun, gone on with from wherever it was cut off, and told of.

Each batch is one transaction, which also moves the import on: whoever is killed loses and repeats nothing. The command
line goes through a file at once, a job of the queue a batch at a time; both do the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from itertools import chain, islice
from typing import NamedTuple

import orjson

from genjin.domain.audit import Act, Subject
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.json import JsonValue
from genjin.domain.table_import import Asked, Rejected, TableForm, TableImport
from genjin.errors import Invalid, NotFound, Stale
from genjin.importers.tables.cells import text_of
from genjin.importers.tables.columns import (
    CREATED_AT,
    CREATOR,
    EXTERNAL_ID,
    Column,
    check_mapping,
    columns_of,
    fields_for,
    find_headings,
    guess,
)
from genjin.importers.tables.entries import write_entries
from genjin.importers.tables.outcome import Earlier, Outcome
from genjin.importers.tables.reading import EntryRow, Read, RecordRow, Refused, RowReader
from genjin.importers.tables.records import write_records
from genjin.importers.tables.sheets import Cell, TableFile, rows_of
from genjin.service.audit import NOTHING, hand_of, note
from genjin.service.context import Installation, Session, session_of
from genjin.service.records.writes import check
from genjin.store import ids, imports
from genjin.store.transaction import Tx
from genjin.wire.records.change import NOBODY, value_text
from genjin.wire.records.forms import FORMS

RECORDS_AT_ONCE, ENTRIES_AT_ONCE = 500, 50_000
"""Rows of one transaction, where nobody says how many."""
KEPT_DAYS = 90
"""So long it is kept what became of an import."""
_SAMPLE = 10


class SeenRow(NamedTuple):
    """A row as it would be read: its cells as they stand there, what is read of them by the field, or why it is not."""

    row: int
    cells: Sequence[str]
    read: Mapping[str, str]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a table as they would be read, with the mapping by which that is. Columns without a field are
    not read; `fields` are those that there are, with what they are called.
    """

    asked: Asked
    columns: Sequence[Column]
    rows: Sequence[SeenRow]
    fields: Mapping[str, str]


def preview(
    installation: Installation,
    session: Session,
    file: TableFile,
    asked: Asked,
    heading: int = 0,
    changes: Mapping[str, str] | None = None,
    rows: int = _SAMPLE,
) -> Preview:
    """Look at a table. Without `asked.columns` the mapping is guessed; `changes` are made to it, an empty field taking
    a column out. The headings stand in row `heading`, or where they are found. Raises Invalid.
    """
    directory = session.directory
    at, headings = find_headings(rows_of(file, asked.sheet), asked.form, directory, heading)
    mapping = dict(asked.columns) or guess(headings, asked.form, directory, session.viewer)
    for key, field in (changes or {}).items():
        mapping = {each: of for each, of in mapping.items() if of != field and each != key} | {key: field}
    mapping = {key: field for key, field in mapping.items() if field}
    check_mapping(mapping, headings, asked.form, directory)
    asked = replace(asked, columns=mapping, heading=at)
    columns = columns_of(headings, mapping)
    reader = RowReader(asked, columns, session, installation.clock.now())
    sample = (_seen(reader, number, cells) for number, cells in rows_of(file, asked.sheet, at) if not _is_empty(cells))
    return Preview(asked, columns, list(islice(sample, rows)), fields_for(asked.form, directory))


def begin(
    installation: Installation, session: Session, file: TableFile, asked: Asked, again: bool = False
) -> TableImport:
    """Begin an import as `preview` told of it, or go on with the one of this file, mapping and user that was cut off.
    One that was ended is given back as it is, unless it is to be done `again`, or what is there already is to be dealt
    with otherwise, which tells nothing of entries without numbers. It is written down in the audit log.
    """
    now, organisation_id = installation.clock.now(), session.organisation_id
    told = [file.digest, asked.form, dict(sorted(asked.columns.items())), asked.sheet, asked.heading, asked.source]
    digest = sha256(orjson.dumps([*told, session.viewer.user_id])).hexdigest()

    def use(tx: Tx) -> TableImport:
        before = imports.of_digest(tx, organisation_id, digest)
        knows = asked.form.type is not None or EXTERNAL_ID in asked.columns.values()
        if before is not None and (again or (knows and before.asked.duplicates is not asked.duplicates)):
            imports.set_aside(tx, organisation_id, before)
            before = None
        if before is None:
            imports.forget(tx, organisation_id, now - KEPT_DAYS * 86_400)
            fresh = TableImport(ids.allocate(tx)[0], session.viewer.user_id, digest, asked, now, now, asked.heading)
            imports.begin(tx, organisation_id, fresh)
            before = imports.of_digest(tx, organisation_id, digest)
            assert before is not None
            if before.id == fresh.id:
                after: dict[str, JsonValue] = {"file": asked.name, "form": asked.form.value}
                subject = Subject(fresh.id, asked.name)
                note(tx, installation, hand_of(session), Act.TABLE_IMPORTED, subject, NOTHING, after)
        return before

    return installation.database.write(use, organisation_id)


def reader_of(
    tx: Tx, installation: Installation, organisation_id: int, before: TableImport, file: TableFile
) -> RowReader:
    """Reads the rows of an import, for its user as they may do it now. Raises Unauthenticated, NotFound, Invalid."""
    session = session_of(installation.directories.latest(tx, organisation_id), before.user_id)
    row = _row_at(file, before.asked.sheet, before.asked.heading)
    _, headings = find_headings(iter(row), before.asked.form, session.directory, before.asked.heading)
    check_mapping(before.asked.columns, headings, before.asked.form, session.directory)
    return RowReader(before.asked, columns_of(headings, before.asked.columns), session, installation.clock.now())


def get_ready(file: TableFile, its: TableImport) -> None:
    """Read a file up to where an import goes on, as unpacking it may take long: the first batch, which holds up others
    who write, finds that done. Raises Invalid.
    """
    _row_at(file, its.asked.sheet, its.asked.heading)
    rows = _rows_from(file, its)
    first = list(islice(rows, 1))
    _stopped[_Place(file, its.asked.sheet, its.row)] = chain(first, rows)


def next_batch(
    tx: Tx, installation: Installation, organisation_id: int, import_id: int, file: TableFile, limit: int
) -> TableImport:
    """Deal with the next rows, in the transaction that is given, and move the import on; how far it is then.

    Raises NotFound for no such import, Unauthenticated where its user has left, Invalid for a file that cannot be read.
    """
    before = _held(tx, organisation_id, import_id)
    if before.ended_at is not None:
        return before
    reader = reader_of(tx, installation, organisation_id, before, file)
    left = _rows_from(file, before)
    rows = [reader.read(*each) for each in islice(left, limit)]
    after = write_batch(tx, installation, reader, before, rows, is_last=len(rows) < limit)
    _stopped[_Place(file, before.asked.sheet, after.row)] = left
    return after


def write_batch(
    tx: Tx, installation: Installation, reader: RowReader, before: TableImport, rows: Sequence[Read], is_last: bool
) -> TableImport:
    """The same with rows that were read already, perhaps by another process. Raises Stale where somebody else has
    moved the import on meanwhile.
    """
    organisation_id = reader.session.organisation_id
    if _held(tx, organisation_id, before.id).row != before.row:
        raise Stale("another process is at this import")
    outcome = write_rows(tx, installation, reader, rows)
    imports.reject(tx, organisation_id, before.id, outcome.rejected)
    now = installation.clock.now()
    after = replace(
        before,
        row=rows[-1].row if rows else before.row,
        moved_at=now,
        counts=before.counts + outcome.counts,
        ended_at=now if is_last else None,
    )
    imports.move(tx, organisation_id, after)
    return after


def write_rows(
    tx: Tx, installation: Installation, reader: RowReader, rows: Sequence[Read], earlier: Earlier | None = None
) -> Outcome:
    """What becomes of rows; `earlier` is given in a dry run, which takes it all back."""
    outcome = Outcome()
    for refused in rows:
        if isinstance(refused, Refused):
            outcome.reject(refused.row, refused.reason)
    if reader.asked.form.type is None:
        entries = [row for row in rows if isinstance(row, EntryRow)]
        outcome.add(write_entries(tx, installation, reader, entries, earlier))
    else:
        records = [row for row in rows if isinstance(row, RecordRow)]
        outcome.add(write_records(tx, reader, records, earlier))
    outcome.rejected.sort()
    return outcome


def dry_batch(installation: Installation, reader: RowReader, rows: Sequence[Read], earlier: Earlier) -> Outcome:
    """What would become of rows; nothing is written."""

    def use(tx: Tx) -> None:
        raise _Undone(write_rows(tx, installation, reader, rows, earlier))

    try:
        installation.database.write(use, reader.session.organisation_id)
    except _Undone as undone:
        return undone.outcome
    raise AssertionError("it was undone")


class _Undone(Exception):
    """Takes back what a dry run has written."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("a dry run")
        self.outcome = outcome


def find_import(installation: Installation, session: Session, import_id: int) -> TableImport:
    """An import of the viewer's own. Raises NotFound."""
    organisation_id = session.organisation_id
    found = installation.database.read(lambda tx: imports.find(tx, organisation_id, import_id), organisation_id)
    if found is None or found.user_id != session.viewer.user_id:
        raise NotFound("no such import")
    return found


def list_imports(installation: Installation, session: Session, limit: int = 50) -> list[TableImport]:
    """The viewer's own imports, the newest first."""
    organisation_id, user_id = session.organisation_id, session.viewer.user_id
    return installation.database.read(lambda tx: imports.newest(tx, organisation_id, user_id, limit), organisation_id)


def rejected_of(installation: Installation, organisation_id: int, import_id: int) -> Iterator[Rejected]:
    """The rows of an import that were rejected so far, in order."""
    after = 0
    while some := _rejected(installation, organisation_id, import_id, after):
        yield from some
        after = some[-1].row


def _rejected(installation: Installation, organisation_id: int, import_id: int, after: int) -> list[Rejected]:
    return installation.database.read(
        lambda tx: imports.rejected(tx, organisation_id, import_id, after, 5_000), organisation_id
    )


def batch_size(form: TableForm) -> int:
    """Rows of one transaction."""
    return ENTRIES_AT_ONCE if form.type is None else RECORDS_AT_ONCE


def _held(tx: Tx, organisation_id: int, import_id: int) -> TableImport:
    found = imports.held(tx, organisation_id, import_id)
    if found is None:
        raise NotFound("no such import")
    return found


def _seen(reader: RowReader, number: int, cells: Sequence[Cell]) -> SeenRow:
    texts = [text_of(cell)[:200] for cell in cells]
    read = reader.read(number, cells)
    match read:
        case Refused():
            return SeenRow(number, texts, {}, read.reason)
        case RecordRow():
            return SeenRow(number, texts, _told_of_record(reader, read), _lacks(reader, read))
        case EntryRow():
            return SeenRow(number, texts, _told_of_entry(reader, read), "")
    return SeenRow(number, texts, {})


def _lacks(reader: RowReader, read: RecordRow) -> str:
    """Why a record cannot be a new one."""
    type_ = reader.asked.form.type
    assert type_ is not None
    try:
        if read.missing:
            raise Invalid(read.missing)
        check(reader.session, type_, read.given, creating=True)
    except Invalid as error:
        return reader.reason(error)
    return ""


def _told_of_record(reader: RowReader, read: RecordRow) -> dict[str, str]:
    """What is read of a record by the fields of its columns, as people read it."""
    type_, directory = reader.asked.form.type, reader.session.directory
    assert type_ is not None
    names = {field.stored: field.name for field in FORMS[type_].fields}
    told = dict[str, str]()
    for stored, value in (*read.given.columns.items(), *read.given.details.items()):
        if stored == "address" and isinstance(value, Mapping):
            told |= {f"address.{part}": str(each) for part, each in value.items()}
            continue
        field = {"owner_id": "user_id", "department_id": "want_department_id", "remind_at": "revisit_remind_at"}
        told[field.get(stored, names.get(stored, stored))] = value_text(stored, value, type_, directory, NOBODY)
    told |= read.named
    if read.external_id:
        told["external_id"] = read.external_id
    if read.id is not None:
        told["id"] = str(read.id)
    if (creator := directory.users.get(read.original.actor_id or 0)) is not None:
        told[CREATOR] = creator.name
    if read.original.at is not None:
        told[CREATED_AT] = directory.calendar.minute(read.original.at)
    return {name: text for name, text in told.items() if text}


def _told_of_entry(reader: RowReader, read: EntryRow) -> dict[str, str]:
    """The same of an entry."""
    directory = reader.session.directory
    minute, actor = directory.calendar.minute, directory.users.get(read.actor_id)
    told = {
        "at": minute(read.at),
        "said_at": "" if read.said_at in (None, read.at) else minute(read.said_at or 0),
        "author": actor.name if actor else "",
        "content": read.text,
        "category": directory.label(FOLLOW_UP_CATEGORY, read.category_id),
        "remind_at": "" if read.remind_at is None else minute(read.remind_at),
        "external_id": read.external_id,
        **{name: str(value) for name, value in (read.custom or {}).items()},
    }
    if read.call is not None:
        number, seconds, connected, dial_type = read.call
        told |= {"phone": number, "talk_time": str(seconds), "dial_type": dial_type}
        told["is_connected"] = "true" if connected else "false"
    return {name: text for name, text in told.items() if text}


@lru_cache(maxsize=4)
def _row_at(file: TableFile, sheet: str, row: int) -> Sequence[tuple[int, Sequence[Cell]]]:
    """One row. All of a workbook's sheet is unpacked for it, which a job does not do again for each batch."""
    return list(islice(rows_of(file, sheet, row - 1), 1))


def _is_empty(cells: Sequence[Cell]) -> bool:
    return not any(cell not in (None, "") for cell in cells)


class _Place(NamedTuple):
    """Where in a file somebody stopped reading."""

    file: TableFile
    sheet: str
    row: int


_stopped = dict[_Place, Iterator[tuple[int, Sequence[Cell]]]]()
"""At most one: a job goes on where its last batch ended, and need not pass all before it again."""


def _rows_from(file: TableFile, before: TableImport) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows behind those that were dealt with."""
    rows = _stopped.pop(_Place(file, before.asked.sheet, before.row), None)
    _stopped.clear()
    return rows or rows_of(file, before.asked.sheet, before.row)
