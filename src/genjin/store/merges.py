"""What merging duplicates changed, so that it can be undone."""

import orjson
from sqlalchemy import RowMapping, func, select

from genjin.domain.merge import Merge
from genjin.domain.records import RecordType, Ref
from genjin.store.tables import merges
from genjin.store.transaction import Tx


def put(tx: Tx, organisation_id: int, merge: Merge) -> None:
    """Insert or replace."""
    row: dict[str, object] = {
        "organisation_id": organisation_id,
        "id": merge.id,
        "type": int(merge.kept.type),
        "kept_id": merge.kept.id,
        "merged_id": merge.merged_id,
        "merged_at": merge.merged_at,
        "merged_by": merge.merged_by,
        "moved": orjson.dumps(merge.moved, default=tuple),
        "undone_at": merge.undone_at,
    }
    tx.put(merges, [row])


def find(tx: Tx, organisation_id: int, merge_id: int) -> Merge | None:
    """One merge by its id."""
    statement = select(merges).where(merges.c.organisation_id == organisation_id, merges.c.id == merge_id)
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _merge(row)


def page_of(tx: Tx, organisation_id: int, kept: Ref, offset: int, limit: int) -> tuple[list[Merge], int]:
    """What was merged into a record, the newest first, and the number of all."""
    where = (
        merges.c.organisation_id == organisation_id,
        merges.c.type == int(kept.type),
        merges.c.kept_id == kept.id,
    )
    total = int(tx.execute(select(func.count()).select_from(merges).where(*where)).scalar_one())
    statement = select(merges).where(*where).order_by(merges.c.id.desc()).offset(offset).limit(limit)
    return [_merge(row) for row in tx.execute(statement).mappings()], total


def _merge(row: RowMapping) -> Merge:
    moved = {
        column: [Ref(RecordType(type_), id_) for type_, id_ in refs]
        for column, refs in orjson.loads(row["moved"]).items()
    }
    kept = Ref(RecordType(row["type"]), row["kept_id"])
    return Merge(row["id"], kept, row["merged_id"], row["merged_at"], row["merged_by"], moved, row["undone_at"])
