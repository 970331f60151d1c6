"""Reports: the span of days that one is about, what is counted of each day, and by what it is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from genjin.domain.feed import ANY, Choice

MOST_DAYS = 3_660
"""Of one report."""
MOST_ROWS = 1_100
"""Days, weeks or months that one report tells one by one."""


class Period(NamedTuple):
    """Days from the first to the last, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """Each of them."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def cut(self, first: date, last: date) -> "Period":
        """What lies in both."""
        return Period(max(self.first, first), min(self.last, last))


class PeriodName(StrEnum):
    """Periods by where today lies. Weeks begin on Monday."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    LAST_QUARTER = "last_quarter"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    LAST_7_DAYS = "last_7_days"
    LAST_30_DAYS = "last_30_days"


def period_named(name: PeriodName, today: date) -> Period:
    """The days of it. Those of `last_7_days` end with today."""
    match name:
        case PeriodName.TODAY:
            return Period(today, today)
        case PeriodName.YESTERDAY:
            return Period(_before(today), _before(today))
        case PeriodName.THIS_WEEK:
            return week_of(today)
        case PeriodName.LAST_WEEK:
            return week_of(_before(week_of(today).first))
        case PeriodName.THIS_MONTH:
            return _months(today, 1)
        case PeriodName.LAST_MONTH:
            return _months(_before(_months(today, 1).first), 1)
        case PeriodName.THIS_QUARTER:
            return _months(today, 3)
        case PeriodName.LAST_QUARTER:
            return _months(_before(_months(today, 3).first), 3)
        case PeriodName.THIS_YEAR:
            return _months(today, 12)
        case PeriodName.LAST_YEAR:
            return _months(_before(_months(today, 12).first), 12)
        case PeriodName.LAST_7_DAYS:
            return Period(today - timedelta(days=6), today)
        case PeriodName.LAST_30_DAYS:
            return Period(today - timedelta(days=29), today)


def week_of(day: date) -> Period:
    """Its week, Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def month_of(day: date) -> Period:
    """Its month."""
    return _months(day, 1)


def _months(day: date, count: int) -> Period:
    """The month, quarter or year that a day is in; `count` months, which divide a year."""
    first = day.replace(month=(day.month - 1) // count * count + 1, day=1)
    behind = (first.replace(day=28) + timedelta(days=31 * (count - 1) + 4)).replace(day=1)
    return Period(first, _before(behind))


def _before(day: date) -> date:
    return day - timedelta(days=1)


class By(StrEnum):
    """What the rows of a report are."""

    PERSON = "person"
    DEPARTMENT = "department"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    HOUR = "hour"


Trait = Literal["owner_id", "source", "status"]
"""A column of records, by which entries on them are counted."""


class Tally(NamedTuple):
    """How much happened: calls, how many of them were answered and the seconds of their talk, follow-ups, visits, leads
    that were created, and leads that became customers.
    """

    calls: int = 0
    connected: int = 0
    seconds: int = 0
    follow_ups: int = 0
    visits: int = 0
    leads: int = 0
    conversions: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*(one + more for one, more in zip(self, other, strict=True)))

    def minus(self, other: "Tally") -> "Tally":
        """This one without the other."""
        return Tally(*(one - less for one, less in zip(self, other, strict=True)))


NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted: on which days, of whom. `departments` are those of the actors as they are now, each with all
    that lie below it, as a feed means them.
    """

    period: Period
    actors: Choice[int] = ANY
    departments: Choice[int] = ANY
