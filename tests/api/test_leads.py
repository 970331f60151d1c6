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
    SALES,
    World,
    at,
    follow_up,
    lead,
    new_customer,
    new_lead,
    ok,
    refused,
)

URL = "/api/v2/leads"


@pytest.fixture
def alice(world: World) -> httpx.Client:
    return world.client("alice")


@pytest.fixture
def bob(world: World) -> httpx.Client:
    return world.client("bob")


def _names(client: httpx.Client, **asked: object) -> list[str]:
    return [lead["name"] for lead in ok(client.get(URL, params=asked))["leads"]]  # type: ignore[arg-type]


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
        "lat": 0.0,
        "lng": 0.0,
        "region_info": "",
    }
    assert ok(told) == {
        "id": id_,
        "user_id": ALICE.id,
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


def test_a_list_has_its_paging_fields(alice: httpx.Client) -> None:
    for n in range(4):
        new_lead(alice, str(n))
    found = ok(alice.get(URL, params={"per_page": 3}))
    assert list(found) == ["leads", "total_count", "per_page", "page", "has_next_page"]
    assert [lead["name"] for lead in found["leads"]] == ["3", "2", "1"]
    assert (found["total_count"], found["per_page"], found["page"], found["has_next_page"]) == (4, 3, 1, True)
    last = ok(alice.get(URL, params={"per_page": 3, "page": 2}))
    assert ([lead["name"] for lead in last["leads"]], last["has_next_page"]) == (["0"], False)
    past = ok(alice.get(URL, params={"per_page": 3, "page": 3}))
    assert (past["leads"], past["total_count"], past["has_next_page"]) == ([], 4, False)
    assert ok(alice.get(URL, params={"per_page": 2, "page": 2}))["has_next_page"] is False
    assert ok(alice.get(URL, params={"per_page": "abc", "page": "0"}))["per_page"] == 15


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
        assert _names(client) == (["郑老师"] if sees else [])
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


def test_tabs_divide_ones_own_from_others_and_nobodys(world: World, alice: httpx.Client, bob: httpx.Client) -> None:
    new_lead(alice, "alices")
    new_lead(bob, "bobs")
    new_lead(world.client("charlie"), "charlies")
    assert _names(bob) == ["bobs", "alices"]
    assert _names(bob, tab_type="my") == ["bobs"]
    assert _names(bob, tab_type="sub") == ["alices"]
    assert _names(bob, tab_type="common") == []
    assert _names(bob, tab_type="assist") == []
    assert _names(bob, tab_type="") == ["bobs", "alices"]
    assert _names(world.client("dora"), tab_type="sub") == ["charlies", "bobs", "alices"]
    assert _names(alice, tab_type="sub") == []


def test_filters_narrow_the_list_and_an_odd_one_is_refused(
    world: World, alice: httpx.Client, bob: httpx.Client
) -> None:
    new_lead(alice, "甲", status=NEW.id, source=FROM_WEB.id)
    new_lead(alice, "乙", status=HOT.id)
    new_lead(bob, "丙", status=HOT.id)
    assert _names(bob, status=HOT.id) == ["丙", "乙"]
    assert _names(bob, source=FROM_WEB.id) == ["甲"]
    assert _names(bob, user_id=ALICE.id) == ["乙", "甲"]
    assert _names(bob, user_id=ALICE.id, status=HOT.id) == ["乙"]
    assert _names(bob, user_id="", status="", department_id="") == ["丙", "乙", "甲"]
    assert _names(bob, department_id=SALES.id) == ["丙"]
    assert _names(bob, department_id=PARTNERS.id) == []
    assert _names(bob, status="nothing") == []
    for odd in (
        {"user_id": "abc"},
        {"department_id": "-1"},
        {"created_at[]": "morgen"},
        {"user_id[]": "5", "user_id": "x"},
    ):
        refused(bob.get(URL, params=odd), 100422)


def test_a_span_of_days_holds_both_its_ends(world: World, alice: httpx.Client) -> None:
    for text in ("2024-06-01 00:00", "2024-06-02 23:59", "2024-06-03 00:00"):
        world.clock.at = at(text)
        new_lead(alice, text[8:10])
    asked = {"created_at[]": ["2024-06-01", "2024-06-02"]}
    assert _names(alice, **asked) == ["02", "01"]
    assert _names(alice, **{"created_at[]": "2024-06-03"}) == ["03"]
    assert _names(alice, **{"created_at[0]": "2024-06-02", "created_at[1]": "2024-06-03 10:00"}) == ["03", "02"]
    assert _names(alice, **{"updated_at[]": ["2024-06-03", "2024-06-03"]}) == ["03"]
    assert _names(alice, **{"created_at[]": ["", ""]}) == ["03", "02", "01"]
    refused(alice.get(URL, params={"created_at[]": ["2024-06-01", "2024-06-02", "2024-06-03"]}), 100422)


def test_a_query_finds_names_companies_and_their_pinyin_and_takes_wildcards_literally(alice: httpx.Client) -> None:
    new_lead(alice, "郑老师", company_name="郑州一中")
    new_lead(alice, "王100%", company_name="A_B Ltd")
    new_lead(alice, "李\\五'")
    assert _names(alice, query="老师") == ["郑老师"]
    assert _names(alice, query="zhenglao") == ["郑老师"]
    assert _names(alice, query="ZHENGZHOU") == ["郑老师"]
    assert _names(alice, query="一中") == ["郑老师"]
    assert _names(alice, query="a_b") == ["王100%"]
    assert _names(alice, query="ltd") == ["王100%"]
    assert _names(alice, query="%") == ["王100%"]
    assert _names(alice, query="_") == ["王100%"]
    assert _names(alice, query="\\") == ["李\\五'"]
    assert _names(alice, query="'") == ["李\\五'"]
    assert _names(alice, query="nobody") == []
    assert _names(alice, query="  ") == ["李\\五'", "王100%", "郑老师"]


def test_a_query_does_not_reach_what_one_may_not_see(world: World, alice: httpx.Client) -> None:
    new_lead(alice, "郑老师")
    for name in ("charlie", "eve"):
        assert _names(world.client(name), query="郑") == []


def test_lists_are_sorted_as_asked_and_newest_first_otherwise(world: World, alice: httpx.Client) -> None:
    for n, name in enumerate(("b", "c", "a")):
        world.clock.at = NOW + n
        new_lead(alice, name, status=str(9 - n))
    assert _names(alice) == ["a", "c", "b"]
    assert _names(alice, sort="name") == ["c", "b", "a"]
    assert _names(alice, sort="name", order="asc") == ["a", "b", "c"]
    assert _names(alice, sort="created_at", order="ASC") == ["b", "c", "a"]
    assert _names(alice, sort="status", order="asc") == ["a", "c", "b"]
    assert _names(alice, sort="name; DROP TABLE records") == ["a", "c", "b"]
    assert _names(alice, sort="owner_id", order="sideways") == ["a", "c", "b"]
    first = ok(alice.get(URL, params={"query": "b"}))["leads"][0]["id"]
    world.clock.at = NOW + 60
    follow_up(alice, first, real_revisit_at="2024-06-20 10:00", remind_at="2024-07-01 10:00")
    for sort in ("updated_at", "real_revisit_at", "revisit_remind_at"):
        assert _names(alice, sort=sort)[0] == "b"


def test_ties_in_a_sorted_list_keep_one_order_over_its_pages(alice: httpx.Client) -> None:
    for n in range(7):
        new_lead(alice, f"{n}", status="1")
    found = [name for page in (1, 2, 3) for name in _names(alice, sort="status", per_page=3, page=page)]
    assert found == ["6", "5", "4", "3", "2", "1", "0"]


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
    assert _names(world.client("charlie")) == ["x"]


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
    assert _names(alice) == []
    for told in (
        alice.get(f"{URL}/{id_}"),
        alice.put(f"{URL}/{id_}", json={"lead": {"name": "x"}}),
        alice.delete(f"{URL}/{id_}"),
    ):
        assert same(told, MISSING)


def test_a_lead_without_an_owner_is_the_pools_and_the_administrators(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.database.write(lambda tx: records.change(tx, 1, lead(id_), {"owner_id": None}))
    dora = world.client("dora")
    assert _names(dora, tab_type="common") == ["郑老师"]
    found = ok(dora.get(f"{URL}/{id_}"))
    assert (found["user_id"], found["user"]) == (0, None)
    assert _names(alice) == []
    assert _names(world.client("bob")) == ["郑老师"]  # it is still his department's


def test_a_lead_of_a_removed_department_and_role_is_still_served(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    world.change(replace(ALICE, department_id=None, role_id=0))
    found = ok(world.client("alice").get(f"{URL}/{id_}"))
    assert found["user"]["department_name"] == ""
    assert _names(world.client("alice")) == ["郑老师"]


def test_leads_and_customers_do_not_mix(alice: httpx.Client) -> None:
    id_, customer = new_lead(alice), new_customer(alice)
    assert same(alice.get(f"{URL}/{customer}"), MISSING)
    assert same(alice.get(f"/api/v2/customers/{id_}"), MISSING)
    assert _names(alice) == ["郑老师"]


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
