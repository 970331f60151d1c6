"""Timelines as a whole, as /api/v1 shows them."""

from calendar import monthrange
from collections.abc import Sequence

from pydantic import Field

from genjin.domain.calendar import Calendar
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.records import Ref
from genjin.domain.timeline import Month, TimelineHead
from genjin.wire.v1.refs import TYPE_NAMES, NamedRecord, named_to_wire
from genjin.wire.v1.shared import Next, Shown
from genjin.wire.v1.times import ShownTime, iso_time, iso_time_or_none


class GroupCounts(Shown):
    """How many activities are of each group of kinds."""

    talk: int
    call: int
    visit: int
    change: int
    system: int


class Timeline(Shown):
    """What happened to a record and to what rolls up to it, as a whole."""

    subject: NamedRecord
    total: int
    counts: GroupCounts
    complete: bool = Field(description="Whether `counts` are of all activities; else of the newest 20,000.")
    first_at: ShownTime | None
    last_at: ShownTime | None
    months: str = Field(description="The path of its months.")
    activities: str = Field(description="The path of its activities.")


class MonthObject(Shown):
    """A month of the organisation's zone in which something happened."""

    month: str = Field(description="Such as `2024-02`.", pattern=r"^\d{4}-\d\d$")
    count: int
    since: ShownTime = Field(description="When it begins.")
    until: ShownTime = Field(description="When the next one begins.")
    activities: str = Field(description="The path of its activities.")


class MonthList(Shown):
    """The months of a timeline, the newest first, all of them."""

    items: list[MonthObject]
    next: Next


def timeline_to_wire(head: TimelineHead, directory: Directory) -> dict[str, JsonValue]:
    """As Timeline."""
    counts: dict[str, int] = dict.fromkeys(GroupCounts.model_fields, 0)
    for code, number in head.kinds.items():
        counts[directory.kind(code).group.value] += number
    first, last = head.span or (None, None)
    return {
        "subject": named_to_wire(head.subject, head.name),
        "total": head.total,
        "counts": {**counts},
        "complete": head.complete,
        "first_at": iso_time_or_none(first, directory.calendar),
        "last_at": iso_time_or_none(last, directory.calendar),
        "months": f"/api/v1/timelines/{TYPE_NAMES[head.subject.type]}/{head.subject.id}/months",
        "activities": _activities(head.subject),
    }


def months_to_wire(subject: Ref, months: Sequence[Month], calendar: Calendar) -> list[dict[str, JsonValue]]:
    """Each as MonthObject."""
    feed = _activities(subject)

    def days(year: int, month: int) -> str:
        return f"from={year:04}-{month:02}-01&to={year:04}-{month:02}-{monthrange(year, month)[1]:02}"

    return [
        {
            "month": f"{year:04}-{month:02}",
            "count": entries,
            "since": iso_time(since, calendar),
            "until": iso_time(until, calendar),
            "activities": f"{feed}&{days(year, month)}",
        }
        for year, month, since, until, entries in months
    ]


def _activities(subject: Ref) -> str:
    return f"/api/v1/activities?subject={TYPE_NAMES[subject.type]}/{subject.id}"
