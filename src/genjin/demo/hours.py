"""When the made-up sales team works: Monday to Saturday from 09:00 to 18:30, and not in the first week of October."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from genjin.domain.calendar import Calendar

OPENING, LUNCH, AFTER_LUNCH, LAST_START = 9 * 60, 12 * 60, 13 * 60 + 30, 18 * 60
"""Minutes of the day. Nothing begins after LAST_START, so that all is over and written down by 18:30."""
_SATURDAY, _SUNDAY = 0.4, 0.03
"""How much of an ordinary day's work is done."""


def working_days(first: date, last: date) -> Iterator[date]:
    """The days on which somebody may work."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if not (day.month == 10 and day.day <= 7):
            yield day


def busyness(day: date) -> float:
    """1.0 for an ordinary day; few come on Saturdays, somebody on duty on Sundays."""
    return {5: _SATURDAY, 6: _SUNDAY}.get(day.weekday(), 1.0)


def moment(rng: Random, calendar: Calendar, day: date) -> int:
    """An instant of this day at which work may begin."""
    part = rng.random()
    if part < 0.46:
        minute = rng.randint(OPENING, LUNCH - 1)
    elif part < 0.97:
        minute = rng.randint(AFTER_LUNCH, LAST_START - 1)
    else:
        minute = rng.randint(LUNCH, AFTER_LUNCH - 1)
    local = datetime.combine(day, time(minute // 60, minute % 60, rng.randrange(60)))
    return calendar.instant(local)


def some_moment(rng: Random, calendar: Calendar, first: date, last: date) -> int:
    """An instant of a weekday between two days."""
    days = [day for day in working_days(first, last) if busyness(day) == 1.0]
    return moment(rng, calendar, rng.choice(days))
