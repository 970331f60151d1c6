"""`GET /api/v2/revisit_logs/new_index`: by days, people, departments and records."""

from dataclasses import replace

import httpx
import pytest

from tests.world import (
    ALICE,
    BOB,
    ORGANISATION,
    PARTNERS,
    PHONES,
    SALES,
    World,
    at,
    follow_up,
    new_customer,
    new_lead,
    ok,
    refused,
)

URL = "/api/v2/revisit_logs/new_index"
MOMENTS = [
    *("2023-12-31 23:59", "2024-01-01 00:00", "2024-03-31 23:59", "2024-04-01 00:00", "2024-05-31 23:59"),
    *("2024-06-01 00:00", "2024-06-09 23:59", "2024-06-10 00:00", "2024-06-11 00:00", "2024-06-11 23:59"),
    *("2024-06-12 00:00", "2024-06-12 10:00"),
]
"""Both sides of every border of the ranges, seen from Wednesday, 2024-06-12."""


def _found(client: httpx.Client, **asked: object) -> list[str]:
    told = ok(client.get(URL, params=asked))  # type: ignore[arg-type]
    return [item["content"] for item in told["revisit_logs"]]


@pytest.fixture
def alice(world: World) -> httpx.Client:
    client = world.client("alice")
    lead_id = new_lead(client)
    for moment in MOMENTS:
        world.clock.at = at(moment)
        follow_up(client, lead_id, moment)
    return client


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ({}, "2024-06-12 00:00"),
        ({"date": ""}, "2024-06-12 00:00"),
        ({"date": "today"}, "2024-06-12 00:00"),
        ({"date": "week"}, "2024-06-10 00:00"),
        ({"date": "month"}, "2024-06-01 00:00"),
        ({"date": "quarter"}, "2024-04-01 00:00"),
        ({"date": "year"}, "2024-01-01 00:00"),
        ({"date": "all"}, "2023-12-31 23:59"),
        ({"date": "other"}, "2023-12-31 23:59"),
        ({"date": "other", "start_date": "2024-06-11"}, "2024-06-11 00:00"),
        ({"start_date": "2024-06-11"}, "2024-06-11 00:00"),
    ],
)
def test_a_range_of_days_holds_its_first_minute_and_nothing_before(
    alice: httpx.Client, asked: dict[str, str], first: str
) -> None:
    assert _found(alice, **asked) == MOMENTS[MOMENTS.index(first) :][::-1]


def test_yesterday_ends_at_midnight(alice: httpx.Client) -> None:
    assert _found(alice, date="yesterday") == ["2024-06-11 23:59", "2024-06-11 00:00"]


def test_a_given_range_holds_its_last_day(alice: httpx.Client) -> None:
    asked = {"date": "other", "start_date": "2024-06-01", "end_date": "2024-06-10"}
    assert _found(alice, **asked) == ["2024-06-10 00:00", "2024-06-09 23:59", "2024-06-01 00:00"]
    assert _found(alice, end_date="2024-01-01") == ["2024-01-01 00:00", "2023-12-31 23:59"]
    assert _found(alice, start_date="2024-06-12", end_date="2024-06-11") == []


