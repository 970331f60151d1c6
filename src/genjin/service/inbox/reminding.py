"""Reminders as their people use them: listed, put off, done; and told of when they are due."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from genjin.domain.activity_view import ActivityViews
from genjin.domain.notice import NoticeKind
from genjin.domain.records import Record, Ref
from genjin.domain.reminder import Reminder, ReminderKey, ReminderState, end_of_day
from genjin.errors import Invalid, NotFound
from genjin.service.context import Installation, Session
from genjin.service.feed.views import views_of
from genjin.service.notices import tell
from genjin.service.queue.batches import Batch, Context, Task
from genjin.service.reminders import set_by_entry, set_on_record
from genjin.service.sweeping import sweep_everywhere
from genjin.service.visibility import seen_among, seen_many, standing
from genjin.store import activities, filling, records, reminders
from genjin.store.transaction import Tx

TOLD_AT_ONCE = 200


class ReminderViews(NamedTuple):
    """Reminders, with the follow-ups that asked for them as far as they are seen, and the records that they are on."""

    reminders: Sequence[Reminder]
    views: ActivityViews
    records: dict[Ref, Record]


def list_reminders(
    installation: Installation,
    session: Session,
    state: ReminderState | None,
    span: tuple[int | None, int | None],
    limit: int,
    after: ReminderKey | None = None,
) -> tuple[ReminderViews, ReminderKey | None]:
    """A page of the viewer's reminders, the first due first, and behind which to go on: those in a state, or all that
    are open, which are due in a half-open span.
    """
    spans = [span, _span_of(state, installation.clock.now(), session)]
    since = max((each[0] for each in spans if each[0] is not None), default=None)
    until = min((each[1] for each in spans if each[1] is not None), default=None)
    done = state is ReminderState.DONE

    def use(tx: Tx) -> tuple[ReminderViews, ReminderKey | None]:
        found = reminders.page(tx, session.viewer, limit + 1, (since, until), done, after)
        page = found[:limit]
        end = ReminderKey(page[-1].due_at, page[-1].id) if len(found) > limit else None
        return reminder_views(tx, session, page), end

    return installation.read_for(session, use)


def reminders_on(installation: Installation, session: Session, ref: Ref) -> list[Reminder]:
    """The viewer's own reminders on a record that are open, the first due first. Raises NotFound."""

    def use(tx: Tx) -> list[Reminder]:
        record = standing(tx, session, ref)
        open_ones = reminders.of_record(tx, session.organisation_id, record.ref)
        return [each for each in open_ones if each.user_id == session.viewer.user_id]

    return installation.read_for(session, use)


def snooze(installation: Installation, session: Session, reminder_id: int, until: int) -> ReminderViews:
    """Put one's own reminder off until later; one that is done is open again. Raises NotFound; Invalid for the past."""
    now = installation.clock.now()
    if until <= now:
        raise Invalid({"until": ["应晚于现在"]})
    return _changed(
        installation,
        session,
        reminder_id,
        lambda before: before._replace(due_at=until, told_at=None, done_at=None, changed_at=now),
    )


def finish(installation: Installation, session: Session, reminder_id: int) -> ReminderViews:
    """One's own reminder is done. Raises NotFound."""
    now = installation.clock.now()
    return _changed(
        installation,
        session,
        reminder_id,
        lambda before: before if before.done_at is not None else before._replace(done_at=now, changed_at=now),
    )


