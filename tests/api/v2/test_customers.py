"""Customers, and the conversion of a lead into one: histories are linked, nothing is copied or lost (decision 7)."""

import httpx
import pytest

from tests.api.bodies import MISSING, same
from tests.world import (
    CHARLIE,
    KEY_ACCOUNT,
    NOW,
    World,
    activities_of,
    follow_up,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/customers"


def _descriptions(client: httpx.Client, id_: int, entity: str = "customers") -> list[str]:
    return [entry["description"] for entry in activities_of(timeline_of(client, id_, entity))]


def test_a_customer_has_what_a_lead_has_and_its_own_fields(alice: httpx.Client) -> None:
    given = {
        "name": "郑州一中",
        "category": KEY_ACCOUNT.id,
        "industry": "教育",
        "staff_size": "100",
        "labels": ["重点"],
    }
    created = ok(alice.post(URL, json={"customer": given}))
    assert (created["category"], created["category_mapped"]) == (str(KEY_ACCOUNT.id), "大客户")
    assert (created["industry"], created["staff_size"], created["labels"]) == ("教育", "100", ["重点"])
    assert (created["user_name"], created["user_third_userid"]) == ("Alice", None)
    assert created["approve_status_i18n"] == "已通过"
    assert "turned_customer_id" not in created
    assert ok(alice.get(f"{URL}/{created['id']}")) == created
    assert ok(alice.get(URL, params={"category": KEY_ACCOUNT.id}))["customers"] == [created]
    assert ok(alice.get(URL, params={"category": "9"}))["customers"] == []
    changed = ok(alice.put(f"{URL}/{created['id']}", data={"customer[name]": "郑州二中", "check_duplicates": "false"}))
    assert (changed["name"], changed["category"]) == ("郑州二中", str(KEY_ACCOUNT.id))
    assert ok(alice.delete(f"{URL}/{created['id']}"))["name"] == "郑州二中"
    assert same(alice.get(f"{URL}/{created['id']}"), MISSING)


@pytest.mark.parametrize("form", ["top", "nested", "text", "form"])
def test_a_lead_becomes_a_customer_whose_timeline_holds_its_history(
    world: World, alice: httpx.Client, form: str
) -> None:
    lead_id = new_lead(alice)
    world.clock.at = NOW + 60
    follow_up(alice, lead_id, "第一次")
    world.clock.at = NOW + 120
    bodies = {
        "top": {"json": {"customer": {"name": "郑州一中"}, "refer_lead_id": lead_id}},
        "nested": {"json": {"customer": {"name": "郑州一中", "refer_lead_id": lead_id}}},
        "text": {"json": {"customer": {"name": "郑州一中"}, "refer_lead_id": str(lead_id)}},
        "form": {"data": {"customer[name]": "郑州一中", "refer_lead_id": str(lead_id)}},
    }
    customer = ok(alice.post(URL, **bodies[form]))["id"]  # type: ignore[arg-type]
    assert _descriptions(alice, customer) == ["转为客户：郑州一中", "新增客户", "第一次", "新增线索"]
    assert _descriptions(alice, lead_id, "leads") == ["转为客户：郑州一中", "第一次", "新增线索"]
    found = ok(alice.get(f"/api/v2/leads/{lead_id}"))
    assert (found["turned_to_customer"], found["turned_customer_id"]) == (True, customer)
    assert found["turned_to_customer_name"] == "郑州一中"
    created = activities_of(timeline_of(alice, lead_id))[-1]["saleable_id"]
    assert created["turned_customer_id"] == customer
    assert created["turned_at"] == "2024-06-12T10:02:00.000+08:00"
    assert world.miscounts() == []


def test_each_entry_of_the_customer_names_what_it_happened_on(alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=lead_id)
    follow_up(alice, customer, "对客户", "Customer")
    entries = activities_of(timeline_of(alice, customer, "customers"))
    assert [(e["refer_type"], e["refer_id"], e["refer_name"]) for e in entries] == [
        ("Customer", customer, "郑州第一中学"),
        ("Lead", lead_id, "郑老师"),
        ("Customer", customer, "郑州第一中学"),
        ("Lead", lead_id, "郑老师"),
    ]
    assert entries[0]["refers_display"][1] == {
        "label": "来自客户",
        "value": [{"id": customer, "name": "郑州第一中学"}],
        "type": "Customer",
    }


def test_what_happens_to_the_lead_later_is_in_both_once_and_what_happens_to_the_customer_in_one(
    world: World, alice: httpx.Client
) -> None:
    lead_id = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=lead_id)
    world.clock.at = NOW + 60
    later = follow_up(alice, lead_id, "之后")
    follow_up(alice, customer, "对客户", "Customer")
    converted = "转为客户：郑州第一中学"
    assert _descriptions(alice, customer) == ["对客户", "之后", converted, "新增客户", "新增线索"]
    assert _descriptions(alice, lead_id, "leads") == ["之后", converted, "新增线索"]
    ok(alice.delete(f"/api/v2/revisit_logs/{later['id']}"))
    assert _descriptions(alice, customer) == ["对客户", converted, "新增客户", "新增线索"]
    assert _descriptions(alice, lead_id, "leads") == [converted, "新增线索"]
    assert timeline_of(alice, customer, "customers")["total_count"] == 4
    assert world.miscounts() == []


