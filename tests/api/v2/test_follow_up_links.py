"""Follow-ups on records of every type, what they are linked to, and the status that is changed with them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from genjin.domain.custom_field import Choice, CustomField
from genjin.domain.people import Option
from genjin.domain.pools import Pool
from genjin.domain.records import Record, RecordType
from genjin.store import custom_fields, people, pools, records
from genjin.store.transaction import Tx
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    HOT,
    NEW,
    NOW,
    PHONE_CALL,
    World,
    activities_of,
    follow_up,
    lead,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/revisit_logs"
STAGE, SIGNED = Option(61, "opportunity.stage", "方案/报价"), Option(62, "contract.status", "已签署")
CONTACT, OPPORTUNITY, CONTRACT, HIDDEN = 71, 72, 73, 74
OWN = {"Contact": CONTACT, "Opportunity": OPPORTUNITY, "Contract": CONTRACT}


@pytest.fixture
def customer(world: World, alice: httpx.Client) -> int:
    """A customer of alice's with a contact, an opportunity and a contract; a contact of charlie's stands aside."""
    id_ = new_customer(alice)
    charlies = new_customer(world.client("charlie"))

    def use(tx: Tx) -> None:
        some = [
            _record(RecordType.CONTACT, CONTACT, "王芳", id_),
            _record(RecordType.OPPORTUNITY, OPPORTUNITY, "年度框架", id_),
            _record(RecordType.CONTRACT, CONTRACT, "2024-017 号", id_),
            _record(RecordType.CONTACT, HIDDEN, "不可见", charlies, CHARLIE.id),
        ]
        records.put_records(tx, 1, some)
        people.put_options(tx, 1, [STAGE, SIGNED])
        people.bump_version(tx, 1)

    world.database.write(use)
    return id_


def _record(type_: RecordType, id_: int, name: str, customer: int, owner: int = ALICE.id) -> Record:
    return Record(type_, id_, name, owner, owner, None, NOW, NOW, customer_id=customer)


def _entry(client: httpx.Client, id_: int, entity: str = "customers", nth: int = 0) -> Any:
    return activities_of(timeline_of(client, id_, entity))[nth]


@pytest.mark.parametrize("type_", ["Contact", "Opportunity", "Contract"])
def test_a_follow_up_on_what_belongs_to_a_customer_is_on_the_customers_timeline(
    world: World, alice: httpx.Client, customer: int, type_: str
) -> None:
    world.clock.at = NOW + 60
    told = follow_up(alice, OWN[type_], type_=type_, real_revisit_at="2024-06-11 09:30")
    entry = _entry(alice, customer)
    assert (told["loggable_type"], told["loggable_id"]) == (type_, OWN[type_])
    assert (entry["refer_type"], entry["refer_id"], entry["saleable_id"]) == (type_, OWN[type_], told["id"])
    titled = type_ != "Contact"
    assert told["loggable"].get("title") == (told["refer_name"] if titled else None)
    assert ok(alice.get(f"/api/v2/customers/{customer}"))["real_revisit_at"] == "2024-06-11 09:30"
    assert world.miscounts() == []


def test_contacts_opportunity_and_contract_are_shown_on_the_timeline_and_in_the_answer(
    alice: httpx.Client, customer: int
) -> None:
    told = ok(
        alice.post(
            URL,
            json={
                "revisit_log": {
                    "loggable_type": "Customer",
                    "loggable_id": customer,
                    "content": "见了采购",
                    "opportunity_id": str(OPPORTUNITY),
                    "contract_id": CONTRACT,
                },
                "contacts_ids": [str(CONTACT), "", 0],
            },
        )
    )
    entry = _entry(alice, customer)
    contacts = [{"id": CONTACT, "name": "王芳"}]
    for shown in (
        told,
        entry,
        ok(alice.get(f"{URL}/{told['id']}")),
        ok(alice.get(f"{URL}/new_index"))["revisit_logs"][0],
    ):
        assert shown["revisit_log_contacts"] == contacts
        assert shown["revisit_log_opportunity"] == {"id": OPPORTUNITY, "title": "年度框架"}
        assert shown["revisit_log_contract"] == {"id": CONTRACT, "title": "2024-017 号"}
    assert entry["refers_display"] == [
        {"label": "关联联系人", "value": contacts, "type": "Contact"},
        {"label": "来自客户", "value": [{"id": customer, "name": "郑州第一中学"}], "type": "Customer"},
    ]


def test_names_are_as_they_are_now_and_hidden_from_who_may_not_see_the_record(
    world: World, alice: httpx.Client, customer: int
) -> None:
    """Dora links a contact that alice may not see."""
    dora = world.client("dora")
    given = {"loggable_type": "Customer", "loggable_id": customer, "content": "x", "contacts_ids": [CONTACT, HIDDEN]}
    told = ok(dora.post(URL, json={"revisit_log": given}))
    assert [each["id"] for each in _entry(dora, customer)["revisit_log_contacts"]] == [CONTACT, HIDDEN]
    renamed = _record(RecordType.CONTACT, CONTACT, "王芳芳", customer)
    world.database.write(lambda tx: records.put_records(tx, 1, [renamed]))
    for shown in (_entry(alice, customer), ok(alice.get(f"{URL}/{told['id']}"))):
        assert shown["revisit_log_contacts"] == [{"id": CONTACT, "name": "王芳芳"}]
    assert "不可见" not in alice.get(f"/api/v2/customers/{customer}/sales_activities").text
    shared = _record(RecordType.CONTACT, HIDDEN, "不可见", customer)
    world.database.write(lambda tx: records.put_records(tx, 1, [shared]))
    assert len(_entry(alice, customer)["revisit_log_contacts"]) == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"contacts_ids": [HIDDEN]}, "contacts_ids"),
        ({"contacts_ids": [999_999, CONTACT]}, "contacts_ids"),
        ({"contacts_ids": [OPPORTUNITY]}, "contacts_ids"),
        ({"contacts_ids": ["abc"]}, "contacts_ids"),
        ({"opportunity_id": CONTRACT}, "opportunity_id"),
        ({"opportunity_id": "abc"}, "opportunity_id"),
        ({"contract_id": 999_999}, "contract_id"),
        ({"loggable_attributes": {"status": "999999"}}, "loggable_attributes.status"),
        ({"loggable_attributes": {"status": HOT.id}}, "loggable_attributes.status"),
        ({"loggable_attributes": {"status": PHONE_CALL.id}}, "loggable_attributes.status"),
        ({"loggable_attributes": {"status": "x" * 65}}, "loggable_attributes.status"),
    ],
)
def test_a_link_or_status_that_is_none_is_refused_and_nothing_is_written(
    alice: httpx.Client, customer: int, given: dict[str, Any], field: str
) -> None:
    body = {"loggable_type": "Customer", "loggable_id": customer, "content": "x"} | given
    assert list(refused(alice.post(URL, json={"revisit_log": body}), 100422)["errors"]) == [field]
    assert timeline_of(alice, customer, "customers")["total_count"] == 1


def test_on_an_opportunity_or_contract_itself_it_is_what_the_follow_up_belongs_to(
    alice: httpx.Client, customer: int
) -> None:
    own = {"id": OPPORTUNITY, "title": "年度框架"}
    assert follow_up(alice, OPPORTUNITY, type_="Opportunity")["revisit_log_opportunity"] == own
    assert _entry(alice, customer)["revisit_log_opportunity"] == own
    follow_up(alice, OPPORTUNITY, type_="Opportunity", remind_at="2024-06-20 10:00", contract_id=CONTRACT)
    entry = _entry(alice, customer)
    assert (entry["revisit_log_opportunity"], entry["revisit_log_contract"]["id"]) == (own, CONTRACT)
    assert follow_up(alice, CONTRACT, type_="Contract")["revisit_log_contract"]["id"] == CONTRACT


def test_a_status_changed_in_the_same_act_is_an_activity_beside_the_follow_up(
    world: World, alice: httpx.Client
) -> None:
    id_ = new_lead(alice, status=str(NEW.id))
    follow_up(alice, id_, loggable_attributes={"status": str(HOT.id), "id": id_})
    change, written, created = activities_of(timeline_of(alice, id_))
    assert (change["activity_type"], change["description"]) == ("change_status", "状态：新建 → 重点")
    assert (written["saleable_type"], created["activity_type"]) == ("RevisitLog", "create")
    assert change["timestamp"] == written["timestamp"]
    assert ok(alice.get(f"/api/v2/leads/{id_}"))["status_display"] == "重点"
    follow_up(alice, id_, loggable_attributes={"status": HOT.id})
    assert [entry["activity_type"] for entry in activities_of(timeline_of(alice, id_))].count("change_status") == 1
    assert world.miscounts() == []


def test_a_status_told_in_an_edit_is_changed_with_it_or_neither_is(
    world: World, alice: httpx.Client, customer: int
) -> None:
    id_ = new_lead(alice, status=str(NEW.id))
    url = f"{URL}/{follow_up(alice, id_, '旧')['id']}"

    def edit(status: object, **more: object) -> httpx.Response:
        return alice.put(url, json={"revisit_log": {"loggable_attributes": {"status": status}, **more}})

    body = refused(edit("999999", content="新"), 100422)
    assert list(body["errors"]) == ["loggable_attributes.status"]
    assert ok(alice.get(url))["content"] == "旧"
    world.clock.at += 60
    assert ok(edit(HOT.id, content="新"))["content"] == "新"
    ok(edit(HOT.id))
    change, written, _ = activities_of(timeline_of(alice, id_))
    assert (change["description"], change["timestamp"]) == ("状态：新建 → 重点", "2024-06-12 10:01")
    assert (written["description"], written["timestamp"]) == ("新", "2024-06-12 10:00")
    assert ok(alice.get(f"/api/v2/leads/{id_}"))["status_display"] == "重点"
    of_opportunity = follow_up(alice, OPPORTUNITY, type_="Opportunity")
    ok(alice.put(f"{URL}/{of_opportunity['id']}", json={"revisit_log": {"loggable_attributes": {"stage": STAGE.id}}}))
    assert _entry(alice, customer)["description"] == "销售阶段：空 → 方案/报价"
    assert world.miscounts() == []


def test_a_status_told_in_an_edit_goes_to_the_record_that_stands_for_a_merged_one(alice: httpx.Client) -> None:
    kept, merged = new_lead(alice, status=str(NEW.id)), new_lead(alice)
    url = f"{URL}/{follow_up(alice, merged)['id']}"
    ok(alice.post(f"/api/v2/leads/{kept}/merge", json={"merge_ids": [merged]}))
    ok(alice.put(url, json={"revisit_log": {"loggable_attributes": {"status": HOT.id}}}))
    assert ok(alice.get(f"/api/v2/leads/{kept}"))["status_display"] == "重点"
    assert activities_of(timeline_of(alice, kept))[0]["description"] == "状态：新建 → 重点"


def test_the_stage_of_an_opportunity_is_its_status(alice: httpx.Client, customer: int) -> None:
    follow_up(alice, OPPORTUNITY, type_="opportunity", loggable_attributes={"stage": STAGE.id})
    assert _entry(alice, customer)["description"] == "销售阶段：空 → 方案/报价"
    follow_up(alice, CONTRACT, type_="contract", loggable_attributes={"status": SIGNED.id})
    assert (_entry(alice, customer)["refer_type"], _entry(alice, customer)["activity_type"]) == (
        "Contract",
        "change_status",
    )
    body = {"loggable_type": "Contact", "loggable_id": CONTACT, "loggable_attributes": {"status": SIGNED.id}}
    refused(alice.post(URL, json={"revisit_log": body}), 100422)


def test_an_edit_links_and_unlinks_and_keeps_the_rest(world: World, alice: httpx.Client, customer: int) -> None:
    told = follow_up(
        alice, customer, type_="Customer", contacts_ids=[CONTACT], lat="31.2", lng="121.4", opportunity_id=72
    )
    url = f"{URL}/{told['id']}"
    edited = ok(alice.put(url, json={"revisit_log": {"contract_id": CONTRACT, "opportunity_id": ""}}))
    assert (edited["revisit_log_opportunity"], edited["revisit_log_contract"]["id"]) == (None, CONTRACT)
    assert edited["revisit_log_contacts"] == told["revisit_log_contacts"]
    assert edited["address"] == told["address"]
    assert ok(alice.put(url, json={"contacts_ids": []}))["revisit_log_contacts"] == []
    assert list(refused(alice.put(url, json={"contacts_ids": [HIDDEN]}), 100422)["errors"]) == ["contacts_ids"]
    assert _entry(alice, customer)["refers_display"][0]["value"] == []


def test_an_edit_keeps_a_link_that_its_author_no_longer_sees(world: World, alice: httpx.Client, customer: int) -> None:
    told = follow_up(alice, customer, type_="Customer", contacts_ids=[CONTACT])
    elsewhere = new_customer(world.client("charlie"))
    moved = _record(RecordType.CONTACT, CONTACT, "王芳", elsewhere, CHARLIE.id)
    world.database.write(lambda tx: records.put_records(tx, 1, [moved]))
    edited = ok(alice.put(f"{URL}/{told['id']}", json={"revisit_log": {"content": "改", "opportunity_id": 72}}))
    assert edited["revisit_log_contacts"] == []
    assert [each["id"] for each in _entry(world.client("dora"), customer)["revisit_log_contacts"]] == [CONTACT]


def test_the_reminder_of_the_record_is_that_of_its_latest_follow_up(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)

    def reminder() -> object:
        return ok(alice.get(f"/api/v2/leads/{id_}"))["revisit_remind_at"]

    first = follow_up(alice, id_, remind_at="2024-06-20 10:00")
    second = follow_up(alice, id_)
    assert reminder() == "2024-06-20 10:00"
    ok(alice.put(f"{URL}/{first['id']}", json={"revisit_log": {"remind_at": "2024-06-21 10:00"}}))
    assert reminder() == "2024-06-21 10:00"
    ok(alice.put(f"{URL}/{second['id']}", json={"revisit_log": {"remind_at": "2024-06-22 10:00"}}))
    assert reminder() == "2024-06-22 10:00"
    ok(alice.put(f"{URL}/{first['id']}", json={"revisit_log": {"remind_at": ""}}))
    assert reminder() == "2024-06-22 10:00"
    ok(alice.delete(f"{URL}/{second['id']}"))
    assert reminder() == ""


def test_fields_of_the_organisations_own_stand_beside_the_others(
    world: World, alice: httpx.Client, customer: int
) -> None:
    _add_fields(
        world,
        CustomField(81, None, "text_asset_a1", "天气"),
        CustomField(82, None, "select_asset_b2", "方式", "multi_select", choices=(Choice("sel_1", "电话"),)),
        CustomField(83, None, "text_asset_off", "停用", enabled=False),
        CustomField(84, RecordType.LEAD, "text_asset_lead", "线索的"),
    )
    given: dict[str, Any] = {
        "text_asset_a1": "晴 ☀",
        "select_asset_b2": ["sel_1"],
        "text_asset_off": "x",
        "text_asset_lead": "x",
    }
    told = follow_up(alice, customer, type_="Customer", **given)
    assert (told["text_asset_a1"], told["select_asset_b2"]) == ("晴 ☀", ["sel_1"])
    assert told["select_asset_b2_display"] == "电话"
    assert {"text_asset_off", "text_asset_lead"}.isdisjoint(told)
    url = f"{URL}/{told['id']}"
    edited = ok(alice.put(url, json={"revisit_log": {"text_asset_a1": "雨"}}))
    assert edited == told | {"text_asset_a1": "雨"}
    assert ok(alice.get(url)) == edited
    refused(alice.put(url, json={"revisit_log": {"text_asset_a1": {"x": "y"}}}), 100422)
    refused(alice.put(url, json={"revisit_log": {"text_asset_a1": "x" * 20_001}}), 100422)
    (listed,) = ok(alice.get(f"{URL}/new_index"))["revisit_logs"]
    assert listed["text_asset_a1"] == "雨"


def test_fields_of_the_organisations_own_are_checked_by_their_types_as_those_of_records(
    world: World, alice: httpx.Client, customer: int
) -> None:
    _add_fields(
        world,
        CustomField(81, None, "date_asset_a1", "日期", "date_field"),
        CustomField(82, None, "user_asset_b2", "陪同", "user_field"),
        CustomField(83, None, "select_asset_c3", "方式", "select", choices=(Choice("sel_1", "电话"),)),
    )
    wrong = {"date_asset_a1": "明天", "user_asset_b2": "5", "select_asset_c3": "sel_2"}
    body = {"loggable_type": "Customer", "loggable_id": customer, "content": "x"}
    told = refused(alice.post(URL, json={"revisit_log": body | wrong}), 100422)
    assert told["errors"] == {
        "date_asset_a1": ["不是有效的日期"],
        "user_asset_b2": ["没有这个用户"],
        "select_asset_c3": ["没有这个选项：sel_2"],
    }
    right = {"date_asset_a1": "2024/6/1", "user_asset_b2": str(BOB.id), "select_asset_c3": "sel_1"}
    written = follow_up(alice, customer, type_="Customer", **right)
    shown = {"date_asset_a1": "2024-06-01", "user_asset_b2": BOB.id, "user_asset_b2_display": "Bob"}
    assert written.items() >= (shown | {"select_asset_c3": "sel_1", "select_asset_c3_display": "电话"}).items()
    edited = ok(alice.put(f"{URL}/{written['id']}", json={"revisit_log": {"user_asset_b2": ""}}))
    assert edited == written | {"user_asset_b2": 0, "user_asset_b2_display": ""}


def test_a_required_field_of_the_form_has_to_be_told_and_is_never_emptied(
    world: World, alice: httpx.Client, customer: int
) -> None:
    before = follow_up(alice, customer, type_="Customer")
    _add_fields(world, CustomField(81, None, "text_asset_a1", "天气", required=True))
    for given in ({}, {"text_asset_a1": " "}, {"text_asset_a1": None}):
        body = {"loggable_type": "Customer", "loggable_id": customer, "content": "x"} | given
        told = refused(alice.post(URL, json={"revisit_log": body}), 100422)
        assert told["errors"] == {"text_asset_a1": ["不能为空"]}
    assert timeline_of(alice, customer, "customers")["total_count"] == 2
    written = follow_up(alice, customer, type_="Customer", text_asset_a1="晴")
    assert ok(alice.put(f"{URL}/{written['id']}", json={"revisit_log": {"content": "改"}}))["text_asset_a1"] == "晴"
    refused(alice.put(f"{URL}/{written['id']}", json={"revisit_log": {"text_asset_a1": ""}}), 100422)
    ok(alice.put(f"{URL}/{before['id']}", json={"revisit_log": {"content": "旧的仍可修改"}}))


def _add_fields(world: World, *some: CustomField) -> None:
    def use(tx: Tx) -> None:
        custom_fields.put_fields(tx, 1, list(some))
        people.bump_version(tx, 1)

    world.database.write(use)


def test_who_only_sees_a_record_follows_up_but_does_not_change_its_status(
    world: World, alice: httpx.Client, in_a_pool: Callable[[int], None]
) -> None:
    id_ = new_lead(alice)
    in_a_pool(id_)
    charlie = world.client("charlie")
    assert follow_up(charlie, id_)["user"]["id"] == CHARLIE.id
    body = {"loggable_type": "Lead", "loggable_id": id_, "loggable_attributes": {"status": HOT.id}}
    refused(charlie.post(URL, json={"revisit_log": body}), 100403)
    own = follow_up(charlie, id_)["id"]
    change = {"loggable_attributes": {"status": HOT.id}, "content": "改"}
    refused(charlie.put(f"{URL}/{own}", json={"revisit_log": change}), 100403)
    assert ok(charlie.get(f"{URL}/{own}"))["content"] == "在忙,留了电话"
    assert follow_up(world.client("dora"), id_, loggable_attributes={"status": HOT.id})["user"]["id"] != BOB.id


@pytest.fixture
def in_a_pool(world: World) -> Callable[[int], None]:
    """Puts a lead into a pool that charlie is a member of and does not administer."""

    def put(id_: int) -> None:
        def use(tx: Tx) -> None:
            pools.put_pools(tx, 1, [Pool(90, RecordType.LEAD, "线索池", NOW, NOW)])
            values: dict[str, object] = {"owner_id": None, "department_id": None, "pool_id": 90}
            records.change(tx, 1, lead(id_), values)
            people.bump_version(tx, 1)

        world.database.write(use)

    return put
