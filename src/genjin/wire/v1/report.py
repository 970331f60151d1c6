"""What reports of /api/v1 have in common: the period that is asked for, figures with the feed behind them, rows."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import BeforeValidator, Field, WithJsonSchema

from genjin.domain.calendar import Calendar
from genjin.domain.directory import Directory
from genjin.domain.feed import Choice
from genjin.domain.json import JsonValue
from genjin.domain.people import SYSTEM_ID
from genjin.domain.report import MOST_DAYS, By, Period, PeriodName, period_named
from genjin.errors import Invalid
from genjin.wire.v1.activity import actor_to_wire
from genjin.wire.v1.feed import NOT, ActorText, DepartmentText, Values, choice_of
from genjin.wire.v1.refs import id_text, read_id
from genjin.wire.v1.shared import Asked, Named, Shown
from genjin.wire.v1.times import Day, read_moment_or_day

Params = Sequence[tuple[str, str]]
"""Of a link, in order."""
FEED = "/api/v1/activities"


def _read_day(value: Any) -> date:
    day = read_moment_or_day(value)
    if not isinstance(day, Day):
        raise ValueError("must be a day, such as 2024-02-29")
    return day.date


DayText = Annotated[
    Any,
    BeforeValidator(_read_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2024-02-29"]}),
]


class ReportQuery(Asked):
    """What a report is about."""

    period: PeriodName | None = Field(None, description="Days by where today lies; `this_month` when nothing is said.")
    from_: DayText | None = Field(
        None, alias="from", description="The first day, before `period`; without it that of the month of `to`."
    )
    to: DayText | None = Field(None, description="The last day, before `period`; today when only `from` is given.")
    format: Literal["json", "csv"] | None = Field(None, description="Before the `Accept` header.")


class PeopleQuery(ReportQuery):
    """The same, of some colleagues."""

    actor: Values[ActorText] = Field([], description="Who did it: an id, `me`, or `none`: Genjin itself.")
    department: Values[DepartmentText] = Field([], description="Theirs, or one above it.")


class Figure(Shown):
    """A number, and the path of the activities that it counts: exactly those."""

    value: int | float
    activities: str


class Rate(Shown):
    """A share between 0 and 1; null of nothing."""

    value: float | None


class ReportPeriod(Shown):
    """The days that a report is about, the last one included, in the organisation's zone."""

    name: PeriodName | None
    from_: str = Field(alias="from", json_schema_extra={"format": "date"})
    to: str = Field(json_schema_extra={"format": "date"})


class RowKey(Shown):
    """What a row is about: what the report is by; the others are null."""

    person: Named | None = Field(description="By person; null also for what Genjin does by itself.")
    department: Named | None = Field(description="By department, with those below it; null also for who is in none.")
    from_: str | None = Field(alias="from", description="By day, week and month: the first day.")
    to: str | None = Field(description="The last day.")
    hour: int | None = Field(description="By hour: 0 to 23.")


def period_asked(query: ReportQuery, calendar: Calendar, now: int) -> Period:
    """The days that are asked for. Raises Invalid by field."""
    today = calendar.local(now).date()
    first: date | None = query.from_
    last: date | None = query.to
    if last is None:
        if first is None:
            return period_named(query.period or PeriodName.THIS_MONTH, today)
        last = max(today, first)
    first = first or last.replace(day=1)
    if last < first:
        raise Invalid({"to": ["lies before `from`"]})
    if (last - first).days >= MOST_DAYS:
        raise Invalid({"to": [f"lies more than {MOST_DAYS} days behind `from`"]})
    return Period(first, last)


def period_to_wire(query: ReportQuery, period: Period) -> dict[str, JsonValue]:
    """As ReportPeriod."""
    plain = query.from_ is None and query.to is None
    return {"name": (query.period or PeriodName.THIS_MONTH) if plain else None, **_days(period)}


def people_asked(query: PeopleQuery, viewer_id: int) -> tuple[Choice[int], Choice[int]]:
    """The colleagues and the departments that are asked for. Raises Invalid."""

    def person(text: str) -> int:
        return viewer_id if text == "me" else SYSTEM_ID if text == "none" else read_id(text)

    errors: dict[str, list[str]] = {}
    actors = choice_of("actor", query.actor, person, errors)
    departments = choice_of("department", query.department, read_id, errors)
    if errors:
        raise Invalid(errors)
    return actors, departments


def key_to_wire(by: By, key: int | Period | None, directory: Directory) -> dict[str, JsonValue]:
    """As RowKey: of a person or department by its id, None for no department."""
    told: dict[str, JsonValue] = dict.fromkeys(("person", "department", "from", "to", "hour"))
    if isinstance(key, Period):
        return told | _days(key)
    if by is By.HOUR:
        return told | {"hour": key}
    if by is By.DEPARTMENT:
        return told | {"department": None if key is None else {"id": key, "name": directory.department_name(key)}}
    return told | {"person": actor_to_wire(key or SYSTEM_ID, directory)}


def feed_link(*parts: Params) -> str:
    """The path of a feed that is asked for all of this."""
    return f"{FEED}?{urlencode([pair for part in parts for pair in part], safe='!/')}"


def period_params(period: Period) -> Params:
    """The days, as a feed is asked for them."""
    return [("from", period.first.isoformat()), ("to", period.last.isoformat())]


def choice_params(name: str, choice: Choice[int]) -> Params:
    """One of these and none of those, as a feed is asked for it."""
    wanted, unwanted = (map(_id_or_none, sorted(some)) for some in (choice.wanted, choice.unwanted))
    return [*((name, text) for text in wanted), *((name, NOT + text) for text in unwanted)]


def _id_or_none(id_: int) -> str:
    return "none" if id_ == SYSTEM_ID else id_text(id_)


def _days(period: Period) -> dict[str, JsonValue]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}
