"""Pools at the doors: what they are, who sees what lies in one, taking, putting back, handing out and deleting."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.records import RecordType, Ref
from genjin.service.pools.returns import return_overdue
from genjin.store import records
from tests.api.bodies import MISSING, same, user_body
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    DORA,
    EVE,
    HOT,
    KEY_ACCOUNT,
    NOW,
    ORGANISATION,
    PHONES,
    Json,
    World,
    activities_of,
    at,
    follow_up,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

LEADS, CUSTOMERS = "/api/v2/common_leads", "/api/v2/common_customers"
OF = {"leads": (LEADS, "/api/v2/leads"), "customers": (CUSTOMERS, "/api/v2/customers")}
PHONE = "13400000077"
both = pytest.mark.parametrize("plural", ["leads", "customers"])


@pytest.fixture
def charlie(world: World) -> httpx.Client:
    """Who sells elsewhere."""
    return world.client("charlie")


@pytest.fixture
def dora(world: World) -> httpx.Client:
    """Who administers."""
    return world.client("dora")


def make(client: httpx.Client, plural: str, name: str = "郑州一中") -> int:
    """The id of a new record with a telephone number."""
    address = {"phone": PHONE, "detail_address": "中原路1号"}
    new = new_lead if plural == "leads" else new_customer
    return new(client, name, address_attributes=address)


def pool_of(client: httpx.Client, plural: str) -> Json:
    """The only pool of a type."""
    [pool] = ok(client.get(f"{OF[plural][0]}/common_settings"))["common_settings"]
    return pool


def put_back(client: httpx.Client, plural: str, id_: int, **given: object) -> Json:
    return ok(client.put(f"{OF[plural][1]}/{id_}/put_back", json=given))


def set_pool(client: httpx.Client, plural: str, id_: int, **given: object) -> Json:
    return ok(client.put(f"{OF[plural][0]}/common_settings/{id_}", json={"common_setting": given}))


def names(client: httpx.Client, path: str, plural: str, **asked: object) -> list[str]:
    return [each["name"] for each in ok(client.get(path, params=asked))[plural]]  # type: ignore[arg-type]


# What a pool is


@both
def test_an_organisation_gets_its_first_pool_when_it_first_asks(alice: httpx.Client, plural: str) -> None:
    told = pool_of(alice, plural)
    rule = {
        "enable_time": "",
        "flow_into_type": 0,
        "max_unfollow_day": 0,
        "flow_into_time": "00:00",
        "notify_before_unfollow_day": 0,
        "notify_time": "09:00",
        "customer_categories": {} if plural == "leads" else {str(KEY_ACCOUNT.id): "0"},
    }
    assert told == {
        "id": told["id"],
        "organization_id": ORGANISATION.id,
        "name": {"leads": "线索池", "customers": "公海"}[plural],
        "admin_list": {"user_ids": []},
        "member_list": {"all": True, "department_ids": [], "user_ids": []},
        "rule_type": 0,
        "rule_config": {"owner": rule | {"astrict_unsold": False}, "unsold": rule},
        "limit_grab_enable": False,
        "limit_grab_day": 0,
        "limit_grab_enable_time": "",
        "custom_column_list": {"super": [], "common": []},
        "filter_column_list": [],
        "created_at": "2024-06-12 10:00",
        "updated_at": "2024-06-12 10:00",
    }
    assert pool_of(alice, plural) == told


RULES = {
    "owner": {
        "max_unfollow_day": "30",
        "flow_into_time": "16:00",
        "notify_before_unfollow_day": 3,
        "notify_time": "9:30",
        "customer_categories": {str(KEY_ACCOUNT.id): "1"},
        "astrict_unsold": "1",
    },
    "unsold": {"max_unfollow_day": 90},
}


def test_an_administrator_changes_what_is_given_of_a_pool(world: World, dora: httpx.Client) -> None:
    pool = pool_of(dora, "customers")
    world.clock.at = NOW + 60
    people = {"admin_list": {"user_ids": [BOB.id]}, "member_list": {"all": "false", "department_ids": [PHONES.id]}}
    told = set_pool(dora, "customers", pool["id"], name="重点公海 🏖", rule_config=RULES, **people)
    owner, unsold = told["rule_config"]["owner"], told["rule_config"]["unsold"]
    assert owner == {
        "enable_time": "2024-06-12 10:01",
        "flow_into_type": 0,
        "max_unfollow_day": 30,
        "flow_into_time": "16:00",
        "notify_before_unfollow_day": 3,
        "notify_time": "09:30",
        "customer_categories": {str(KEY_ACCOUNT.id): "1"},
        "astrict_unsold": True,
    }
    assert (unsold["max_unfollow_day"], told["rule_type"], told["updated_at"]) == (90, 3, "2024-06-12 10:01")
    assert told["member_list"] == {"all": False, "department_ids": [PHONES.id], "user_ids": []}
    form = {"common_setting[limit_grab_enable]": "true", "common_setting[limit_grab_day]": "7"}
    limited = ok(dora.post(f"{CUSTOMERS}/common_settings/{pool['id']}", data=form))
    assert limited == told | {
        "limit_grab_enable": True,
        "limit_grab_day": 7,
        "limit_grab_enable_time": "2024-06-12 10:01",
    }
    off = set_pool(dora, "customers", pool["id"], rule_type="0", limit_grab_enable=False)
    assert (off["rule_type"], off["rule_config"]["owner"]["enable_time"], off["limit_grab_enable"]) == (0, "", False)
    assert pool_of(dora, "customers") == off
    assert set_pool(dora, "customers", pool["id"]) == off


def test_a_second_pool_is_seen_by_its_members_and_administrators(
    world: World, alice: httpx.Client, bob: httpx.Client, charlie: httpx.Client, dora: httpx.Client
) -> None:
    pool_of(dora, "leads")
    setting = {
        "name": "华东",
        "member_list": {"all": False, "user_ids": [ALICE.id]},
        "admin_list": {"user_ids": [BOB.id]},
    }
    made = ok(dora.post(f"{LEADS}/common_settings", json={"common_setting": setting}))
    for client, seen in ((alice, True), (bob, True), (dora, True), (charlie, False), (world.client("eve"), False)):
        listed = ok(client.get(f"{LEADS}/common_settings"))["common_settings"]
        assert (made["id"] in [each["id"] for each in listed]) is seen
        members = client.get(f"{LEADS}/{made['id']}/members")
        assert members.json()["code"] == 0 if seen else same(members, MISSING)
    assert made["id"] not in [each["id"] for each in ok(alice.get(f"{CUSTOMERS}/common_settings"))["common_settings"]]


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "长" * 256}, "name"),
        ({"admin_list": {"user_ids": [EVE.id]}}, "admin_list"),
        ({"admin_list": {"user_ids": ["x"]}}, "admin_list"),
        ({"member_list": {"user_ids": [999]}}, "member_list.user_ids"),
        ({"member_list": {"department_ids": "999"}}, "member_list.department_ids"),
        ({"limit_grab_day": 3651}, "limit_grab_day"),
        ({"rule_config": {"owner": {"max_unfollow_day": -1}}}, "rule_config.owner.max_unfollow_day"),
        ({"rule_config": {"owner": {"max_unfollow_day": "３０"}}}, "rule_config.owner.max_unfollow_day"),
        ({"rule_config": {"unsold": {"flow_into_time": "24:00"}}}, "rule_config.unsold.flow_into_time"),
        ({"rule_config": {"owner": {"notify_time": 9}}}, "rule_config.owner.notify_time"),
        ({"rule_config": {"owner": {"customer_categories": {"x": "1"}}}}, "rule_config.owner.customer_categories"),
    ],
)
def test_what_a_pool_cannot_be_is_refused_by_its_field_and_nothing_changes(
    dora: httpx.Client, setting: Json, field: str
) -> None:
    pool = pool_of(dora, "customers")
    told = dora.put(f"{CUSTOMERS}/common_settings/{pool['id']}", json={"common_setting": setting})
    assert list(refused(told, 100422)["errors"]) == [field]
    assert pool_of(dora, "customers") == pool


def test_only_administrators_set_pools_and_only_of_their_own_organisation(
    world: World, alice: httpx.Client, bob: httpx.Client, dora: httpx.Client
) -> None:
    pool = pool_of(dora, "leads")
    given = {"common_setting": {"name": "我的"}}
    for client in (alice, bob):
        refused(client.put(f"{LEADS}/common_settings/{pool['id']}", json=given), 100403)
        refused(client.post(f"{LEADS}/common_settings", json=given), 100403)
    eve = world.client("eve")
    for path in (f"{LEADS}/common_settings/{pool['id']}", f"{LEADS}/common_settings/999999"):
        assert same(eve.put(path, json=given), MISSING)
    assert same(dora.put(f"{CUSTOMERS}/common_settings/{pool['id']}", json=given), MISSING)
    assert pool_of(dora, "leads") == pool


@both
def test_the_members_of_a_pool_are_listed_searched_and_paged(dora: httpx.Client, plural: str) -> None:
    pool, base = pool_of(dora, plural), OF[plural][0]
    everybody = ok(dora.get(f"{base}/{pool['id']}/members", params={"per_page": 3}))
    assert [each["id"] for each in everybody["members"]] == [ALICE.id, BOB.id, CHARLIE.id]
    assert (everybody["total_count"], everybody["per_page"], everybody["page"]) == (4, 3, 1)
    assert everybody["members"][0] == user_body()
    assert everybody["has_next_page"] is True
    refused(dora.get(f"{base}/{pool['id']}/members", params={"query": "长" * 256}), 100422)
    found = ok(dora.get(f"{base}/{pool['id']}/members", params={"query": "ALI"}))
    assert [each["id"] for each in found["members"]] == [ALICE.id]
    set_pool(dora, plural, pool["id"], member_list={"all": 0, "department_ids": [PHONES.id], "user_ids": [CHARLIE.id]})
    some = ok(dora.get(f"{base}/{pool['id']}/members"))
    assert [each["id"] for each in some["members"]] == [ALICE.id, CHARLIE.id]


# Into a pool and out of it


@both
def test_a_record_is_created_in_a_pool_and_is_nobodys(
    world: World, alice: httpx.Client, charlie: httpx.Client, dora: httpx.Client, plural: str
) -> None:
    base, one = OF[plural][0], plural.removesuffix("s")
    pool = pool_of(dora, plural)
    given = {"name": "郑州一中 🏫", "user_id": ALICE.id, "address_attributes": {"phone": PHONE}}
    created = ok(alice.post(base, json={"common_id": str(pool["id"]), one: given}))
    assert (created["user"], created["owned_department"], created["before_user"]) == (None, {}, {})
    assert created["creator"]["id"] == ALICE.id
    assert created["address"]["phone"] == "134****0077"
    assert ok(charlie.get(f"{base}/{created['id']}"))["name"] == "郑州一中 🏫"
    entries = activities_of(timeline_of(charlie, created["id"], plural))
    assert [(entry["activity_type"], entry["is_common_customer"]) for entry in entries] == [("create", True)]
    form = {"common_id": pool["id"], f"{one}[name]": "乙"}
    assert ok(alice.post(base, data=form))["name"] == "乙"
    assert world.miscounts() == []


@both
def test_nothing_is_created_in_a_pool_that_is_not_there_or_closed_or_without_a_name(
    world: World, alice: httpx.Client, charlie: httpx.Client, dora: httpx.Client, plural: str
) -> None:
    base, one = OF[plural][0], plural.removesuffix("s")
    pool = pool_of(dora, plural)
    other = pool_of(dora, "customers" if plural == "leads" else "leads")
    set_pool(dora, plural, pool["id"], member_list={"all": False, "user_ids": [ALICE.id]})
    for client, common_id in (
        (alice, other["id"]),
        (alice, None),
        (alice, "x"),
        (alice, 999_999),
        (charlie, pool["id"]),
    ):
        told = refused(client.post(base, json={"common_id": common_id, one: {"name": "甲"}}), 100422)
        assert list(told["errors"]) == ["common_id"]
    assert list(refused(alice.post(base, json={"common_id": pool["id"], one: {}}), 100422)["errors"]) == ["name"]
    refused(world.client("eve").post(base, json={"common_id": pool["id"], one: {"name": "甲"}}), 100422)
    assert names(dora, base, plural) == []
    assert ok(dora.get(OF[plural][1]))["total_count"] == 0


def test_an_owner_is_not_given_to_what_lies_in_a_pool_by_an_update(alice: httpx.Client, dora: httpx.Client) -> None:
    id_ = make(alice, "leads")
    put_back(alice, "leads", id_)
    told = refused(dora.put(f"/api/v2/leads/{id_}", json={"lead": {"user_id": ALICE.id}}), 100422)
    assert told["errors"] == {"user_id": ["该对象在公海中，请先领取"]}


@both
def test_what_is_put_back_is_nobodys_and_is_seen_by_the_pools_members_with_masked_numbers(
    world: World, alice: httpx.Client, charlie: httpx.Client, plural: str
) -> None:
    base, own = OF[plural]
    id_ = make(alice, plural)
    assert same(charlie.get(f"{own}/{id_}"), MISSING)
    world.clock.at = NOW + 60
    put = put_back(alice, plural, id_)
    assert (put["user"], put["user_id"], put["owned_department"]) == (None, 0, {})
    assert put["before_user"]["id"] == ALICE.id
    assert put["before_owned_department"] == {"id": PHONES.id, "name": PHONES.name}
    seen = ok(charlie.get(f"{base}/{id_}"))
    assert seen["before_user"]["id"] == ALICE.id
    assert seen["address"]["phone"] == "134****0077"
    for client in (alice, charlie):
        assert PHONE not in client.get(f"{base}/{id_}").text
        for path, asked in ((base, {}), (own, {"tab_type": "common"})):
            assert names(client, path, plural, **asked) == ["郑州一中"]
            assert PHONE not in client.get(path, params=asked).text
    assert same(world.client("eve").get(f"{base}/{id_}"), MISSING)
    assert names(world.client("eve"), base, plural) == []
    newest = activities_of(timeline_of(charlie, id_, plural))[0]
    assert (newest["activity_type"], newest["user"]["id"], newest["is_common_customer"]) == ("put_back", ALICE.id, True)
    pool = pool_of(alice, plural)["name"]
    assert newest["description"] == f"公海：空 → {pool}；负责人：Alice → 空"


@both
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_who_takes_from_a_pool_owns_and_the_message_is_the_name(
    world: World, alice: httpx.Client, charlie: httpx.Client, plural: str, method: str
) -> None:
    base, own = OF[plural]
    id_ = make(alice, plural)
    ok(alice.request(method, f"{own}/{id_}/put_back"))
    world.clock.at = NOW + 60
    answer = charlie.post(f"{own}/{id_}/take")
    taken = ok(answer)
    assert answer.json()["message"] == "郑州一中"
    assert (taken["user"]["id"], taken["owned_department"]["name"]) == (CHARLIE.id, "渠道部")
    assert taken["before_user"]["id"] == ALICE.id
    assert taken["address"]["phone"] == PHONE
    assert same(alice.get(f"{own}/{id_}"), MISSING)
    assert same(charlie.get(f"{base}/{id_}"), MISSING)
    newest = activities_of(timeline_of(charlie, id_, plural))[0]
    pool = pool_of(alice, plural)["name"]
    assert (newest["activity_type"], newest["activity_type_display"]) == ("take", "领取")
    assert newest["description"] == f"公海：{pool} → 空；负责人：空 → Charlie"
    assert (newest["is_common_customer"], newest["common_customer_source"]) == (False, pool)
    refusal = refused(alice.post(f"{own}/{id_}/take"), 100409)
    assert refusal["message"] == "该对象已被领取"
    assert world.miscounts() == []


@both
def test_what_lies_in_no_pool_is_not_taken_and_who_sees_it_is_told_why(
    world: World, alice: httpx.Client, bob: httpx.Client, charlie: httpx.Client, plural: str
) -> None:
    own = OF[plural][1]
    id_ = make(alice, plural)
    assert refused(bob.post(f"{own}/{id_}/take"), 100409)["message"] == "该对象不在公海中"
    for client in (charlie, world.client("eve")):
        for wanted in (id_, 1_999_999_999):
            assert same(client.post(f"{own}/{wanted}/take"), MISSING)
            assert same(client.put(f"{own}/{wanted}/put_back"), MISSING)
    put_back(alice, plural, id_)
    assert refused(world.client("dora").put(f"{own}/{id_}/put_back"), 100409)["message"] == "该对象已在公海中"
    assert same(world.client("eve").post(f"{own}/{id_}/take"), MISSING)


def test_a_pool_is_named_by_who_puts_back_and_only_one_that_they_look_into(
    alice: httpx.Client, charlie: httpx.Client, dora: httpx.Client
) -> None:
    first = pool_of(dora, "leads")
    closed = {"name": "渠道", "member_list": {"all": False, "user_ids": [CHARLIE.id]}}
    other = ok(dora.post(f"{LEADS}/common_settings", json={"common_setting": closed}))
    customers = pool_of(dora, "customers")
    id_ = make(alice, "leads")
    for common_id, error in ((other["id"], 100422), (customers["id"], 100422), ("x", 100422), (999_999, 100422)):
        told = refused(alice.put(f"/api/v2/leads/{id_}/put_back", json={"common_id": common_id}), error)
        assert list(told["errors"]) == ["common_id"]
    put_back(alice, "leads", id_, common_id=str(first["id"]))
    theirs = make(charlie, "leads", "渠道线索")
    put_back(charlie, "leads", theirs, common_id=other["id"])
    assert names(charlie, LEADS, "leads", common_id=other["id"]) == ["渠道线索"]
    assert sorted(names(charlie, LEADS, "leads")) == ["渠道线索", "郑州一中"]
    assert names(alice, LEADS, "leads") == ["郑州一中"]
    assert names(alice, LEADS, "leads", common_id=other["id"]) == []
    assert same(alice.get(f"{LEADS}/{theirs}"), MISSING)
    refused(alice.get(LEADS, params={"common_id": "x"}), 100422)


def test_a_lead_that_became_a_customer_is_not_put_back(alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    new_customer(alice, refer_lead_id=lead_id)
    told = refused(alice.put(f"/api/v2/leads/{lead_id}/put_back"), 100403)
    assert told["message"] == "该线索已转换为客户，不能退回"


def test_a_record_in_a_pool_is_followed_up_by_members_and_changed_only_by_administrators(
    alice: httpx.Client, charlie: httpx.Client, dora: httpx.Client
) -> None:
    id_ = make(alice, "leads")
    put_back(alice, "leads", id_)
    follow_up(charlie, id_, "电话没人接 📞")
    refused(charlie.put(f"/api/v2/leads/{id_}", json={"lead": {"status": HOT.id}}), 100403)
    refused(charlie.delete(f"/api/v2/leads/{id_}"), 100403)
    pool = pool_of(dora, "leads")
    set_pool(dora, "leads", pool["id"], admin_list={"user_ids": [CHARLIE.id]})
    assert ok(charlie.put(f"/api/v2/leads/{id_}", json={"lead": {"status": HOT.id}}))["status"] == str(HOT.id)
    assert ok(charlie.get(f"{LEADS}/{id_}"))["address"]["phone"] == PHONE


@both
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_pools_administrator_hands_out_to_members_and_gets_the_raw_dump(
    world: World,
    alice: httpx.Client,
    bob: httpx.Client,
    charlie: httpx.Client,
    dora: httpx.Client,
    plural: str,
    method: str,
) -> None:
    base, own = OF[plural]
    pool = pool_of(dora, plural)
    members = {"all": False, "user_ids": [ALICE.id, CHARLIE.id]}
    set_pool(dora, plural, pool["id"], admin_list={"user_ids": [BOB.id]}, member_list=members)
    id_ = make(alice, plural)
    put_back(alice, plural, id_)
    path = f"{base}/{id_}/transfer"
    assert refused(charlie.request(method, path, json={"user_id": CHARLIE.id}), 100403)["message"] == (
        "只有公海管理员可以进行该操作"
    )
    for user_id in (DORA.id, EVE.id, 999, "x", None):
        assert list(refused(bob.request(method, path, json={"user_id": user_id}), 100422)["errors"]) == ["user_id"]
    raw = ok(bob.request(method, path, json={"user_id": str(CHARLIE.id)}))
    assert (raw["id"], raw["user_id"], raw["before_user_id"]) == (id_, CHARLIE.id, ALICE.id)
    assert raw["updated_at"] == "2024-06-12T10:00:00.000+08:00"
    newest = activities_of(timeline_of(charlie, id_, plural))[0]
    assert (newest["activity_type"], newest["user"]["id"]) == ("take", BOB.id)
    assert newest["description"] == f"公海：{pool['name']} → 空；负责人：空 → Charlie"
    assert ok(charlie.get(f"{own}/{id_}"))["user"]["id"] == CHARLIE.id
    assert same(bob.request(method, path, json={"user_id": CHARLIE.id}), MISSING)


@both
def test_who_has_left_is_handed_nothing(world: World, alice: httpx.Client, dora: httpx.Client, plural: str) -> None:
    id_ = make(alice, plural)
    put_back(alice, plural, id_)
    world.change(replace(CHARLIE, workflow_state="left"))
    told = refused(dora.put(f"{OF[plural][0]}/{id_}/transfer", json={"user_id": CHARLIE.id}), 100422)
    assert told["errors"] == {"user_id": ["没有这个用户"]}


@both
def test_a_pools_administrator_deletes_what_lies_in_it(
    world: World, alice: httpx.Client, charlie: httpx.Client, dora: httpx.Client, plural: str
) -> None:
    base, own = OF[plural]
    id_ = make(alice, plural)
    assert same(dora.delete(f"{base}/{id_}"), MISSING)
    put_back(alice, plural, id_)
    refused(charlie.delete(f"{base}/{id_}"), 100403)
    assert same(world.client("eve").delete(f"{base}/{id_}"), MISSING)
    deleted = ok(dora.delete(f"{base}/{id_}"))
    assert (deleted["name"], deleted["user"], deleted["before_user"]["id"]) == ("郑州一中", None, ALICE.id)
    for path in (f"{base}/{id_}", f"{own}/{id_}", f"{own}/{id_}/sales_activities"):
        assert same(dora.get(path), MISSING)


def test_collaborators_of_a_record_are_let_go_when_it_is_put_back(
    world: World, alice: httpx.Client, charlie: httpx.Client
) -> None:
    id_ = make(alice, "customers")
    ref = Ref(RecordType.CUSTOMER, id_)
    world.database.write(lambda tx: records.add_collaborators(tx, ORGANISATION.id, ref, [CHARLIE.id], NOW, ALICE.id))
    put_back(alice, "customers", id_)
    newest = activities_of(timeline_of(charlie, id_, "customers"))[0]
    assert newest["description"] == "公海：空 → 公海；负责人：Alice → 空；协作人：Charlie → 空"
    refused(charlie.put(f"/api/v2/customers/{id_}", json={"customer": {"name": "我的"}}), 100403)


def test_what_a_rule_does_is_on_the_timeline_with_the_system_as_its_user(
    world: World, alice: httpx.Client, charlie: httpx.Client, dora: httpx.Client
) -> None:
    pool = pool_of(dora, "customers")
    rule = {"max_unfollow_day": 30, "flow_into_time": "16:00", "notify_before_unfollow_day": 3}
    set_pool(dora, "customers", pool["id"], rule_config={"owner": rule})
    id_ = make(alice, "customers")
    world.clock.at = at("2024-07-09 09:00")
    return_overdue(world.installation)
    warning = activities_of(timeline_of(alice, id_, "customers"))[0]
    assert (warning["activity_type"], warning["activity_type_display"]) == ("return_warning", "退回提醒")
    assert warning["description"] == "将于2024-07-12 16:00退回公海（30天未跟进）"
    world.clock.at = at("2024-07-12 16:00")
    return_overdue(world.installation)
    put = activities_of(timeline_of(charlie, id_, "customers"))[0]
    assert (put["user"]["id"], put["user"]["name"], put["is_common_customer"]) == (0, "系统", True)
    assert put["description"] == "公海：空 → 公海；负责人：Alice → 空；30天未跟进，自动退回"
    assert set(put["user"]) == set(user_body())
    assert world.miscounts() == []
