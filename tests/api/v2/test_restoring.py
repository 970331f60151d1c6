"""Deleted records are listed, and brought back as they were."""

import httpx
import pytest

from tests.api.bodies import MISSING, same
from tests.world import (
    World,
    activities_of,
    follow_up,
    lead_names,
    new_contact,
    new_customer,
    new_lead,
    ok,
    timeline_of,
)


def test_a_deleted_lead_comes_back_with_its_history(world: World, alice: httpx.Client, id_: int) -> None:
    follow_up(alice, id_, "之前")
    ok(alice.delete(f"/api/v2/leads/{id_}"))
    assert same(alice.get(f"/api/v2/leads/{id_}"), MISSING)
    assert lead_names(alice, tab_type="deleted") == ["郑老师"]
    assert ok(alice.post(f"/api/v2/leads/{id_}/restore"))["id"] == id_
    assert lead_names(alice, tab_type="deleted") == []
    entries = activities_of(timeline_of(alice, id_))
    assert [entry["activity_type"] for entry in entries] == ["restore", "destroy", "create", "create"]
    assert entries[0]["activity_type_display"] == "恢复"
    assert world.miscounts() == []


def test_restoring_what_is_not_deleted_changes_nothing(alice: httpx.Client, id_: int) -> None:
    for _ in range(2):
        assert ok(alice.post(f"/api/v2/leads/{id_}/restore"))["id"] == id_
    assert timeline_of(alice, id_)["total_count"] == 1


@pytest.mark.parametrize("name", ["charlie", "eve"])
def test_nobody_restores_or_lists_what_they_do_not_see(world: World, alice: httpx.Client, id_: int, name: str) -> None:
    ok(alice.delete(f"/api/v2/leads/{id_}"))
    client = world.client(name)
    assert same(client.post(f"/api/v2/leads/{id_}/restore"), MISSING)
    assert lead_names(client, tab_type="deleted") == []


def test_what_belonged_to_a_deleted_customer_stays(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    contact = new_contact(alice, customer_id=customer)
    ok(alice.delete(f"/api/v2/customers/{customer}"))
    assert ok(alice.get(f"/api/v2/contacts/{contact}"))["customer_id"] == customer
    ok(alice.post(f"/api/v2/customers/{customer}/restore"))
    entries = activities_of(timeline_of(alice, customer, "customers"))
    assert [entry["description"] for entry in entries] == ["", "", "新增联系人", "新增客户"]
    ok(alice.delete(f"/api/v2/contacts/{contact}"))
    ok(alice.post(f"/api/v2/contacts/{contact}/restore"))
    assert world.miscounts() == []


def test_a_lead_is_restored_while_its_customer_is_deleted(world: World, alice: httpx.Client) -> None:
    lead = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=lead)
    ok(alice.delete(f"/api/v2/leads/{lead}"))
    ok(alice.delete(f"/api/v2/customers/{customer}"))
    ok(alice.post(f"/api/v2/leads/{lead}/restore"))
    ok(alice.post(f"/api/v2/customers/{customer}/restore"))
    assert timeline_of(alice, customer, "customers")["total_count"] == 7
    assert world.miscounts() == []
