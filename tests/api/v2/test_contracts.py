"""Contracts: what was agreed on with a customer, perhaps out of an opportunity."""

from typing import Any

import httpx
import pytest

from tests.api.bodies import MISSING, same
from tests.world import (
    World,
    new_contract,
    new_customer,
    new_opportunity,
    ok,
    refused,
)

URL = "/api/v2/contracts"


def test_a_contract_is_told_with_its_money_days_and_signers(alice: httpx.Client) -> None:
    customer = new_customer(alice)
    opportunity = new_opportunity(alice, customer)
    given = {
        "title": "教学软件采购合同",
        "sn": "HT-2024-0001",
        "customer_id": customer,
        "opportunity_id": opportunity,
        "start_at": "2024-07-01",
        "end_at": "2025-06-30",
        "sign_date": "2024-06-11",
        "total_amount": "98000",
        "customer_signer": "王主任",
        "our_signer": "Alice",
        "special_terms": "分三期付款",
    }
    told = alice.post(URL, json={"contract": given, "contract_action_name": "turn_to_contract"})
    found = ok(told)
    assert {key: found[key] for key in given} == given | {"total_amount": "98000.0"}
    assert (found["unreceived_amount"], found["received_payments_amount"]) == ("98000.0", "0.0")
    assert (found["customer_name"], found["opportunity_title"]) == ("郑州第一中学", "教学软件")
    assert (found["approve_status"], found["approve_status_i18n"]) == ("approved", "已通过")
    assert found["is_user_self"] is True
    assert alice.get(f"{URL}/{found['id']}").content == told.content
    assert ok(alice.get(URL))["contracts"] == [found]


def test_a_contract_is_not_of_another_customers_opportunity(alice: httpx.Client) -> None:
    customer, other = new_customer(alice, "甲"), new_customer(alice, "乙")
    opportunity = new_opportunity(alice, other)
    wrong = {"opportunity_id": ["该商机不属于该客户"]}
    given = {"title": "x", "customer_id": customer, "opportunity_id": opportunity}
    assert refused(alice.post(URL, json={"contract": given}), 100422)["errors"] == wrong
    id_ = new_contract(alice, other, opportunity_id=opportunity)
    told = refused(alice.put(f"{URL}/{id_}", json={"contract": {"customer_id": customer}}), 100422)
    assert told["errors"] == wrong
    moved = ok(alice.put(f"{URL}/{id_}", json={"contract": {"customer_id": customer, "opportunity_id": ""}}))
    assert (moved["customer_name"], moved["opportunity_id"], moved["opportunity_title"]) == ("甲", 0, "")


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"title": None}, {"title": ["不能为空"]}),
        ({"customer_id": ""}, {"customer_id": ["不能为空"]}),
        ({"customer_id": -1}, {"customer_id": ["不是有效的编号"]}),
        ({"opportunity_id": 999_999}, {"opportunity_id": ["没有这个商机"]}),
        ({"total_amount": "一百"}, {"total_amount": ["不是有效的金额"]}),
        ({"start_at": "2024-13-01"}, {"start_at": ["不是有效的日期"]}),
        ({"end_at": []}, {"end_at": ["不是有效的日期"]}),
        ({"sn": ["1"]}, {"sn": ["不能是对象或数组"]}),
        ({"special_terms": "条" * 20_001}, {"special_terms": ["不能超过20000个字符"]}),
    ],
)
def test_a_contract_that_breaks_a_rule_is_refused_by_field(
    alice: httpx.Client, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    customer = new_customer(alice)
    whole = {"title": "x", "customer_id": customer, **given}
    assert refused(alice.post(URL, json={"contract": whole}), 100422)["errors"] == errors
    id_ = new_contract(alice, customer)
    assert refused(alice.put(f"{URL}/{id_}", json={"contract": given}), 100422)["errors"] == errors


def test_nobody_reads_changes_or_takes_a_contract_that_they_may_not_see(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    id_, opportunity = new_contract(alice, customer), new_opportunity(alice, customer)
    for name in ("charlie", "eve"):
        client = world.client(name)
        assert ok(client.get(URL))["contracts"] == []
        assert same(client.get(f"{URL}/{id_}"), MISSING)
        assert same(client.post(f"{URL}/{id_}", json={"contract": {"title": "x"}}), MISSING)
        told = refused(client.post(URL, json={"contract": {"title": "x", "opportunity_id": opportunity}}), 100422)
        assert told["errors"] == {"customer_id": ["不能为空"], "opportunity_id": ["没有这个商机"]}
    assert ok(alice.delete(f"{URL}/{id_}"))["id"] == id_
    assert same(alice.get(f"{URL}/{id_}"), MISSING)
    assert world.miscounts() == []