def test_a_second_conversion_is_a_duplicate_and_makes_no_customer(world: World, alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    new_customer(alice, refer_lead_id=lead_id)
    body = refused(alice.post(URL, json={"customer": {"name": "又一个"}, "refer_lead_id": lead_id}), 100409)
    assert body == {"code": 100409, "message": "该线索已转换为客户", "error": "duplicate_error", "data": None}
    assert ok(alice.get(URL))["total_count"] == 1
    assert world.miscounts() == []


def test_a_lead_that_one_may_not_see_is_not_converted_and_makes_no_customer(world: World, alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    for name in ("charlie", "eve"):
        client = world.client(name)
        for wanted in (lead_id, 1_999_999_999):
            assert same(client.post(URL, json={"customer": {"name": "偷"}, "refer_lead_id": wanted}), MISSING)
        assert ok(client.get(URL))["total_count"] == 0
    assert ok(alice.get(f"/api/v2/leads/{lead_id}"))["turned_to_customer"] is False


@pytest.mark.parametrize("none", [None, "", "0"])
def test_no_lead_is_no_conversion(alice: httpx.Client, none: object) -> None:
    assert ok(alice.post(URL, json={"customer": {"name": "甲"}, "refer_lead_id": none}))["name"] == "甲"


@pytest.mark.parametrize("odd", ["abc", -5, [1], {"a": 1}, 2**31])
def test_an_odd_lead_is_refused(alice: httpx.Client, odd: object) -> None:
    told = alice.post(URL, json={"customer": {"name": "甲"}, "refer_lead_id": odd}).json()
    assert told["code"] in (100422, 100100)
    assert ok(alice.get(URL))["total_count"] == 0


def test_several_leads_may_become_several_customers_of_one_owner(alice: httpx.Client) -> None:
    leads = [new_lead(alice, f"线索{n}") for n in range(3)]
    customers = [new_customer(alice, f"客户{n}", refer_lead_id=lead_id) for n, lead_id in enumerate(leads)]
    for n, customer in enumerate(customers):
        entries = activities_of(timeline_of(alice, customer, "customers"))
        assert [entry["refer_name"] for entry in entries] == [f"线索{n}", f"客户{n}", f"线索{n}"]


def test_who_sees_the_customer_sees_the_history_of_its_lead_and_not_the_lead(world: World, alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=lead_id)
    ok(world.client("dora").put(f"{URL}/{customer}", json={"customer": {"user_id": CHARLIE.id}}))
    charlie = world.client("charlie")
    assert _descriptions(charlie, customer) == [
        "负责人：Alice → Charlie",
        "转为客户：郑州第一中学",
        "新增客户",
        "新增线索",
    ]
    assert same(charlie.get(f"/api/v2/leads/{lead_id}/sales_activities"), MISSING)


def test_the_name_of_a_customer_that_one_may_not_see_is_not_told_by_its_lead(world: World, alice: httpx.Client) -> None:
    """A conversion leaves the lead with its owner; whose customer it became may be another department's affair."""
    lead_id = new_lead(alice)
    customer = new_customer(alice, "秘密客户", refer_lead_id=lead_id)
    ok(world.client("dora").put(f"{URL}/{customer}", json={"customer": {"user_id": CHARLIE.id}}))
    found = ok(alice.get(f"/api/v2/leads/{lead_id}"))
    assert (found["turned_to_customer"], found["turned_customer_id"]) == (True, customer)
    assert found["turned_to_customer_name"] == ""
    assert "秘密" not in alice.get("/api/v2/leads").text


def test_a_deleted_lead_leaves_its_history_with_the_customer(world: World, alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=lead_id)
    ok(alice.delete(f"/api/v2/leads/{lead_id}"))
    entries = activities_of(timeline_of(alice, customer, "customers"))
    assert [entry["activity_type"] for entry in entries] == ["destroy", "turn_to_customer", "create", "create"]
    assert (entries[0]["refer_name"], entries[0]["description"]) == ("郑老师", "")
    assert world.miscounts() == []
