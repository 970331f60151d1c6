"""Reminders: whose and on what they are, when they are due, which are the next ones."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Select, Subquery, and_, delete, func, select, tuple_, update

from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.domain.reminder import Reminder, ReminderKey
from genjin.store.refs import by_type
from genjin.store.tables import records, reminders
from genjin.store.transaction import MOST_IDS, Row, Tx, batched
from genjin.store.visible import named_visible

_COLUMNS = (
    "id",
    "user_id",
    "record_type",
    "record_id",
    "activity_id",
    "remind_at",
    "due_at",
    "changed_at",
    "told_at",
    "done_at",
)


def put(tx: Tx, organisation_id: int, some: Iterable[Reminder]) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {"organisation_id": organisation_id, "record_type": int(each.ref.type), "record_id": each.ref.id}
        | {name: value for name, value in each._asdict().items() if name != "ref"}
        for each in some
    ]
    tx.put(reminders, rows)


def find(tx: Tx, organisation_id: int, reminder_id: int) -> Reminder | None:
    """One reminder."""
    return _first(tx, _of(organisation_id).where(reminders.c.id == reminder_id))


def of_entry(tx: Tx, organisation_id: int, activity_id: int) -> Reminder | None:
    """The reminder that a follow-up asked for."""
    return _first(tx, _of(organisation_id).where(reminders.c.activity_id == activity_id))


def of_record(tx: Tx, organisation_id: int, ref: Ref) -> list[Reminder]:
    """The open reminders on a record, the next one first."""
    return _all(tx, _of(organisation_id).where(*_on(ref), _open()).order_by(reminders.c.due_at, reminders.c.id))


def remove(tx: Tx, organisation_id: int, reminder_id: int) -> None:
    """It is no more."""
    tx.execute(delete(reminders).where(reminders.c.organisation_id == organisation_id, reminders.c.id == reminder_id))


def waiting_on(tx: Tx, organisation_id: int, refs: Collection[Ref]) -> set[tuple[Ref, int]]:
    """Who has open reminders on which of these records."""
    found = set[tuple[Ref, int]]()
    r = reminders.c
    for type_, ids in by_type(refs).items():  # each by itself: among several SQLite does not see the index of open ones
        for some in batched(ids, MOST_IDS):
            open_ones = select(r.record_id, r.user_id).where(
                r.organisation_id == organisation_id, r.record_type == int(type_), r.record_id.in_(some), _open()
            )
            found |= {(Ref(type_, id_), user_id) for id_, user_id in tx.execute(open_ones)}
    return found


def finish(tx: Tx, organisation_id: int, ref: Ref, user_id: int, until: int, done_at: int) -> None:
    """Somebody's open reminders on a record that are due by then are done."""
    r = reminders.c
    theirs = (r.organisation_id == organisation_id, *_on(ref), r.user_id == user_id, _open(), r.due_at <= until)
    tx.execute(update(reminders).where(*theirs).values(done_at=done_at, changed_at=done_at))


def hand_over(tx: Tx, organisation_id: int, ref: Ref, user_id: int, to_user_id: int, at: int) -> None:
    """Somebody's open reminders on a record are another one's, who was not told of them."""
    r = reminders.c
    theirs = (r.organisation_id == organisation_id, *_on(ref), r.user_id == user_id, _open())
    tx.execute(update(reminders).where(*theirs).values(user_id=to_user_id, told_at=None, changed_at=at))


def move(tx: Tx, organisation_id: int, ref: Ref, to: Ref) -> None:
    """The open reminders on a record are on another one of its type."""
    its = (reminders.c.organisation_id == organisation_id, *_on(ref), _open())
    tx.execute(update(reminders).where(*its).values(record_id=to.id))


def due(tx: Tx, organisation_id: int, now: int, limit: int) -> list[Reminder]:
    """Reminders whose time has come and of which nobody was told, locked until the transaction ends."""
    r = reminders.c
    waiting = _of(organisation_id).where(_open(), r.told_at.is_(None), r.due_at <= now)
    return _all(tx, waiting.order_by(r.due_at, r.id).limit(limit).with_for_update())


