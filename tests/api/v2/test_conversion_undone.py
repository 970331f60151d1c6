"""Undoing the conversion of a lead: its history is its own again, and the customer stays, or goes if untouched."""

import httpx

from tests.api.bodies import MISSING, same
from tests.world import (
    CHARLIE,
    World,
    activities_of,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)


def _descriptions(client: httpx.Client, id_: int, entity: str = "leads") -> list[str]:
    return [entry["description"] for entry in activities_of(timeline_of(client, id_, entity))]


def test_the_leads_history_leaves_the_customers_timeline(world: World, alice: httpx.Client, id_: int) -> None:
    follow_up(alice, id_, "之前")
    customer = new_customer(alice, refer_lead_id=id_)
    follow_up(alice, customer, "对客户", "Customer")
    told = ok(alice.post(f"/api/v2/leads/{id_}/undo_turn"))
    assert (told["turned_to_customer"], told["turned_customer_id"]) == (False, 0)
    assert _descriptions(alice, customer, "customers") == ["对客户", "新增客户"]
    entries = activities_of(timeline_of(alice, id_))
    assert (entries[0]["activity_type"], entries[0]["activity_type_display"]) == ("undo_turn", "撤销转客户")
    assert entries[0]["description"] == "客户：郑州第一中学 → 空"
    assert {entry["is_lead_and_turned"] for entry in entries} == {False}
    follow_up(alice, id_, "之后")
    assert _descriptions(alice, customer, "customers") == ["对客户", "新增客户"]
    assert world.miscounts() == []


def test_it_may_be_converted_again(world: World, alice: httpx.Client, id_: int) -> None:
    first = new_customer(alice, "一", refer_lead_id=id_)
    ok(alice.post(f"/api/v2/leads/{id_}/undo_turn"))
    second = new_customer(alice, "二", refer_lead_id=id_)
    assert _descriptions(alice, first, "customers") == ["新增客户"]
    assert _descriptions(alice, second, "customers")[0] == "转为客户：二"
    assert world.miscounts() == []


def test_for_a_lead_that_was_not_converted_nothing_changes(alice: httpx.Client, id_: int) -> None:
    assert ok(alice.post(f"/api/v2/leads/{id_}/undo_turn"))["turned_to_customer"] is False
    assert timeline_of(alice, id_)["total_count"] == 1


def test_an_untouched_customer_goes_with_what_was_made_for_it(world: World, alice: httpx.Client, id_: int) -> None:
    customer = new_customer(alice, refer_lead_id=id_)
    contact = new_contact(alice, customer_id=customer)
    ok(alice.post(f"/api/v2/leads/{id_}/undo_turn", data={"delete_customer": "true"}))
    assert same(alice.get(f"/api/v2/customers/{customer}"), MISSING)
    assert same(alice.get(f"/api/v2/contacts/{contact}"), MISSING)
    assert ok(alice.get(f"/api/v2/leads/{id_}"))["turned_to_customer"] is False
    assert world.miscounts() == []


def test_a_customer_that_something_happened_to_is_not_deleted_and_nothing_is_undone(
    alice: httpx.Client, id_: int
) -> None:
    customer = new_customer(alice, refer_lead_id=id_)
    follow_up(alice, customer, "对客户", "Customer")
    told = refused(alice.post(f"/api/v2/leads/{id_}/undo_turn", json={"delete_customer": True}), 100422)
    assert told["errors"] == {"delete_customer": ["该客户已有其他动态，不能删除"]}
    assert ok(alice.get(f"/api/v2/leads/{id_}"))["turned_customer_id"] == customer


def test_it_takes_who_may_change_both(world: World, alice: httpx.Client, id_: int) -> None:
    customer = new_customer(alice, refer_lead_id=id_)
    ok(world.client("dora").put(f"/api/v2/customers/{customer}/update_user", json={"user_id": CHARLIE.id}))
    for name in ("alice", "charlie", "eve"):
        assert same(world.client(name).post(f"/api/v2/leads/{id_}/undo_turn"), MISSING)
    ok(world.client("dora").post(f"/api/v2/leads/{id_}/undo_turn"))


def test_a_deleted_customer_does_not_keep_its_lead(world: World, alice: httpx.Client) -> None:
    lead = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=lead)
    ok(alice.delete(f"/api/v2/customers/{customer}"))
    assert ok(alice.post(f"/api/v2/leads/{lead}/undo_turn", json={"delete_customer": 1}))["turned_customer_id"] == 0
    assert world.miscounts() == []
