"""Contacts: create, read, list, update, delete; what happens to them shows in their customer's timeline too."""

from typing import Any

import httpx
import pytest

from tests.api.bodies import MISSING, same, user_body
from tests.world import (
    ALICE,
    CHARLIE,
    NOW,
    PHONES,
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

URL = "/api/v2/contacts"


def _descriptions(client: httpx.Client, customer_id: int) -> list[str]:
    return [entry["description"] for entry in activities_of(timeline_of(client, customer_id, "customers"))]


def test_the_whole_contact(alice: httpx.Client) -> None:
    customer = new_customer(alice)
    given = {
        "name": "王主任",
        "customer_id": str(customer),
        "department": "教务处",
        "job": "主任",
        "gender": "female",
        "birth_date": "1988-02-29",
        "note": "周三下午有空",
        "address_attributes": {"phone": "13400000031", "detail_address": "南京路1号"},
    }
    told = alice.post(URL, json={"contact": given})
    found = ok(told)
    address = found.pop("address")
    assert (address["phone"], address["detail_address"], address["tel"]) == ("13400000031", "南京路1号", "")
    assert found == {
        "id": found["id"],
        "user_id": ALICE.id,
        "user_name": "Alice",
        "created_at": "2024-06-12 10:00",
        "updated_at": "2024-06-12 10:00",
        "revisit_remind_at": "",
        "real_revisit_at": "",
        "is_own": True,
        "is_user_self": True,
        "is_editable": True,
        "need_hidden_dispose": False,
        "approve_status": "approved",
        "approve_status_i18n": "已通过",
        "user": user_body(),
        "creator": user_body(),
        "owned_department": {"id": PHONES.id, "name": PHONES.name},
        "before_user": {},
        "before_owned_department": {},
        "name": "王主任",
        "customer_id": customer,
        "customer_name": "郑州第一中学",
        "category": "",
        "category_mapped": "",
        "category_display": "",
        "department": "教务处",
        "job": "主任",
        "gender": "female",
        "gender_i18n": "女",
        "birth_date": "1988-02-29",
        "note": "周三下午有空",
    }
    assert alice.get(f"{URL}/{found['id']}").content == told.content
    assert ok(alice.get(URL))["contacts"] == [ok(told)]


@pytest.mark.parametrize("method", ["put", "patch", "post"])
def test_a_contact_is_changed_by_any_of_three_methods(alice: httpx.Client, method: str) -> None:
    id_ = new_contact(alice, job="主任", gender="male")
    changed = ok(alice.request(method, f"{URL}/{id_}", data={"contact[job]": "校长", "contact[birth_date]": ""}))
    assert (changed["name"], changed["job"], changed["gender"]) == ("王主任", "校长", "male")
    assert ok(alice.get(f"{URL}/{id_}")) == changed


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {"name": ["不能为空"]}),
        ({"name": " \u3000 "}, {"name": ["不能为空"]}),
        ({"name": "字" * 256}, {"name": ["不能超过255个字符"]}),
        ({"name": "x", "customer_id": 999_999}, {"customer_id": ["没有这个客户"]}),
        ({"name": "x", "customer_id": "abc"}, {"customer_id": ["不是有效的编号"]}),
        ({"name": "x", "customer_id": [5]}, {"customer_id": ["不是有效的编号"]}),
        ({"name": "x", "gender": "other"}, {"gender": ["应为male、female之一"]}),
        ({"name": "x", "birth_date": "2023-02-29"}, {"birth_date": ["不是有效的日期"]}),
        ({"name": "x", "birth_date": "2000-02-29*"}, {"birth_date": ["不是有效的日期"]}),
        ({"name": "x", "birth_date": "2000-02-28 25:00x"}, {"birth_date": ["不是有效的日期"]}),
        ({"name": "x", "birth_date": 20230201}, {"birth_date": ["不是有效的日期"]}),
        ({"name": "x", "job": {"a": 1}}, {"job": ["不能是对象或数组"]}),
        ({"name": "x", "user_id": CHARLIE.id + 100}, {"user_id": ["没有这个用户"]}),
    ],
)
def test_a_contact_that_breaks_a_rule_is_refused_by_field(
    alice: httpx.Client, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert refused(alice.post(URL, json={"contact": given}), 100422)["errors"] == errors
    assert ok(alice.get(URL))["total_count"] == 0
    id_ = new_contact(alice)
    if "name" in given:
        assert refused(alice.put(f"{URL}/{id_}", json={"contact": given}), 100422)["errors"] == errors
        assert ok(alice.get(f"{URL}/{id_}"))["name"] == "王主任"


def test_who_sees_a_customer_sees_its_contacts_and_nobody_else(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    id_ = ok(world.client("dora").post(URL, json={"contact": {"name": "王主任", "customer_id": customer}}))["id"]
    for name in ("alice", "bob", "dora"):
        client = world.client(name)
        assert ok(client.get(f"{URL}/{id_}"))["is_editable"] is True
        assert [each["id"] for each in ok(client.get(URL))["contacts"]] == [id_]
    for name in ("charlie", "eve"):
        client = world.client(name)
        assert ok(client.get(URL)) == {
            "contacts": [],
            "total_count": 0,
            "per_page": 15,
            "page": 1,
            "has_next_page": False,
        }
        for told in (
            client.get(f"{URL}/{id_}"),
            client.put(f"{URL}/{id_}", json={"contact": {"name": "x"}}),
            client.delete(f"{URL}/{id_}"),
        ):
            assert same(told, MISSING)


def test_nobody_makes_a_contact_of_a_customer_that_they_do_not_see(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    for name in ("charlie", "eve"):
        client = world.client(name)
        for wanted in (customer, 1_999_999_999):
            told = refused(client.post(URL, json={"contact": {"name": "x", "customer_id": wanted}}), 100422)
            assert told["errors"] == {"customer_id": ["没有这个客户"]}
        id_ = new_contact(client)
        told = refused(client.put(f"{URL}/{id_}", json={"contact": {"customer_id": customer}}), 100422)
        assert told["errors"] == {"customer_id": ["没有这个客户"]}
    assert timeline_of(alice, customer, "customers")["total_count"] == 1
    assert world.miscounts() == []


def test_a_lead_is_no_customer_of_a_contact(alice: httpx.Client) -> None:
    told = refused(alice.post(URL, json={"contact": {"name": "x", "customer_id": new_lead(alice)}}), 100422)
    assert told["errors"] == {"customer_id": ["没有这个客户"]}


def test_the_name_of_a_customer_that_one_does_not_see_is_not_told(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    given = {"name": "王主任", "customer_id": customer, "user_id": CHARLIE.id}
    id_ = ok(world.client("dora").post(URL, json={"contact": given}))["id"]
    found = ok(world.client("charlie").get(f"{URL}/{id_}"))
    assert (found["customer_id"], found["customer_name"]) == (customer, "")
    assert ok(alice.get(f"{URL}/{id_}"))["customer_name"] == "郑州第一中学"
    ok(world.client("charlie").put(f"{URL}/{id_}", json={"contact": {"customer_id": customer, "job": "主任"}}))


def test_what_happens_to_a_contact_is_in_both_timelines(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    world.clock.at = NOW + 60
    id_ = new_contact(alice, customer_id=customer)
    world.clock.at = NOW + 120
    follow_up(alice, id_, "请王主任吃饭", "Contact")
    ok(alice.put(f"{URL}/{id_}", json={"contact": {"job": "校长"}}))
    assert _descriptions(alice, customer) == ["职务：空 → 校长", "请王主任吃饭", "新增联系人", "新增客户"]
    entry = activities_of(timeline_of(alice, customer, "customers"))[2]
    assert (entry["refer_type"], entry["refer_id"], entry["refer_name"]) == ("Contact", id_, "王主任")
    assert world.miscounts() == []


def test_a_contact_that_changes_its_customer_takes_its_history_along(world: World, alice: httpx.Client) -> None:
    first, second = new_customer(alice, "甲"), new_customer(alice, "乙")
    id_ = new_contact(alice, customer_id=first)
    stays = new_contact(alice, "留下", customer_id=first)
    follow_up(alice, id_, "请王主任吃饭", "Contact")
    follow_up(alice, first, "对客户", "Customer")
    world.clock.at = NOW + 60
    changed = ok(alice.put(f"{URL}/{id_}", json={"contact": {"customer_id": second}}))
    assert (changed["customer_id"], changed["customer_name"]) == (second, "乙")
    assert _descriptions(alice, first) == ["对客户", "新增联系人", "新增客户"]
    assert [e["refer_id"] for e in activities_of(timeline_of(alice, first, "customers"))] == [first, stays, first]
    assert _descriptions(alice, second) == ["客户：甲 → 乙", "请王主任吃饭", "新增联系人", "新增客户"]
    assert timeline_of(alice, first, "customers")["total_count"] == 3
    assert timeline_of(alice, second, "customers")["total_count"] == 4
    assert world.miscounts() == []


def test_a_contact_that_loses_its_customer_leaves_its_timeline_and_comes_back(
    world: World, alice: httpx.Client
) -> None:
    customer = new_customer(alice)
    id_ = new_contact(alice, customer_id=customer)
    for nth in range(3):
        follow_up(alice, id_, f"第{nth}次", "Contact")
    ok(alice.put(f"{URL}/{id_}", json={"contact": {"customer_id": ""}}))
    assert _descriptions(alice, customer) == ["新增客户"]
    ok(alice.put(f"{URL}/{id_}", json={"contact": {"customer_id": customer}}))
    assert timeline_of(alice, customer, "customers")["total_count"] == 7
    assert world.miscounts() == []


def test_a_deleted_contact_is_missing_and_its_customer_remembers_it(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    id_ = new_contact(alice, customer_id=customer)
    assert ok(alice.delete(f"{URL}/{id_}"))["name"] == "王主任"
    assert same(alice.get(f"{URL}/{id_}"), MISSING)
    assert ok(alice.get(URL))["total_count"] == 0
    assert [e["refer_id"] for e in activities_of(timeline_of(alice, customer, "customers"))] == [id_, id_, customer]
    assert world.miscounts() == []


@pytest.mark.parametrize(
    "given", ["2000-02-29", "2000/2/29", " 2000-02-29 09:30 ", "2000-02-29T09:30:00.000+08:00", "2000-02-29 09:30:15"]
)
def test_a_day_is_read_in_many_forms_and_kept_in_one(alice: httpx.Client, given: str) -> None:
    assert ok(alice.get(f"{URL}/{new_contact(alice, birth_date=given)}"))["birth_date"] == "2000-02-29"


def test_names_are_kept_as_they_were_typed(alice: httpx.Client) -> None:
    for name in ("👩‍👩‍👧‍👦", "O'Brien; DROP TABLE records --", "𠮷野家", "<b>&amp;</b>", "１２３", "字" * 255):
        assert ok(alice.get(f"{URL}/{new_contact(alice, name)}"))["name"] == name


def test_contacts_are_not_read_as_other_records(alice: httpx.Client) -> None:
    id_ = new_contact(alice)
    for plural in ("leads", "customers", "opportunities", "contracts"):
        assert same(alice.get(f"/api/v2/{plural}/{id_}"), MISSING)