def tell_due(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> int:
    """Tell everybody of their reminders that are due, each once; how many."""
    return sweep_everywhere(installation, lambda tx, id_: _tell_some(tx, id_, installation.clock.now()), go_on)


def _tell_some(tx: Tx, organisation_id: int, now: int) -> int:
    due = reminders.due(tx, organisation_id, now, TOLD_AT_ONCE)
    for each in due:
        details: dict[str, Any] = {"reminder_id": each.id}
        about: dict[str, Any] = {"ref": each.ref, "activity_id": each.activity_id, "details": details}
        tell(tx, organisation_id, NoticeKind.REMINDER_DUE, [each.user_id], now, **about)
    reminders.put(tx, organisation_id, [each._replace(told_at=now) for each in due])
    return len(due)


def _changed(
    installation: Installation, session: Session, reminder_id: int, change: Callable[[Reminder], Reminder]
) -> ReminderViews:
    """A changed reminder; the next reminder that its record shows follows it."""

    def use(tx: Tx) -> ReminderViews:
        organisation_id = session.organisation_id
        ref = _own(tx, session, reminder_id).ref
        record = records.find_for_update(tx, organisation_id, ref)
        before = _own(tx, session, reminder_id)  # as it is now that others wait
        after = change(before)
        reminders.put(tx, organisation_id, [after])
        if record is not None and before.done_at is None and record.remind_at == before.due_at and after != before:
            following = [each.due_at for each in reminders.of_record(tx, organisation_id, ref)]
            next_at = after.due_at if after.done_at is None else min(following, default=None)
            records.change(tx, organisation_id, ref, {"remind_at": next_at})
        return reminder_views(tx, session, [after])

    return installation.database.write(use, session.organisation_id)


def _own(tx: Tx, session: Session, reminder_id: int) -> Reminder:
    found = reminders.find(tx, session.organisation_id, reminder_id)
    if found is None or found.user_id != session.viewer.user_id or found.ref not in seen_many(tx, session, [found.ref]):
        raise NotFound(f"no reminder {reminder_id}")
    return found


def _span_of(state: ReminderState | None, now: int, session: Session) -> tuple[int | None, int | None]:
    tomorrow = end_of_day(now, session.directory.calendar)
    match state:
        case ReminderState.OVERDUE:
            return None, now + 1
        case ReminderState.DUE:
            return now + 1, tomorrow
        case ReminderState.UPCOMING:
            return tomorrow, None
        case _:
            return None, None


def reminder_views(tx: Tx, session: Session, some: Sequence[Reminder]) -> ReminderViews:
    """Reminders on records that the viewer sees, with what asked for them."""
    organisation_id = session.organisation_id
    ids = sorted({each.activity_id for each in some if each.activity_id is not None})
    found = activities.find_many(tx, organisation_id, ids)
    seen = seen_among(tx, session, found.values())
    there = records.find_many(tx, organisation_id, sorted({each.ref for each in some}))
    return ReminderViews(some, views_of(tx, session, [found[id_] for id_ in sorted(seen)]), there)


def _fill(tx: Tx, context: Context, cursor: Any, limit: int) -> Batch:
    """Reminders of what was written before there were any: first those of entries, then those of records."""
    organisation_id, now = context.organisation_id, context.installation.clock.now()
    phase, *key = cursor or ["activities", 0]
    if phase == "activities":
        entries = activities.between(tx, organisation_id, int(key[0]), None, limit)
        for facts in entries:
            if facts.remind_at is not None and facts.remind_at > now:
                set_by_entry(tx, organisation_id, facts, facts.remind_at, now)
        last = entries[-1].id if entries else key[0]
        return Batch(["activities", last] if len(entries) == limit else ["records"], len(entries), more=True)
    columns = ("remind_at", "owner_id", "deleted_at")
    rows = filling.next_rows(tx, organisation_id, "records", columns, key or None, limit)
    for type_, id_, remind_at, owner_id, deleted_at in rows:
        ref = Ref(type_, id_)
        known = {each.due_at for each in reminders.of_record(tx, organisation_id, ref)} if remind_at else set()
        if remind_at and owner_id and deleted_at is None and remind_at not in known:
            set_on_record(tx, organisation_id, ref, owner_id, remind_at, now)
    return Batch(["records", *(rows[-1][:2] if rows else key)], len(rows), len(rows) == limit)


def _total(tx: Tx, context: Context) -> int:
    return sum(filling.count_rows(tx, context.organisation_id, table) for table in ("activities", "records"))


FILL_REMINDERS = Task("reminders.fill", "keeps reminders of what was written before", "rows", _fill, _total)
