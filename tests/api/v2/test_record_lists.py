"""The filters that lists of records of every type share, and those by name alone."""

from functools import partial
from typing import Any

import httpx
import pytest

from genjin.domain.people import Rights, Role
from genjin.store import people, records
from tests.world import (
    ALICE,
    BOB,
    FIRST_TALKS,
    NOW,
    ORGANISATION,
    SELLER,
    WON,
    World,
    at,
    follow_up,
    lead,
    lead_names,
    new_contact,
    new_contract,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
    refused,
)

PLURALS = ("leads", "customers", "contacts", "opportunities", "contracts")


def names(client: httpx.Client, plural: str, path: Any = "", **asked: Any) -> list[str]:
    """The names or titles that a list holds, in its order."""
    found = ok(client.get(f"/api/v2/{plural}{path}", params=asked))[plural]
    return [each.get("name") or each["title"] for each in found]


def one_of_each(client: httpx.Client, name: str) -> dict[str, int]:
    """A record of each type with this name, by the plural; what may belong to the customer does."""
    customer = new_customer(client, name)
    return {
        "leads": new_lead(client, name),
        "customers": customer,
        "contacts": new_contact(client, name, customer_id=customer),
        "opportunities": new_opportunity(client, customer, name),
        "contracts": new_contract(client, customer, name),
    }


@pytest.mark.parametrize("plural", PLURALS)
def test_a_list_by_name_looks_at_names_and_pinyin_alone(alice: httpx.Client, plural: str) -> None:
    one_of_each(alice, "郑州一中")
    one_of_each(alice, "👍开封" + "很" * 200)
    new_lead(alice, "别的", company_name="郑州")
    new_customer(alice, "别的", company_name="郑州")
    assert names(alice, plural, "/by_name", query="郑州") == ["郑州一中"]
    assert names(alice, plural, "/by_name", query="ZHENGzhou") == ["郑州一中"]
    assert names(alice, plural, "/by_name", query="👍", per_page=1) == ["👍开封" + "很" * 200]
    assert len(names(alice, plural, "/by_name")) == (3 if plural in ("leads", "customers") else 2)
    assert names(alice, plural, "/by_name", query="没有") == []


@pytest.mark.parametrize("plural", PLURALS)
def test_lists_by_name_hold_what_the_caller_may_see(world: World, alice: httpx.Client, plural: str) -> None:
    one_of_each(alice, "郑州一中")
    for name, sees in (("bob", True), ("dora", True), ("charlie", False), ("eve", False)):
        assert names(world.client(name), plural, "/by_name", query="郑州") == (["郑州一中"] if sees else [])


@pytest.mark.parametrize("plural", PLURALS)
def test_days_of_creation_change_and_follow_up_are_ranges(world: World, alice: httpx.Client, plural: str) -> None:
    first = one_of_each(alice, "第一天")
    world.clock.at = at("2024-06-14 23:59")
    second = one_of_each(alice, "第三天")
    class_name = {"opportunities": "Opportunity"}.get(plural, plural.removesuffix("s").capitalize())
    for id_, said in ((first[plural], "2024-06-01 08:00"), (second[plural], "2024-06-02 00:00")):
        follow_up(alice, id_, "见过面", class_name, real_revisit_at=said)
    for key in ("created_at[]", "updated_at[]"):
        assert names(alice, plural, **{key: ["2024-06-14", "2024-06-14"]})[:1] == ["第三天"]
        assert names(alice, plural, **{key: "2024-06-15"}) == []
    assert names(alice, plural, **{"created_at[]": ["2024-06-12", "2024-06-13"]}) == ["第一天"]
    assert names(alice, plural, **{"real_revisit_at[]": "2024-06-01"}) == ["第一天"]
    assert names(alice, plural, **{"real_revisit_at[]": ["2024-06-01", "2024-06-02"]}) == ["第三天", "第一天"]
    assert refused(alice.get(f"/api/v2/{plural}", params={"real_revisit_at[]": "gestern"}), 100422)["errors"] == {
        "real_revisit_at": ["应为两个日期：YYYY-MM-DD"]
    }


