"""Imports of tables: how far each is, and which rows it could not take."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import ColumnElement, delete, select, update

from genjin.domain.table_import import Asked, Counts, Duplicates, Rejected, TableForm, TableImport
from genjin.store.tables import import_rejects, imports
from genjin.store.transaction import Tx


def begin(tx: Tx, organisation_id: int, fresh: TableImport) -> None:
    """Put in an import, unless there is one of its digest; whoever does so too waits for this transaction."""
    row = _row(organisation_id, fresh)
    sql = (
        f"INSERT INTO imports ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        " ON CONFLICT (organisation_id, digest) DO NOTHING"
    )
    tx.each(sql, [tuple(row.values())])


def of_digest(tx: Tx, organisation_id: int, digest: str) -> TableImport | None:
    """The import of this file and mapping."""
    return _one(tx, imports.c.organisation_id == organisation_id, imports.c.digest == digest)


def find(tx: Tx, organisation_id: int, import_id: int) -> TableImport | None:
    """One import."""
    return _one(tx, imports.c.organisation_id == organisation_id, imports.c.id == import_id)


def held(tx: Tx, organisation_id: int, import_id: int) -> TableImport | None:
    """The same, locked until the transaction ends: its rows are taken by one after the other."""
    return _one(tx, imports.c.organisation_id == organisation_id, imports.c.id == import_id, lock=True)


def newest(tx: Tx, organisation_id: int, user_id: int | None, limit: int) -> list[TableImport]:
    """Imports of one colleague, or with None of all, the newest first."""
    found = select(imports).where(imports.c.organisation_id == organisation_id)
    if user_id is not None:
        found = found.where(imports.c.user_id == user_id)
    return [_import(row) for row in tx.execute(found.order_by(imports.c.id.desc()).limit(limit)).mappings()]


def move(tx: Tx, organisation_id: int, after: TableImport) -> None:
    """Say how far an import is now."""
    values = {"position": after.row, "moved_at": after.moved_at, "ended_at": after.ended_at, **after.counts._asdict()}
    its = (imports.c.organisation_id == organisation_id, imports.c.id == after.id)
    tx.execute(update(imports).where(*its).values(**values))


def set_aside(tx: Tx, organisation_id: int, before: TableImport) -> None:
    """Let the digest of an import be free for another one."""
    its = (imports.c.organisation_id == organisation_id, imports.c.id == before.id)
    tx.execute(update(imports).where(*its).values(digest=f"{before.digest}#{before.id}"))


def reject(tx: Tx, organisation_id: int, import_id: int, some: Sequence[Rejected]) -> None:
    """Keep which rows were not taken."""
    columns = ("organisation_id", "import_id", "position", "reason")
    tx.insert(import_rejects, columns, [(organisation_id, import_id, *each) for each in some])


def rejected(tx: Tx, organisation_id: int, import_id: int, after: int, limit: int) -> list[Rejected]:
    """The rows behind a row that were not taken, in order."""
    c = import_rejects.c
    found = select(c.position, c.reason).where(
        c.organisation_id == organisation_id, c.import_id == import_id, c.position > after
    )
    return [Rejected(*row) for row in tx.execute(found.order_by(c.position).limit(limit))]


def forget(tx: Tx, organisation_id: int, before: int) -> None:
    """Remove imports that nothing has moved since this instant, with what they rejected."""
    old = select(imports.c.id).where(imports.c.organisation_id == organisation_id, imports.c.moved_at < before)
    gone = list(tx.execute(old.limit(100)).scalars())
    for table, column in ((import_rejects, import_rejects.c.import_id), (imports, imports.c.id)):
        tx.execute(delete(table).where(table.c.organisation_id == organisation_id, column.in_(gone)))


def _one(tx: Tx, *its: ColumnElement[bool], lock: bool = False) -> TableImport | None:
    found = select(imports).where(*its)
    row = tx.execute(found.with_for_update() if lock else found).mappings().one_or_none()
    return None if row is None else _import(row)


def _row(organisation_id: int, given: TableImport) -> dict[str, object]:
    return {
        "organisation_id": organisation_id,
        "id": given.id,
        "user_id": given.user_id,
        "digest": given.digest,
        "asked": orjson.dumps(asdict(given.asked)),
        "created_at": given.created_at,
        "moved_at": given.moved_at,
        "position": given.row,
        **given.counts._asdict(),
        "ended_at": given.ended_at,
    }


def _import(row: Mapping[Any, Any]) -> TableImport:
    asked = orjson.loads(row["asked"])
    asked |= {"form": TableForm(asked["form"]), "duplicates": Duplicates(asked["duplicates"])}
    counts = Counts(*(row[name] for name in Counts._fields))
    names = ("id", "user_id", "digest", "created_at", "moved_at", "ended_at")
    return TableImport(**{name: row[name] for name in names}, row=row["position"], asked=Asked(**asked), counts=counts)
