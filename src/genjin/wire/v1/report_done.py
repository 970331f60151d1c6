"""Reports of what was done - calls, follow-ups, visits - by person, department, day, week, month and hour."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import Field

from genjin.domain.calendar import day_number, day_numbered
from genjin.domain.directory import Directory
from genjin.domain.feed import Choice
from genjin.domain.json import JsonValue
from genjin.domain.report import MOST_ROWS, NOTHING, Asked, By, Period, Tally, month_of, week_of
from genjin.errors import Invalid
from genjin.wire.v1.activity import actor_to_wire
from genjin.wire.v1.report import (
    Figure,
    Params,
    PeopleQuery,
    ReportPeriod,
    RowKey,
    choice_params,
    feed_link,
    key_to_wire,
    period_params,
)
from genjin.wire.v1.shared import Shown

Key = int | Period | None


@dataclass(frozen=True)
class Measure:
    """A figure: its name, the numbers of a tally that it is the sum of, and what a feed is asked for to have what it
    counts.
    """

    name: str
    fields: Sequence[str]
    asked: Params

    def number(self, tally: Tally) -> int | float:
        """What is shown of a tally; seconds as minutes."""
        number: int = sum(getattr(tally, field) for field in self.fields)
        return round(number / 60, 1) if self.fields == _SECONDS else number


_SECONDS = ("seconds",)


CALLS = (
    Measure("made", ("calls",), [("kind", "call.made")]),
    Measure("connected", ("connected",), [("kind", "call.made"), ("connected", "1")]),
    Measure("minutes", _SECONDS, [("kind", "call.made")]),
)
FOLLOW_UPS = (Measure("written", ("follow_ups",), [("kind", "follow_up.written")]),)
LEADS = (
    Measure("created", ("leads",), [("kind", "record.created"), ("type", "leads")]),
    Measure("converted", ("conversions",), [("kind", "lead.converted")]),
)
VISITS = (Measure("made", ("visits",), [("kind", "checkin.made")]),)
DONE_BY_PEOPLE = (
    Measure("all", ("calls", "follow_ups", "visits"), [*CALLS[0].asked, *FOLLOW_UPS[0].asked, *VISITS[0].asked]),
    Measure("calls", CALLS[0].fields, CALLS[0].asked),
    Measure("minutes", CALLS[2].fields, CALLS[2].asked),
    Measure("follow_ups", FOLLOW_UPS[0].fields, FOLLOW_UPS[0].asked),
    Measure("visits", VISITS[0].fields, VISITS[0].asked),
)
"""What is told of each colleague's days."""


class DoneQuery(PeopleQuery):
    """What was done."""

    by: Literal["person", "department", "day", "week", "month"] = Field("person", description="What the rows are.")


class CallsQuery(PeopleQuery):
    """The same of calls, which are also told by the hour of the day."""

    by: Literal["person", "department", "day", "week", "month", "hour"] = Field(
        "person", description="What the rows are."
    )


class CallFigures(Shown):
    """Calls; `minutes` are those of talk, rounded to a tenth."""

    made: Figure
    connected: Figure
    minutes: Figure


class FollowUpFigures(Shown):
    """Follow-ups."""

    written: Figure


class VisitFigures(Shown):
    """Visits."""

    made: Figure


class LeadFigures(Shown):
    """Leads that were created, and leads that were converted into customers, whenever they were created."""

    created: Figure
    converted: Figure


class CallsRow(RowKey, CallFigures):
    """Calls of a colleague, a department, some days, an hour of the day."""


class FollowUpsRow(RowKey, FollowUpFigures):
    """Follow-ups of a colleague, a department, some days."""


class VisitsRow(RowKey, VisitFigures):
    """Visits of a colleague, a department, some days."""


class LeadsRow(RowKey, LeadFigures):
    """Leads that a colleague or a department created and converted, or of some days."""


class CallsReport(Shown):
    """How much was called."""

    period: ReportPeriod
    by: str
    rows: list[CallsRow]
    total: CallFigures


class FollowUpsReport(Shown):
    """How many follow-ups were written."""

    period: ReportPeriod
    by: str
    rows: list[FollowUpsRow]
    total: FollowUpFigures


class LeadsReport(Shown):
    """How many leads were created and converted."""

    period: ReportPeriod
    by: str
    rows: list[LeadsRow]
    total: LeadFigures


class VisitsReport(Shown):
    """How many visits were made."""

    period: ReportPeriod
    by: str
    rows: list[VisitsRow]
    total: VisitFigures


def done_to_wire(
    measures: tuple[Measure, ...], by: By, asked: Asked, found: Mapping[int, Tally], directory: Directory
) -> dict[str, JsonValue]:
    """Rows and total, as in the reports. `found` is by what `column_of` says."""
    rows: list[JsonValue] = [
        {**key_to_wire(by, key, directory), **_figures(measures, tally, params)}
        for key, tally, params in _rows(by, asked, found, directory)
        if by not in (By.PERSON, By.DEPARTMENT) or any(measure.number(tally) for measure in measures)
    ]
    total = NOTHING
    for tally in found.values():
        total = total.plus(tally)
    return {"by": by.value, "rows": rows, "total": _figures(measures, total, _asked(asked))}


