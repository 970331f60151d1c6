"""Tables that were uploaded: looked at, tried out, and imported by a job of the queue, which whoever asked for it looks
at and cancels. The import itself is in importing.py.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import IO, Any

from genjin.domain.attachment import Attachment
from genjin.domain.job import Job
from genjin.domain.table_import import Asked, TableImport
from genjin.errors import Invalid, NotFound
from genjin.importers.tables.importing import (
    Preview,
    begin,
    dry_batch,
    find_import,
    get_ready,
    list_imports,
    next_batch,
    rejected_of,
)
from genjin.importers.tables.outcome import Earlier, Outcome
from genjin.importers.tables.reading import RowReader
from genjin.importers.tables.rejected import write_rejected
from genjin.importers.tables.sheets import TableFile, look_at, rows_of
from genjin.service.audit import hand_of
from genjin.service.context import Installation, Session
from genjin.service.files.files import read_file
from genjin.service.queue.batches import Batch, Context, Task
from genjin.service.queue.jobs import cancel_for
from genjin.service.queue.queue import enqueue_once
from genjin.store import files, imports, jobs
from genjin.store.transaction import Tx

TRIED = 2_000
"""Rows that a dry run of an upload tries: whoever asks waits for it."""
_AT_ONCE, _AT_LEAST, _MOST_JOBS = 500, 50, 1_000


@dataclass(frozen=True, slots=True)
class Queued:
    """An import, and the job that works on it; without one it is of the command line."""

    its: TableImport
    job: Job | None

    @property
    def is_going(self) -> bool:
        """Whether more will come of it by itself."""
        return self.its.ended_at is None and self.job is not None and not self.job.is_over

    @property
    def file_id(self) -> int | None:
        """The upload that it is read from."""
        found = None if self.job is None else self.job.arguments["file_id"]
        return found if isinstance(found, int) else None

    @property
    def part(self) -> float | None:
        """How much of it is done, from 0 to 1; None where that is not known yet."""
        if self.its.ended_at is not None:
            return 1.0
        if self.job is None or not self.job.total:
            return None
        return min(1.0, self.its.row / max(1, self.its.row + self.job.total - self.job.done))


@contextmanager
def opened(installation: Installation, session: Session, file_id: int) -> Iterator[TableFile]:
    """An upload of the viewer's own as a table, as long as it is needed. Raises NotFound, StoreUnavailable; Invalid for
    what is no table.
    """
    file = read_file(installation, session, file_id).file
    with NamedTemporaryFile() as copy:
        _copy(installation, session.organisation_id, file, copy)
        yield look_at(Path(copy.name))


def try_out(installation: Installation, session: Session, file: TableFile, seen: Preview) -> tuple[Outcome, bool]:
    """What would become of the first TRIED rows, and whether that is all of them; nothing is written."""
    reader = RowReader(seen.asked, seen.columns, session, installation.clock.now())
    earlier, outcome = Earlier(), Outcome()
    rows = rows_of(file, seen.asked.sheet, seen.asked.heading)
    for _ in range(0, TRIED, _AT_ONCE):
        some = [reader.read(*each) for each in islice(rows, _AT_ONCE)]
        outcome.add(dry_batch(installation, reader, some, earlier))
        if len(some) < _AT_ONCE:
            return outcome, True
    return outcome, next(rows, None) is None


def begin_by_job(
    installation: Installation, session: Session, file: TableFile, file_id: int, asked: Asked, again: bool = False
) -> TableImport:
    """Begin an import of an upload, or go on with the one of this file and mapping, by a job. One that was ended is
    given back as it is, unless it is to be done `again`.
    """
    its = begin(installation, session, file, asked)
    if its.ended_at is not None and again:
        its = begin(installation, session, file, asked, again=True)
    if its.ended_at is None:
        _enqueue(installation, session, its.id, file_id)
    return its


def go_on(installation: Installation, session: Session, import_id: int) -> None:
    """Go on with an import of the viewer's that was cancelled or has failed. Raises NotFound, also for one that has no
    upload.
    """
    queued = find_queued(installation, session, import_id)
    if queued.file_id is None:
        raise NotFound("it is of the command line")
    if queued.its.ended_at is None:
        _enqueue(installation, session, import_id, queued.file_id)


def cancel(installation: Installation, session: Session, import_id: int) -> None:
    """Let an import of the viewer's end where it is; what it did stays done. Raises NotFound; Invalid for one that is
    over.
    """
    job = find_queued(installation, session, import_id).job
    if job is None:
        raise NotFound("it is of the command line")
    cancel_for(installation, hand_of(session), job.id)


def find_queued(installation: Installation, session: Session, import_id: int) -> Queued:
    """One of the viewer's imports. Raises NotFound."""
    its = find_import(installation, session, import_id)
    return Queued(its, _jobs(installation, session).get(import_id))


