"""Files: what is known of each, and what it is attached to. Their bytes are in blobs.py."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, delete, func, select, text, update

from genjin.domain.attachment import MP3, NOT_PLAYED, THUMBNAIL, Attachment, FileKind, Holder
from genjin.store.tables import files
from genjin.store.transaction import MOST_IDS, Tx, batched

_SAME = [field.name for field in fields(Attachment) if field.name not in ("kind", "holder")]
_COLUMNS = [files.c[name] for name in (*_SAME, "kind", "attached_type", "attached_id")]


def put(tx: Tx, organisation_id: int, *some: Attachment) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {"organisation_id": organisation_id, "kind": int(file.kind)}
        | {name: getattr(file, name) for name in _SAME}
        | _held_by(file.holder)
        for file in some
    ]
    tx.put(files, rows)


def announce(tx: Tx, organisation_id: int, file: Attachment) -> None:
    """Insert a file that is deleted still, as its bytes are yet to come. From now on nobody lets go of equal ones."""
    _lock_bytes(tx, file.sha256)
    put(tx, organisation_id, file)


def find(tx: Tx, organisation_id: int, file_id: int) -> Attachment | None:
    """One file that is not deleted."""
    return find_many(tx, organisation_id, [file_id]).get(file_id)


def find_many(tx: Tx, organisation_id: int, ids: Sequence[int], lock: bool = False) -> dict[int, Attachment]:
    """Those of these files that are there and not deleted; with `lock` nobody else changes them meanwhile."""
    found: dict[int, Attachment] = {}
    for some in batched(sorted(set(ids)), MOST_IDS):
        statement = _alive(organisation_id).where(files.c.id.in_(some)).order_by(files.c.id)
        if lock and tx.engine != "sqlite":
            statement = statement.with_for_update()
        found |= {file.id: file for file in _read(tx, statement)}
    return found


def held_by(tx: Tx, organisation_id: int, holders: Iterable[Holder]) -> dict[Holder, list[Attachment]]:
    """The files of each of these records and activities, by id; one query a type of holder."""
    found: dict[Holder, list[Attachment]] = {}
    by_type: dict[int, set[int]] = {}
    for holder in holders:
        by_type.setdefault(holder.type, set()).add(holder.id)
    for type_, ids in by_type.items():
        for some in batched(sorted(ids), MOST_IDS):
            wanted = _alive(organisation_id).where(files.c.attached_type == type_, files.c.attached_id.in_(some))
            for file in _read(tx, wanted.order_by(files.c.id)):
                assert file.holder is not None
                found.setdefault(file.holder, []).append(file)
    return found


def count_held(tx: Tx, organisation_id: int, type_: int, ids: Sequence[int]) -> dict[int, int]:
    """How many files are attached to each of these records; those without any are left out."""
    found: dict[int, int] = {}
    for some in batched(sorted(set(ids)), MOST_IDS):
        held = (
            _alive(organisation_id).where(files.c.attached_type == int(type_), files.c.attached_id.in_(some)).subquery()
        )
        counted = select(held.c.attached_id, func.count()).group_by(held.c.attached_id)
        found |= {row[0]: int(row[1]) for row in tx.execute(counted)}
    return found


def page_of(tx: Tx, organisation_id: int, holder: Holder, offset: int, limit: int) -> tuple[list[Attachment], int]:
    """One page of the files of a record or activity, the newest first, and how many there are in all."""
    wanted = _alive(organisation_id).where(files.c.attached_type == holder.type, files.c.attached_id == holder.id)
    total = int(tx.execute(select(func.count()).select_from(wanted.subquery())).scalar_one())
    page = wanted.order_by(files.c.attached_at.desc(), files.c.id.desc()).offset(offset).limit(limit)
    return _read(tx, page), total


def sums(tx: Tx, organisation_id: int) -> list[tuple[FileKind, int, int]]:
    """How many files of each kind there are, and how many bytes they have."""
    held = select(files.c.kind, func.count(), func.sum(files.c.size)).where(
        files.c.organisation_id == organisation_id, files.c.deleted_at.is_(None)
    )
    rows = tx.execute(held.group_by(files.c.kind).order_by(files.c.kind))
    return [(FileKind(kind), int(count), int(size)) for kind, count, size in rows]


def attach(tx: Tx, organisation_id: int, ids: Sequence[int], holder: Holder, at: int) -> None:
    """Attach files to a record or activity."""
    _change(tx, organisation_id, ids, {**_held_by(holder), "attached_at": at})


def describe(tx: Tx, organisation_id: int, file_id: int, values: dict[str, object]) -> None:
    """Set the note or sub type of a file."""
    _change(tx, organisation_id, [file_id], values)


def remove(tx: Tx, organisation_id: int, ids: Sequence[int], at: int) -> None:
    """Delete files. Their bytes and rows stay for a while."""
    _change(tx, organisation_id, ids, {"deleted_at": at})


def orphans(tx: Tx, organisation_id: int, before: int, limit: int) -> list[int]:
    """Files that were uploaded before this instant and are attached to nothing."""
    statement = select(files.c.id).where(
        files.c.organisation_id == organisation_id,
        files.c.attached_type.is_(None),
        files.c.attached_id.is_(None),
        files.c.deleted_at.is_(None),
        files.c.uploaded_at < before,
    )
    return [row[0] for row in tx.execute(statement.order_by(files.c.id).limit(limit))]


def deleted(tx: Tx, organisation_id: int, before: int, limit: int) -> list[bytes]:
    """The digests of files that were deleted before this instant."""
    statement = (
        select(files.c.sha256)
        .distinct()
        .where(files.c.organisation_id == organisation_id, files.c.deleted_at < before)
        .order_by(files.c.sha256)
    )
    return [bytes(row[0]) for row in tx.execute(statement.limit(limit))]


def forget(tx: Tx, organisation_id: int, sha256: bytes, before: int) -> bool:
    """Remove the rows of these bytes that were deleted before this instant. True when no other row needs the bytes.

    Nobody announces equal ones until the transaction ends.
    """
    _lock_bytes(tx, sha256)
    same = (files.c.organisation_id == organisation_id, files.c.sha256 == sha256)
    tx.execute(delete(files).where(*same, files.c.deleted_at < before))
    return int(tx.execute(select(func.count()).select_from(files).where(*same)).scalar_one()) == 0


def living(tx: Tx, organisation_id: int) -> Iterator[tuple[bytes, tuple[str, ...]]]:
    """The digests of all files that are not deleted, in order, and the variants that there may be of each."""
    last = b""
    while True:
        wanted = select(files.c.sha256, func.min(files.c.kind), func.min(files.c.content_type)).where(
            files.c.organisation_id == organisation_id, files.c.deleted_at.is_(None), files.c.sha256 > last
        )
        some = tx.execute(wanted.group_by(files.c.sha256).order_by(files.c.sha256).limit(MOST_IDS)).all()
        for sha256, kind, content_type in some:
            last = bytes(sha256)
            picture = (THUMBNAIL,) if kind == FileKind.PICTURE else ()
            yield last, picture + ((MP3,) if content_type in NOT_PLAYED else ())
        if len(some) < MOST_IDS:
            return


def _lock_bytes(tx: Tx, sha256: bytes) -> None:
    if tx.engine != "sqlite":  # where every write is alone
        key = int.from_bytes(sha256[:8], signed=True)
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _alive(organisation_id: int) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(files.c.organisation_id == organisation_id, files.c.deleted_at.is_(None))


def _change(tx: Tx, organisation_id: int, ids: Sequence[int], values: dict[str, object]) -> None:
    for some in batched(ids, MOST_IDS):
        tx.execute(
            update(files).where(files.c.organisation_id == organisation_id, files.c.id.in_(some)).values(**values)
        )


def _held_by(holder: Holder | None) -> dict[str, object]:
    type_, id_ = holder or (None, None)
    return {"attached_type": type_, "attached_id": id_}


def _read(tx: Tx, statement: Select[*tuple[Any, ...]]) -> list[Attachment]:
    return [_file(dict(row)) for row in tx.execute(statement).mappings()]


def _file(row: dict[str, Any]) -> Attachment:
    type_, id_ = row.pop("attached_type"), row.pop("attached_id")
    kind = FileKind(row.pop("kind"))
    waveform = row.pop("waveform")
    return Attachment(
        **row | {"sha256": bytes(row["sha256"])},
        kind=kind,
        waveform=None if waveform is None else bytes(waveform),
        holder=None if id_ is None else Holder(type_, id_),
    )