@pytest.mark.parametrize(
    ("now", "range_", "days"),
    [
        ("2024-06-16 23:59", "week", ("2024-06-10", "2024-06-16")),
        ("2024-06-17 00:00", "week", ("2024-06-17", "2024-06-23")),
        ("2024-12-31 12:00", "month", ("2024-12-01", "2024-12-31")),
        ("2024-12-31 12:00", "quarter", ("2024-10-01", "2024-12-31")),
        ("2024-02-29 12:00", "month", ("2024-02-01", "2024-02-29")),
        ("2024-02-29 12:00", "quarter", ("2024-01-01", "2024-03-31")),
        ("2024-02-29 12:00", "year", ("2024-01-01", "2024-12-31")),
        ("2025-01-01 00:00", "yesterday", ("2024-12-31", "2024-12-31")),
    ],
)
def test_the_ranges_begin_and_end_where_the_calendar_says(
    world: World, now: str, range_: str, days: tuple[str, str]
) -> None:
    client = world.client("alice")
    lead_id = new_lead(client)
    first, last = at(f"{days[0]} 00:00"), at(f"{days[1]} 23:59") + 59
    for name, moment in (("before", first - 1), ("first", first), ("last", last), ("after", last + 1)):
        world.clock.at = moment
        follow_up(client, lead_id, name)
    world.clock.at = at(now)
    assert _found(client, date=range_) == ["last", "first"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"date": "someday"}, "date"),
        ({"date": "other", "start_date": "morgen"}, "start_date"),
        ({"date": "other", "end_date": "2024-02-30"}, "end_date"),
        ({"user_id": "abc"}, "user_id"),
        ({"department_id": "-1"}, "department_id"),
        ({"loggable_type": "payment"}, "loggable_type"),
        ({"loggable_id": "2147483648"}, "loggable_id"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(alice: httpx.Client, asked: dict[str, str], field: str) -> None:
    assert list(refused(alice.get(URL, params=asked), 100422)["errors"]) == [field]


def test_a_list_is_of_all_records_that_one_may_see_and_of_no_others(world: World) -> None:
    made = {name: new_lead(world.client(name)) for name in ("alice", "bob", "charlie", "eve")}
    for name, lead_id in made.items():
        follow_up(world.client(name), lead_id, name)
    follow_up(world.client("bob"), made["alice"], "bob bei alice")
    assert _found(world.client("alice")) == ["bob bei alice", "alice"]
    assert _found(world.client("bob")) == ["bob bei alice", "bob", "alice"]
    assert _found(world.client("charlie")) == ["charlie"]
    assert _found(world.client("dora")) == ["bob bei alice", "charlie", "bob", "alice"]
    assert _found(world.client("eve")) == ["eve"]


def test_people_departments_and_records_narrow_the_list(world: World) -> None:
    alice, bob, dora = world.client("alice"), world.client("bob"), world.client("dora")
    lead_id, customer = new_lead(alice), new_customer(bob)
    follow_up(alice, lead_id, "a")
    follow_up(bob, lead_id, "b")
    follow_up(bob, customer, "c", "Customer")
    assert _found(dora, user_id=ALICE.id) == ["a"]
    assert _found(dora, user_id=BOB.id) == ["c", "b"]
    assert _found(dora, department_id=PHONES.id) == ["a"]
    assert _found(dora, department_id=SALES.id) == ["c", "b"]
    assert _found(dora, department_id=PARTNERS.id) == []
    assert _found(dora, loggable_type="lead") == ["b", "a"]
    assert _found(dora, loggable_type="Customer") == ["c"]
    assert _found(dora, loggable_type="lead", loggable_id=lead_id) == ["b", "a"]
    assert _found(dora, loggable_id=customer) == ["c"]
    assert _found(dora, loggable_type="contact") == []
    assert _found(alice, loggable_id=customer) == []
    assert _found(dora, user_id="", department_id="", loggable_type="", loggable_id="") == ["c", "b", "a"]


def test_the_list_is_paged(alice: httpx.Client) -> None:
    told = ok(alice.get(URL, params={"date": "all", "per_page": 5, "page": 2}))
    assert list(told) == ["revisit_logs", "total_count", "per_page", "page", "has_next_page"]
    assert [item["content"] for item in told["revisit_logs"]] == MOMENTS[::-1][5:10]
    assert (told["total_count"], told["per_page"], told["page"], told["has_next_page"]) == (12, 5, 2, True)
    assert ok(alice.get(URL, params={"date": "all", "per_page": 5, "page": 3}))["has_next_page"] is False
    assert ok(alice.get(URL, params={"date": "all", "page": 9}))["revisit_logs"] == []


def test_the_days_are_those_of_the_organisations_zone(world: World) -> None:
    client = world.client("alice")
    lead_id = new_lead(client)
    world.clock.at = at("2024-06-12 11:59")  # 23:59 of the day before in New York
    follow_up(client, lead_id, "gestern")
    world.clock.at = at("2024-06-12 12:00")
    follow_up(client, lead_id, "heute")
    assert _found(client) == ["heute", "gestern"]
    world.change(replace(ORGANISATION, time_zone="America/New_York"))
    assert _found(client) == ["heute"]
    assert _found(client, date="yesterday") == ["gestern"]
