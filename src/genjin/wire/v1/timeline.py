"""Timelines as a whole, as /api/v1 shows them."""

from calendar import monthrange
from collections.abc import Sequence

from pydantic import Field

from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.domain.records import Ref
from genjin.domain.timeline import Month
from genjin.wire.v1.refs import TYPE_NAMES
from genjin.wire.v1.shared import Next, Shown
from genjin.wire.v1.times import ShownTime, iso_time


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


def months_to_wire(subject: Ref, months: Sequence[Month], calendar: Calendar) -> list[dict[str, JsonValue]]:
    """Each as MonthObject."""
    feed = f"/api/v1/activities?subject={TYPE_NAMES[subject.type]}/{subject.id}"

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
