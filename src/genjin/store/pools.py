"""Pools of leads and of customers; what may have to go back into one, and what was warned of that."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, bindparam, delete, func, select

from genjin.domain.kinds import RECORD_ASSIGNED, RECORD_TAKEN
from genjin.domain.pools import Pool
from genjin.domain.records import RecordType, Ref
from genjin.store.record_filters import there
from genjin.store.tables import activities, pools, records, return_warnings, timeline
from genjin.store.transaction import Tx

_reader = TypeAdapter(Pool)
_PLAIN = ("id", "type", "name", "created_at", "updated_at")
_UNSIGNED = ("denied", "reverted")
"""What becomes of a contract's approval that leaves its customer without one."""


class Owned(NamedTuple):
    """Since when a record has the owner that it has, and whether it is a customer with a contract."""

    since: int
    sold: bool


def put_pools(tx: Tx, organisation_id: int, some: Iterable[Pool]) -> None:
    """Insert or replace."""
    rows = [
        {"organisation_id": organisation_id}
        | {name: getattr(pool, name) for name in _PLAIN}
        | {"settings": orjson.dumps({n: getattr(pool, n) for n in Pool.__slots__ if n not in _PLAIN})}
        for pool in some
    ]
    tx.put(pools, rows)


def pool_list(tx: Tx, organisation_id: int) -> list[Pool]:
    """All pools, by id."""
    statement = select(pools).where(pools.c.organisation_id == organisation_id).order_by(pools.c.id)
    return [
        _reader.validate_python({name: row[name] for name in _PLAIN} | orjson.loads(row["settings"]))
        for row in tx.execute(statement).mappings()
    ]


def find_for_update(tx: Tx, organisation_id: int, pool_id: int) -> Pool | None:
    """One pool, locked until the transaction ends."""
    here = (pools.c.organisation_id == organisation_id, pools.c.id == pool_id)
    tx.execute(select(pools.c.id).where(*here).with_for_update())
    return next((pool for pool in pool_list(tx, organisation_id) if pool.id == pool_id), None)


def waiting(
    tx: Tx, organisation_id: int, type_: RecordType, after_id: int, before: int, by_follow_up: bool, limit: int
) -> list[Ref]:
    """Owned records that wait since before an instant, by id: for a follow-up, or since they were made."""
    made = records.c.created_at
    waits_since = func.coalesce(records.c.followed_up_at, made) if by_follow_up else made
    statement = (
        select(records.c.id)
        .where(
            there(organisation_id, type_),
            records.c.id > after_id,
            records.c.owner_id.is_not(None),
            records.c.customer_id.is_(None),
            waits_since < before,
        )
        .order_by(records.c.id)
        .limit(limit)
    )
    return [Ref(type_, row[0]) for row in tx.execute(statement)]


def owned(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> dict[Ref, Owned]:
    """Since when records have their owners: since somebody took them or was given them, else since they were made."""
    statement = select(
        records.c.type, records.c.id, records.c.created_at, _given_at().label("given"), _has_contract().label("sold")
    ).where(
        records.c.organisation_id == organisation_id,
        records.c.type == bindparam("of_type"),
        records.c.id.in_(bindparam("ids", expanding=True)),
    )
    found = {}
    for type_ in sorted({ref.type for ref in refs}):
        ids = [ref.id for ref in refs if ref.type is type_]
        for row in tx.execute(statement, {"of_type": int(type_), "ids": ids}):
            found[Ref(RecordType(row.type), row.id)] = Owned(max(row.created_at, row.given or 0), bool(row.sold))
    return found


def warned_of(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> Mapping[Ref, int]:
    """The returns that were warned of last, by when they are due."""
    table = return_warnings.c
    statement = select(table.record_type, table.record_id, table.due_at).where(
        table.organisation_id == organisation_id,
        table.record_type.in_(sorted({int(ref.type) for ref in refs})),
        table.record_id.in_(sorted({ref.id for ref in refs})),
    )
    return {Ref(RecordType(type_), id_): due_at for type_, id_, due_at in tx.execute(statement)}


def put_warning(tx: Tx, organisation_id: int, ref: Ref, due_at: int) -> None:
    """Remember that a return was warned of."""
    key: dict[str, object] = {"organisation_id": organisation_id, "record_type": int(ref.type), "record_id": ref.id}
    tx.put(return_warnings, [key | {"due_at": due_at}])


def forget_warning(tx: Tx, organisation_id: int, ref: Ref) -> None:
    """The record went back."""
    table = return_warnings.c
    here = (table.organisation_id == organisation_id, table.record_type == int(ref.type), table.record_id == ref.id)
    tx.execute(delete(return_warnings).where(*here))


def _given_at() -> ColumnElement[int | None]:
    """When the record got its owner, as its timeline tells."""
    return (
        select(func.max(timeline.c.at))
        .where(
            timeline.c.organisation_id == records.c.organisation_id,
            timeline.c.subject_type == records.c.type,
            timeline.c.subject_id == records.c.id,
            activities.c.organisation_id == timeline.c.organisation_id,
            activities.c.id == timeline.c.activity_id,
            activities.c.target_type == records.c.type,
            activities.c.target_id == records.c.id,
            activities.c.kind.in_((RECORD_ASSIGNED.code, RECORD_TAKEN.code)),
        )
        .correlate(records)
        .scalar_subquery()
    )


def _has_contract() -> ColumnElement[bool]:
    contracts = records.alias("contracts")
    return (
        select(contracts.c.id)
        .where(
            contracts.c.organisation_id == records.c.organisation_id,
            contracts.c.customer_id == records.c.id,
            contracts.c.type == int(RecordType.CONTRACT),
            contracts.c.deleted_at.is_(None),
            func.coalesce(contracts.c.approve_status, "").not_in(_UNSIGNED),
            records.c.type == int(RecordType.CUSTOMER),
        )
        .correlate(records)
        .exists()
    )
