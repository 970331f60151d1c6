"""What stands in a cell, as a text, a moment, a number or a length of time, in the many ways in which people and
programs write them.
"""

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from unicodedata import normalize

from genjin.domain.calendar import Calendar
from genjin.importers.tables.sheets import Cell
from genjin.wire import scalars

_GUARDED = re.compile(r"'[=+@＝＋＠－\t\r\n-]")
"""What a spreadsheet would have taken for a formula stands in a CSV of ours behind an apostrophe."""
_FIRST_DAY = datetime(1899, 12, 30)
"""Of which Excel counts days, as it does since it took 1900 for a leap year."""
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?", re.ASCII)
_DIGITS = re.compile(r"[0-9]{10}|[0-9]{13}", re.ASCII)
_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})\s*[-/.年]\s*(?P<month>[0-9]{1,2})\s*[-/.月]\s*(?P<day>[0-9]{1,2})\s*[日号]?"
    r"(?:\s*(?:星期|周|礼拜)[一二三四五六日天])?"
    r"(?:[T\s]*(?P<half>凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|夜里|[AaPp][Mm])?\s*"
    r"(?P<hour>[0-9]{1,2})\s*(?:[::点时]\s*(?:(?P<minute>[0-9]{1,2})|(?P<half_past>半))?\s*(?:[::分]\s*(?P<second>[0-9]{1,2})?(?:\.[0-9]+)?\s*秒?)?)"
    r"\s*(?P<after>[AaPp][Mm])?)?",
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:[T\s]?([0-9]{2})([0-9]{2})([0-9]{2})?)?", re.ASCII)
_LATE = frozenset({"下午", "傍晚", "晚上", "夜里", "pm"})
_EARLY = frozenset({"凌晨", "清晨", "早上", "上午", "am"})
_LENGTH = re.compile(
    r"(?:(?P<hours>[0-9]+)\s*(?:小时|时|hours?|h))?\s*(?:(?P<minutes>[0-9]+)\s*(?:分钟?|minutes?|min|m))?\s*"
    r"(?:(?P<seconds>[0-9]+)\s*(?:秒钟?|seconds?|sec|s))?",
    re.IGNORECASE,
)
_YES = frozenset(
    {"是", "已接通", "接通", "已接", "接听", "已接听", "成功", "y", "yes", "true", "1", "connected", "answered", "√"}
)
_NO = frozenset(
    {"否", "未接通", "未接", "无人接听", "未接听", "失败", "n", "no", "false", "0", "missed", "unanswered", "×"}
)


def text_of(cell: Cell) -> str:
    """A cell as its text, without blanks around it: `13400000001.0` of Excel is `13400000001`, a moment
    is written as people here do.
    """
    if isinstance(cell, str):
        return (cell[1:] if _GUARDED.match(cell) else cell).strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}" if cell.time() != time() else f"{cell:%Y-%m-%d}"
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return scalars.text_of(cell)


def plain(text: str) -> str:
    """With digits and letters in their usual width, for what is no prose."""
    return text if text.isascii() else normalize("NFKC", text).strip()


@lru_cache(maxsize=65_536)
def moment_of(text: str, calendar: Calendar) -> int | None:
    """The instant of `2024-02-29 23:59`, `2024/2/29`, `2024年2月29日 下午3点半`, `20240229`, ISO 8601 with an offset,
    or of the days that Excel counts; local times are the calendar's. None for anything else.
    """
    if (found := scalars.instant(text, calendar)) is not None:
        return found
    text = plain(text)
    if match := _MOMENT.fullmatch(text):
        return _instant(match, calendar)
    if match := _COMPACT.fullmatch(text):
        return _local(calendar, *(int(part or 0) for part in match.groups()))
    if _SERIAL.fullmatch(text):
        return _local_instant(_FIRST_DAY + timedelta(seconds=round(float(text) * 86_400)), calendar)
    if _DIGITS.fullmatch(text):
        return int(text[:10])
    return scalars.instant(text, calendar)


def moment_in(cell: Cell, calendar: Calendar) -> int | None:
    """The same of a cell, which may be a moment already, or a number of days."""
    if isinstance(cell, datetime):
        return _local_instant(cell, calendar)
    if isinstance(cell, date):
        return calendar.day_start(cell) if cell.year in scalars.YEARS else None
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        # A column without the format of dates: what is counted lies between 1927 and 2173.
        return (
            moment_of(repr(float(cell)), calendar) if 10_000 <= cell < 100_000 else moment_of(text_of(cell), calendar)
        )
    return moment_of(text_of(cell), calendar)


def day_in(cell: Cell, calendar: Calendar) -> str:
    """A day as `2024-02-29`, of what is one or a moment; as it stands, where it is neither."""
    at = moment_in(cell, calendar)
    return text_of(cell) if at is None else f"{calendar.local(at):%Y-%m-%d}"


def seconds_in(cell: Cell) -> int | None:
    """A length of time in seconds: `200`, `3:20`, `00:03:20`, `3分20秒`, a time of Excel's. None for anything else."""
    if isinstance(cell, timedelta):
        return round(cell.total_seconds())
    if isinstance(cell, datetime | time):
        return cell.hour * 3600 + cell.minute * 60 + cell.second
    if isinstance(cell, float) and not cell.is_integer():
        return round(cell * 86_400) if 0 < cell < 1 else None
    text = plain(text_of(cell))
    if text.isdecimal() and len(text) < 10:
        return int(text)
    parts = text.split(":")
    if 2 <= len(parts) <= 3 and all(part.isdecimal() and len(part) < 6 for part in parts):
        seconds = 0
        for part in parts:
            seconds = seconds * 60 + int(part)
        return seconds
    match = _LENGTH.fullmatch(text)
    if match is None or not text or len(text) > 32:
        return None
    return int(match["hours"] or 0) * 3600 + int(match["minutes"] or 0) * 60 + int(match["seconds"] or 0)


def truth_in(cell: Cell) -> bool | None:
    """Whether a cell says yes; None where it says neither yes nor no."""
    if isinstance(cell, bool):
        return cell
    text = plain(text_of(cell)).lower()
    return True if text in _YES else False if text in _NO else None


def _instant(match: re.Match[str], calendar: Calendar) -> int | None:
    hour, half = int(match["hour"] or 0), (match["half"] or match["after"] or "").lower()
    if (half in _LATE and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    elif half in _EARLY and hour == 12:
        hour = 0
    minute = 30 if match["half_past"] else int(match["minute"] or 0)
    day = int(match["year"]), int(match["month"]), int(match["day"])
    return _local(calendar, *day, hour, minute, int(match["second"] or 0))


def _local(calendar: Calendar, *parts: int) -> int | None:
    try:
        return _local_instant(datetime(*parts), calendar)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None


def _local_instant(local: datetime, calendar: Calendar) -> int | None:
    try:
        return calendar.instant(local) if local.year in scalars.YEARS else None
    except (ValueError, OverflowError):
        return None
