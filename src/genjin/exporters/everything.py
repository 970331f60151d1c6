"""Takes everything of an organisation out, as lines that know of no revision of the schema, and its files."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

import orjson
from sqlalchemy import func, select

from genjin.domain.audit import Act, Subject
from genjin.domain.people import SYSTEM_ID, Organisation
from genjin.nouns.archive import FORMAT, MISSING, NUMBER, Archive
from genjin.nouns.noun import Known, Noun, Part, told
from genjin.nouns.registry import FILE, NOUNS
from genjin.service.audit import NOTHING, Hand, note
from genjin.service.context import Installation
from genjin.service.files.downloads import VARIANT_TYPES
from genjin.store import custom_kinds
from genjin.store.tables import files
from genjin.store.transaction import Row, Tx

LINES, FILES = "Lines", "Files"
Progress = Callable[[str, int, int | None], object]
"""Hears what is being written, how much of it is done, and of how much."""
EVERY = 5_000


class Exported(NamedTuple):
    """How many lines of each noun there are, how many files, and how many of those have no bytes any more."""

    lines: dict[str, int]
    files: int
    missing: int


def export_everything(
    installation: Installation,
    organisation: Organisation,
    archive: Archive,
    name: str,
    with_secrets: bool = False,
    progress: Progress = lambda *_: None,
) -> Exported:
    """Write everything of an organisation, as it is at one moment, into an archive, which is called `name`.

    The audit log says so before. Tokens and what signs are never in it, hashes of passwords and webhooks only
    `with_secrets`. Raises StoreUnavailable.
    """
    id_ = organisation.id
    asked = {"with_secrets": with_secrets}
    installation.database.write(
        lambda tx: note(
            *(tx, installation, Hand(id_, SYSTEM_ID), Act.DATA_EXPORTED, Subject(None, name), NOTHING, asked)
        ),
        id_,
    )
    with installation.database.snapshot(id_) as tx:
        known = Known()
        for custom in custom_kinds.kind_list(tx, id_):
            known.add_kind(custom.kind)
        archive.add_line(orjson.dumps(_header(organisation, with_secrets)))
        written, missing = _add_files(installation, tx, id_, archive, progress)
        counts = _add_lines(tx, id_, archive, known, missing, with_secrets, progress)
        end = {"noun": "end", "lines": counts, "files": written, "sha256": archive.sha256}
        archive.add_line(orjson.dumps(end))
        archive.close()
    return Exported(counts, written, len(missing))


def _header(organisation: Organisation, with_secrets: bool) -> dict[str, object]:
    named = {"id": organisation.id, "corp_id": organisation.corp_id, "name": organisation.name}
    return {"noun": "export", "format": FORMAT, "number": NUMBER, "organisation": named, "with_secrets": with_secrets}


def _add_files(
    installation: Installation, tx: Tx, organisation_id: int, archive: Archive, progress: Progress
) -> tuple[int, set[bytes]]:
    """Every file once, by digest, with its variants; how many, and the digests of those that are not there."""
    its = (files.c.organisation_id == organisation_id, FILE.only)
    total = int(tx.execute(select(func.count(files.c.sha256.distinct())).where(*its)).scalar_one())
    found = select(files.c.sha256).where(*its).distinct().order_by(files.c.sha256)
    blobs, written, missing = installation.blobs, 0, set[bytes]()
    for done, (digest,) in enumerate(tx.stream(found), 1):
        sha256 = bytes(digest)
        for variant in ("", *VARIANT_TYPES):
            size = blobs.size(organisation_id, sha256, variant)
            if size is not None:
                archive.add_file(sha256.hex(), variant, size, blobs.read(organisation_id, sha256, variant))
                written += 1
            elif not variant:
                missing.add(sha256)
                break
        progress(FILES, done, total)
    return written, missing


def _add_lines(
    tx: Tx,
    organisation_id: int,
    archive: Archive,
    known: Known,
    missing: set[bytes],
    with_secrets: bool,
    progress: Progress,
) -> dict[str, int]:
    nouns = [noun for noun in NOUNS.values() if with_secrets or not noun.secret]
    total = sum(_count(tx, organisation_id, noun) for noun in nouns)
    counts, done = dict[str, int](), 0
    for noun in nouns:
        counts[noun.name] = 0
        for line in _lines(tx, organisation_id, noun, known, with_secrets):
            if noun is FILE and bytes.fromhex(line["sha256"]) in missing:
                line[MISSING] = True
            archive.add_line(orjson.dumps(line))
            counts[noun.name] += 1
            done += 1
            if done % EVERY == 0:
                progress(LINES, done, total)
    progress(LINES, total, total)
    return counts


def _lines(tx: Tx, organisation_id: int, noun: Noun, known: Known, with_secrets: bool) -> Iterator[dict[str, Any]]:
    columns = [column.name for column in noun.table.columns]
    tell = told(noun.fields, columns, known, with_secrets)
    parts = [
        (part.key, _Parts(tx, organisation_id, part), told(part.fields, _columns(part), known, with_secrets))
        for part in noun.parts
    ]
    here = [columns.index(name) for name in noun.order]
    rows = select(*noun.table.columns).where(*_condition(organisation_id, noun))
    for row in tx.stream(rows.order_by(*(noun.table.c[name] for name in noun.order))):
        line = {"noun": noun.name, **tell(row)}
        for key, belonging, tell_part in parts:
            if its := belonging.of(tuple(row[place] for place in here)):
                line[key] = [tell_part(each) for each in its]
        yield line


def _columns(part: Part) -> list[str]:
    """The columns of a part, of which the first name what it belongs to."""
    return [*part.by, *(name for each in part.fields for name in each.columns)]


class _Parts:
    """The rows of a part, beside the rows that they belong to, which come in the same order."""

    def __init__(self, tx: Tx, organisation_id: int, part: Part) -> None:
        table, self._names = part.table, len(part.by)
        columns = [table.c[name] for name in _columns(part)]
        by = columns[: self._names]
        theirs = select(*columns).where(table.c.organisation_id == organisation_id, *(name.is_not(None) for name in by))
        self._groups = groupby(tx.stream(theirs.order_by(*by)), key=lambda row: row[: self._names])
        self._next: tuple[Row, list[Row]] | None = None
        self._move_on()

    def of(self, key: Row) -> list[Row]:
        """The rows that belong to this one, in an order that is the same on all engines."""
        while self._next is not None and self._next[0] < key:
            self._move_on()
        if self._next is None or self._next[0] != key:
            return []
        return sorted(self._next[1], key=lambda row: row[self._names : self._names + 2])

    def _move_on(self) -> None:
        group = next(self._groups, None)
        self._next = None if group is None else (group[0], list(group[1]))


def _condition(organisation_id: int, noun: Noun) -> list[Any]:
    return [noun.table.c.organisation_id == organisation_id, *([] if noun.only is None else [noun.only])]


def _count(tx: Tx, organisation_id: int, noun: Noun) -> int:
    counted = select(func.count()).select_from(noun.table).where(*_condition(organisation_id, noun))
    return int(tx.execute(counted).scalar_one())
