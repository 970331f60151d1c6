"""Lists of records and of colleagues by when something happened last."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from genjin.domain.activity import Draft
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, RECORD_EDITED
from genjin.domain.people import Rights
from tests.world import (
    ALICE,
    BOB,
    NOW,
    PHONES,
    SALES,
    SELLER,
    World,
    fields_of,
    follow_up,
    lead,
    new_contact,
    new_customer,
    new_lead,
    ok,
    problem,
)

DAY = 86_400
Json = Any


def listed(client: httpx.Client, path: str = "records/leads", **asked: object) -> list[Json]:
    """All of a list, page by page, of any size the same."""
    walks = []
    for limit in (1, 3, 200):
        told = client.get(f"/api/v1/{path}", params={"limit": limit, **asked})  # type: ignore[dict-item]
        assert told.status_code == 200, told.text
        page = told.json()
        found = page["items"]
        while page["next"]:
            page = client.get(page["next"]).json()
            found += page["items"]
        walks.append(found)
    assert walks[0] == walks[1] == walks[2]
    return list(walks[0])


def names(client: httpx.Client, path: str = "records/leads", **asked: object) -> str:
    return "".join(each["name"][-1] for each in listed(client, path, **asked))


@pytest.fixture
def leads(world: World, alice: httpx.Client) -> dict[str, int]:
    """a: called a day ago; b: followed up 20 days ago; c: visited 15 days ago, edited today; d: nothing. Each was
    created 30 days ago.
    """
    world.clock.at = NOW - 30 * DAY
    made = {name: new_lead(alice, name) for name in "abcd"}
    world.clock.at = NOW
    happened = (("a", CALL_MADE, 1), ("b", FOLLOW_UP_WRITTEN, 20), ("c", CHECKED_IN, 15), ("c", RECORD_EDITED, 0))
    for name, kind, ago in happened:
        world.record(Draft(kind, ALICE.id, lead(made[name]), NOW - ago * DAY, NOW - ago * DAY))
    return made


def test_records_are_found_and_sorted_by_when_something_happened(alice: httpx.Client, leads: dict[str, int]) -> None:
    assert names(alice, silent_for="14d", sort="last_activity_at", order="asc") == "bcd"
    assert names(alice, silent_for="16d", sort="last_activity_at") == "bd"
    assert names(alice, silent_for="36h") == "dcb"
    assert names(alice, silent_for="31d") == ""
    assert names(alice, sort="last_activity_at") == "acbd"
    assert names(alice, sort="last_call_at") == "abcd"
    assert names(alice, sort="last_visit_at", order="asc") == "cabd"
    assert names(alice, last_activity_after="2024-05-28", last_activity_before="2024-06-11T10:00:00+08:00") == "c"
    assert names(alice, last_activity_before="2024-05-23") == "b"
    assert names(alice, last_follow_up_after="2024-01-01") == "b"
    told = {each["name"]: each for each in listed(alice)}
    assert told["b"]["last_follow_up_at"] == told["b"]["last_activity_at"] == "2024-05-23T10:00:00+08:00"
    assert (told["b"]["last_call_at"], told["d"]["last_activity_at"]) == (None, None)
    assert (told["a"]["owner"]["name"], told["a"]["department"]["name"]) == ("Alice", PHONES.name)
    assert alice.get(f"/api/v1/records/leads/{leads['b']}").json() == told["b"]


def test_so_it_is_on_postgresql(postgres_world: World) -> None:
    alice = postgres_world.client("alice")
    made = [new_lead(alice, name) for name in "abc"]
    follow_up(alice, made[1])
    for order, shown in (("asc", "bac"), ("desc", "bac")):
        assert names(alice, sort="last_activity_at", order=order) == shown
        assert names(alice, sort="last_follow_up_at", order=order) == shown
    assert [each["last_follow_up_at"] is None for each in listed(alice, "users")] == [False]


def test_records_are_found_by_whose_they_are(world: World, alice: httpx.Client, leads: dict[str, int]) -> None:
    bob = world.client("bob")
    new_lead(bob, "e", status="44")
    assert names(bob) == "edcba"
    assert names(bob, owner="me") == "e"
    assert names(bob, owner="!me") == names(bob, owner=str(ALICE.id)) == "dcba"
    assert names(bob, department=str(SALES.id)) == "edcba"
    assert names(bob, department=[str(SALES.id), f"!{PHONES.id}"]) == "e"
    assert (names(bob, owner="none"), names(bob, owner="!none")) == ("", "edcba")
    assert names(bob, status="44") == "e"
    assert names(bob, status="!44") == "dcba"
    assert next(each for each in listed(bob) if each["name"] == "e")["status"] == {"id": "44", "label": "重点"}
    customer_id = new_customer(alice, "长江f", company_name="大江g")
    for text, shown in (("长江", "f"), ("DAJIANG", "f"), (" changjiang ", "f"), ("_", ""), ("%", ""), ("", "f")):
        assert names(alice, "records/customers", q=text) == shown, text
    [pool] = {each["id"] for each in ok(alice.get("/api/v2/common_customers/common_settings"))["common_settings"]}
    assert names(alice, "records/customers", pool=str(pool)) == ""
    ok(alice.put(f"/api/v2/customers/{customer_id}/put_back"))
    assert names(alice, "records/customers", pool=str(pool)) == "f"
    assert names(world.client("charlie")) == ""
    problem(world.client("charlie").get(f"/api/v1/records/leads/{leads['a']}"), 404, "not_found")
    assert names(world.client("eve")) == ""


def test_what_happens_to_a_contact_counts_for_its_customer_and_what_is_taken_back_does_not(
    world: World, alice: httpx.Client
) -> None:
    customer_id = new_customer(alice)
    contact_id = new_contact(alice, customer_id=customer_id)
    written = follow_up(alice, contact_id, type_="Contact")
    path = f"/api/v1/records/customers/{customer_id}"
    assert alice.get(path).json()["last_follow_up_at"] == "2024-06-12T10:00:00+08:00"
    ok(alice.delete(f"/api/v2/revisit_logs/{written['id']}"))
    assert alice.get(path).json()["last_activity_at"] is None
    assert world.miscounts() == []


def test_a_role_that_hides_a_field_neither_shows_it_nor_filters_by_it(world: World, leads: dict[str, int]) -> None:
    world.change(replace(SELLER, rights=Rights(hidden=frozenset({"lead.status", "lead.company_name"}))))
    ok(world.client("dora").put(f"/api/v2/leads/{leads['a']}", json={"lead": {"company_name": "隐名公司"}}))
    assert (names(world.client("dora"), q="隐名"), names(world.client("alice"), q="隐名")) == ("a", "")
    alice = world.client("alice")
    problem(alice.get("/api/v1/records/leads?status=44"), 403, "forbidden")
    assert {(each["status"], each["company_name"]) for each in listed(alice)} == {(None, None)}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        *(({"silent_for": "14"}, "silent_for"), ({"silent_for": "0d"}, "silent_for"), ({"sort": "name"}, "sort")),
        *(({"pool": "x"}, "pool"), ({"q": "a" * 201}, "q"), ({"q": "\x00"}, "q")),
        *(({"owner": "x"}, "owner"), ({"last_call_after": "today"}, "last_call_after"), ({"order": "up"}, "order")),
    ],
)
def test_what_cannot_be_asked_is_refused(alice: httpx.Client, asked: dict[str, str], field: str) -> None:
    told = problem(alice.get("/api/v1/records/leads", params=asked), 422, "invalid")
    assert {each.partition(".")[0] for each in fields_of(told)} == {field}


def test_colleagues_are_told_by_what_they_did_to_who_manages_them(world: World, leads: dict[str, int]) -> None:
    bob = world.client("bob")
    world.record(Draft(CALL_MADE, BOB.id, lead(leads["d"]), NOW - 40 * DAY, NOW))
    told = {each["name"]: each for each in listed(bob, "users")}
    assert list(told) == ["Bob", "Alice"]
    assert told["Alice"]["last_activity_at"] == told["Alice"]["last_call_at"] == "2024-06-11T10:00:00+08:00"
    assert told["Alice"]["last_visit_at"] == "2024-05-28T10:00:00+08:00"
    assert told["Bob"]["last_follow_up_at"] is None
    assert names(bob, "users", silent_for="14d") == "b"
    assert names(bob, "users", sort="last_visit_at", order="asc") == names(bob, "users", sort="last_call_at") == "eb"
    assert names(world.client("alice"), "users") == "e"
    assert len(listed(world.client("dora"), "users")) == 4
