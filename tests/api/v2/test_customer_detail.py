"""What a customer tells that lies in other places: numbers, contacts, the last follow-up and call, money, files."""

from dataclasses import replace
from functools import partial

import httpx
import pytest

from genjin.domain.people import Rights, Role
from genjin.store import people, records
from tests.api.uploading import upload
from tests.world import (
    ALICE,
    BOB,
    NOW,
    ORGANISATION,
    SELLER,
    Json,
    World,
    at,
    customer,
    follow_up,
    new_contact,
    new_contract,
    new_customer,
    new_lead,
    ok,
)

URL = "/api/v2/customers"


def read(client: httpx.Client, id_: int) -> Json:
    """A customer, which its list tells in the same words."""
    found = ok(client.get(f"{URL}/{id_}"))
    assert [each for each in ok(client.get(URL))["customers"] if each["id"] == id_] == [found]
    return found


def test_a_new_customer_has_every_documented_key_in_its_empty_form(alice: httpx.Client) -> None:
    found = read(alice, new_customer(alice))
    empty = {
        "last_revist_log_content": "",
        "last_called_at": "",
        "revisit_remind_at": "",
        "will_flow_time": "",
        "flow_into_at": "",
        "not_revisit_at_time_str": "",
        "approve_status": "approved",
        "approve_status_i18n": "已通过",
        "phones_data": [],
        "contacts": [],
        "labels": [],
        "parent": {},
        "attachments": "0",
        "history_contarct_money": "0.0",
        "total_have_receive_pay": "0.0",
        "total_not_receive_pay": "0.0",
        "is_my_assist_entity": False,
        "is_has_policy_for_assist_user": True,
        "is_subscribed": False,
        "is_own": True,
        "is_editable": True,
        "need_hidden_dispose": False,
        "cio_pid": "",
        "qixinbao_id": "",
        "custom_field_template_id": None,
        "custom_field_template_i18n": "",
        "wx_external_userid": None,
        "wx_contact_type": None,
        "before_user": {},
        "before_owned_department": {},
    }
    assert {key: found[key] for key in empty} == empty


def test_numbers_of_a_customer_and_of_its_contacts_are_told_with_whose_they_are(alice: httpx.Client) -> None:
    id_ = new_customer(alice, address_attributes={"tel": "0371-6000001", "phone": "13400000031", "fax": "0371-6000002"})
    contact = new_contact(alice, customer_id=id_, job="主任", address_attributes={"phone": "13400000032"})
    new_contact(alice, "没有号码", customer_id=id_)
    found = read(alice, id_)
    assert [(row["label"], row["phone"], row["entity_class"], row["entity_id"]) for row in found["phones_data"]] == [
        ("电话", "0371-6000001", "Customer", id_),
        ("手机", "13400000031", "Customer", id_),
        ("王主任 手机", "13400000032", "Contact", contact),
    ]
    assert found["phones_data"][1] == {
        "label": "手机",
        "call_field_name": "phone",
        "custom_field_name": "address.phone",
        "phone": "13400000031",
        "phone_hidden_result": "",
        "is_invisible": False,
        "is_enable": True,
        "entity_class": "Customer",
        "entity_id": id_,
    }
    assert [(each["id"], each["name"], each["job"]) for each in found["contacts"]] == [
        (contact, "王主任", "主任"),
        (contact + 2, "没有号码", ""),
    ]
    assert found["contacts"][0]["address"]["phone"] == "13400000032"


def test_masked_numbers_are_masked_everywhere_in_a_customer(world: World, alice: httpx.Client) -> None:
    id_ = new_customer(alice, address_attributes={"phone": "13400000041"})
    new_contact(alice, customer_id=id_, address_attributes={"phone": "13400000042"})
    follow_up(alice, id_, "打13400000043", "Customer")
    masking = Role(SELLER.id, SELLER.name, SELLER.scope, Rights(phones_masked=True))
    world.database.write(lambda tx: people.put_roles(tx, ORGANISATION.id, [masking]))
    world.change(ORGANISATION)
    found = read(alice, id_)
    assert [(row["phone"], row["phone_hidden_result"], row["is_invisible"]) for row in found["phones_data"]] == [
        ("134****0041", "134****0041", True),
        ("134****0042", "134****0042", True),
    ]
    assert found["last_revist_log_content"] == "打134****0043"
    assert "1340000004" not in str(found)
    assert found["need_hidden_dispose"] is True


