"""Calls, as the telephone told of them. What a timeline shows of a call is in its activity."""

from sqlalchemy import RowMapping, and_, func, select, text

from genjin.domain.call import Call, CallFilter
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store.tables import calls, records, users
from genjin.store.transaction import Tx
from genjin.store.visible import visible

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


def page(tx: Tx, viewer: Viewer, wanted: CallFilter, offset: int, limit: int) -> tuple[list[Call], int]:
    """Calls to records that the viewer may see, newest first, and how many there are in all."""
    c, r = calls.c, records.c
    conditions = [visible(viewer), r.deleted_at.is_(None), c.organisation_id == viewer.organisation_id]
    if wanted.span is not None:
        conditions += [c.created_at >= wanted.span[0], c.created_at < wanted.span[1]]
    for column, value in (
        (c.caller_id, wanted.caller_id),
        (c.target_type, wanted.target_type),
        (c.target_id, wanted.target_id),
        (c.dial_type, wanted.dial_type),
        (c.connected, wanted.connected),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.department_id is not None:
        u = users.c
        colleagues = select(u.id).where(
            u.organisation_id == viewer.organisation_id, u.department_id == wanted.department_id
        )
        conditions.append(c.caller_id.in_(colleagues))
    on_record = and_(r.organisation_id == c.organisation_id, r.type == c.target_type, r.id == c.target_id)
    listed = calls.join(records, on_record)
    total = int(tx.execute(select(func.count()).select_from(listed).where(*conditions)).scalar_one())
    statement = (
        select(calls)
        .select_from(listed)
        .where(*conditions)
        .order_by(c.created_at.desc(), c.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [_call(row) for row in tx.execute(statement).mappings()], total


def _call(row: RowMapping) -> Call:
    target = Ref(RecordType(row["target_type"]), row["target_id"])
    return Call(target=target, **{name: row[name] for name in _SAME})
