"""Leads and customers. What a viewer may see of a list is one filter, `visible`."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, select, true, update

from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordFilter, RecordType, Ref
from genjin.store.tables import records
from genjin.store.transaction import MOST_IDS, Tx, batched

_NAMES = [field.name for field in fields(Record)]
_PLAIN = _NAMES[:-2]
_SELECT_ONE = f"SELECT {', '.join(_NAMES)} FROM records WHERE organisation_id = ? AND type = ? AND id = ?"
_SELECT_SOME = f"SELECT {', '.join(_NAMES)} FROM records WHERE organisation_id = ?"


def put_records(tx: Tx, organisation_id: int, some: Iterable[Record]) -> None:
    """Insert or replace."""
    tx.put(records, [{"organisation_id": organisation_id} | _row(record) for record in some])


def find(tx: Tx, organisation_id: int, ref: Ref, with_deleted: bool = False) -> Record | None:
    """One record; on the hot path."""
    rows = tx.rows(_SELECT_ONE, (organisation_id, int(ref.type), ref.id))
    record = _record(rows[0]) if rows else None
    return None if record is None or (record.deleted_at is not None and not with_deleted) else record


def find_for_update(tx: Tx, organisation_id: int, ref: Ref) -> Record | None:
    """One record that is not deleted, locked until the transaction ends: what happens to it is put in order."""
    sql = _SELECT_ONE if tx.engine == "sqlite" else _SELECT_ONE + " FOR UPDATE"
    rows = tx.rows(sql, (organisation_id, int(ref.type), ref.id))
    record = _record(rows[0]) if rows else None
    return None if record is None or record.deleted_at is not None else record


def find_many(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> dict[Ref, Record]:
    """Records by their refs, deleted ones included, in one query; on the hot path."""
    if not refs:
        return {}
    either = " OR ".join(["type = ? AND id = ?"] * len(refs))
    parameters: list[object] = [organisation_id]
    for ref in refs:
        parameters += (int(ref.type), ref.id)
    found = (_record(row) for row in tx.rows(f"{_SELECT_SOME} AND ({either})", parameters))
    return {record.ref: record for record in found}


def page(tx: Tx, viewer: Viewer, wanted: RecordFilter, offset: int, limit: int) -> tuple[list[Record], int]:
    """One page of what the viewer may see, and how many there are in all."""
    where = and_(visible(viewer), *_conditions(viewer, wanted))
    total = int(tx.execute(select(func.count()).select_from(records).where(where)).scalar_one())
    column = records.c[wanted.sort]
    order = (column.desc(), records.c.id.desc()) if wanted.descending else (column.asc(), records.c.id.asc())
    if column.nullable:  # where the engines disagree: what is empty comes last, whichever way the list runs
        order = (order[0].nulls_last(), order[1])
    statement = select(*(records.c[name] for name in _NAMES)).where(where).order_by(*order).offset(offset).limit(limit)
    return [_record(row) for row in tx.execute(statement)], total


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The records of the viewer's organisation that `domain.policy.may_see` allows."""
    if viewer.scope is DataScope.ALL:
        allowed: ColumnElement[bool] = true()
    else:
        allowed = or_(
            records.c.owner_id == viewer.user_id,
            records.c.department_id.in_(sorted(viewer.departments)) if viewer.departments else false(),
        )
    return and_(records.c.organisation_id == viewer.organisation_id, allowed)


def change(tx: Tx, organisation_id: int, ref: Ref, values: dict[str, object]) -> None:
    """Set columns of one record."""
    tx.execute(
        update(records)
        .where(records.c.organisation_id == organisation_id, records.c.type == int(ref.type), records.c.id == ref.id)
        .values(**values)
    )


def customers_of(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> dict[Ref, int]:
    """The customers that these records' histories roll up to; a record without one is left out."""
    wanted, found = set(refs), {}
    statement = select(records.c.type, records.c.id, records.c.turned_customer_id).where(
        records.c.organisation_id == organisation_id,
        records.c.turned_customer_id.is_not(None),
        records.c.id.in_(bindparam("ids", expanding=True)),
    )
    for some in batched(sorted({ref.id for ref in refs}), MOST_IDS):
        for type_, id_, customer_id in tx.execute(statement, {"ids": list(some)}):
            if (ref := Ref(RecordType(type_), id_)) in wanted:
                found[ref] = customer_id
    return found


def _conditions(viewer: Viewer, wanted: RecordFilter) -> list[ColumnElement[bool]]:
    columns = records.c
    conditions = [columns.type == int(wanted.type), columns.deleted_at.is_(None)]
    match wanted.tab:
        case "my":
            conditions.append(columns.owner_id == viewer.user_id)
        case "sub":
            conditions += [columns.owner_id != viewer.user_id, columns.owner_id.is_not(None)]
        case "common":
            conditions.append(columns.owner_id.is_(None))
        case "assist" | "my_assist" | "sub_assist":
            conditions.append(false())
    for name, value in (
        ("owner_id", wanted.owner_id),
        ("department_id", wanted.department_id),
        ("status", wanted.status),
        ("source", wanted.source),
        ("category", wanted.category),
    ):
        if value is not None:
            conditions.append(columns[name] == value)
    for name, span in (("created_at", wanted.created), ("updated_at", wanted.updated)):
        if span is not None:
            conditions += [columns[name] >= span[0], columns[name] < span[1]]
    if wanted.query:
        texts = (columns.name, columns.company_name, columns.name_pinyin, columns.company_name_pinyin)
        conditions.append(or_(*(text.icontains(wanted.query, autoescape=True) for text in texts)))
    return conditions


def _row(record: Record) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(record, name) for name in _PLAIN}
    row["type"] = int(record.type)
    row["details"] = orjson.dumps(record.details) if record.details else None
    row["captured"] = None if record.captured is None else orjson.dumps(record.captured)
    return row


def _record(row: Sequence[Any]) -> Record:
    """A row of _NAMES, which are the fields of Record in their order."""
    values = list(row)
    values[0] = RecordType(values[0])
    values[-2] = orjson.loads(values[-2]) if values[-2] else {}
    values[-1] = orjson.loads(values[-1]) if values[-1] else None
    return Record(*values)