def list_queued(installation: Installation, session: Session, limit: int = 50) -> list[Queued]:
    """The viewer's imports, the newest first."""
    found, known = list_imports(installation, session, limit), _jobs(installation, session)
    return [Queued(each, known.get(each.id)) for each in found]


def write_rejected_of(installation: Installation, session: Session, queued: Queued, out: IO[bytes]) -> str:
    """Write the rows of an import that were rejected so far, as rejected.py has them, and give the name of the file.
    Raises NotFound where the upload is kept no longer.
    """
    if queued.file_id is None:
        raise NotFound("it is of the command line")
    with opened(installation, session, queued.file_id) as file:
        write_rejected(file, queued.its.asked, rejected_of(installation, session.organisation_id, queued.its.id), out)
        stem = Path(queued.its.asked.name).stem
        return f"{stem}-{queued.its.id}.{'csv' if file.is_csv else 'xlsx'}"


def _enqueue(installation: Installation, session: Session, import_id: int, file_id: int) -> None:
    now, organisation_id = installation.clock.now(), session.organisation_id
    asked = {"import_id": import_id, "file_id": file_id}
    installation.database.write(
        lambda tx: enqueue_once(tx, organisation_id, IMPORT_TABLE.name, now, asked), organisation_id
    )
    installation.bell.ring(organisation_id)


def _jobs(installation: Installation, session: Session) -> dict[object, Job]:
    """The latest job of each import."""
    organisation_id = session.organisation_id
    found = installation.database.read(
        lambda tx: jobs.newest(tx, organisation_id, _MOST_JOBS, IMPORT_TABLE.name), organisation_id
    )
    return {job.arguments["import_id"]: job for job in reversed(found)}


def _copy(installation: Installation, organisation_id: int, file: Attachment, to: Any) -> None:
    for piece in installation.blobs.read(organisation_id, file.sha256):
        to.write(piece)
    to.flush()


class _AtHand:
    """The table that this process imports from, at most one: a job goes on with it batch by batch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: tuple[int, bytes] | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self._file: TableFile | None = None

    def table(self, installation: Installation, organisation_id: int, file: Attachment) -> TableFile:
        """A copy of an upload. Raises Invalid, StoreUnavailable."""
        key = organisation_id, file.sha256
        with self._lock:
            if self._key != key or self._file is None:
                self.let_go()
                self._folder = TemporaryDirectory(prefix="genjin-table-")
                path = Path(self._folder.name) / "table"
                with path.open("wb") as copy:
                    _copy(installation, organisation_id, file, copy)
                self._key, self._file = key, look_at(path)
            return self._file

    def let_go(self) -> None:
        """Remove the copy."""
        if self._folder is not None:
            self._folder.cleanup()
        self._key = self._folder = self._file = None


_at_hand = _AtHand()


def _table(tx: Tx, context: Context) -> TableFile:
    """The upload of a job. Raises Invalid where it is kept no longer."""
    file = files.find(tx, context.organisation_id, int(str(context.arguments["file_id"])))
    if file is None or file.deleted_at is not None:
        raise Invalid({"file": ["文件已不再保留 / the file is kept no longer"]})
    return _at_hand.table(context.installation, context.organisation_id, file)


def _import_id(context: Context) -> int:
    return int(str(context.arguments["import_id"]))


def _step(tx: Tx, context: Context, _cursor: Any, limit: int) -> Batch:
    file, import_id = _table(tx, context), _import_id(context)
    before = imports.held(tx, context.organisation_id, import_id)
    if before is None:
        raise Invalid({"import": ["there is no such import any more"]})
    after = next_batch(tx, context.installation, context.organisation_id, import_id, file, max(limit, _AT_LEAST))
    if after.ended_at is not None:
        _at_hand.let_go()
    return Batch(after.row, after.row - before.row, after.ended_at is None)


def _total(tx: Tx, context: Context) -> int | None:
    its = imports.find(tx, context.organisation_id, _import_id(context))
    if its is None:
        return None
    file = _table(tx, context)
    get_ready(file, its)
    return max(0, file.lines - its.row)


IMPORT_TABLE = Task("tables.import", "imports a table", "rows", _step, _total, most=20_000)
