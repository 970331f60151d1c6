"""Approval of customers and contracts: submit, approve, deny, revert; who may, and what follows from what."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.approval import LABELS, STEPS, Act, Approval
from genjin.domain.people import Department
from tests.api.bodies import MISSING, same
from tests.world import (
    ALICE,
    CHARLIE,
    ORGANISATION,
    PARTNERS,
    PHONES,
    World,
    activities_of,
    new_contract,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/customers"
PATHS = {Act.SUBMIT: "submit_approval", Act.APPROVE: "approve", Act.DENY: "deny", Act.REVERT: "revert"}
WAYS = {
    Approval.APPLYING: [],
    Approval.APPROVED: [Act.APPROVE],
    Approval.DENIED: [Act.DENY],
    Approval.REVERTED: [Act.REVERT],
}
"""How a customer that waits for approval gets into each state."""


@pytest.fixture
def strict(world: World) -> World:
    """An organisation that wants customers and contracts approved."""
    world.change(replace(ORGANISATION, approvals=frozenset({"customer", "contract"})))
    return world


def _do(client: httpx.Client, id_: int, act: Act, note: str = "", entity: str = "customers") -> httpx.Response:
    return client.post(f"/api/v2/{entity}/{id_}/{PATHS[act]}", json={"note": note})


def test_without_approval_a_customer_is_approved_and_a_lead_is_nothing(alice: httpx.Client) -> None:
    customer = new_customer(alice, approve_status="applying")
    found = ok(alice.get(f"{URL}/{customer}"))
    assert (found["approve_status"], found["approve_status_i18n"]) == ("approved", "已通过")
    assert activities_of(timeline_of(alice, customer, "customers"))[0]["refer_approve_status"] == "approved"
    assert activities_of(timeline_of(alice, new_lead(alice)))[0]["refer_approve_status"] is None
    assert refused(_do(alice, customer, Act.SUBMIT), 100403)["message"] == "企业没有开启审批"


def test_with_approval_a_new_customer_waits_and_its_manager_approves(strict: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    found = ok(alice.get(f"{URL}/{customer}"))
    assert (found["approve_status"], found["approve_status_i18n"]) == ("applying", "待审批")
    refused(_do(alice, customer, Act.APPROVE), 100403)
    told = ok(_do(strict.client("bob"), customer, Act.APPROVE, "资料齐全"))
    assert (told["approve_status"], told["approve_status_i18n"]) == ("approved", "已通过")
    entry = activities_of(timeline_of(alice, customer, "customers"))[0]
    assert (entry["activity_type"], entry["activity_type_display"]) == ("approve", "审批")
    assert entry["description"] == "审批状态：待审批 → 已通过；资料齐全"
    assert (entry["refer_approve_status"], entry["user"]["name"]) == ("approved", "Bob")
    assert strict.miscounts() == []


@pytest.mark.parametrize("state", Approval)
@pytest.mark.parametrize("act", Act)
def test_what_follows_from_what(strict: World, alice: httpx.Client, state: Approval, act: Act) -> None:
    dora, customer = strict.client("dora"), new_customer(alice)
    for way in WAYS[state]:
        ok(_do(dora, customer, way))
    if step := STEPS.get((act, state)):
        told = ok(_do(dora, customer, act))
        assert (told["approve_status"], told["approve_status_i18n"]) == (step.to, LABELS[step.to])
    else:
        before = timeline_of(dora, customer, "customers")["total_count"]
        told = refused(_do(dora, customer, act), 100403)
        assert told["message"] == f"当前状态为{LABELS[state]}，不能进行该操作"
        assert timeline_of(dora, customer, "customers")["total_count"] == before


def test_the_owner_takes_back_what_waits_but_no_approval_and_submits_again(strict: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    assert ok(_do(alice, customer, Act.REVERT))["approve_status"] == "reverted"
    assert ok(_do(alice, customer, Act.SUBMIT))["approve_status"] == "applying"
    ok(_do(strict.client("dora"), customer, Act.APPROVE))
    refused(_do(alice, customer, Act.REVERT), 100403)


def test_who_leads_a_department_approves_and_who_shares_one_or_works_on_it_does_not(strict: World) -> None:
    alice, charlie = strict.client("alice"), strict.client("charlie")
    customer = new_customer(alice)
    assert same(_do(charlie, customer, Act.APPROVE), MISSING)
    ok(alice.post(f"{URL}/{customer}/update_assist_user", json={"assist_user_ids": [CHARLIE.id]}))
    refused(_do(charlie, customer, Act.APPROVE), 100403)
    strict.change(Department(PHONES.id, PHONES.name, PHONES.parent_id, (CHARLIE.id,)))
    assert ok(_do(charlie, customer, Act.DENY))["approve_status"] == "denied"
    strict.change(replace(PARTNERS, managers=(CHARLIE.id,)), replace(PHONES, managers=()))
    ok(_do(alice, customer, Act.SUBMIT))
    refused(_do(charlie, customer, Act.APPROVE), 100403)
    assert same(_do(strict.client("eve"), customer, Act.APPROVE), MISSING)


def test_only_who_may_approve_creates_what_is_approved(strict: World, alice: httpx.Client) -> None:
    for client, status in ((alice, "applying"), (strict.client("dora"), "approved")):
        customer = new_customer(client, approve_status="approved", user_id=ALICE.id)
        assert ok(client.get(f"{URL}/{customer}"))["approve_status"] == status
    told = refused(alice.post(URL, json={"customer": {"name": "甲", "approve_status": "ok"}}), 100422)
    assert list(told["errors"]) == ["approve_status"]


def test_an_edit_does_not_approve(strict: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    ok(alice.put(f"{URL}/{customer}", json={"customer": {"approve_status": "approved", "note": "改"}}))
    assert ok(alice.get(f"{URL}/{customer}"))["approve_status"] == "applying"


def test_contracts_are_approved_too(strict: World, alice: httpx.Client) -> None:
    contract = new_contract(alice, new_customer(alice))
    assert ok(alice.get(f"/api/v2/contracts/{contract}"))["approve_status"] == "applying"
    told = ok(_do(strict.client("bob"), contract, Act.APPROVE, entity="contracts"))
    assert (told["approve_status"], told["approve_status_i18n"]) == ("approved", "已通过")


def test_a_note_is_kept_whole_or_refused(strict: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    assert list(refused(_do(alice, customer, Act.REVERT, "长" * 1001), 100422)["errors"]) == ["note"]
    ok(_do(alice, customer, Act.REVERT, "先不要👩‍👩‍👧‍👦"))
    entry = activities_of(timeline_of(alice, customer, "customers"))[0]
    assert entry["description"] == "审批状态：待审批 → 已撤销；先不要👩‍👩‍👧‍👦"


@pytest.mark.parametrize(("act", "state"), [("approve", "approved"), ("deny", "denied")])
@pytest.mark.parametrize("singular", ["customer", "contract"])
def test_the_old_web_client_approves_by_a_path_of_its_own(
    strict: World, alice: httpx.Client, singular: str, act: str, state: str
) -> None:
    customer = new_customer(alice)
    id_ = customer if singular == "customer" else new_contract(alice, customer)
    url, told = f"/api/approvals/{id_}/{act}", {f"{singular}[approve_description]": "资料齐全", "key": singular}
    refused(alice.post(url, data=told), 100403)
    assert same(strict.client("charlie").post(url, data=told), MISSING)
    found = ok(strict.client("bob").post(url, data=told | {"_method": "put", f"{singular}[step]": "1"}))
    assert (found["id"], found["approve_status"]) == (id_, state)
    entry = activities_of(timeline_of(alice, customer, "customers"))[0]
    assert (entry["refer_type"], entry["refer_id"]) == (singular.capitalize(), id_)
    assert entry["description"].endswith("；资料齐全")


def test_what_the_old_web_client_approves_is_a_customer_unless_it_says_so(strict: World, alice: httpx.Client) -> None:
    bob, customer = strict.client("bob"), new_customer(alice)
    assert list(refused(bob.post(f"/api/approvals/{customer}/approve", data={"key": "lead"}), 100422)["errors"]) == [
        "key"
    ]
    assert same(bob.post(f"/api/approvals/{customer}/approve", data={"key": "contract"}), MISSING)
    assert ok(bob.post(f"/api/approvals/{customer}/approve"))["approve_status"] == "approved"
