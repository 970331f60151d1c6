"""Pages, days and order of a timeline (decisions 1 to 3)."""

from dataclasses import replace
from datetime import datetime

import httpx
import pytest

from genjin.domain.activity import Draft
from genjin.domain.calendar import calendar_of
from genjin.domain.kinds import FOLLOW_UP_WRITTEN, RECORD_CREATED
from tests.world import ALICE, NOW, ORGANISATION, Json, World, activities_of, at, lead, new_lead, timeline_of


def _written(id_: int, *moments: int) -> list[Draft]:
    return [
        Draft(
            FOLLOW_UP_WRITTEN, ALICE.id, lead(id_), moment, moment, object_id=900_000 + n, said_at=moment, text=str(n)
        )
        for n, moment in enumerate(moments)
    ]


def _texts(page: Json) -> list[str]:
    return [entry["description"] for entry in activities_of(page)]


def _days(page: Json) -> list[tuple[str, list[str]]]:
    return [(group["date"], _texts({"sales_activities": [group]})) for group in page["sales_activities"]]


@pytest.fixture
def long_lead(world: World, alice: httpx.Client) -> int:
    """A lead with 39 follow-ups, one a minute, and its creation before them."""
    id_ = new_lead(alice)
    world.record(*_written(id_, *(NOW + 60 * n for n in range(1, 40))))
    return id_


@pytest.mark.parametrize(
    ("asked", "page", "first"),
    [
        ({}, 1, "38"),
        ({"page": "1"}, 1, "38"),
        ({"page": "2"}, 2, "23"),
        ({"page": " 2 "}, 2, "23"),
        ({"page": "02"}, 2, "23"),
        ({"page": "0"}, 1, "38"),
        ({"page": "-1"}, 1, "38"),
        ({"page": ""}, 1, "38"),
        ({"page": "abc"}, 1, "38"),
        ({"page": "2.0"}, 1, "38"),
        ({"page": "２"}, 1, "38"),
        ({"page[]": "2"}, 1, "38"),
        ({"page": "3"}, 3, "8"),
        ({"page": "4"}, 4, None),
        ({"page": "2147483648"}, 2147483648, None),
    ],
)
def test_a_page_that_cannot_be_read_is_page_one_and_one_past_the_end_is_empty(
    alice: httpx.Client, long_lead: int, asked: dict[str, str], page: int, first: str | None
) -> None:
    found = timeline_of(alice, long_lead, **asked)
    assert (found["page"], found["per_page"], found["total_count"]) == (page, 15, 40)
    assert next(iter(_texts(found)), None) == first


def test_a_page_far_beyond_all_numbers_is_past_the_end_too(alice: httpx.Client, long_lead: int) -> None:
    assert timeline_of(alice, long_lead, page="99999999999999999999")["sales_activities"] == []


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ("1", 1),
        ("40", 40),
        ("200", 200),
        ("201", 200),
        ("500", 200),
        ("0", 15),
        ("-1", 15),
        ("", 15),
        ("abc", 15),
        ("１０", 15),
        ("1.5", 15),
        ("99999999999999999999", 200),
    ],
)
def test_a_size_that_cannot_be_read_is_15_and_the_largest_is_200(
    alice: httpx.Client, long_lead: int, asked: str, size: int
) -> None:
    found = timeline_of(alice, long_lead, per_page=asked)
    assert found["per_page"] == size
    assert len(activities_of(found)) == min(size, 40)


