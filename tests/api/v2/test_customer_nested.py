"""A customer is written together with its contacts and opportunities: all of it, or nothing."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.api.bodies import MISSING, same
from tests.world import (
    BOB,
    CHARLIE,
    FIRST_TALKS,
    World,
    activities_of,
    new_contact,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/customers"

BODIES: dict[str, Any] = {
    "json": {
        "json": {
            "customer": {
                "name": "郑州一中",
                "address_attributes": {"detail_address": "南京路1号"},
                "contacts_attributes": [
                    {"name": "王主任", "job": "主任", "address_attributes": {"phone": "13400000031"}},
                    {"name": "李老师😀"},
                ],
                "opportunities_attributes": [{"title": "教学软件", "stage": FIRST_TALKS.id, "expect_amount": "98000"}],
            },
            "check_duplicates": "true",
        }
    },
    "form": {
        "data": {
            "customer[name]": "郑州一中",
            "customer[address_attributes][detail_address]": "南京路1号",
            "customer[contacts_attributes][0][name]": "王主任",
            "customer[contacts_attributes][0][job]": "主任",
            "customer[contacts_attributes][0][address_attributes][phone]": "13400000031",
            "customer[contacts_attributes][1][name]": "李老师😀",
            "customer[opportunities_attributes][1718000000000][title]": "教学软件",
            "customer[opportunities_attributes][1718000000000][stage]": str(FIRST_TALKS.id),
            "customer[opportunities_attributes][1718000000000][expect_amount]": "98000",
            "check_duplicates": "false",
        }
    },
    "brackets": {
        "data": {
            "customer[name]": "郑州一中",
            "customer[address_attributes][detail_address]": "南京路1号",
            "customer[contacts_attributes][][name]": ["王主任", "李老师😀"],
            "customer[opportunities_attributes][][title]": "教学软件",
        }
    },
}


@pytest.mark.parametrize("form", BODIES)
def test_contacts_and_opportunities_are_created_with_their_customer(
    world: World, alice: httpx.Client, form: str
) -> None:
    made = ok(alice.post(URL, **BODIES[form]))
    assert made["address"]["detail_address"] == "南京路1号"
    assert [contact["name"] for contact in made["contacts"]] == ["王主任", "李老师😀"]
    entries = activities_of(timeline_of(alice, made["id"], "customers"))
    assert [(entry["refer_type"], entry["refer_name"]) for entry in entries] == [
        ("Opportunity", "教学软件"),
        ("Contact", "李老师😀"),
        ("Contact", "王主任"),
        ("Customer", "郑州一中"),
    ]
    contact, deal = ok(alice.get("/api/v2/contacts"))["contacts"][1], ok(alice.get("/api/v2/opportunities"))
    assert (contact["customer_id"], contact["user_name"]) == (made["id"], "Alice")
    assert deal["opportunities"][0]["customer_name"] == "郑州一中"
    if form != "brackets":
        assert (contact["job"], contact["address"]["phone"]) == ("主任", "13400000031")
        assert deal["opportunities"][0]["expect_amount"] == "98000.0"
        assert [row["label"] for row in made["phones_data"]] == ["王主任 手机"]
    assert world.miscounts() == []


@pytest.mark.parametrize(
    ("nested", "errors"),
    [
        ({"contacts_attributes": [{"name": "好"}, {"job": "x"}]}, {"contacts_attributes.1.name": ["不能为空"]}),
        ({"contacts_attributes": {"7": {"name": ""}}}, {"contacts_attributes.0.name": ["不能为空"]}),
        ({"contacts_attributes": ["王主任"]}, {"contacts_attributes.0": ["应为对象"]}),
        ({"contacts_attributes": "王主任"}, {"contacts_attributes.0": ["应为对象"]}),
        ({"contacts_attributes": [{"name": "x"}] * 101}, {"contacts_attributes": ["不能超过100个"]}),
        (
            {"contacts_attributes": [{"name": "x", "birth_date": "明天", "gender": "x"}]},
            {
                "contacts_attributes.0.birth_date": ["不是有效的日期"],
                "contacts_attributes.0.gender": ["应为male、female之一"],
            },
        ),
        (
            {"opportunities_attributes": [{"title": "字" * 256, "expect_amount": "1"}]},
            {"opportunities_attributes.0.title": ["不能超过255个字符"]},
        ),
        (
            {"opportunities_attributes": [{"title": "x", "expect_amount": "很多"}]},
            {"opportunities_attributes.0.expect_amount": ["不是有效的金额"]},
        ),
        (
            {"contacts_attributes": [{"name": "x", "user_id": 999}]},
            {"contacts_attributes.0.user_id": ["没有这个用户"]},
        ),
    ],
)
def test_what_is_wrong_with_a_part_is_told_by_its_place_and_nothing_is_created(
    world: World, alice: httpx.Client, nested: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    told = refused(alice.post(URL, json={"customer": {"name": "郑州一中", **nested}}), 100422)
    assert told["errors"] == errors
    for plural in ("customers", "contacts", "opportunities"):
        assert ok(alice.get(f"/api/v2/{plural}"))["total_count"] == 0
    assert world.miscounts() == []


def test_a_part_that_may_not_be_given_to_somebody_undoes_the_whole(world: World, alice: httpx.Client) -> None:
    contacts = [{"name": "好"}, {"name": "不好", "user_id": CHARLIE.id}]
    refused(alice.post(URL, json={"customer": {"name": "郑州一中", "contacts_attributes": contacts}}), 100403)
    assert ok(alice.get(URL))["total_count"] == 0
    assert ok(world.client("dora").get("/api/v2/contacts"))["total_count"] == 0


def test_parts_have_the_owner_of_their_customer_unless_they_name_another(bob: httpx.Client) -> None:
    given = {"name": "甲", "user_id": 31, "contacts_attributes": [{"name": "x"}, {"name": "y", "user_id": BOB.id}]}
    id_ = ok(bob.post(URL, json={"customer": given}))["id"]
    found = ok(bob.get(f"{URL}/{id_}/contacts", params={"order": "asc"}))["contacts"]
    assert [(each["name"], each["user_name"], each["creator"]["name"]) for each in found] == [
        ("x", "Alice", "Bob"),
        ("y", "Bob", "Bob"),
    ]


def test_the_customer_of_a_part_is_the_one_that_it_lies_in(alice: httpx.Client) -> None:
    other = new_customer(alice, "别的")
    given = {"name": "甲", "contacts_attributes": [{"name": "x", "customer_id": other}]}
    made = ok(alice.post(URL, json={"customer": given}))
    assert [contact["name"] for contact in made["contacts"]] == ["x"]
    assert ok(alice.get(f"{URL}/{other}"))["contacts"] == []


@pytest.mark.parametrize("nothing", [None, "", [], {}, [{}], {"0": {}}])
def test_nothing_nested_is_nothing_created(alice: httpx.Client, nothing: object) -> None:
    made = ok(alice.post(URL, json={"customer": {"name": "甲", "contacts_attributes": nothing}}))
    assert made["contacts"] == []


@pytest.mark.parametrize("method", ["put", "patch", "post"])
def test_an_update_adds_parts_and_changes_those_that_it_names(world: World, alice: httpx.Client, method: str) -> None:
    id_ = new_customer(alice)
    contact = new_contact(alice, customer_id=id_)
    other = new_contact(alice, "别人的", customer_id=new_customer(alice, "乙"))
    parts = [{"id": str(contact), "job": "校长"}, {"name": "新来的"}]
    body = {"customer": {"contacts_attributes": parts, "note": "改了"}, "check_duplicates": "true"}
    changed = ok(alice.request(method, f"{URL}/{id_}", json=body))
    assert [(each["name"], each["job"]) for each in changed["contacts"]] == [("王主任", "校长"), ("新来的", "")]
    assert changed["note"] == "改了"
    for wrong in (other, new_lead(alice), 1_999_999_999):
        told = alice.put(f"{URL}/{id_}", json={"customer": {"contacts_attributes": [{"id": wrong, "job": "x"}]}}).json()
        assert told["code"] in (100422, 100100)
    assert ok(alice.get(f"/api/v2/contacts/{other}"))["job"] == ""
    assert world.miscounts() == []


@pytest.mark.parametrize(
    "form",
    [
        lambda id_: {"json": {"customer": {"note": "改了", "contacts_attributes": [{"id": id_, "_destroy": True}]}}},
        lambda id_: {
            "data": {
                "customer[note]": "改了",
                "customer[contacts_attributes][0][id]": str(id_),
                "customer[contacts_attributes][0][name]": "",
                "customer[contacts_attributes][0][_destroy]": "1",
                "customer[contacts_attributes][1][name]": "不要了",
                "customer[contacts_attributes][1][_destroy]": "true",
            }
        },
    ],
    ids=["json", "form"],
)
def test_a_part_with_destroy_is_deleted_as_by_its_own_path(
    world: World, alice: httpx.Client, form: Callable[[int], dict[str, Any]]
) -> None:
    id_ = new_customer(alice)
    stays, goes = (new_contact(alice, name, customer_id=id_) for name in ("留下", "走了"))
    told = ok(alice.put(f"{URL}/{id_}", **form(goes)))
    assert ([each["id"] for each in told["contacts"]], told["note"]) == ([stays], "改了")
    assert same(alice.get(f"/api/v2/contacts/{goes}"), MISSING)
    gone = activities_of(timeline_of(alice, id_, "customers"))[0]
    assert (gone["activity_type"], gone["refer_id"], gone["refer_name"]) == ("destroy", goes, "走了")
    assert ok(alice.post(f"/api/v2/contacts/{goes}/restore"))["name"] == "走了"
    assert world.miscounts() == []


def test_a_part_without_a_true_destroy_or_of_another_customer_is_not_deleted(world: World, alice: httpx.Client) -> None:
    id_ = new_customer(alice)
    contact = new_contact(alice, customer_id=id_)
    other = new_contact(alice, "别人的", customer_id=new_customer(alice, "乙"))
    charlies = new_contact(world.client("charlie"), "查理的", customer_id=new_customer(world.client("charlie")))
    for destroy in (False, "0", "false", "", None):
        kept = {"id": contact, "_destroy": destroy, "job": "校长"}
        assert ok(alice.put(f"{URL}/{id_}", json={"customer": {"contacts_attributes": [kept]}}))["contacts"]
    wrongs: list[tuple[dict[str, object], int]] = [
        ({"id": other, "_destroy": "1"}, 100422),
        ({"id": charlies, "_destroy": "1"}, 100100),
        ({"id": contact, "_destroy": {"a": 1}}, 100422),
        ({"id": "x", "_destroy": "1"}, 100422),
    ]
    for part, code in wrongs:
        body = {"customer": {"note": "改了", "contacts_attributes": [part]}}
        refused(alice.put(f"{URL}/{id_}", json=body), code)
    assert ok(alice.get(f"{URL}/{id_}"))["note"] == ""
    for stays in (contact, other):
        assert ok(alice.get(f"/api/v2/contacts/{stays}"))["id"] == stays


def test_a_conversion_takes_its_parts_along(world: World, alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    given = {"name": "郑州一中", "contacts_attributes": [{"name": "郑老师"}]}
    made = ok(alice.post(URL, json={"customer": given, "refer_lead_id": lead_id}))
    entries = activities_of(timeline_of(alice, made["id"], "customers"))
    assert [entry["refer_type"] for entry in entries] == ["Lead", "Contact", "Customer", "Lead"]
    assert world.miscounts() == []
