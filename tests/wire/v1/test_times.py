"""Times of /api/v1, in and out."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.calendar import calendar_of
from genjin.wire.v1.times import Day, end_of, iso_time, iso_time_or_none, read_moment, read_moment_or_day, start_of

SHANGHAI, NEW_YORK = calendar_of("Asia/Shanghai"), calendar_of("America/New_York")
LEAP = int(datetime(2024, 2, 28, 16, 0, tzinfo=UTC).timestamp())
"""The 29th of February begins in Shanghai."""


@given(st.integers(-2_000_000_000, 7_000_000_000), st.sampled_from([SHANGHAI, NEW_YORK]))
def test_what_is_shown_is_read_as_the_same_instant(at: int, calendar: object) -> None:
    assert read_moment(iso_time(at, calendar)) == at  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        *("2024-02-29T00:00:00+08:00", "2024-02-28T16:00:00Z", "2024-02-28t16:00:00z", "2024-02-29 00:00+08:00"),
        *("2024-02-28T16:00:00.999999999Z", "2024-02-28T11:00:00-0500", "2024-02-28T16:00:00,5Z"),
    ],
)
def test_every_way_of_writing_a_moment_is_read(text: str) -> None:
    assert read_moment(text) == LEAP
    assert read_moment_or_day(text) == LEAP


@pytest.mark.parametrize(
    "value",
    [
        *("2024-02-29T00:00:00", "2024-02-29", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "today", "", None),
        *(LEAP, True, 1.5, ["2024-02-29T00:00:00Z"], "２０２４-02-29T00:00:00Z", "2024-02-29T24:01:00Z"),
        *("1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-12:00"),
        *("2024-02-29T00:00:00+08:00 ", "2024-02-29T00:00:00+99:99"),
    ],
)
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_moment(value)


def test_a_day_is_that_of_the_organisation() -> None:
    day = read_moment_or_day("2024-02-29")
    assert day == Day(date(2024, 2, 29))
    assert (start_of(day, SHANGHAI), end_of(day, SHANGHAI)) == (LEAP, LEAP + 86_400)
    clocks_forward = read_moment_or_day("2024-03-10")
    assert end_of(clocks_forward, NEW_YORK) - start_of(clocks_forward, NEW_YORK) == 23 * 3600
    assert (start_of(LEAP, SHANGHAI), end_of(LEAP, SHANGHAI)) == (LEAP, LEAP)


@pytest.mark.parametrize("value", ["2023-02-29", "1900-01-01", "2200-01-01", "0000-01-01", "2024-2-9", 20240229])
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_moment_or_day(value)


def test_a_time_is_shown_in_the_organisations_zone() -> None:
    assert iso_time(LEAP, SHANGHAI) == "2024-02-29T00:00:00+08:00"
    assert iso_time(LEAP, NEW_YORK) == "2024-02-28T11:00:00-05:00"
    assert iso_time_or_none(None, SHANGHAI) is None


def test_an_offset_of_long_ago_is_told_in_whole_minutes() -> None:
    first = read_moment("1900-01-01T00:00:00Z")
    assert iso_time(first, SHANGHAI) == "1900-01-01T08:05:00+08:05"
    assert iso_time(first, NEW_YORK) == "1899-12-31T19:00:00-05:00"
    assert read_moment(iso_time(first, SHANGHAI)) == first