def test_pages_put_together_are_the_whole_list(alice: httpx.Client, long_lead: int) -> None:
    whole = _texts(timeline_of(alice, long_lead, per_page=200))
    for size in (1, 7, 15, 39, 40):
        pages = [timeline_of(alice, long_lead, per_page=size, page=n + 1) for n in range(-(-40 // size))]
        assert [text for page in pages for text in _texts(page)] == whole


def test_a_day_continues_on_the_next_page_under_its_own_date(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.record(*_written(id_, at("2024-06-13 09:00"), at("2024-06-13 10:00"), at("2024-06-13 11:00")))
    assert _days(timeline_of(alice, id_, per_page=2)) == [("2024-06-13 星期四", ["2", "1"])]
    assert _days(timeline_of(alice, id_, per_page=2, page=2)) == [
        ("2024-06-13 星期四", ["0"]),
        ("2024-06-12 星期三", ["新增线索"]),
    ]


def test_ties_are_in_the_order_of_their_ids_newest_first_on_every_page(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.record(*_written(id_, *[NOW] * 20))
    found = [timeline_of(alice, id_, per_page=6, page=n) for n in (1, 2, 3, 4)]
    ids = [entry["id"] for page in found for entry in activities_of(page)]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 21


def test_seconds_within_a_minute_count(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.record(*_written(id_, NOW + 62, NOW + 61, NOW + 63))
    assert _texts(timeline_of(alice, id_))[:3] == ["2", "0", "1"]


def test_a_backdated_entry_takes_its_place_by_its_time(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.record(*_written(id_, NOW + 120, NOW + 60), *_written(id_, NOW - 86_400))
    assert _days(timeline_of(alice, id_)) == [
        ("2024-06-12 星期三", ["0", "1", "新增线索"]),
        ("2024-06-11 星期二", ["0"]),
    ]


def test_midnight_divides_the_days_in_shanghai(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    midnight = at("2024-07-01 00:00")
    world.record(*_written(id_, midnight - 1, midnight, midnight + 86_399))
    assert _days(timeline_of(alice, id_))[:2] == [("2024-07-01 星期一", ["2", "1"]), ("2024-06-30 星期日", ["0"])]
    first = activities_of(timeline_of(alice, id_))
    assert [entry["timestamp"] for entry in first[:3]] == ["2024-07-01 23:59", "2024-07-01 00:00", "2024-06-30 23:59"]


def test_a_leap_day_is_a_day(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    moments = [at(text) for text in ("2024-02-28 23:59", "2024-02-29 00:00", "2024-02-29 23:59", "2024-03-01 00:00")]
    world.record(*_written(id_, *moments))
    assert _days(timeline_of(alice, id_))[1:] == [
        ("2024-03-01 星期五", ["3"]),
        ("2024-02-29 星期四", ["2", "1"]),
        ("2024-02-28 星期三", ["0"]),
    ]


@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("America/New_York", "2024-03-10 02:00"),
        ("America/New_York", "2024-11-03 01:00"),
        ("Europe/Berlin", "2024-10-27 02:00"),
        ("America/Havana", "2024-11-03 00:00"),
        ("America/Asuncion", "2024-03-24 00:00"),
        ("Asia/Beirut", "2023-10-29 00:00"),
        ("America/Nuuk", "2024-10-27 00:00"),
        ("Australia/Lord_Howe", "2024-04-07 01:30"),
        ("Pacific/Apia", "2011-12-30 00:00"),
        ("America/St_Johns", "2006-10-29 00:00"),
        ("Antarctica/Casey", "2010-03-05 01:00"),
    ],
)
def test_no_date_has_two_groups_where_clocks_are_changed(world: World, zone: str, around: str) -> None:
    world.change(replace(ORGANISATION, time_zone=zone))
    alice, calendar = world.client("alice"), calendar_of(zone)
    id_ = new_lead(alice)
    middle = calendar.instant(datetime.fromisoformat(around))
    world.record(
        *_written(id_, *range(middle - 40 * 3600, middle + 40 * 3600, 1800)), *_written(id_, middle, middle + 59)
    )
    page = timeline_of(alice, id_, per_page=200)
    dates = [group["date"] for group in page["sales_activities"]]
    assert len(dates) == len(set(dates))
    for group in page["sales_activities"]:
        for entry in group["activities"]:
            assert entry["timestamp"][:10] == group["date"][:10]
            day = datetime.fromisoformat(group["date"][:10])
            assert group["date"].endswith("星期" + "一二三四五六日"[day.weekday()])


def test_a_move_to_another_zone_moves_the_days_of_what_happened(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    assert _days(timeline_of(alice, id_))[0][0] == "2024-06-12 星期三"
    world.change(replace(ORGANISATION, time_zone="America/Los_Angeles"))
    page = timeline_of(alice, id_)
    assert _days(page)[0][0] == "2024-06-11 星期二"
    assert activities_of(page)[0]["timestamp"] == "2024-06-11 19:00"


def test_the_creation_and_what_follows_in_the_same_second_stand_in_that_order(
    world: World, alice: httpx.Client
) -> None:
    id_ = new_lead(alice)
    world.record(Draft(RECORD_CREATED, ALICE.id, lead(id_), NOW, NOW), *_written(id_, NOW))
    assert _texts(timeline_of(alice, id_)) == ["0", "新增线索", "新增线索"]
