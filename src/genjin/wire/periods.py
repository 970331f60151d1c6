"""Periods that a list may be asked for: `date` by name, or `other` with `start_date` and `end_date`."""

from datetime import date, timedelta

from genjin.domain.calendar import Calendar
from genjin.wire import scalars
from genjin.wire.params import Params, text

RANGES = ("all", "today", "yesterday", "week", "month", "quarter", "year", "other")


def span_of(
    params: Params, calendar: Calendar, now: int, errors: dict[str, list[str]], default: str
) -> tuple[int, int] | None:
    """The half-open range of instants of the named days, None for all; `default` when nothing is said."""
    name = text(params, "date").strip() or ("other" if params.get("start_date") or params.get("end_date") else default)
    if name not in RANGES:
        errors["date"] = [f"应为{'、'.join(RANGES)}之一"]
        return None
    first_day, last_day = scalars.day(params.get("start_date")), scalars.day(params.get("end_date"))
    for key, found in (("start_date", first_day), ("end_date", last_day)):
        if found is None and params.get(key) not in (None, ""):
            errors[key] = ["应为日期：YYYY-MM-DD"]
    if name == "all":
        return None
    if name != "other":
        first, last = _days(name, calendar.local(now).date())
        return calendar.day_start(first), calendar.day_end(last)
    return (
        calendar.day_start(first_day) if first_day else -(2**62),
        calendar.day_end(last_day) if last_day else 2**62,
    )


def _days(name: str, today: date) -> tuple[date, date]:
    """The first and last day of the period that holds today; weeks begin on Monday."""
    match name:
        case "yesterday":
            return today - timedelta(days=1), today - timedelta(days=1)
        case "week":
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=6)
        case "month":
            first = today.replace(day=1)
            return first, _next_month(first, 1) - timedelta(days=1)
        case "quarter":
            first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
            return first, _next_month(first, 3) - timedelta(days=1)
        case "year":
            return date(today.year, 1, 1), date(today.year, 12, 31)
        case _:
            return today, today


def _next_month(first: date, months: int) -> date:
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)
