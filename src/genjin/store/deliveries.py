"""What webhooks are told, one row a thing. Whoever changes the deliveries of a webhook has locked it before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import func, select, text, update

from genjin.domain.records import RecordType, Ref
from genjin.domain.webhook import Attempt, Delivery, DeliveryState, Event
from genjin.store.refs import is_one_of
from genjin.store.tables import NOT_DELIVERED, deliveries
from genjin.store.transaction import Tx

_NAMES = (
    *("webhook_id", "number", "event", "at", "activity_id", "type", "id", "state", "due_at", "lease"),
    *("tries", "tried_since", "ended_at", "attempts", "replay_id", "notice_id"),
)
_COLUMNS = [deliveries.c[name] for name in _NAMES]
_CHANGES = ("state", "due_at", "lease", "tries", "tried_since", "ended_at", "attempts")
_d = deliveries.c


def add(tx: Tx, organisation_id: int, some: Sequence[Delivery]) -> None:
    """Insert deliveries whose numbers are not there yet."""
    rows = [_row(each) for each in some]
    columns = ("organisation_id", *_NAMES)
    tx.insert(deliveries, columns, [(organisation_id, *(row[name] for name in _NAMES)) for row in rows])


def put(tx: Tx, organisation_id: int, delivery: Delivery) -> None:
    """Let a delivery that is there be as this one is; what it tells stays."""
    row = _row(delivery)
    statement = update(deliveries).where(*_this(organisation_id, delivery.webhook_id, delivery.number))
    tx.execute(statement.values(**{name: row[name] for name in _CHANGES}))


def find(tx: Tx, organisation_id: int, webhook_id: int, number: int) -> Delivery | None:
    """One delivery."""
    row = tx.execute(select(*_COLUMNS).where(*_this(organisation_id, webhook_id, number))).mappings().one_or_none()
    return None if row is None else _delivery(row)


def page(
    tx: Tx, organisation_id: int, webhook_id: int, state: DeliveryState | None, before: int | None, limit: int
) -> list[Delivery]:
    """Deliveries with lower numbers than one, the latest first."""
    found = select(*_COLUMNS).where(_d.organisation_id == organisation_id, _d.webhook_id == webhook_id)
    if before is not None:
        found = found.where(_d.number < before)
    if state is not None:
        found = found.where(_d.state == state.value)
        if state is not DeliveryState.DELIVERED:
            found = found.where(text(NOT_DELIVERED))
    return [_delivery(row) for row in tx.execute(found.order_by(_d.number.desc()).limit(limit)).mappings()]


def next_due(tx: Tx, organisation_id: int, webhook_id: int) -> int | None:
    """When one may be taken next; None when nothing waits."""
    due = select(_d.due_at).where(*_takeable(organisation_id, webhook_id)).order_by(_d.due_at).limit(1)
    found: int | None = tx.execute(due).scalar_one_or_none()
    return found


def due(tx: Tx, organisation_id: int, webhook_id: int, now: int, limit: int) -> list[Delivery]:
    """Those that have been due for longest."""
    found = select(*_COLUMNS).where(*_takeable(organisation_id, webhook_id), _d.due_at <= now)
    return [_delivery(row) for row in tx.execute(found.order_by(_d.due_at, _d.number).limit(limit)).mappings()]


def flying(tx: Tx, organisation_id: int, webhook_id: int, now: int) -> int:
    """How many are being sent, as far as is known."""
    found = select(func.count()).where(*_takeable(organisation_id, webhook_id), _d.due_at > now, _d.lease.is_not(None))
    return int(tx.execute(found).scalar_one())


def open_subjects(tx: Tx, organisation_id: int, webhook_id: int, refs: Collection[Ref]) -> set[Ref]:
    """Those of these records of which something waits."""
    if not refs:
        return set()
    its = is_one_of(_d.type, _d.id, refs)
    found = select(_d.type, _d.id).where(*_open(organisation_id, webhook_id), its).distinct()
    return {Ref(RecordType(row[0]), row[1]) for row in tx.execute(found)}


def first_open(tx: Tx, organisation_id: int, webhook_id: int, ref: Ref) -> Delivery | None:
    """The first one that waits, of what happened on a record."""
    found = (
        select(*_COLUMNS)
        .where(*_open(organisation_id, webhook_id), _d.type == int(ref.type), _d.id == ref.id)
        .order_by(_d.number)
        .limit(1)
    )
    row = tx.execute(found).mappings().one_or_none()
    return None if row is None else _delivery(row)


def count_waiting(tx: Tx, organisation_id: int, webhook_id: int, most: int) -> int:
    """How many wait; at most so many are counted."""
    some = select(_d.number).where(*_open(organisation_id, webhook_id)).limit(most).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def forget(tx: Tx, organisation_id: int, before: int, limit: int) -> int:
    """Delete at most so many that ended before this instant; how many went."""
    old = select(_d.webhook_id, _d.number).where(_d.organisation_id == organisation_id, _d.ended_at < before)
    return _delete(tx, organisation_id, [tuple(row) for row in tx.execute(old.order_by(_d.ended_at).limit(limit))])


def forget_of(tx: Tx, organisation_id: int, webhook_id: int, limit: int) -> int:
    """Delete at most so many of a webhook; how many went."""
    some = select(_d.webhook_id, _d.number).where(_d.organisation_id == organisation_id, _d.webhook_id == webhook_id)
    return _delete(tx, organisation_id, [tuple(row) for row in tx.execute(some.limit(limit))])


def _delete(tx: Tx, organisation_id: int, keys: Sequence[tuple[Any, ...]]) -> int:
    tx.each(
        "DELETE FROM deliveries WHERE organisation_id = ? AND webhook_id = ? AND number = ?",
        [(organisation_id, *key) for key in keys],
    )
    return len(keys)


def _this(organisation_id: int, webhook_id: int, number: int) -> tuple[Any, ...]:
    return _d.organisation_id == organisation_id, _d.webhook_id == webhook_id, _d.number == number


def _takeable(organisation_id: int, webhook_id: int) -> tuple[Any, ...]:
    return _d.organisation_id == organisation_id, _d.webhook_id == webhook_id, _d.due_at.is_not(None)


def _open(organisation_id: int, webhook_id: int) -> tuple[Any, ...]:
    return _d.organisation_id == organisation_id, _d.webhook_id == webhook_id, _d.ended_at.is_(None)


def _row(delivery: Delivery) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(delivery, name, None) for name in _NAMES}
    row |= {"event": int(delivery.event), "state": delivery.state.value, "attempts": None}
    if delivery.subject is not None:
        row |= {"type": int(delivery.subject.type), "id": delivery.subject.id}
    if delivery.attempts:
        row["attempts"] = orjson.dumps([asdict(attempt) for attempt in delivery.attempts])
    return row


def _delivery(row: Mapping[Any, Any]) -> Delivery:
    values = {name: row[name] for name in _NAMES}
    type_, id_ = values.pop("type"), values.pop("id")
    values |= {
        "event": Event(row["event"]),
        "state": DeliveryState(row["state"]),
        "subject": None if type_ is None else Ref(RecordType(type_), id_),
        "attempts": tuple(Attempt(**told) for told in orjson.loads(row["attempts"] or b"[]")),
    }
    return Delivery(**values)
