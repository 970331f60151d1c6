"""Records of every type."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, cast, delete, func, select, update
from sqlalchemy import String as SqlString

from genjin.domain.duplicates import name_key
from genjin.domain.latest import Contact
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordFilter, RecordType, Ref
from genjin.store import audiences
from genjin.store.audiences import DECISIVE
from genjin.store.phones import keep_numbers
from genjin.store.record_filters import conditions, there
from genjin.store.refs import by_type, one_of
from genjin.store.search_texts import keep_names
from genjin.store.tables import collaborators, records
from genjin.store.transaction import MOST_IDS, Tx, batched
from genjin.store.visible import visible

_NAMES = [field.name for field in fields(Record)]
_PLAIN = _NAMES[:-3]
"""All but the collaborators, which have a table of their own, and what is JSON."""
_OF_RECORD = (
    " FROM collaborators c WHERE c.organisation_id = records.organisation_id"
    " AND c.record_type = records.type AND c.record_id = records.id"
)
_COLLABORATORS = {
    "sqlite": f"(SELECT group_concat(c.user_id) {_OF_RECORD})",
    "postgresql": f"(SELECT string_agg(c.user_id::text, ',') {_OF_RECORD})",
}
COLUMNS = {
    engine: ", ".join([*(f"records.{name}" for name in _PLAIN), shared, "records.details", "records.captured"])
    for engine, shared in _COLLABORATORS.items()
}
"""What `record_of` reads, as it stands in a hand-written SELECT, by engine."""
_SELECT = {
    engine: f"SELECT {columns} FROM records WHERE records.organisation_id = ?" for engine, columns in COLUMNS.items()
}
_SELECT_ONE = {engine: f"{sql} AND records.type = ? AND records.id = ?" for engine, sql in _SELECT.items()}


def put_records(tx: Tx, organisation_id: int, some: Iterable[Record]) -> None:
    """Insert or replace, and keep the names and telephone numbers that they are found by."""
    written = list(some)
    keep_names(tx, organisation_id, written)
    with audiences.told(tx, organisation_id, _moved(tx, organisation_id, written)):
        tx.put(records, [{"organisation_id": organisation_id} | _row(record) for record in written])
    keep_numbers(tx, organisation_id, written)


def find(tx: Tx, organisation_id: int, ref: Ref, with_deleted: bool = False) -> Record | None:
    """One record; on the hot path."""
    rows = tx.rows(_SELECT_ONE[tx.engine], (organisation_id, int(ref.type), ref.id))
    record = record_of(rows[0]) if rows else None
    return None if record is None or (record.deleted_at is not None and not with_deleted) else record


def find_for_update(tx: Tx, organisation_id: int, ref: Ref, with_deleted: bool = False) -> Record | None:
    """One record, locked until the transaction ends: what happens to it is put in order."""
    sql = _SELECT_ONE[tx.engine] + ("" if tx.engine == "sqlite" else " FOR UPDATE OF records")
    rows = tx.rows(sql, (organisation_id, int(ref.type), ref.id))
    record = record_of(rows[0]) if rows else None
    return None if record is None or (record.deleted_at is not None and not with_deleted) else record


def find_many(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> dict[Ref, Record]:
    """Records by their refs, deleted ones included, in one query for every MOST_IDS; on the hot path."""
    found: dict[Ref, Record] = {}
    for some in batched(refs, MOST_IDS):
        its, values = one_of("records.type", "records.id", some)
        read = map(record_of, tx.rows(f"{_SELECT[tx.engine]} AND {its}", (organisation_id, *values)))
        found |= {record.ref: record for record in read}
    return found


def owned_by(tx: Tx, organisation_id: int, user_id: int, limit: int) -> list[Record]:
    """Records of this owner, deleted ones included, locked until the transaction ends."""
    types = ", ".join(str(int(type_)) for type_ in RecordType)  # the index begins with the type
    condition = f"records.type IN ({types}) AND records.owner_id = ?"
    return _locked(tx, condition, (organisation_id, user_id, limit))


def shared_with(tx: Tx, organisation_id: int, user_id: int, limit: int) -> list[Record]:
    """Records that this user works on beside their owner, deleted ones included, locked until the transaction ends."""
    theirs = "SELECT s.record_type, s.record_id FROM collaborators s WHERE s.organisation_id = ? AND s.user_id = ?"
    condition = f"(records.type, records.id) IN ({theirs})"
    return _locked(tx, condition, (organisation_id, organisation_id, user_id, limit))


def count_worked_on(tx: Tx, organisation_id: int, user_id: int) -> int:
    """How many records `owned_by` and `shared_with` would find, without a limit."""
    types = [int(type_) for type_ in RecordType]
    owned = select(func.count()).where(
        records.c.organisation_id == organisation_id, records.c.type.in_(types), records.c.owner_id == user_id
    )
    shared = select(func.count()).where(
        collaborators.c.organisation_id == organisation_id, collaborators.c.user_id == user_id
    )
    return sum(int(tx.execute(counted).scalar_one()) for counted in (owned, shared))


def any_of_department(tx: Tx, organisation_id: int, department_id: int) -> bool:
    """Whether any record is of this department, deleted ones too; goes through all of them to say that none is."""
    c = records.c
    found = select(c.id).where(c.organisation_id == organisation_id, c.department_id == department_id).limit(1)
    return tx.execute(found).first() is not None


def page(tx: Tx, viewer: Viewer, wanted: RecordFilter, offset: int, limit: int) -> tuple[list[Record], int]:
    """One page of what the viewer may see, and how many there are in all."""
    where = and_(visible(viewer), *conditions(viewer, wanted, tx.engine))
    total = int(tx.execute(select(func.count()).select_from(records).where(where)).scalar_one())
    column = records.c[wanted.sort]
    order = (column.desc(), records.c.id.desc()) if wanted.descending else (column.asc(), records.c.id.asc())
    if column.nullable:  # where the engines disagree: what is empty comes last, whichever way the list runs
        order = (order[0].nulls_last(), order[1])
    statement = select(*columns_of_core()).where(where).order_by(*order).offset(offset).limit(limit)
    return [record_of(row) for row in tx.execute(statement)], total


def of_customers(tx: Tx, organisation_id: int, type_: RecordType, customer_ids: Sequence[int]) -> list[Record]:
    """Contacts, opportunities or contracts of these customers, by id."""
    found: list[Record] = []
    for some in batched(sorted(set(customer_ids)), MOST_IDS):
        wanted = select(*columns_of_core()).where(there(organisation_id, type_), records.c.customer_id.in_(some))
        found += [record_of(row) for row in tx.execute(wanted.order_by(records.c.id))]
    return found


def contracted(tx: Tx, organisation_id: int, customer_ids: Sequence[int]) -> dict[int, int]:
    """The amounts of the contracts of each of these customers together, in hundredths."""
    found: dict[int, int] = {}
    for some in batched(sorted(set(customer_ids)), MOST_IDS):
        wanted = select(records.c.customer_id, func.sum(records.c.amount)).where(
            there(organisation_id, RecordType.CONTRACT),
            records.c.customer_id.in_(some),
            records.c.amount.is_not(None),
        )
        found |= {row[0]: int(row[1]) for row in tx.execute(wanted.group_by(records.c.customer_id))}
    return found


def counts_by_status(tx: Tx, viewer: Viewer, wanted: RecordFilter) -> dict[str | None, tuple[int, int]]:
    """How many of the records that the viewer may see have each status, and their amounts together."""
    where = and_(visible(viewer), *conditions(viewer, wanted, tx.engine))
    amount = func.coalesce(func.sum(records.c.amount), 0)
    counted = select(records.c.status, func.count(), amount).where(where).group_by(records.c.status)
    return {row[0]: (int(row[1]), int(row[2])) for row in tx.execute(counted)}


def add_collaborators(tx: Tx, organisation_id: int, ref: Ref, user_ids: Iterable[int], at: int, by: int) -> None:
    """Let users work on a record; who does already, still does."""
    rows: list[dict[str, object]] = [
        {
            "organisation_id": organisation_id,
            "record_type": int(ref.type),
            "record_id": ref.id,
            "user_id": user_id,
            "added_at": at,
            "added_by": by,
        }
        for user_id in user_ids
    ]
    if rows:
        with audiences.told(tx, organisation_id, [ref]):
            tx.put(collaborators, rows)


def remove_collaborators(tx: Tx, organisation_id: int, ref: Ref, user_ids: Iterable[int]) -> None:
    """Let users no longer work on a record."""
    gone = sorted(user_ids)
    theirs = (
        collaborators.c.organisation_id == organisation_id,
        collaborators.c.record_type == int(ref.type),
        collaborators.c.record_id == ref.id,
        collaborators.c.user_id.in_(gone),
    )
    if gone and tx.execute(select(collaborators.c.user_id).where(*theirs).limit(1)).first():
        with audiences.told(tx, organisation_id, [ref]):
            tx.execute(delete(collaborators).where(*theirs))


def change(tx: Tx, organisation_id: int, ref: Ref, values: dict[str, object]) -> None:
    """Set columns of one record."""
    its = (records.c.organisation_id == organisation_id, records.c.type == int(ref.type), records.c.id == ref.id)
    with audiences.told(tx, organisation_id, [ref] if values.keys() & set(DECISIVE) else ()):
        tx.execute(update(records).where(*its).values(**values))


def contacts(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> dict[Ref, Contact]:
    """What these records keep of their latest follow-ups and calls."""
    found: dict[Ref, Contact] = {}
    for type_, ids in by_type(refs).items():
        for some in batched(ids, MOST_IDS):
            sql = f"{_CONTACTS} AND id IN ({', '.join('?' * len(some))})"
            rows = tx.rows(sql, (organisation_id, int(type_), *some))
            found |= {Ref(type_, row[0]): Contact._make(row[1:]) for row in rows}
    return found


def put_contacts(tx: Tx, organisation_id: int, some: Mapping[Ref, Contact]) -> None:
    """Let records keep this of their latest follow-ups and calls."""
    tx.each(
        _PUT_CONTACT,
        [(*contact[:-1], organisation_id, int(ref.type), ref.id) for ref, contact in sorted(some.items())],
    )


_CONTACTS = f"SELECT id, {', '.join(Contact._fields)} FROM records WHERE organisation_id = ? AND type = ?"
_PUT_CONTACT = (
    f"UPDATE records SET {', '.join(f'{name} = ?' for name in Contact._fields[:-1])}"
    " WHERE organisation_id = ? AND type = ? AND id = ?"
)


def _moved(tx: Tx, organisation_id: int, some: Sequence[Record]) -> list[Ref]:
    """Those of these records that are there already and will be seen by others, or that roll up to others."""
    by_ref = {record.ref: record for record in some}
    moved: list[Ref] = []
    for type_, ids in by_type(by_ref).items():
        for some_ids in batched(ids, MOST_IDS):
            there = select(records.c.id, *(records.c[name] for name in DECISIVE)).where(
                records.c.organisation_id == organisation_id, records.c.type == int(type_), records.c.id.in_(some_ids)
            )
            for id_, *values in tx.execute(there):
                ref = Ref(type_, id_)
                if values != [getattr(by_ref[ref], name) for name in DECISIVE]:
                    moved.append(ref)
    return moved


def _locked(tx: Tx, condition: str, parameters: tuple[object, ...]) -> list[Record]:
    lock = "" if tx.engine == "sqlite" else " FOR UPDATE OF records"
    sql = f"{_SELECT[tx.engine]} AND {condition} ORDER BY records.type, records.id LIMIT ?{lock}"
    return [record_of(row) for row in tx.rows(sql, parameters)]


def _row(record: Record) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(record, name) for name in _PLAIN}
    row["type"] = int(record.type)
    row["name_key"] = name_key(record.name)
    row["details"] = orjson.dumps(record.details) if record.details else None
    row["captured"] = None if record.captured is None else orjson.dumps(record.captured)
    return row


def record_of(row: Sequence[Any]) -> Record:
    """The record of a row of COLUMNS, which are the fields of Record in their order."""
    values = list(row)
    values[0] = RecordType(values[0])
    values[-3] = frozenset(map(int, values[-3].split(","))) if values[-3] else frozenset()
    values[-2] = orjson.loads(values[-2]) if values[-2] else {}
    values[-1] = orjson.loads(values[-1]) if values[-1] else None
    return Record(*values)


def columns_of_core() -> list[ColumnElement[Any]]:
    """What `record_of` reads, for a statement of Core."""
    shared = (
        select(func.aggregate_strings(cast(collaborators.c.user_id, SqlString), ","))
        .where(
            collaborators.c.organisation_id == records.c.organisation_id,
            collaborators.c.record_type == records.c.type,
            collaborators.c.record_id == records.c.id,
        )
        .scalar_subquery()
    )
    return [*(records.c[name] for name in _PLAIN), shared, records.c.details, records.c.captured]
