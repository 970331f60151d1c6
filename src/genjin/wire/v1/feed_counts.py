"""Days of a feed, and how many activities there are of what, as /api/v1 shows them."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from genjin.domain.activity import Facts
from genjin.domain.calendar import Calendar, day_text
from genjin.domain.directory import Directory
from genjin.domain.feed import Counts, Facet, Moment
from genjin.domain.json import JsonValue
from genjin.wire.v1.activity import Language, actor_to_wire
from genjin.wire.v1.kind import GroupName
from genjin.wire.v1.shared import Named, Shown
from genjin.wire.v1.times import ShownTime, iso_time

WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    "zh": tuple(f"星期{name}" for name in "一二三四五六日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


class DayObject(Shown):
    """A day of the organisation's zone."""

    date: str = Field(json_schema_extra={"format": "date"})
    weekday: int = Field(description="1 for Monday, 7 for Sunday.")
    weekday_name: str = Field(description="In the caller's language.")


class DayCount(DayObject):
    """How many activities a day has."""

    count: int


class KindCount(Shown):
    """How many activities are of a kind."""

    kind: str
    group: GroupName
    count: int


class ActorCount(Shown):
    """How many activities are somebody's; null for what Genjin does by itself."""

    actor: Named | None
    count: int


class FeedCounts(Shown):
    """How many activities answer the filter, from the feed's beginning on."""

    total: int
    complete: bool = Field(description="Whether all were counted; else those up to `reached`.")
    reached: ShownTime | None
    kind: list[KindCount] | None = Field(None, description="The most frequent first.")
    actor: list[ActorCount] | None = Field(None, description="Who did most first.")
    day: list[DayCount] | None = Field(None, description="The newest first.")


def counts_to_wire(counts: Counts, directory: Directory, language: Language) -> dict[str, JsonValue]:
    """As FeedCounts."""
    reached = None if counts.reached is None else iso_time(counts.reached.moment, directory.calendar)
    told: dict[str, JsonValue] = {"total": counts.total, "complete": reached is None, "reached": reached}
    told |= {facet.value: None for facet in Facet}
    for facet, found in counts.by.items():
        told[facet.value] = [{**_value(facet, key, directory, language), "count": n} for key, n in found.items()]
    return told


def days_to_wire(entries: Sequence[Facts], clock: Moment, calendar: Calendar, language: Language) -> list[JsonValue]:
    """The days of a page as FeedDay. Where clocks are set back over midnight a day comes twice, and is told once."""
    days: dict[int, list[int]] = {}
    for facts in entries:
        days.setdefault(calendar.day(clock.of(facts)), []).append(facts.id)
    return [{**day_to_wire(day, language), "ids": ids} for day, ids in days.items()]


def day_to_wire(day: int, language: Language) -> dict[str, JsonValue]:
    """A day since 1970-01-01, which was a Thursday, as DayObject."""
    weekday = (day + 3) % 7
    return {"date": day_text(day), "weekday": weekday + 1, "weekday_name": WEEKDAYS[language][weekday]}


def _value(facet: Facet, key: int, directory: Directory, language: Language) -> dict[str, JsonValue]:
    match facet:
        case Facet.KIND:
            kind = directory.kind(key)
            return {"kind": kind.event, "group": kind.group.value}
        case Facet.ACTOR:
            return {"actor": actor_to_wire(key, directory)}
        case Facet.DAY:
            return day_to_wire(key, language)