def test_the_last_follow_up_is_that_of_the_customer_and_of_what_belongs_to_it(
    world: World, alice: httpx.Client
) -> None:
    lead_id = new_lead(alice)
    follow_up(alice, lead_id, "对线索")
    id_, other = new_customer(alice, refer_lead_id=lead_id), new_customer(alice, "乙")
    contact = new_contact(alice, customer_id=id_)
    assert read(alice, id_)["last_revist_log_content"] == "对线索"
    follow_up(alice, id_, "对客户😀" + "很" * 500, "Customer")
    assert read(alice, id_)["last_revist_log_content"] == "对客户😀" + "很" * 500
    world.clock.at = NOW + 60
    written = follow_up(alice, contact, "对联系人", "Contact")
    assert read(alice, id_)["last_revist_log_content"] == "对联系人"
    assert read(alice, other)["last_revist_log_content"] == ""
    ok(alice.put(f"/api/v2/revisit_logs/{written['id']}", json={"revisit_log": {"content": "改了"}}))
    assert read(alice, id_)["last_revist_log_content"] == "改了"
    ok(alice.delete(f"/api/v2/revisit_logs/{written['id']}"))
    assert read(alice, id_)["last_revist_log_content"].startswith("对客户")


def test_a_call_and_days_without_a_follow_up_are_told(world: World, alice: httpx.Client) -> None:
    id_ = new_customer(alice)
    call = {"caller_type": "Customer", "caller_id": id_, "number": "13400000031", "talk_time": "60"}
    world.clock.at = at("2024-06-13 00:00")
    ok(alice.post("/api/v2/dial_logs", json={"dial_log": call}))
    found = read(alice, id_)
    assert (found["last_called_at"], found["not_revisit_at_time_str"]) == ("2024-06-13 00:00", "1天未跟进")
    follow_up(alice, id_, "见面", "Customer")
    assert read(alice, id_)["not_revisit_at_time_str"] == ""


def test_contracts_add_up_unless_their_amounts_are_hidden(world: World, alice: httpx.Client) -> None:
    id_, other = new_customer(alice), new_customer(alice, "乙")
    for amount in ("1000", "234.5", None):
        new_contract(alice, id_, total_amount=amount)
    gone = new_contract(alice, id_, total_amount=9)
    new_contract(alice, other, total_amount=7)
    ok(alice.delete(f"/api/v2/contracts/{gone}"))
    found = read(alice, id_)
    assert (found["history_contarct_money"], found["total_not_receive_pay"]) == ("1234.5", "1234.5")
    hiding = Role(SELLER.id, SELLER.name, SELLER.scope, Rights(hidden=frozenset({"contract.total_amount"})))
    world.database.write(lambda tx: people.put_roles(tx, ORGANISATION.id, [hiding]))
    world.change(ORGANISATION)
    found = read(alice, id_)
    assert (found["history_contarct_money"], found["total_not_receive_pay"]) == ("", "")


def test_files_collaboration_and_the_customer_above_are_told(world: World, alice: httpx.Client) -> None:
    parent = new_customer(alice, "集团")
    id_ = new_customer(alice, "子公司", parent_id=str(parent))
    for name in ("a.pdf", "b.pdf"):
        upload(alice, entity_type="customer", entity_id=str(id_), name=name)
    share = partial(records.add_collaborators, organisation_id=1, ref=customer(id_), user_ids=[BOB.id], at=1, by=31)
    world.database.write(share)
    found = read(alice, id_)
    assert (found["attachments"], found["parent_id"], found["parent"]) == ("2", parent, {"id": parent, "name": "集团"})
    assert found["is_my_assist_entity"] is False
    assert read(world.client("bob"), id_)["is_my_assist_entity"] is True
    ok(alice.put(f"{URL}/{parent}", json={"customer": {"name": "大集团"}}))
    assert read(alice, id_)["parent"]["name"] == "大集团"
    ok(alice.delete(f"{URL}/{parent}"))
    assert read(alice, id_)["parent"] == {}


@pytest.mark.parametrize("who", ["itself", "below", "hidden", "lead"])
def test_a_customer_lies_below_no_customer_that_makes_no_sense(world: World, alice: httpx.Client, who: str) -> None:
    top = new_customer(alice, "上")
    below = new_customer(alice, "下", parent_id=new_customer(alice, "中", parent_id=top))
    wanted = {
        "itself": top,
        "below": below,
        "hidden": new_customer(world.client("charlie"), "别人的"),
        "lead": new_lead(alice),
    }[who]
    told = alice.put(f"{URL}/{top}", json={"customer": {"parent_id": wanted}}).json()
    text = "不能是自己或自己的下级" if who in ("itself", "below") else "没有这个客户"
    assert (told["code"], told["errors"]) == (100422, {"parent_id": [text]})


def test_a_former_owner_and_a_changed_directory_are_shown_as_they_are_now(world: World, alice: httpx.Client) -> None:
    id_ = new_customer(alice)
    ok(world.client("dora").put(f"{URL}/{id_}", json={"customer": {"user_id": BOB.id}}))
    world.change(replace(ALICE, name="爱丽丝"))
    found = read(world.client("bob"), id_)
    assert (found["before_user"]["name"], found["before_owned_department"]["name"]) == ("爱丽丝", "电销组")
    assert (found["user_name"], found["user"]["name"], found["is_own"]) == ("Bob", "Bob", True)