def spread_to_wire(
    measures: tuple[Measure, ...],
    asked: Asked,
    found: Mapping[tuple[int, int], Tally],
    parts: Sequence[Period],
    directory: Directory,
) -> list[dict[str, Any]]:
    """What each colleague did in each of these parts of the period: a row for each, who did most first, with the
    figures of each part as `cells`. `found` is by id of the actor and day.
    """
    sums = dict[int, list[Tally]]()
    for (actor_id, day), tally in found.items():
        cells = sums.setdefault(actor_id, [NOTHING] * len(parts))
        for nth, part in enumerate(parts):
            if part.first <= day_numbered(day) <= part.last:
                cells[nth] = cells[nth].plus(tally)
    return [
        {
            "person": actor_to_wire(actor_id, directory),
            "cells": [
                _figures(measures, tally, _asked(asked, part, Choice(frozenset({actor_id}))))
                for part, tally in zip(parts, cells, strict=True)
            ],
        }
        for actor_id, cells in sorted(sums.items(), key=lambda pair: _most_first(measures[0], pair))
    ]


def column_of(by: By) -> Literal["actor_id", "day", "hour"]:
    """By what it has to be counted."""
    match by:
        case By.PERSON | By.DEPARTMENT:
            return "actor_id"
        case By.HOUR:
            return "hour"
        case _:
            return "day"


def check_rows(by: By, period: Period) -> None:
    """Raises Invalid for more rows than are told at once."""
    days = (period.last - period.first).days + 1
    if by in (By.DAY, By.WEEK, By.MONTH) and days // {By.DAY: 1, By.WEEK: 7, By.MONTH: 31}[by] > MOST_ROWS:
        raise Invalid({"by": [f"makes more than {MOST_ROWS} rows of so many days"]})


def _most_first(measure: Measure, of: tuple[int, Sequence[Tally]]) -> tuple[float, int]:
    return -sum(measure.number(tally) for tally in of[1]), of[0]


def _figures(measures: tuple[Measure, ...], tally: Tally, params: Params) -> dict[str, JsonValue]:
    return {
        measure.name: {"value": measure.number(tally), "activities": feed_link(measure.asked, params)}
        for measure in measures
    }


def _rows(
    by: By, asked: Asked, found: Mapping[int, Tally], directory: Directory
) -> Iterator[tuple[Key, Tally, Params]]:
    match by:
        case By.PERSON:
            for actor_id, tally in sorted(found.items(), key=lambda pair: ([-n for n in pair[1]], pair[0])):
                yield actor_id, tally, _asked(asked, actors=Choice(frozenset({actor_id})))
        case By.DEPARTMENT:
            yield from _departments(asked, found, directory)
        case By.HOUR:
            for hour in range(24):
                yield hour, found.get(hour, NOTHING), [*_asked(asked), ("hour", str(hour))]
        case _:
            for period in periods(by, asked.period):
                days = range(day_number(period.first), day_number(period.last) + 1)
                tally = NOTHING
                for day in days:
                    tally = tally.plus(found[day]) if day in found else tally
                yield period, tally, _asked(asked, period=period)


def periods(by: By, period: Period) -> Iterator[Period]:
    """The days of a period, or the weeks or months that it has parts of, cut to it."""
    whole: Callable[[date], Period] = {By.WEEK: week_of, By.MONTH: month_of}.get(by, lambda day: Period(day, day))
    day = period.first
    while day <= period.last:
        part = whole(day).cut(*period)
        yield part
        day = day_numbered(day_number(part.last) + 1)


def _departments(asked: Asked, found: Mapping[int, Tally], directory: Directory) -> Iterator[tuple[Key, Tally, Params]]:
    """Each department with those below it; then who is in none, where all are asked for."""
    of = {id_: user.department_id for id_, user in directory.users.items()}
    wanted, unwanted = asked.departments.wanted, asked.departments.unwanted
    shown = directory.below(wanted)
    for department in directory.tree():
        if not wanted or department.id in shown:
            below = directory.below({department.id})
            tally = _sum(found, lambda id_, below=below: of.get(id_) in below)  # type: ignore[misc]
            yield department.id, tally, _asked(asked, departments=Choice(frozenset({department.id}), unwanted))
    if not wanted:
        tops = frozenset(d.id for d in directory.departments.values() if d.parent_id not in directory.departments)
        reached = directory.below(tops)
        tally = _sum(found, lambda id_: of.get(id_) not in reached)
        yield None, tally, _asked(asked, departments=Choice(frozenset(), unwanted | tops))


def _sum(found: Mapping[int, Tally], counts: Callable[[int], bool]) -> Tally:
    total = NOTHING
    for id_, tally in found.items():
        total = total.plus(tally) if counts(id_) else total
    return total


def _asked(
    asked: Asked,
    period: Period | None = None,
    actors: Choice[int] | None = None,
    departments: Choice[int] | None = None,
) -> Params:
    """The parameters of a feed that has just what is asked for, but for what is given here instead."""
    return [
        *period_params(period or asked.period),
        *choice_params("actor", asked.actors if actors is None else actors),
        *choice_params("department", asked.departments if departments is None else departments),
    ]
