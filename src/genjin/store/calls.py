"""Calls, as the telephone told of them. What a timeline shows of a call is in its activity."""

from sqlalchemy import select

from genjin.domain.call import Call
from genjin.domain.records import RecordType, Ref
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
    if row is None:
        return None
    target = Ref(RecordType(row["target_type"]), row["target_id"])
    return Call(target=target, **{name: row[name] for name in _SAME})
