"""Days, weekdays and minutes of an organisation's time zone.

Formatting is on the hot path (up to five times an activity), so the zone's offset is remembered for spans of time
in which it does not change, and the texts of days and minutes are looked up; tests hold it against zoneinfo.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SPAN_BITS = 17
"""A span is 2 to the power of this, in seconds: a day and a half. No zone changes its offset twice in one."""
DAY = 86_400
_STEP = 20 * DAY
"""No zone has gone back to an offset sooner than this: summer time that is put off for Ramadan ends a month later."""
WEEKDAYS = "一二三四五六日"
_MINUTES = tuple(f" {minute // 60:02}:{minute % 60:02}" for minute in range(1440))
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=64)
def calendar_of(zone_name: str) -> "Calendar":
    """The calendar of an IANA zone such as `Asia/Shanghai`; raises ZoneInfoNotFoundError or ValueError."""
    return Calendar(ZoneInfo(zone_name))


def is_zone(name: str) -> bool:
    """Whether this is an IANA zone that is known here."""
    try:
        calendar_of(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


class Calendar:
    """Turns instants into the texts of one time zone, and back."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._offsets: dict[int, int] = {}

    def local(self, at: int) -> datetime:
        """The instant as an aware datetime of this zone."""
        return datetime.fromtimestamp(at, UTC).astimezone(self.zone)

    def day(self, at: int) -> int:
        """The local day as a count of days since 1970-01-01."""
        return (at + self.offset(at)) // DAY

    def hour(self, at: int) -> int:
        """The hour of the local day, 0 to 23."""
        return (at + self.offset(at)) // 3600 % 24

    def minute(self, at: int) -> str:
        """`2024-04-04 01:43`"""
        seconds = at + self.offset(at)
        return day_text(seconds // DAY) + _MINUTES[seconds % DAY // 60]

    def iso(self, at: int) -> str:
        """`2024-04-04T01:43:33.000+08:00`, the form of raw dumps."""
        return self.local(at).isoformat(timespec="milliseconds")

    def short(self, at: int) -> str:
        """`04月04日 01:43`, the form of reminders."""
        seconds = at + self.offset(at)
        day = day_text(seconds // DAY)
        return f"{day[5:7]}月{day[8:10]}日{_MINUTES[seconds % DAY // 60]}"

    def instant(self, local: datetime) -> int:
        """The instant of a local time; an aware datetime keeps its own offset."""
        aware = local if local.tzinfo else local.replace(tzinfo=self.zone)
        return int(aware.timestamp() // 1)

    def day_start(self, day: date) -> int:
        """The instant at which the local day begins."""
        return self.instant(datetime(day.year, day.month, day.day))

    def day_end(self, day: date) -> int:
        """The instant at which the next local day begins."""
        return self.day_start(day + timedelta(days=1))

    def span(self, day: int) -> tuple[int, int]:
        """When a local day, as a count of days since 1970-01-01, begins, and when the next one does."""
        on = day_numbered(day)
        return self.day_start(on), self.day_end(on)

    def day_of_span(self, at: int) -> int:
        """The day in whose span an instant lies. It is another one than `day` tells only where clocks are set back over
        midnight, so that a day comes twice.
        """
        day = self.day(at)
        since, until = self.span(day)
        return day - 1 if at < since else day + 1 if at >= until else day

    def months(self, first: int, last: int) -> list[date]:
        """The first days of the months from that of `first` to the one behind that of `last`."""
        begin, end = (self.local(at).year * 12 + self.local(at).month - 1 for at in (first, last))
        return [date(month // 12, month % 12 + 1, 1) for month in range(begin, end + 2)]

    def offsets(self, first: int, last: int) -> list[tuple[int, int]]:
        """The offsets between two instants, each with the one from which on it holds; the first one from `first`."""
        found, at = [(first, self.offset(first))], first
        while at < last:
            step = min(at + _STEP, last)
            if self.offset(step) != found[-1][1]:
                low, high = at, step
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if self.offset(middle) == found[-1][1] else (low, middle)
                found.append((high, self.offset(high)))
                step = high
            at = step
        return found

    def offset(self, at: int) -> int:
        """How many seconds local time is ahead of UTC."""
        offset = self._offsets.get(at >> SPAN_BITS)
        return self._remember(at) if offset is None else offset

    def _remember(self, at: int) -> int:
        """The offset, kept for the whole span if it has but one."""
        begin = at >> SPAN_BITS << SPAN_BITS
        first, last = self._exact_offset(begin), self._exact_offset(begin + (1 << SPAN_BITS) - 1)
        if first != last:
            return self._exact_offset(at)
        self._offsets[at >> SPAN_BITS] = first
        return first

    def _exact_offset(self, at: int) -> int:
        offset = self.local(at).utcoffset() or timedelta(0)
        return offset.days * DAY + offset.seconds


def day_number(day: date) -> int:
    """A day as a count of days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def day_numbered(day: int) -> date:
    """The day of such a count."""
    return date.fromordinal(day + _EPOCH_DAY)


@lru_cache(maxsize=20_000)
def day_text(day: int) -> str:
    """`2024-04-04` of a count of days since 1970-01-01."""
    return date.fromordinal(day + _EPOCH_DAY).isoformat()


def day_heading(day: int) -> str:
    """`2024-04-04 星期四`: the date and its true weekday (decision 3)."""
    return f"{day_text(day)} 星期{WEEKDAYS[(day + 3) % 7]}"
