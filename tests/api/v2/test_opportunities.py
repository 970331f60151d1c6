"""Opportunities: money, stages and dates of what may be sold to a customer."""

from typing import Any

import httpx
import pytest

from tests.api.bodies import MISSING, same
from tests.world import (
    FIRST_TALKS,
    NOW,
    WON,
    World,
    activities_of,
    new_customer,
    new_opportunity,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/opportunities"


def test_an_opportunity_is_told_with_its_money_stage_and_customer(alice: httpx.Client) -> None:
    customer = new_customer(alice)
    given = {
        "title": "教学软件 300 套",
        "customer_id": customer,
        "expect_amount": "1234.50",
        "stage": FIRST_TALKS.id,
        "expect_sign_date": "2024-09-01",
        "get_time": "2024/6/1 09:30",
        "sign_possibility": "30",
        "customer_requirement": "开学前上线",
        "note": "",
    }
    told = alice.post(URL, json={"opportunity": given})
    found = ok(told)
    assert {key: found[key] for key in (*given, "stage_mapped", "customer_name", "title_pinyin", "user_name")} == {
        "title": "教学软件 300 套",
        "customer_id": customer,
        "expect_amount": "1234.5",
        "stage": str(FIRST_TALKS.id),
        "stage_mapped": "初步接洽",
        "expect_sign_date": "2024-09-01",
        "get_time": "2024-06-01",
        "sign_possibility": 30,
        "customer_requirement": "开学前上线",
        "note": "",
        "customer_name": "郑州第一中学",
        "title_pinyin": found["title_pinyin"],
        "user_name": "Alice",
    }
    assert found["title_pinyin"].startswith("jiaoxueruanjian")
    assert {"name", "status", "category", "amount", "company_name"}.isdisjoint(found)
    assert alice.get(f"{URL}/{found['id']}").content == told.content
    assert ok(alice.get(URL))["opportunities"] == [found]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (0, "0.0"),
        ("", ""),
        (None, ""),
        (1234.5, "1234.5"),
        ("１２３４．５", "1234.5"),
        ("1,234,567.89", "1234567.89"),
        ("0.005", "0.01"),
        (10**15, "1000000000000000.0"),
        ("-3", "-3.0"),
    ],
)
def test_amounts_are_read_in_many_forms_and_shown_in_one(alice: httpx.Client, given: object, shown: str) -> None:
    id_ = new_opportunity(alice, new_customer(alice), expect_amount=given)
    assert ok(alice.get(f"{URL}/{id_}"))["expect_amount"] == shown


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"title": ""}, {"title": ["不能为空"]}),
        ({"title": "字" * 256}, {"title": ["不能超过255个字符"]}),
        ({"customer_id": None}, {"customer_id": ["不能为空"]}),
        ({"customer_id": 0}, {"customer_id": ["不能为空"]}),
        ({"customer_id": 999_999}, {"customer_id": ["没有这个客户"]}),
        ({"expect_amount": "很多"}, {"expect_amount": ["不是有效的金额"]}),
        ({"expect_amount": 10**16}, {"expect_amount": ["不是有效的金额"]}),
        ({"expect_amount": True}, {"expect_amount": ["不是有效的金额"]}),
        ({"expect_amount": ["1"]}, {"expect_amount": ["不是有效的金额"]}),
        ({"expect_sign_date": "明天"}, {"expect_sign_date": ["不是有效的日期"]}),
        ({"sign_possibility": 101}, {"sign_possibility": ["应为0到100的整数"]}),
        ({"stage": "x" * 65}, {"stage": ["不能超过64个字符"]}),
    ],
)
def test_an_opportunity_that_breaks_a_rule_is_refused_by_field(
    alice: httpx.Client, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    customer = new_customer(alice)
    whole = {"title": "x", "customer_id": customer, **given}
    assert refused(alice.post(URL, json={"opportunity": whole}), 100422)["errors"] == errors
    id_ = new_opportunity(alice, customer)
    assert refused(alice.put(f"{URL}/{id_}", json={"opportunity": given}), 100422)["errors"] == errors
    assert ok(alice.get(URL))["total_count"] == 1


def test_an_opportunity_without_a_customer_is_refused(alice: httpx.Client) -> None:
    told = refused(alice.post(URL, json={"opportunity": {"title": "x"}}), 100422)
    assert told["errors"] == {"customer_id": ["不能为空"]}


def test_a_new_stage_and_a_new_amount_are_told_on_both_timelines(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    id_ = new_opportunity(alice, customer, stage=FIRST_TALKS.id, expect_amount=100)
    world.clock.at = NOW + 60
    changed = ok(alice.put(f"{URL}/{id_}", json={"opportunity": {"stage": WON.id, "expect_amount": "2000.5"}}))
    assert (changed["stage_mapped"], changed["expect_amount"]) == ("赢单", "2000.5")
    entries = activities_of(timeline_of(alice, customer, "customers"))
    assert [entry["description"] for entry in entries] == [
        "金额：100.0 → 2000.5",
        "销售阶段：初步接洽 → 赢单",
        "新增商机",
        "新增客户",
    ]
    assert {(entry["refer_type"], entry["refer_id"]) for entry in entries[:3]} == {("Opportunity", id_)}
    assert world.miscounts() == []


def test_an_opportunity_moves_to_another_customer_with_its_history(world: World, alice: httpx.Client) -> None:
    first, second = new_customer(alice, "甲"), new_customer(alice, "乙")
    id_ = new_opportunity(alice, first)
    ok(alice.patch(f"{URL}/{id_}", json={"opportunity": {"customer_id": second}}))
    assert timeline_of(alice, first, "customers")["total_count"] == 1
    assert timeline_of(alice, second, "customers")["total_count"] == 3
    assert world.miscounts() == []


def test_who_may_not_see_the_customer_sees_no_opportunity(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    id_ = new_opportunity(alice, customer)
    for name, sees in (("bob", True), ("dora", True), ("charlie", False), ("eve", False)):
        client = world.client(name)
        assert ok(client.get(URL))["total_count"] == int(sees)
        if not sees:
            assert same(client.get(f"{URL}/{id_}"), MISSING)
            assert same(client.delete(f"{URL}/{id_}"), MISSING)
    assert ok(alice.delete(f"{URL}/{id_}"))["title"] == "教学软件"
    assert same(alice.get(f"{URL}/{id_}"), MISSING)