def page(
    tx: Tx,
    viewer: Viewer,
    limit: int,
    span: tuple[int | None, int | None] = (None, None),
    done: bool = False,
    after: ReminderKey | None = None,
) -> list[Reminder]:
    """The viewer's reminders on records that they see which are due in a half-open span, the first due first: those
    that are open, or those that are done.
    """
    r = reminders.c
    mine = _of(viewer.organisation_id).where(
        r.user_id == viewer.user_id,
        r.done_at.is_not(None) if done else _open(),
        named_visible(viewer, r.record_type, r.record_id),
    )
    since, until = span
    if since is not None:
        mine = mine.where(r.due_at >= since)
    if until is not None:
        mine = mine.where(r.due_at < until)
    if after is not None:
        mine = mine.where(tuple_(r.due_at, r.id) > tuple_(*after))
    return _all(tx, mine.order_by(r.due_at, r.id).limit(limit))


def next_of_users(tx: Tx, organisation_id: int, user_ids: Collection[int]) -> dict[int, int]:
    """When the first open reminder of each of these people is due."""
    r, found = reminders.c, dict[int, int]()
    for some in batched(sorted(user_ids), MOST_IDS):
        first = select(r.user_id, func.min(r.due_at)).where(
            r.organisation_id == organisation_id, r.user_id.in_(some), _open()
        )
        found |= {row[0]: row[1] for row in tx.execute(first.group_by(r.user_id))}
    return found


def next_of_records(organisation_id: int, type_: RecordType, ids: Collection[int] | None = None) -> Subquery:
    """When the first open reminder is due on each record of a type, or on what rolls up to it: `id`, `next_due_at`. Of
    a customer, that is what it belongs to; with `ids` only of these.
    """
    r = reminders.c
    own = select(r.record_id.label("id"), r.due_at.label("due_at")).where(
        r.organisation_id == organisation_id, r.record_type == int(type_), _open()
    )
    if ids is not None:
        own = own.where(r.record_id.in_(sorted(ids)))
    every: Subquery = own.subquery()
    if type_ is RecordType.CUSTOMER:
        its = and_(
            records.c.organisation_id == organisation_id,
            records.c.type == r.record_type,
            records.c.id == r.record_id,
        )
        below = (
            select(records.c.customer_id.label("id"), r.due_at.label("due_at"))
            .select_from(reminders.join(records, its))
            .where(
                r.organisation_id == organisation_id,
                _open(),
                records.c.customer_id.is_not(None),
                records.c.deleted_at.is_(None),
            )
        )
        if ids is not None:
            below = below.where(records.c.customer_id.in_(sorted(ids)))
        every = own.union_all(below).subquery()
    return select(every.c.id, func.min(every.c.due_at).label("next_due_at")).group_by(every.c.id).subquery("nexts")


def next_of(tx: Tx, organisation_id: int, type_: RecordType, ids: Collection[int]) -> dict[int, int]:
    """The same, looked up."""
    if not ids:
        return {}
    nexts = next_of_records(organisation_id, type_, ids)
    return {row[0]: row[1] for row in tx.execute(select(nexts.c.id, nexts.c.next_due_at))}


def _of(organisation_id: int) -> Select[*tuple[object, ...]]:
    return select(*(reminders.c[name] for name in _COLUMNS)).where(reminders.c.organisation_id == organisation_id)


def _on(ref: Ref) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return reminders.c.record_type == int(ref.type), reminders.c.record_id == ref.id


def _open() -> ColumnElement[bool]:
    return reminders.c.done_at.is_(None)


def _first(tx: Tx, wanted: Select[*tuple[object, ...]]) -> Reminder | None:
    found = _all(tx, wanted)
    return found[0] if found else None


def _all(tx: Tx, wanted: Select[*tuple[object, ...]]) -> list[Reminder]:
    return [_reminder(tuple(row)) for row in tx.execute(wanted)]


def _reminder(row: Row) -> Reminder:
    id_, user_id, type_, record_id, *rest = row
    return Reminder(id_, user_id, Ref(RecordType(type_), record_id), *rest)
