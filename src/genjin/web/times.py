"""Times as people read them: how long ago, and exactly. They come as ISO texts of /api/v1, or as instants."""

from datetime import date, datetime, timedelta
from functools import cache

from babel.core import Locale
from babel.dates import format_date, format_datetime, format_time, format_timedelta

from genjin.domain.calendar import Calendar
from genjin.web.texts import LOCALES
from genjin.wire.v1.activity import Language

_LATELY = timedelta(days=30)


@cache
def _locale(language: Language) -> Locale:
    return Locale.parse(LOCALES[language])


class Times:
    """Says times in one language, by one calendar, as of `now`."""

    def __init__(self, language: Language, calendar: Calendar, now: int) -> None:
        self._locale, self._language, self._calendar = _locale(language), language, calendar
        self._now = calendar.local(now)

    def local(self, at: str | int) -> datetime:
        """The time by the reader's clock."""
        when = self._calendar.local(at) if isinstance(at, int) else datetime.fromisoformat(at)
        return when.astimezone(self._calendar.zone)

    def is_over(self, at: str | int) -> bool:
        """Whether the time has come."""
        return self.local(at) <= self._now

    def ago(self, at: str | int) -> str:
        """`3分钟前`, `in 2 hours`; what is longer ago than a month by its date."""
        when = self.local(at)
        delta = when - self._now
        if abs(delta) < timedelta(seconds=60):
            return "刚刚" if self._language == "zh" else "just now"
        if abs(delta) >= _LATELY:
            return self.day(when.date())
        return format_timedelta(delta, granularity="minute", add_direction=True, locale=self._locale)

    def exact(self, at: str | int) -> str:
        """`2024年4月4日星期四 01:43:33 GMT+8`, for who hovers over a time."""
        return format_datetime(self.local(at), self._full, locale=self._locale)

    def moment(self, at: str | int) -> str:
        """`4月4日 01:43`, `明天 10:00`."""
        day = self.local(at).date()
        near = abs((day - self._now.date()).days) <= 1
        return f"{self.weekday(day) if near else self.day(day)} {self.clock(at)}"

    def hours(self, since: str | int, until: str | int) -> float:
        """How many hours lie between two times."""
        return (self.local(until) - self.local(since)) / timedelta(hours=1)

    def length(self, since: str | int, until: str | int) -> str:
        """How long it took: `1小时6分钟`, `46 min`."""
        hours, minutes = divmod(round(60 * self.hours(since, until)), 60)
        units = ("小时", "分钟", "") if self._language == "zh" else (" h", " min", " ")
        told = [f"{n}{unit}" for n, unit in ((hours, units[0]), (minutes, units[1])) if n]
        return units[2].join(told) or f"0{units[1]}"

    def clock(self, at: str | int) -> str:
        """`01:43`"""
        return format_time(self.local(at), "HH:mm", locale=self._locale)

    def day(self, day: date | str) -> str:
        """`4月4日`, with the year where it is another one than now."""
        if isinstance(day, str):
            day = date.fromisoformat(day)
        same = day.year == self._now.year
        form = {"zh": ("M月d日", "y年M月d日"), "en": ("MMM d", "MMM d, y")}[self._language]
        return format_date(day, form[0 if same else 1], locale=self._locale)

    def weekday(self, day: date | str) -> str:
        """`星期四`, or `今天` and `昨天`."""
        if isinstance(day, str):
            day = date.fromisoformat(day)
        words = {"zh": ("今天", "昨天", "明天"), "en": ("Today", "Yesterday", "Tomorrow")}[self._language]
        near = {0: words[0], -1: words[1], 1: words[2]}.get((day - self._now.date()).days)
        return near or format_date(day, "EEEE", locale=self._locale)

    @property
    def today(self) -> date:
        """The day that it is."""
        return self._now.date()

    def full_weekday(self, day: date) -> str:
        """`星期四`, today too."""
        return format_date(day, "EEEE", locale=self._locale)

    def short_day(self, day: date | str) -> str:
        """`4-4`, `4/4`: of many that stand side by side."""
        if isinstance(day, str):
            day = date.fromisoformat(day)
        return f"{day.month}-{day.day}" if self._language == "zh" else f"{day.day}/{day.month}"

    def short_weekday(self, day: date) -> str:
        """`周四`"""
        return format_date(day, "EEE", locale=self._locale)

    def month(self, year: int, month: int) -> str:
        """`2024年4月`"""
        form = "y年M月" if self._language == "zh" else "MMM y"
        return format_date(date(year, month, 1), form, locale=self._locale)

    def month_alone(self, month: int) -> str:
        """`4月`, where the year is known."""
        return format_date(date(2024, month, 1), "M月" if self._language == "zh" else "MMM", locale=self._locale)

    def duration(self, seconds: int) -> str:
        """`3:05`, `1:02:03`"""
        minutes, left = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"

    @property
    def _full(self) -> str:
        return "y年M月d日EEEE HH:mm:ss zzz" if self._language == "zh" else "EEEE, MMM d, y HH:mm:ss zzz"
