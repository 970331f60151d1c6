"""Calls, as the telephone told of them. What a timeline shows of a call is in its activity."""

from collections.abc import Collection

from sqlalchemy import RowMapping, delete, select, text

from genjin.domain.call import Call, CallFilter
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store.entries import Asked, count, entries
from genjin.store.tables import calls
from genjin.store.transaction import Tx

_SAME = [c.name for c in calls.c if c.name not in ("organisation_id", "target_type", "target_id")]


def put(tx: Tx, organisation_id: int, *some: Call) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {"organisation_id": organisation_id, "target_type": int(call.target.type), "target_id": call.target.id}
        | {name: getattr(call, name) for name in _SAME}
        for call in some
    ]
    tx.put(calls, rows)


def find(tx: Tx, organisation_id: int, call_id: int) -> Call | None:
    """One call."""
    statement = select(calls).where(calls.c.organisation_id == organisation_id, calls.c.id == call_id)
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _call(row)


def find_many(tx: Tx, organisation_id: int, ids: Collection[int]) -> dict[int, Call]:
    """Calls by their ids; one query, or none."""
    if not ids:
        return {}
    statement = select(calls).where(calls.c.organisation_id == organisation_id, calls.c.id.in_(sorted(ids)))
    return {row["id"]: _call(row) for row in tx.execute(statement).mappings()}


def find_told(tx: Tx, organisation_id: int, caller_id: int, external_id: str) -> Call | None:
    """The call that this caller told of under this id of their own; None without such an id.

    Who asks for the same one meanwhile waits until the transaction ends, so that two do not both find none.
    """
    if not external_id:
        return None
    if tx.engine != "sqlite":  # where every write is alone
        key = f"call {organisation_id} {caller_id} {external_id}"
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    statement = (
        select(calls)
        .where(
            calls.c.organisation_id == organisation_id,
            calls.c.caller_id == caller_id,
            calls.c.external_id == external_id,
        )
        .order_by(calls.c.id.desc())
        .limit(1)
    )
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _call(row)


def remove(tx: Tx, organisation_id: int, call_id: int) -> None:
    """Its id leads nowhere from now on."""
    tx.execute(delete(calls).where(calls.c.organisation_id == organisation_id, calls.c.id == call_id))


def page(tx: Tx, viewer: Viewer, wanted: CallFilter, offset: int, limit: int) -> tuple[list[Call], int]:
    """Calls to records that the viewer may see, newest first, and how many there are in all."""
    c = calls.c
    asked = Asked(wanted.span, wanted.caller_id, wanted.target_type, wanted.target_id, wanted.department_id)
    told = ((c.dial_type, wanted.dial_type), (c.connected, wanted.connected))
    more = [column == value for column, value in told if value is not None]
    found = entries(viewer, c.caller_id, c.created_at, asked, more)
    return [_call(row) for row in tx.execute(found.offset(offset).limit(limit)).mappings()], count(tx, found)


def _call(row: RowMapping) -> Call:
    target = Ref(RecordType(row["target_type"]), row["target_id"])
    return Call(target=target, **{name: row[name] for name in _SAME})
