"""What belongs to a customer, listed below its path: contacts, opportunities with their stages, collaborators."""

import httpx
import pytest

from genjin.domain.people import Rights, Role
from genjin.store import people, records
from tests.api.bodies import MISSING, same, user_body
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    FIRST_TALKS,
    ORGANISATION,
    SELLER,
    WON,
    World,
    customer,
    new_contact,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
)

PARTS = ("contacts", "opportunities", "assist_users")


def url(customer_id: int, part: str) -> str:
    """Where a part of a customer is listed."""
    return f"/api/v2/customers/{customer_id}/{part}"


def test_the_contacts_of_a_customer_are_listed_as_contacts_are(alice: httpx.Client) -> None:
    first, second = new_customer(alice, "甲"), new_customer(alice, "乙")
    ids = [new_contact(alice, name, customer_id=first) for name in ("王主任", "李老师👩‍🏫", "张" * 200)]
    new_contact(alice, "别人的", customer_id=second)
    found = ok(alice.get(url(first, "contacts"), params={"per_page": 2}))
    assert [each["id"] for each in found["contacts"]] == ids[:0:-1]
    assert (found["total_count"], found["per_page"], found["page"], found["has_next_page"]) == (3, 2, 1, True)
    assert found["contacts"][0] == ok(alice.get(f"/api/v2/contacts/{ids[2]}"))
    assert [each["name"] for each in ok(alice.get(url(first, "contacts"), params={"query": "老师"}))["contacts"]] == [
        "李老师👩‍🏫"
    ]
    alice.delete(f"/api/v2/contacts/{ids[0]}")
    assert ok(alice.get(url(first, "contacts")))["total_count"] == 2


def test_opportunities_are_counted_by_stage_over_all_pages(alice: httpx.Client) -> None:
    first, second = new_customer(alice, "甲"), new_customer(alice, "乙")
    for amount in ("100", "20.5", None):
        new_opportunity(alice, first, stage=FIRST_TALKS.id, expect_amount=amount)
    new_opportunity(alice, first, stage="过去的阶段", expect_amount=3)
    new_opportunity(alice, first, expect_amount=4)
    new_opportunity(alice, second, stage=WON.id, expect_amount=7)
    counts = [
        {"id": str(FIRST_TALKS.id), "value": "初步接洽", "count": 3, "amount": "120.5"},
        {"id": str(WON.id), "value": "赢单", "count": 0, "amount": "0.0"},
        {"id": "", "value": "", "count": 2, "amount": "7.0"},
    ]
    for page in (1, 2, 9):
        found = ok(alice.get(url(first, "opportunities"), params={"per_page": 3, "page": page}))
        assert found["counts_by_stage"] == counts
        assert found["total_count"] == 5
    assert len(found["opportunities"]) == 0
    empty = ok(alice.get(url(new_customer(alice), "opportunities")))
    assert [row["count"] for row in empty["counts_by_stage"]] == [0, 0]
    staged = ok(alice.get(url(first, "opportunities"), params={"stage": FIRST_TALKS.id}))
    assert (staged["total_count"], staged["counts_by_stage"]) == (3, counts)


def test_who_may_not_see_amounts_or_stages_is_told_none(world: World, alice: httpx.Client) -> None:
    id_ = new_customer(alice)
    new_opportunity(alice, id_, stage=WON.id, expect_amount=7)

    def hide(*fields: str) -> None:
        role = Role(SELLER.id, SELLER.name, SELLER.scope, Rights(hidden=frozenset(fields)))
        world.database.write(lambda tx: people.put_roles(tx, ORGANISATION.id, [role]))
        world.change(ORGANISATION)

    hide("opportunity.expect_amount")
    found = ok(alice.get(url(id_, "opportunities")))["counts_by_stage"]
    assert [(row["count"], row["amount"]) for row in found] == [(0, ""), (1, "")]
    hide("opportunity.stage")
    assert ok(alice.get(url(id_, "opportunities")))["counts_by_stage"] == []


def test_collaborators_are_listed_as_short_users(world: World, alice: httpx.Client) -> None:
    id_ = new_customer(alice)
    nobody = {"assist_users": [], "total_count": 0, "per_page": 15, "page": 1, "has_next_page": False}
    assert ok(alice.get(url(id_, "assist_users"))) == nobody
    ids = (CHARLIE.id, BOB.id)
    world.database.write(lambda tx: records.add_collaborators(tx, ORGANISATION.id, customer(id_), ids, 1, ALICE.id))
    found = ok(alice.get(url(id_, "assist_users")))
    assert found["assist_users"] == [user_body(BOB, "销售部"), user_body(CHARLIE, "渠道部")]
    second = ok(alice.get(url(id_, "assist_users"), params={"per_page": 1, "page": 2}))
    assert [user["id"] for user in second["assist_users"]] == [CHARLIE.id]
    assert ok(world.client("charlie").get(url(id_, "assist_users")))["total_count"] == 2


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_what_is_no_customer_to_the_caller_are_missing(world: World, alice: httpx.Client, part: str) -> None:
    id_, lead_id = new_customer(alice), new_lead(alice)
    for name in ("alice", "bob", "dora"):
        assert ok(world.client(name).get(url(id_, part)))["total_count"] == 0
    for name in ("charlie", "eve"):
        assert same(world.client(name).get(url(id_, part)), MISSING)
    for wanted in (lead_id, 1_999_999_999):
        assert same(alice.get(url(wanted, part)), MISSING)
    ok(alice.delete(f"/api/v2/customers/{id_}"))
    assert same(alice.get(url(id_, part)), MISSING)


@pytest.mark.parametrize("part", ["contacts", "opportunities"])
def test_parts_of_a_merged_customer_are_those_of_what_took_its_place(alice: httpx.Client, part: str) -> None:
    kept, merged = new_customer(alice, "甲"), new_customer(alice, "乙")
    new_contact(alice, customer_id=merged)
    new_opportunity(alice, merged)
    ok(alice.post(f"/api/v2/customers/{kept}/merge", json={"merge_ids": [merged]}))
    for id_ in (kept, merged):
        assert ok(alice.get(url(id_, part)))["total_count"] == 1


@pytest.mark.parametrize("part", ["contacts", "opportunities"])
def test_parts_of_a_customer_in_no_pool_are_missing_below_the_pools(alice: httpx.Client, part: str) -> None:
    assert same(alice.get(f"/api/v2/common_customers/{new_customer(alice)}/{part}"), MISSING)
