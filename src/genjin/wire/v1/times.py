"""Times of /api/v1: ISO 8601 with an offset. In: a moment, or where it says so a day of the organisation's zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from genjin.domain.calendar import Calendar

FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""What happens in a CRM happens in between."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_MINUTE = timedelta(minutes=1)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Day:
    """A whole day, in whatever zone the organisation has."""

    date: date

    def start(self, calendar: Calendar) -> int:
        """The instant at which it begins."""
        return calendar.day_start(self.date)

    def end(self, calendar: Calendar) -> int:
        """The instant at which the next one begins."""
        return calendar.day_end(self.date)


def read_moment(value: Any) -> int:
    """`2024-02-29T00:00:00+08:00` or `...Z` as an instant; a part of a second is dropped. Raises ValueError."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError("must be a time with an offset, such as 2024-02-29T09:30:00+08:00")
    try:
        read = datetime.fromisoformat(value.upper().replace(",", "."))
        inside = FIRST <= read < LAST
    except (ValueError, OverflowError) as error:
        raise ValueError("is no time that there is") from error
    if not inside:
        raise ValueError("must be between the years 1900 and 2199")
    return int(read.timestamp() // 1)


def read_moment_or_day(value: Any) -> "int | Day":
    """The same, or `2024-02-29`. Raises ValueError."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return read_moment(value)
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("is no day that there is") from error
    if not FIRST.date() + timedelta(days=1) <= day < LAST.date():
        raise ValueError("must be between the years 1900 and 2199")
    return Day(day)


def start_of(given: "int | Day", calendar: Calendar) -> int:
    """The instant from which on a range reaches."""
    return given.start(calendar) if isinstance(given, Day) else given


def end_of(given: "int | Day", calendar: Calendar) -> int:
    """The instant before which a range ends: that of a moment itself, or behind the whole day."""
    return given.end(calendar) if isinstance(given, Day) else given


def iso_time(at: int, calendar: Calendar) -> str:
    """`2024-02-29T00:00:00+08:00`, in the organisation's zone."""
    local = calendar.local(at)
    offset = local.utcoffset() or timedelta()
    if offset % _MINUTE:  # as in Shanghai before 1901; ISO 8601 has no seconds of an offset
        local = local.astimezone(timezone(offset - offset % _MINUTE))
    return local.isoformat(timespec="seconds")


def iso_time_or_none(at: int | None, calendar: Calendar) -> str | None:
    """The same; None for none."""
    return None if at is None else iso_time(at, calendar)


_EXAMPLE = "2024-02-29T09:30:00+08:00"
Moment = Annotated[
    int,
    BeforeValidator(read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [_EXAMPLE]}),
]
"""A time that is given, as an instant."""
MomentOrDay = Annotated[
    Any,
    BeforeValidator(read_moment_or_day),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}],
            "examples": [_EXAMPLE, "2024-02-29"],
        }
    ),
]
"""A time or a day that is given, as `int | Day`."""
ShownTime = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time", "examples": [_EXAMPLE]})]
"""A time that is shown."""
