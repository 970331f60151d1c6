"""The calendar's quick ways give what zoneinfo and datetime give, in every zone and at every moment."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genjin.domain.calendar import Calendar, calendar_of, day_heading, day_text

ZONES = [
    *(
        "Asia/Shanghai",
        "UTC",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "America/New_York",
        "America/St_Johns",
        "Europe/Berlin",
    ),
    *("Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "America/Havana", "Asia/Tehran", "Africa/Monrovia"),
    *("Antarctica/Troll", "Africa/Casablanca", "Asia/Pyongyang", "America/Caracas", "Europe/Dublin", "Etc/GMT+12"),
]
FIRST, LAST = datetime(1900, 1, 2, tzinfo=UTC), datetime(2199, 12, 30, tzinfo=UTC)
zones = st.sampled_from(ZONES)
instants = st.integers(int(FIRST.timestamp()), int(LAST.timestamp()))


def _changes(zone: str) -> list[int]:
    """The moments of 1960 to 2037 at which the zone's offset changes."""
    found, step = [], 86_400
    at = int(datetime(1960, 1, 1, tzinfo=UTC).timestamp())
    while at < int(datetime(2037, 1, 1, tzinfo=UTC).timestamp()):
        low, high = at, at + step
        if _offset(zone, low) != _offset(zone, high):
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, low) else (low, middle)
            found.append(high)
        at += step
    return found


def _offset(zone: str, at: int) -> timedelta | None:
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone)).utcoffset()


def _check(calendar: Calendar, zone: str, at: int) -> None:
    local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))
    assert calendar.local(at) == local
    assert calendar.minute(at) == f"{local:%Y-%m-%d %H:%M}"
    assert day_text(calendar.day(at)) == f"{local:%Y-%m-%d}"
    assert calendar.iso(at) == local.isoformat(timespec="milliseconds")
    assert datetime.fromisoformat(calendar.iso(at)).timestamp() == at
    assert calendar.short(at) == f"{local:%m月%d日 %H:%M}"
    assert calendar.instant(local) == at
    assert calendar.day_start(local.date()) <= at < calendar.day_end(local.date())


@given(zone=zones, at=instants)
@example(zone="Asia/Shanghai", at=0)
@example(zone="Asia/Shanghai", at=-1)
@example(zone="Pacific/Apia", at=1_325_239_200)
@example(zone="Asia/Shanghai", at=-1_600_000_000)
def test_days_minutes_and_iso_times_are_those_of_zoneinfo(zone: str, at: int) -> None:
    local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))
    if local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        _check(calendar_of(zone), zone, at)


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Pyongyang", "Africa/Monrovia"]
)
def test_around_every_change_of_clocks_the_texts_are_those_of_zoneinfo(zone: str) -> None:
    calendar = Calendar(ZoneInfo(zone))
    changes = _changes(zone)
    assert changes
    for change in changes[-40:]:
        for at in (change - 901, change - 900, change - 60, change - 1, change, change + 1, change + 59, change + 900):
            local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(zone))
            assert calendar.minute(at) == f"{local:%Y-%m-%d %H:%M}"
            assert day_text(calendar.day(at)) == f"{local:%Y-%m-%d}"


@given(zone=zones, local=st.datetimes(datetime(1970, 1, 1), datetime(2037, 12, 31)))
def test_a_local_time_comes_back_unless_clocks_skipped_it(zone: str, local: datetime) -> None:
    calendar = calendar_of(zone)
    whole = local.replace(microsecond=0)
    back = calendar.local(calendar.instant(whole)).replace(tzinfo=None)
    skipped = (
        whole.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != whole
    )
    assert skipped or back == whole


def test_an_aware_time_keeps_its_own_offset() -> None:
    aware = datetime.fromisoformat("2024-04-04T01:43:33.900+04:00")
    assert calendar_of("Asia/Shanghai").instant(aware) == int(aware.timestamp())


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_the_weekday_is_the_true_one(day: date) -> None:
    count = (day - date(1970, 1, 1)).days
    assert day_heading(count) == f"{day.isoformat()} 星期{'一二三四五六日'[day.weekday()]}"


@given(zone=zones, day=st.dates(date(1971, 1, 1), date(2036, 12, 31)))
def test_a_day_ends_where_the_next_begins_and_lasts_between_22_and_26_hours(zone: str, day: date) -> None:
    calendar = calendar_of(zone)
    start, end = calendar.day_start(day), calendar.day_end(day)
    assert end == calendar.day_start(day + timedelta(days=1))
    if (zone, day) not in {("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Kiritimati", date(1994, 12, 31))}:
        assert 22 * 3600 <= end - start <= 26 * 3600


def test_an_unknown_zone_is_refused() -> None:
    for name in ("Asia/Nowhere", "", "../etc/passwd", "/etc/localtime"):
        with pytest.raises((KeyError, ValueError)):
            calendar_of(name)
