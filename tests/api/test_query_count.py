"""The number of queries of a timeline page does not depend on what is on it, nor on how long the timeline is."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from genjin.domain.activity import Draft
from genjin.domain.call import CallDetails, Recording
from genjin.domain.followup import FollowUpDetails
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN, FOREIGN, RECORD_CREATED, ForeignDetails
from genjin.domain.place import Place
from genjin.domain.records import RecordType, Ref
from genjin.store import postgres_readers, records, timeline
from genjin.store.transaction import Tx
from tests.world import (
    ALICE,
    BOB,
    NOW,
    PHONE_CALL,
    VISIT,
    Json,
    Site,
    World,
    activities_of,
    follow_up,
    lead,
    new_contact,
    new_contract,
    new_customer,
    new_lead,
    opened,
    timeline_of,
)

MOST = 3
"""The head of the timeline, its entries, and the other records that they happened on."""


def _statements(world: World, act: Callable[[], Json]) -> list[str]:
    """The SQL that the server's event loop runs while `act` does its request."""
    seen: list[str] = []

    def trace(tx: Tx) -> sqlite3.Connection:
        driver = tx.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(seen.append)
        return driver

    driver: sqlite3.Connection = world.portal.call(world.database.read, trace)
    seen.clear()
    try:
        act()
    finally:
        world.portal.call(driver.set_trace_callback, None)
    return [sql for sql in seen if sql.split(" ", 1)[0] in ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")]


def _count(world: World, id_: int, entity: str = "leads", entries: int | None = None, **asked: int) -> int:
    alice = world.client("alice")
    found: list[Json] = []
    timeline_of(alice, id_, entity, **asked)  # so that the directory is at hand, as it is in a running server
    type_ = RecordType.LEAD if entity == "leads" else RecordType.CUSTOMER
    world.database.write(lambda tx: timeline.touch(tx, 1, [Ref(type_, id_)]))  # and the answer is not
    count = len(_statements(world, lambda: found.append(timeline_of(alice, id_, entity, **asked))))
    if entries is not None:
        assert len(activities_of(found[0])) == entries
    return count


def _of_all_kinds(id_: int, count: int) -> list[Draft]:
    recordings = (Recording(1, "https://example.com/1", "https://example.com/1", 5),)
    told = FollowUpDetails(Place("南京路1号", 1.0, 2.0), (ALICE.id, BOB.id))
    kinds = (
        Draft(FOLLOW_UP_WRITTEN, ALICE.id, lead(id_), 0, 0, 900_001, NOW, category_id=PHONE_CALL.id, text="a"),
        Draft(FOLLOW_UP_WRITTEN, BOB.id, lead(id_), 0, 0, 900_002, NOW, None, NOW, VISIT.id, "b", told),
        Draft(CALL_MADE, BOB.id, lead(id_), 0, 0, details=CallDetails(recordings=recordings)),
        Draft(RECORD_CREATED, 777, lead(id_), 0, 0),
        Draft(FOREIGN, ALICE.id, lead(id_), 0, 0, details=ForeignDetails({"activity_type": "transfer"})),
    )
    return [replace(kinds[n % len(kinds)], at=NOW + n, recorded_at=NOW + n) for n in range(count)]


def test_one_entry_fifteen_of_all_kinds_and_two_hundred_take_the_same_queries(
    world: World, alice: httpx.Client
) -> None:
    one, many = new_lead(alice), new_lead(alice)
    world.record(*_of_all_kinds(many, 300))
    counts = {
        _count(world, one, entries=1),
        _count(world, many, entries=15),
        _count(world, many, entries=200, per_page=200),
        _count(world, many, entries=1, page=301, per_page=1),
    }
    assert len(counts) == 1
    assert counts.pop() < MOST


def test_a_page_that_is_asked_for_again_takes_nothing_or_the_head_alone_once_something_was_written(
    world: World, alice: httpx.Client
) -> None:
    id_ = new_lead(alice)
    world.record(*_of_all_kinds(id_, 40))
    timeline_of(alice, id_)
    assert _statements(world, lambda: timeline_of(alice, id_)) == []
    new_lead(alice)
    assert len(_statements(world, lambda: timeline_of(alice, id_))) == 1
    assert _statements(world, lambda: timeline_of(alice, id_)) == []


def test_no_more_is_kept_than_the_setting_says(world: World, alice: httpx.Client) -> None:
    one, other = new_lead(alice), new_lead(alice)
    size = int(alice.get(f"/api/v2/leads/{one}/sales_activities").headers["content-length"])
    for kept_bytes, queries in ((0, [2, 2]), (size * 3 // 2, [2, 0]), (size * 5 // 2, [0, 0])):
        client = world.client("alice", kept_bytes=kept_bytes)
        for id_ in (one, other):
            timeline_of(client, id_)
        assert len(_statements(world, lambda: timeline_of(client, other))) == queries[1]  # noqa: B023
        assert len(_statements(world, lambda: timeline_of(client, one))) == queries[0]  # noqa: B023


def test_a_customers_page_with_all_that_rolled_up_takes_nothing_until_something_was_written(
    world: World, alice: httpx.Client
) -> None:
    id_ = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=id_)
    timeline_of(alice, customer, "customers")
    assert _statements(world, lambda: timeline_of(alice, customer, "customers")) == []
    new_lead(alice)
    assert len(_statements(world, lambda: timeline_of(alice, customer, "customers"))) > 1


def test_an_empty_page_takes_no_more(world: World, alice: httpx.Client) -> None:
    assert _count(world, new_lead(alice), entries=0, page=9) < MOST


def test_page_40_of_a_long_timeline_takes_no_more_than_page_1(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.record(*_of_all_kinds(id_, 2000))
    assert world.miscounts() == []
    first = _count(world, id_, entries=15)
    for page in (40, 70, 100, 133):
        assert _count(world, id_, entries=15, page=page) <= first + 1
    assert _count(world, id_, entries=6, page=134) <= first + 1
    assert first < MOST


def test_a_customers_page_takes_one_more_for_all_that_rolled_up(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    follow_up(alice, id_)
    customer = new_customer(alice, refer_lead_id=id_)
    one = _count(world, customer, "customers", entries=4)
    leads = [new_lead(alice, f"线索{n}") for n in range(12)]

    def use(tx: Tx) -> None:
        for other in leads:
            records.change(tx, 1, lead(other), {"customer_id": customer})
            timeline.roll_up(tx, 1, lead(other), Ref(RecordType.CUSTOMER, customer))

    world.database.write(use)
    assert _count(world, customer, "customers", entries=15) == one == MOST


def test_a_list_of_customers_takes_the_same_for_any_number_of_them(world: World, alice: httpx.Client) -> None:
    def furnish(count: int) -> None:
        for nth in range(count):
            parent = new_customer(alice, f"集团{nth}")
            id_ = new_customer(alice, f"客户{nth}", parent_id=parent)
            for name in ("甲", "乙"):
                new_contact(alice, name, customer_id=id_, address_attributes={"phone": "13400000031"})
            new_contract(alice, id_, total_amount=1)
            follow_up(alice, id_, type_="Customer")

    def ask() -> Json:
        found = alice.get("/api/v2/customers", params={"per_page": 200}).json()
        assert found["code"] == 0
        return found

    furnish(1)
    ask()
    few = len(_statements(world, ask))
    furnish(12)
    assert len(_statements(world, ask)) == few < 15


def test_a_changed_organisation_costs_its_directory_once(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    before = _count(world, id_)
    world.change(ALICE)
    assert len(_statements(world, lambda: timeline_of(alice, id_))) > before
    assert _count(world, id_) == before


def test_a_page_on_postgresql_takes_no_more_trips_to_a_server_that_has_to_be_told_the_organisation(
    postgres_site: Site, application_role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_readers, "READERS", 1)

    def trips(site: Site) -> int:
        with opened(site) as world:
            alice = world.client("alice")
            id_ = new_lead(alice)
            world.record(*_of_all_kinds(id_, 90))
            for page in range(1, 6):  # so that the directory is at hand, and the statements are prepared
                timeline_of(alice, id_, page=page)
            return _trips(world, tmp_path / "trace", lambda: timeline_of(alice, id_, page=6))

    assert trips(postgres_site) == trips(postgres_site.served_by(application_role)) < MOST


def _trips(world: World, trace: Path, act: Callable[[], Json]) -> int:
    """How often the thread that reads for the server's event loop waits for PostgreSQL while `act` does its request."""

    async def driver() -> "psycopg.Connection[Any]":
        def use(tx: Tx) -> "psycopg.Connection[Any]":
            driver = tx.connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            return driver

        return await world.installation.database.read_soon(use)

    connection = world.portal.call(driver)
    with trace.open("wb") as file:
        connection.pgconn.trace(file.fileno())
        act()
        connection.pgconn.untrace()
    return trace.read_text().count("\tReadyForQuery\t")


def test_a_refusal_takes_no_more_queries_for_a_hidden_record_than_for_a_missing_one(
    world: World, alice: httpx.Client
) -> None:
    id_ = new_lead(alice)
    charlie = world.client("charlie")

    def ask(wanted: int) -> Callable[[], Json]:
        return lambda: charlie.get(f"/api/v2/leads/{wanted}/sales_activities")

    ask(id_)()
    assert len(_statements(world, ask(id_))) == len(_statements(world, ask(1_999_999_999)))
