"""Brings an export of everything in: an organisation that is not there yet, as it was; all of it, or nothing.

The archive is read twice. First its files are kept, and every digest and count of it is checked; nobody sees the files,
as no row tells of them. Then its lines become rows in one transaction, by the functions that write them otherwise,
which make anew what is derived: timelines, counters, what is searched, the log of changes.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from genjin.domain.audit import Act, Subject
from genjin.domain.calendar import calendar_of
from genjin.domain.people import SYSTEM_ID
from genjin.errors import ImportRefused, Problem
from genjin.importers.everything_check import ROOM, Checked, Header, Lines, check, let_go
from genjin.importers.everything_rows import Into, Row, put
from genjin.nouns.archive import MISSING
from genjin.nouns.noun import Known, Noun, Part, read, unknown_keys
from genjin.nouns.registry import CUSTOM_KIND, FILE, NOUNS, ORGANISATION
from genjin.nouns.typed import NoSuchValue
from genjin.service.audit import NOTHING, Hand, note
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.store import comments, ids, people
from genjin.store.blobs import Blobs
from genjin.store.transaction import Tx

AT_ONCE, MOST_BYTES = 2_000, 64_000_000
"""Rows that are held in memory, and after how many bytes of their lines there are no more of them."""
MOST_PROBLEMS = 100
"""So many are looked for."""
CHECKING, IMPORTING = "Checking", "Importing"
Json = Any
Line = tuple[str, dict[str, Json]]
Progress = Callable[[str, int, int | None], object]
"""Hears what is being done, how many lines of it are done, and of how many."""


class Imported(NamedTuple):
    """What came in: how many lines of each noun, how many files; how often which key or noun was passed over."""

    organisation: str
    lines: Mapping[str, int]
    files: int
    passed_over: Mapping[str, int]


def import_everything(installation: Installation, path: Path, progress: Progress = lambda *_: None) -> Imported:
    """Import an export of everything. Raises ImportRefused with what is wrong: the organisation is there already, the
    archive is damaged, a line is not what its noun has. The audit log says that it was imported.
    """
    database, blobs = installation.database, installation.blobs

    begun = list[Header]()  # once there is one whose organisation is not here

    def begin(header: Header) -> None:
        database.read(lambda tx: _refuse_taken(tx, path, header), header.id)
        begun.append(header)

    def use(tx: Tx) -> Known:
        header = checked.header
        _refuse_taken(tx, path, header)  # somebody may have been quicker
        into = Into(tx, header.id, installation.clock.now(), Known())
        _Lines(into, path, blobs).put_all(checked, progress)
        by, told = Hand(header.id, SYSTEM_ID), {"with_secrets": header.with_secrets}
        note(tx, installation, by, Act.DATA_IMPORTED, Subject(None, path.name), NOTHING, told)
        return into.known

    def came() -> bool:
        return database.read(lambda tx: people.organisation(tx, begun[0].id), begun[0].id) is not None

    try:
        checked = check(path, blobs, begin, lambda lines: progress(CHECKING, lines, None))
        known = database.write(use, checked.header.id)
    except BaseException:
        if begun and not came():  # another import may have brought it, whose files these are
            let_go(path, blobs, begun[0].id)
        raise
    return Imported(checked.header.name, checked.counts, checked.files, known.passed_over)


def _refuse_taken(tx: Tx, path: Path, header: Header) -> None:
    taken = [
        f"{name} is taken by {each.name} ({each.corp_id})"
        for each in people.all_organisations(tx)
        for name, is_so in (
            (f"the id {header.id}", each.id == header.id),
            (f"the corp_id {header.corp_id}", each.corp_id == header.corp_id),
        )
        if is_so
    ]
    if taken:
        raise ImportRefused([Problem(str(path), 1, "organisation", why) for why in taken])


class _Lines:
    """The lines of an archive on their way into the database."""

    def __init__(self, into: Into, path: Path, blobs: Blobs) -> None:
        self._into, self._path, self._blobs = into, path, blobs
        self._lines, self._problems = Lines(path), list[Problem]()

    def put_all(self, checked: Checked, progress: Progress) -> None:
        """Put every line. Raises ImportRefused with all that is wrong with them."""
        known, total, done = self._into.known, checked.counts.total(), 0
        for noun, lines in self._nouns():
            before: tuple[int, ...] = ()
            for rows in self._batched(noun, self._rows(noun, lines)):
                for row in rows:
                    before = self._in_order(noun, row, before)
                if not self._problems:
                    self._put(noun, rows)
                done += len(rows)
                progress(IMPORTING, done, total)
        if known.highest > ids.MAX_ID - ROOM:
            raise self._lines.refused("id", f"id {known.highest} leaves no room for new ids")
        if self._problems:
            raise ImportRefused(self._problems)
        self._refuse_unusable()
        ids.raise_floor(self._into.tx, known.highest)
        comments.count_all(self._into.tx, self._into.organisation_id)

    def _nouns(self) -> Iterator[tuple[Noun, Iterator[Line]]]:
        """The lines noun by noun, in the order of the registry, the organisation first. Others are passed over."""
        left = list(NOUNS.values())
        for name, lines in groupby(self._lines.all(), key=lambda line: line[0]):
            if name not in NOUNS:
                passed = sum(1 for _ in lines)
                if name not in ("export", "end"):
                    self._into.known.passed_over[name] += passed
                continue
            noun = NOUNS[name]
            if noun not in left or (noun is not ORGANISATION and ORGANISATION in left):
                raise self._lines.refused("noun", f"{name} is not in its place")
            left = left[left.index(noun) + 1 :]
            yield noun, lines
        if ORGANISATION in left:
            raise self._lines.refused("noun", "there is no organisation in it")

    def _batched(self, noun: Noun, rows: Iterator[Row]) -> Iterator[list[Row]]:
        """Some rows after the other; kinds, which are few, at once, as they are numbered together."""
        batch, begun = list[Row](), self._lines.bytes
        for row in rows:
            batch.append(row)
            if len(batch) == AT_ONCE or (self._lines.bytes - begun > MOST_BYTES and noun is not CUSTOM_KIND):
                yield batch
                batch, begun = [], self._lines.bytes
        if batch:
            yield batch

    def _rows(self, noun: Noun, lines: Iterator[Line]) -> Iterator[Row]:
        """The rows of the lines of a noun, each with those of its parts."""
        for place, (_, line) in enumerate(lines):
            try:
                row = read(noun.fields, noun.table, line, "", self._into.known)
                if noun is ORGANISATION and (place or row["organisation_id"] != self._into.organisation_id):
                    raise NoSuchValue("id", "is not that of the first line")
                row |= {part.key: self._rows_of(noun, part, line.get(part.key)) for part in noun.parts}
                if noun is FILE and line.get(MISSING) is not True:
                    self._check_bytes(row)
            except NoSuchValue as wrong:
                self._problems.append(
                    Problem(str(self._path), self._lines.number, f"{noun.name} {wrong.path}".rstrip(), wrong.why)
                )
                if len(self._problems) >= MOST_PROBLEMS:
                    raise ImportRefused(self._problems) from wrong
            else:
                if passed := unknown_keys(noun, line):
                    self._into.known.passed_over.update(f"{noun.name}.{key}" for key in passed)
                yield row

    def _rows_of(self, noun: Noun, part: Part, told: Json) -> list[Row]:
        if not isinstance(told, list | None):
            raise NoSuchValue(part.key, "is no list")
        rows, keys = list[Row](), {each.key for each in part.fields}
        for place, each in enumerate(told or ()):
            path = f"{part.key}[{place}]"
            if not isinstance(each, dict):
                raise NoSuchValue(path, "is no object")
            rows.append(read(part.fields, part.table, each, f"{path}.", self._into.known))
            self._into.known.passed_over.update(f"{noun.name}.{part.key}.{key}" for key in each.keys() - keys)
        return rows

    def _check_bytes(self, row: Row) -> None:
        size = self._blobs.size(self._into.organisation_id, row["sha256"])
        if size != row["size"]:
            raise NoSuchValue("sha256", f"its file has {size or 'no'} bytes, not {row['size']}")

    def _refuse_unusable(self) -> None:
        """What every request and every job reads of an organisation is read once, before anybody else has to."""
        try:
            directory = load(self._into.tx, self._into.organisation_id)
            calendar_of(directory.organisation.time_zone)
            for user_id in directory.users:
                directory.viewer(user_id)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            why = f"what is told of it, its roles, pools and fields cannot be used: {type(error).__name__}: {error}"
            raise ImportRefused([Problem(str(self._path), 1, ORGANISATION.name, why)]) from error

    def _in_order(self, noun: Noun, row: Row, before: tuple[int, ...]) -> tuple[int, ...]:
        """The place of a row, which is behind the one before."""
        if noun is CUSTOM_KIND:
            return ()  # its code is given out here
        place = tuple(row[name] for name in noun.order)
        if place and place <= before:
            raise self._lines.refused(noun.name, f"{place} comes twice, or not in order")
        return place

    def _put(self, noun: Noun, rows: list[Row]) -> None:
        try:
            put(self._into, noun, rows)
        except NoSuchValue as wrong:
            raise self._lines.refused(noun.name, str(wrong)) from wrong
        except Exception as error:
            if not _is_of_rows(error):
                raise
            why = f"the database refuses one of the {len(rows)} lines up to here: {getattr(error, 'orig', error)}"
            raise self._lines.refused(noun.name, why) from error


def _is_of_rows(error: BaseException) -> bool:
    """Whether a database refuses what a row has; all drivers call that so (PEP 249)."""
    return any(each.__name__ in ("IntegrityError", "DataError") for each in type(error).__mro__)