def test_opportunities_are_filtered_by_stage_kind_and_source(alice: httpx.Client) -> None:
    customer = new_customer(alice)
    new_opportunity(alice, customer, "初", stage=FIRST_TALKS.id, kind="7", expect_amount=5)
    new_opportunity(alice, customer, "赢", stage=WON.id, kind="8", source="9", expect_amount="20.5")
    assert names(alice, "opportunities", stage=WON.id) == ["赢"]
    assert names(alice, "opportunities", status=FIRST_TALKS.id) == ["初"]
    assert names(alice, "opportunities", kind="7") == ["初"]
    assert names(alice, "opportunities", source="9") == ["赢"]
    assert names(alice, "opportunities", stage=WON.id, kind="7") == []
    assert names(alice, "opportunities", sort="expect_amount", order="asc") == ["初", "赢"]
    assert names(alice, "opportunities", sort="title", order="asc", product_id="5") == ["初", "赢"]


def test_what_belongs_to_a_customer_or_an_opportunity_is_listed_by_it(world: World, alice: httpx.Client) -> None:
    first, second = one_of_each(alice, "甲"), one_of_each(alice, "乙")
    other = new_opportunity(alice, second["customers"], "丙")
    new_contract(alice, second["customers"], "丙的合同", opportunity_id=other)
    for plural in ("contacts", "opportunities", "contracts"):
        assert names(alice, plural, entity="customer", entity_id=first["customers"]) == ["甲"]
        assert names(alice, plural, entity="Customer", entity_id=str(first["customers"])) == ["甲"]
        assert names(alice, plural, entity_id=first["customers"]) == ["甲"]
        assert names(alice, plural, entity="customer", entity_id=1_999_999_999) == []
        assert names(world.client("charlie"), plural, entity="customer", entity_id=first["customers"]) == []
        assert names(world.client("eve"), plural, entity="customer", entity_id=first["customers"]) == []
    assert names(alice, "contracts", entity="opportunity", entity_id=other) == ["丙的合同"]
    assert names(alice, "contacts", entity="opportunity", entity_id=first["opportunities"]) == ["甲"]
    assert names(alice, "contacts", entity="opportunity", entity_id=first["leads"]) == []
    told = refused(alice.get("/api/v2/contacts", params={"entity": "lead", "entity_id": 5}), 100422)
    assert told["errors"] == {"entity": ["应为customer、opportunity之一"]}
    told = refused(alice.get("/api/v2/contacts", params={"entity": "customer", "entity_id": "x"}), 100422)
    assert told["errors"] == {"entity_id": ["不是有效的编号"]}


def test_contacts_are_found_by_whether_they_have_a_number_and_by_it(alice: httpx.Client) -> None:
    new_contact(alice, "有", address_attributes={"phone": "134-0000-0031", "tel": "0371-6000001"})
    new_contact(alice, "没有", note="13400000031")
    assert names(alice, "contacts", has_phone="true") == ["有"]
    assert names(alice, "contacts", has_phone=1) == ["有"]
    assert names(alice, "contacts", has_phone="false") == ["没有"]
    assert names(alice, "contacts", has_phone="") == ["没有", "有"]
    for written in ("13400000031", "+86 134 0000 0031", "１３４００００００３１", "03716000001"):
        assert names(alice, "contacts", all_phone_number=written) == ["有"]
    assert names(alice, "contacts", all_phone_number="1340000003") == []
    told = refused(alice.get("/api/v2/contacts", params={"all_phone_number": "电话"}), 100422)
    assert told["errors"] == {"all_phone_number": ["不是有效的电话号码"]}


@pytest.mark.parametrize(
    ("plural", "field", "query", "found"),
    [
        ("leads", "note", "展会", ["甲"]),
        ("leads", "company_name", "展会", []),
        ("leads", "name", "甲", ["甲"]),
        ("leads", "tel", "0371", ["甲"]),
        ("leads", "address.detail_address", "南京路", ["甲"]),
        ("leads", "text_asset_1f2e", "x", []),
        ("opportunities", "title", "甲", ["甲"]),
        ("opportunities", "name", "甲", ["甲"]),
        ("opportunities", "customer_requirement", "展会", ["甲"]),
        ("contracts", "sn", "HT", ["甲"]),
    ],
)
def test_one_field_is_searched_when_it_is_named(
    alice: httpx.Client, plural: str, field: str, query: str, found: list[str]
) -> None:
    customer = new_customer(alice)
    address = {"tel": "0371-100", "detail_address": "南京路1号"}
    new_lead(alice, "甲", note="展会上认识", address_attributes=address)
    new_lead(alice, "乙", note="0371 南京路")
    new_opportunity(alice, customer, "甲", customer_requirement="展会用")
    new_contract(alice, customer, "甲", sn="HT-1")
    assert names(alice, plural, custom_field_name=field, query=query) == found


