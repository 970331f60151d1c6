"""Reminders as /api/v1 shows them, and what their lists are asked for."""

from typing import Literal

from pydantic import Field

from genjin.domain.activity_view import ActivityViews
from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.domain.record_list import Span
from genjin.domain.records import Record
from genjin.domain.reminder import Reminder
from genjin.wire.v1.activity import Activity, ActivityForm, activity_to_wire
from genjin.wire.v1.refs import NamedRecord, named_to_wire
from genjin.wire.v1.shared import Given, Next, Paged, Shown
from genjin.wire.v1.times import Moment, MomentOrDay, ShownTime, end_of, iso_time, iso_time_or_none, start_of

StateName = Literal["overdue", "due", "upcoming", "done"]


class RemindersQuery(Paged):
    """Which reminders are asked for."""

    state: StateName | None = Field(None, description="All that are open, if none is told.")
    from_: MomentOrDay | None = Field(
        None, alias="from", description="Due at or behind this moment, or from this day on."
    )
    to: MomentOrDay | None = Field(None, description="Due before this moment, or up to the end of this day.")


class ReminderObject(Shown):
    """That the caller wants to come back to a record."""

    id: int
    state: StateName = Field(description="`overdue`: its time is over; `due`: still today; `upcoming`: later; `done`.")
    due_at: ShownTime = Field(description="When it is due, as it was put off last.")
    remind_at: ShownTime = Field(description="When it was to be due first.")
    done_at: ShownTime | None
    record: NamedRecord
    activity: Activity | None = Field(description="The follow-up that asked for it; null where the record itself does.")


class ReminderList(Shown):
    """The caller's reminders, the first due first."""

    items: list[ReminderObject]
    next: Next


class Snooze(Given):
    """Until when a reminder is put off."""

    until: Moment


def span_asked(query: RemindersQuery, calendar: Calendar) -> Span:
    """When the reminders are to be due."""
    return Span(
        None if query.from_ is None else start_of(query.from_, calendar),
        None if query.to is None else end_of(query.to, calendar),
    )


def reminder_to_wire(
    reminder: Reminder, record: Record, views: ActivityViews, form: ActivityForm, now: int
) -> dict[str, JsonValue]:
    """As ReminderObject; the follow-up is among the views where the caller sees it."""
    calendar = form.directory.calendar
    facts = next((facts for facts in views.entries if facts.id == reminder.activity_id), None)
    return {
        "id": reminder.id,
        "state": reminder.state(now, calendar).value,
        "due_at": iso_time(reminder.due_at, calendar),
        "remind_at": iso_time(reminder.remind_at, calendar),
        "done_at": iso_time_or_none(reminder.done_at, calendar),
        "record": named_to_wire(record.ref, record.name),
        "activity": None if facts is None else activity_to_wire(facts, views, form),
    }
