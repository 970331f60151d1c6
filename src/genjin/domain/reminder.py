"""A reminder: somebody wants to come back to a record at a time."""

from enum import StrEnum
from typing import NamedTuple

from genjin.domain.calendar import Calendar
from genjin.domain.records import Ref


class ReminderState(StrEnum):
    """Where a reminder is: OVERDUE when its time is over, DUE until the end of the day, UPCOMING later; or DONE."""

    OVERDUE = "overdue"
    DUE = "due"
    UPCOMING = "upcoming"
    DONE = "done"


class Reminder(NamedTuple):
    """`user_id` is who is reminded, `activity_id` the follow-up that asked for it; None for one that was set on the
    record itself. `remind_at` is when it was to be first, `due_at` when it is by now. `changed_at` is when
    any of this was said last, `told_at` when its person was told that it is due.
    """

    id: int
    user_id: int
    ref: Ref
    activity_id: int | None
    remind_at: int
    due_at: int
    changed_at: int
    told_at: int | None = None
    done_at: int | None = None

    def state(self, now: int, calendar: Calendar) -> ReminderState:
        """Where it is now."""
        if self.done_at is not None:
            return ReminderState.DONE
        if self.due_at <= now:
            return ReminderState.OVERDUE
        return ReminderState.DUE if self.due_at < end_of_day(now, calendar) else ReminderState.UPCOMING


class ReminderKey(NamedTuple):
    """Where a reminder stands in a list."""

    due_at: int
    id: int


def end_of_day(now: int, calendar: Calendar) -> int:
    """The instant at which tomorrow begins."""
    return calendar.day_end(calendar.local(now).date())