@pytest.mark.parametrize("field", ["status", "id", "expect_amount", "password", "owner_id", "birth_date", "x" * 300])
def test_a_field_that_cannot_be_searched_is_refused(alice: httpx.Client, field: str) -> None:
    told = refused(alice.get("/api/v2/opportunities", params={"custom_field_name": field, "query": "x"}), 100422)
    assert told["errors"] == {"custom_field_name": ["不能按此字段查询"]}


def test_tabs_of_collaboration_hold_what_somebody_assists(world: World, alice: httpx.Client, bob: httpx.Client) -> None:
    dora = world.client("dora")
    made = one_of_each(dora, "朵拉的")
    new_lead(bob, "别的")

    def share(user_id: int) -> None:
        for plural in ("leads", "customers"):
            url = f"/api/v2/{plural}/{made[plural]}/update_assist_user"
            ok(dora.put(url, json={"assist_user_ids": [user_id]}))

    share(ALICE.id)
    for plural in PLURALS:
        for tab in ("assist", "my_assist"):
            assert names(alice, plural, tab_type=tab) == ["朵拉的"]
        assert names(alice, plural, tab_type="my") == []
        assert names(alice, plural, tab_type="sub_assist") == []
        assert names(dora, plural, tab_type="sub_assist") == ["朵拉的"]
        assert names(dora, plural, tab_type="my_assist") == []
        assert names(bob, plural, tab_type="sub_assist") == []  # he manages her, but does not see it
    share(BOB.id)
    assert names(bob, "contacts", tab_type="my_assist") == ["朵拉的"]
    assert names(bob, "contacts", tab_type="sub_assist") == []


@pytest.mark.parametrize("plural", ["customers", "contracts"])
def test_the_state_of_approval_is_a_filter(world: World, alice: httpx.Client, plural: str) -> None:
    made = one_of_each(alice, "甲")
    one_of_each(alice, "乙")
    type_ = {"customers": 2, "contracts": 5}[plural]
    ref = lead(made[plural])._replace(type=type_)  # type: ignore[arg-type]
    world.database.write(lambda tx: records.change(tx, 1, ref, {"approve_status": "applying"}))
    assert names(alice, plural, approve_status="applying") == ["甲"]
    assert names(alice, plural, approve_status="approved") == ["乙"]
    told = refused(alice.get(f"/api/v2/{plural}", params={"approve_status": "yes"}), 100422)
    assert told["errors"] == {"approve_status": ["应为applying、approved、denied、reverted之一"]}


def test_the_last_call_sorts(world: World, alice: httpx.Client) -> None:
    first, second = new_lead(alice, "先"), new_lead(alice, "后")
    new_lead(alice, "没有")
    for called_at, id_ in ((NOW, second), (NOW + 1, first)):
        change = partial(records.change, organisation_id=1, ref=lead(id_), values={"called_at": called_at})
        world.database.write(change)
    assert lead_names(alice, sort="last_called_at") == ["先", "后", "没有"]
    assert lead_names(alice, sort="last_called_at", order="asc") == ["后", "先", "没有"]


def test_a_field_that_a_role_hides_is_not_searched_in(world: World, alice: httpx.Client) -> None:
    new_lead(alice, "甲", note="展会", address_attributes={"tel": "0371-100"})
    for hidden in ("lead.note", "lead.address", "lead.company_name"):
        role = Role(SELLER.id, SELLER.name, SELLER.scope, Rights(hidden=frozenset({hidden})))
        world.database.write(lambda tx, role=role: people.put_roles(tx, ORGANISATION.id, [role]))
        world.change(ORGANISATION)
        field = {"lead.note": "note", "lead.address": "tel", "lead.company_name": "company_name"}[hidden]
        refused(alice.get("/api/v2/leads", params={"custom_field_name": field, "query": "x"}), 100403)
        assert lead_names(alice, custom_field_name="name", query="甲") == ["甲"]
