"""Keeps reminders in the transaction of what asks for them: follow-ups, edits of a record, and who it is given to.

What was to be reminded of before it was written down is history. Whoever follows up has done what they were reminded
of.
"""

from collections.abc import Sequence

from genjin.domain.activity import Draft, Facts
from genjin.domain.change import ChangeDetails
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.records import Ref
from genjin.domain.reminder import Reminder
from genjin.store import ids, records, reminders
from genjin.store.transaction import Tx


def keep_of_entries(tx: Tx, organisation_id: int, born: Sequence[Facts], drafts: Sequence[Draft]) -> None:
    """What new entries ask for, do, and hand over."""
    written = {draft.target for draft in drafts if draft.kind is FOLLOW_UP_WRITTEN}
    waiting = reminders.waiting_on(tx, organisation_id, written) if written else set()
    for facts, draft in zip(born, drafts, strict=True):
        if draft.kind is FOLLOW_UP_WRITTEN:
            if waiting and (draft.target, draft.actor_id) in waiting:
                reminders.finish(tx, organisation_id, draft.target, draft.actor_id, draft.at, draft.recorded_at)
            _set(tx, organisation_id, facts, None, facts.remind_at, facts.recorded_at)
        elif isinstance(draft.details, ChangeDetails):
            _follow_change(tx, organisation_id, draft.target, draft.details, draft.actor_id, draft.recorded_at)


def set_by_entry(tx: Tx, organisation_id: int, facts: Facts, remind_at: int | None, now: int) -> None:
    """Let a follow-up remind its author at a time that is still to come; at no other time."""
    _set(tx, organisation_id, facts, reminders.of_entry(tx, organisation_id, facts.id), remind_at, now)


def _set(tx: Tx, organisation_id: int, facts: Facts, before: Reminder | None, remind_at: int | None, now: int) -> None:
    if remind_at is None or remind_at <= now:
        if before is not None:
            reminders.remove(tx, organisation_id, before.id)
    elif before is None or before.remind_at != remind_at:
        id_, user_id = (ids.allocate(tx)[0], facts.actor_id) if before is None else (before.id, before.user_id)
        fresh = Reminder(id_, user_id, facts.target, facts.id, remind_at, remind_at, now)
        reminders.put(tx, organisation_id, [fresh])


def set_on_record(tx: Tx, organisation_id: int, ref: Ref, user_id: int, remind_at: int | None, now: int) -> None:
    """Let somebody be reminded of a record at a time that is still to come."""
    if remind_at is not None and remind_at > now:
        fresh = Reminder(ids.allocate(tx)[0], user_id, ref, None, remind_at, remind_at, now)
        reminders.put(tx, organisation_id, [fresh])


def due_by_entry(tx: Tx, organisation_id: int, facts: Facts) -> int | None:
    """When what a follow-up reminds of is due by now; as it was told, where there is no reminder of it."""
    found = reminders.of_entry(tx, organisation_id, facts.id) if facts.remind_at is not None else None
    return facts.remind_at if found is None else found.due_at


def _follow_change(tx: Tx, organisation_id: int, ref: Ref, details: ChangeDetails, actor_id: int, now: int) -> None:
    """The next reminder of a record that was set otherwise, and the reminders of whoever gave it away."""
    for field, before, after in details.changes:
        if field == "owner_id" and isinstance(before, int) and isinstance(after, int):
            reminders.hand_over(tx, organisation_id, ref, before, after, now)
        elif field == "remind_at":
            over = [each for each in reminders.of_record(tx, organisation_id, ref) if each.due_at == before]
            reminders.put(tx, organisation_id, [each._replace(done_at=now, changed_at=now) for each in over])
            record = records.find(tx, organisation_id, ref)
            owner_id = None if record is None else record.owner_id
            set_on_record(
                tx, organisation_id, ref, owner_id or actor_id, after if isinstance(after, int) else None, now
            )
