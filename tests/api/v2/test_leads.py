"""Leads: create, read, list, update, delete, and who may."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from genjin.store import records
from tests.api.bodies import MISSING, same, user_body
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    EVE,
    FROM_WEB,
    HOT,
    NEW,
    NOW,
    PARTNERS,
    PHONES,
    World,
    lead,
    lead_names,
    new_customer,
    new_lead,
    ok,
    refused,
)

URL = "/api/v2/leads"


def test_the_whole_lead(world: World, alice: httpx.Client) -> None:
    given = {
        "name": "郑老师",
        "company_name": "郑州一中",
        "status": str(NEW.id),
        "source": FROM_WEB.id,
        "department": "教务处",
        "job": "主任",
        "note": "重要",
        "customer_requirement": "100 套",
        "revisit_remind_at": "2024-06-15 10:00",
        "address_attributes": {"tel": "0371-1234", "detail_address": "南京路1号", "lat": 5, "country_id": 1},
    }
    told = alice.post(URL, json={"lead": given})
    id_ = ok(told)["id"]
    address: dict[str, Any] = {key: {} for key in ("country", "province", "city", "district")} | {
        "tel": "0371-1234",
        **dict.fromkeys(("phone", "email", "qq", "fax", "wechat", "wangwang", "zip", "url"), ""),
        "detail_address": "南京路1号",
        "lat": 5.0,
        "lng": 0.0,
        "region_info": "",
    }
    assert ok(told) == {
        "id": id_,
        "user_id": ALICE.id,
        "user_name": "Alice",
        "name": "郑老师",
        "company_name": "郑州一中",
        "created_at": "2024-06-12 10:00",
        "updated_at": "2024-06-12 10:00",
        "revisit_remind_at": "2024-06-15 10:00",
        "real_revisit_at": "",
        "is_own": True,
        "is_user_self": True,
        "is_editable": True,
        "need_hidden_dispose": False,
        "qixinbao_id": "",
        "approve_status": "approved",
        "approve_status_i18n": "已通过",
        "attachment": {},
        "card_attachment": {},
        "address": address,
        "user": user_body(),
        "creator": user_body(),
        "owned_department": {"id": PHONES.id, "name": PHONES.name},
        "before_user": {},
        "before_owned_department": {},
        "status": str(NEW.id),
        "status_mapped": "新建",
        "status_display": "新建",
        "source": str(FROM_WEB.id),
        "source_mapped": "官网",
        "source_display": "官网",
        "department": "教务处",
        "job": "主任",
        "note": "重要",
        "customer_requirement": "100 套",
        "channel_code": "",
        "turned_to_customer": False,
        "turned_customer_id": 0,
        "turned_to_customer_name": "",
    }
    assert alice.get(f"{URL}/{id_}").content == told.content
    assert ok(alice.get(URL))["leads"] == [ok(told)]


def test_an_update_changes_what_is_given_and_nothing_else(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice, note="重要", status=NEW.id, company_name="郑州一中")
    before = ok(alice.get(f"{URL}/{id_}"))
    world.clock.at = NOW + 60
    after = ok(alice.put(f"{URL}/{id_}", json={"lead": {"status": HOT.id, "note": ""}}))
    assert {key: after[key] for key in after if after[key] != before[key]} == {
        "updated_at": "2024-06-12 10:01",
        "status": str(HOT.id),
        "status_mapped": "重点",
        "status_display": "重点",
        "note": "",
    }
    assert ok(alice.get(f"{URL}/{id_}")) == after


def test_an_update_changes_the_given_parts_of_an_address_and_no_others(alice: httpx.Client) -> None:
    where = {"phone": "13400000031", "detail_address": "南京路1号", "lat": "31.2", "lng": "121.5"}
    url = f"/api/v2/leads/{new_lead(alice, address_attributes=where)}"

    def told(**parts: str | None) -> dict[str, object]:
        address = ok(alice.put(url, json={"lead": {"address_attributes": parts}}))["address"]
        assert ok(alice.get(url))["address"] == address
        return {key: part for key, part in address.items() if part}

    whole = {"phone": "13400000031", "detail_address": "南京路1号", "lat": 31.2, "lng": 121.5}
    assert told() == whole
    assert told(tel="021-55500031") == {"tel": "021-55500031", **whole}
    assert told(phone="", lat=None, lng="") == {"tel": "021-55500031", "detail_address": "南京路1号"}
    assert told(tel=None, detail_address="") == {}


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {"name": ["不能为空"]}),
        ({"name": ""}, {"name": ["不能为空"]}),
        ({"name": "  \t"}, {"name": ["不能为空"]}),
        ({"name": None}, {"name": ["不能为空"]}),
        ({"name": "x" * 256}, {"name": ["不能超过255个字符"]}),
        ({"name": "x", "company_name": "x" * 256}, {"company_name": ["不能超过255个字符"]}),
        ({"name": "x", "note": "x" * 20_001}, {"note": ["不能超过20000个字符"]}),
        ({"name": "x", "user_id": 999}, {"user_id": ["没有这个用户"]}),
        ({"name": "x", "user_id": "abc"}, {"user_id": ["不是有效的编号"]}),
        ({"name": "x", "user_id": EVE.id}, {"user_id": ["没有这个用户"]}),
        ({"name": "x", "want_department_id": 999}, {"want_department_id": ["没有这个部门"]}),
        ({"name": "x", "revisit_remind_at": "morgen"}, {"revisit_remind_at": ["不是有效的时间"]}),
        ({"name": "x", "status": "x" * 65}, {"status": ["不能超过64个字符"]}),
        ({"name": "x", "address_attributes": {"tel": ["5"]}}, {"address_attributes.tel": ["不能是对象或数组"]}),
    ],
)
def test_a_lead_that_breaks_a_rule_is_refused_by_field(
    alice: httpx.Client, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert refused(alice.post(URL, json={"lead": given}), 100422)["errors"] == errors
    assert ok(alice.get(URL))["total_count"] == 0
    id_ = new_lead(alice)
    if given.keys() - {"name"} or "name" in given:
        assert refused(alice.put(f"{URL}/{id_}", json={"lead": given}), 100422)["errors"] == errors
    assert ok(alice.get(f"{URL}/{id_}"))["name"] == "郑老师"


def test_who_sees_a_lead_in_lists_and_by_its_id(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    for name, sees in (("alice", True), ("bob", True), ("dora", True), ("charlie", False), ("eve", False)):
        client = world.client(name)
        assert lead_names(client) == (["郑老师"] if sees else [])
        assert ok(client.get(URL))["total_count"] == int(sees)
        if sees:
            found = ok(client.get(f"{URL}/{id_}"))
            assert found["is_own"] is (name == "alice")
        else:
            for told in (
                client.get(f"{URL}/{id_}"),
                client.put(f"{URL}/{id_}", json={"lead": {"name": "x"}}),
                client.delete(f"{URL}/{id_}"),
            ):
                assert same(told, MISSING)
    assert ok(alice.get(f"{URL}/{id_}"))["name"] == "郑老师"


def test_a_lead_is_given_to_whom_one_sees_and_to_nobody_else(
    world: World, alice: httpx.Client, bob: httpx.Client
) -> None:
    dora = world.client("dora")
    given = {"name": "x", "user_id": CHARLIE.id}
    for client in (alice, bob):
        refused(client.post(URL, json={"lead": given}), 100403)
        id_ = new_lead(client)
        refused(client.put(f"{URL}/{id_}", json={"lead": {"user_id": CHARLIE.id}}), 100403)
    refused(alice.post(URL, json={"lead": {"name": "x", "user_id": BOB.id}}), 100403)
    assert ok(bob.post(URL, json={"lead": {"name": "x", "user_id": ALICE.id}}))["owned_department"]["id"] == PHONES.id
    assert ok(dora.post(URL, json={"lead": given}))["user_id"] == CHARLIE.id
    assert lead_names(world.client("charlie")) == ["x"]


def test_a_lead_that_is_handed_on_remembers_whose_it_was(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    after = ok(world.client("dora").put(f"{URL}/{id_}", json={"lead": {"user_id": CHARLIE.id}}))
    assert (after["user_id"], after["user"]["name"], after["owned_department"]["id"]) == (
        CHARLIE.id,
        "Charlie",
        PARTNERS.id,
    )
    assert (after["before_user"]["name"], after["before_owned_department"]["id"]) == ("Alice", PHONES.id)
    assert after["creator"]["name"] == "Alice"
    assert same(alice.get(f"{URL}/{id_}"), MISSING)


def test_a_deleted_lead_is_answered_once_more_and_then_missing(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    assert ok(alice.delete(f"{URL}/{id_}"))["name"] == "郑老师"
    assert lead_names(alice) == []
    for told in (
        alice.get(f"{URL}/{id_}"),
        alice.put(f"{URL}/{id_}", json={"lead": {"name": "x"}}),
        alice.delete(f"{URL}/{id_}"),
    ):
        assert same(told, MISSING)


def test_a_lead_without_an_owner_is_the_administrators_and_its_departments_and_in_no_pool(
    world: World, alice: httpx.Client
) -> None:
    id_ = new_lead(alice)
    world.database.write(lambda tx: records.change(tx, 1, lead(id_), {"owner_id": None}))
    dora = world.client("dora")
    assert (lead_names(dora), lead_names(dora, tab_type="common")) == (["郑老师"], [])
    found = ok(dora.get(f"{URL}/{id_}"))
    assert (found["user_id"], found["user"]) == (0, None)
    assert lead_names(alice) == []
    assert lead_names(world.client("bob")) == ["郑老师"]  # it is still his department's


def test_a_lead_of_a_removed_department_and_role_is_still_served(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.change(replace(ALICE, department_id=None, role_id=0))
    found = ok(world.client("alice").get(f"{URL}/{id_}"))
    assert found["user"]["department_name"] == ""
    assert lead_names(world.client("alice")) == ["郑老师"]


def test_leads_and_customers_do_not_mix(alice: httpx.Client) -> None:
    id_, customer = new_lead(alice), new_customer(alice)
    assert same(alice.get(f"{URL}/{customer}"), MISSING)
    assert same(alice.get(f"/api/v2/customers/{id_}"), MISSING)
    assert lead_names(alice) == ["郑老师"]


def test_names_are_kept_as_they_were_typed(alice: httpx.Client) -> None:
    for name in (
        "👩‍👩‍👧‍👦",
        "O'Brien; DROP TABLE records --",
        "𠮷野家",
        "<b>&amp;</b>",
        "100%_\\",
        " 空 格 ",
        "e\u0301",
    ):
        id_ = new_lead(alice, name)
        assert ok(alice.get(f"{URL}/{id_}"))["name"] == name
