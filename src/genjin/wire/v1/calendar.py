"""A person's calendar as iCalendar (RFC 5545), and the link to it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import Field

from genjin.domain.activity import Facts, written
from genjin.domain.activity_view import ActivityViews
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, Ref
from genjin.domain.reminder import Reminder
from genjin.domain.sight import Sight
from genjin.wire.v1.activity import ActivityForm, Language
from genjin.wire.v1.shared import Shown
from genjin.wire.v1.times import ShownTime, iso_time_or_none

if TYPE_CHECKING:
    from icalendar import Event

MEDIA_TYPE = "text/calendar; charset=utf-8"
REMINDER_MINUTES, VISIT_MINUTES = 30, 30
"""How long a reminder takes, and a visit that has no end."""
_HIDDEN = Sight(numbers=False)
_SAYS: Mapping[Language, tuple[str, str, str]] = {
    "zh": ("跟进 {}", "拜访 {}", "跟进"),
    "en": ("Follow up with {}", "Visit to {}", "Follow-ups"),
}


class CalendarObject(Shown):
    """The link to the caller's calendar. Its address is told once: when it is made."""

    created_at: ShownTime | None = Field(description="When the link was made; null where there is none.")
    url: str | None = Field(description="The address, for programs that show calendars; only when it is made.")


def calendar_to_wire(created_at: int | None, url: str | None, form: ActivityForm) -> dict[str, JsonValue]:
    """As CalendarObject."""
    return {"created_at": iso_time_or_none(created_at, form.directory.calendar), "url": url}


def icalendar_of(
    reminders: Iterable[Reminder],
    asked_for: ActivityViews,
    records: Mapping[Ref, Record],
    visits: ActivityViews,
    form: ActivityForm,
) -> bytes:
    """Reminders and visits as one calendar. The same things are the same bytes: the UIDs are those of the things, and
    times are in UTC.
    """
    from icalendar import Calendar  # it takes a tenth of a second, and few servers need it

    organisation = form.directory.organisation
    called = _SAYS[form.language][2]
    calendar = Calendar()
    calendar.add("prodid", "-//Genjin//Genjin//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{organisation.name} {called}")
    entries = {facts.id: facts for facts in asked_for.entries}
    for each in reminders:
        record, facts = records[each.ref], entries.get(each.activity_id or 0)
        about = "" if facts is None else _text(facts, asked_for)
        calendar.add_component(_reminder(each, record.name, about, organisation.corp_id, form.language))
    for facts in visits.entries:
        calendar.add_component(_visit(facts, visits, organisation.corp_id, form.language))
    return bytes(calendar.to_ical())


def _reminder(reminder: Reminder, name: str, about: str, corp_id: str, language: Language) -> "Event":
    from icalendar import Alarm

    summary = _SAYS[language][0].format(name)
    event = _event(f"reminder-{reminder.id}@{corp_id}", reminder.changed_at, summary, about)
    event.add("dtstart", _utc(reminder.due_at))
    event.add("duration", timedelta(minutes=REMINDER_MINUTES))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", timedelta(0))
    event.add_component(alarm)
    return event


def _visit(facts: Facts, views: ActivityViews, corp_id: str, language: Language) -> "Event":
    rare: Mapping[str, Any] = orjson.loads(facts.rare or b"{}")
    out = rare.get("sign_out")
    left = int(out["at"]) if out else None
    until = left if left is not None and left > facts.at else facts.at + VISIT_MINUTES * 60
    changed = max(facts.recorded_at, facts.edited_at or 0, left or 0)
    name = views.targets[facts.target].name if facts.target in views.targets else ""
    event = _event(f"visit-{facts.id}@{corp_id}", changed, _SAYS[language][1].format(name), _text(facts, views))
    event.add("dtstart", _utc(facts.at))
    event.add("dtend", _utc(until))
    place = rare.get("place")
    if isinstance(place, Mapping) and place.get("detail"):
        event.add("location", views.sights.get(facts.target, _HIDDEN).text(str(place["detail"])))
    return event


def _event(uid: str, changed_at: int, summary: str, about: str) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", _utc(changed_at))
    event.add("summary", summary)
    if about:
        event.add("description", about)
    return event


def _text(facts: Facts, views: ActivityViews) -> str:
    return views.sights.get(facts.target, _HIDDEN).text(written(facts.text, facts.rare))


def _utc(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
