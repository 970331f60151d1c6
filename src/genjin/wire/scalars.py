"""Numbers, times and truth values as the upstream's clients write them: liberal in, exact out."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.domain.timeline import DEFAULT_SIZE, MAX_SIZE, Page
from genjin.wire.params import Value, as_list, decimal_text

MAX_ID = 2_147_483_647
MAX_PAGE = 2**53
_INTEGER = re.compile(r"\s*([+-]?[0-9]+)\s*", re.ASCII)
_LOCAL = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?)?",
    re.ASCII,
)
YEARS = range(1900, 2200)
MAX_MONEY = 10**15
"""The largest amount, in whole units."""
_FIRST = Page()
_DECIMAL = re.compile(r"[+-]?(\d{1,20}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_AMOUNT = re.compile(r"[+-]?\d{1,20}(?:\.\d{0,10})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def integer(value: JsonValue) -> int | None:
    """A whole number, given as one (5.0 is 5) or as its text; None for anything else."""
    if isinstance(value, str):
        match = _INTEGER.fullmatch(value) if len(value) < 32 else None
        return int(match[1]) if match else None
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None


def id_or_none(value: JsonValue) -> int | None:
    """A positive 32-bit integer; None for anything else, which no object has as its id."""
    number = integer(value)
    return number if number is not None and 0 < number <= MAX_ID else None


def id_or_zero(value: JsonValue) -> int | None:
    """The same for a reference: 0, which no object has either, for a number that can be no id; None for no number."""
    return None if integer(value) is None else id_or_none(value) or 0


def ids(value: Value) -> tuple[int, ...] | None:
    """Ids as a list, an indexed dict or one alone, each once, without those that refer to nothing; None when one of
    them is no id.
    """
    found = [id_or_none(item) for item in as_list(value) if not no_id(item)]
    return None if None in found else tuple(dict.fromkeys(id_ for id_ in found if id_ is not None))


def no_id(value: JsonValue) -> bool:
    """Whether a client refers to nothing: null, "", or 0, which some send instead."""
    return value in (None, "") or integer(value) == 0


def page_of(page: JsonValue, per_page: JsonValue) -> Page:
    """Decision 1: a page that cannot be read is page 1, a size below 1 is 15, a size above 200 is 200."""
    if page is None and per_page is None:
        return _FIRST
    number, size = integer(page), integer(per_page)
    return Page(
        1 if number is None or number < 1 else min(number, MAX_PAGE),
        DEFAULT_SIZE if size is None or size < 1 else min(size, MAX_SIZE),
    )


def truth(value: JsonValue) -> bool:
    """Rails' idea of a boolean: everything is true but false, 0, "", "0", "f", "false", "off" and null."""
    return value not in (None, False, 0, 0.0) and str(value).strip().lower() not in ("", "0", "f", "false", "off", "no")


def instant(value: JsonValue, calendar: Calendar) -> int | None:
    """`2024-04-04 01:43`, with seconds or without a time too, local; ISO 8601 with an offset; None for neither."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if match := _LOCAL.fullmatch(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
            local = datetime(year, month, day, hour, minute, second)
        else:
            local = datetime.fromisoformat(text)
        return calendar.instant(local) if local.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def text_of(value: JsonValue) -> str:
    """A scalar as its text, a number in decimals (5.0 is "5"); empty for null."""
    if value is None:
        return ""
    if isinstance(value, float):
        return decimal_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def day(value: JsonValue) -> date | None:
    """`2024-04-04`; None for anything else. A time behind it is not looked at."""
    match = _LOCAL.match(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    try:
        found = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    return found if found.year in YEARS else None


def whole_day(value: JsonValue) -> date | None:
    """The day of what is a day or a moment as a whole, local or in ISO 8601; None for anything else."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _LOCAL.fullmatch(text):
        return day(text)
    try:
        found = datetime.fromisoformat(text).date()
    except ValueError:
        return None
    return found if found.year in YEARS else None


def day_span(values: Sequence[JsonValue], calendar: Calendar) -> tuple[int, int] | None:
    """`x[]=from&x[]=to`, both days included, as a half-open range of instants; None when nothing was given.

    One day alone is that day; beside an empty one it is open at that end. Raises ValueError for what is no day.
    """
    days = [None if value in (None, "") else day(value) for value in values]
    if len(values) > 2 or any(value not in (None, "") and not found for value, found in zip(values, days, strict=True)):
        raise ValueError("not a span of days")
    if not any(days):
        return None
    first, last = days[0], days[-1]
    return calendar.day_start(first) if first else -(2**62), calendar.day_end(last) if last else 2**62


def money(hundredths: int | None) -> str:
    """Hundredths (分) as the upstream writes amounts: `1234.5` for 123450; empty for none."""
    if hundredths is None:
        return ""
    sign, whole = ("-" if hundredths < 0 else ""), abs(hundredths)
    cents = f"{whole % 100:02}".rstrip("0") or "0"
    return f"{sign}{whole // 100}.{cents}"


def decimal(value: JsonValue) -> float | None:
    """A number, given as one or as its text, with full-width digits too; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip()
    return float(text) if _DECIMAL.fullmatch(text) else None


def hundredths(value: JsonValue) -> int | None:
    """`"1,234.50"`, 1234.5 or full-width digits as hundredths; None for what is no amount or is beyond MAX_MONEY."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = unicodedata.normalize("NFKC", str(value)).strip().replace(",", "")
    try:
        amount = Decimal(text) if _AMOUNT.fullmatch(text) else None
    except InvalidOperation:
        return None
    if amount is None or abs(amount) > MAX_MONEY:
        return None
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def minute_or_empty(at: int | None, calendar: Calendar) -> str:
    """`2024-04-04 01:43`, or empty for none."""
    return "" if at is None else calendar.minute(at)
