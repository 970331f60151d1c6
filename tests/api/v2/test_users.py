"""GET /api/v2/user/list, /user/:id, /user/info, /user/simple_list, /user/department_list and /permissions."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.people import DataScope, Rights, Role
from tests.api.bodies import MISSING, same, user_body
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    DORA,
    EVE,
    HEAD_OFFICE,
    MANAGER,
    NOW,
    ORGANISATION,
    PHONES,
    SALES,
    SELLER,
    SHANGHAI,
    Json,
    World,
    ok,
    refused,
)


def full_body() -> Json:
    """The full user object of alice."""
    return user_body() | {
        "created_at": SHANGHAI.iso(NOW - 86_400 * 365),
        "gender": "",
        "role": "销售",
        "role_json": {"id": SELLER.id, "name": "销售", "entity_grant_scope": "self_own"},
        "department_id": PHONES.id,
        "departments_manager": False,
        "is_super_user": False,
        "confirmed_phone_at": SHANGHAI.iso(NOW - 86_400 * 365),
        "pending_report": 0,
        "superior_id": None,
        "superior_name": "",
        "organization_name": "长江贸易",
        "have_new_feature_on_sales_circle": False,
        "sales_circle_msg_count": 0,
        "assist_departments": [],
        "locked_at": None,
        "enabled_number_hidden_dispose": False,
        "dingtalk_userid": None,
        "organization_oid": ORGANISATION.id,
    }


def names(client: httpx.Client, **asked: object) -> list[str]:
    return [user["name"] for user in ok(client.get("/api/v2/user/list", params=asked))["users"]]  # type: ignore[arg-type]


def test_the_caller_is_shown_in_full(alice: httpx.Client) -> None:
    assert ok(alice.get("/api/v2/user/info")) == full_body()
    assert ok(alice.get(f"/api/v2/user/{ALICE.id}")) == full_body()


def test_everybody_lists_everybody_of_the_own_organisation(world: World, alice: httpx.Client) -> None:
    told = ok(alice.get("/api/v2/user/list"))
    assert [user["id"] for user in told["users"]] == [ALICE.id, BOB.id, CHARLIE.id, DORA.id]
    assert told["users"][0] == full_body()
    assert (told["total_count"], told["per_page"], told["page"], told["has_next_page"]) == (4, 15, 1, False)
    assert names(world.client("eve")) == ["Eve"]


def test_a_page_of_users(alice: httpx.Client) -> None:
    told = ok(alice.get("/api/v2/user/list?page=2&per_page=3"))
    assert ([user["name"] for user in told["users"]], told["total_count"]) == (["Dora"], 4)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"name": "LIC"}, ["Alice"]),
        ({"name": "nobody"}, []),
        ({"department_id": SALES.id}, ["Alice", "Bob"]),
        ({"department_id": PHONES.id}, ["Alice"]),
        ({"department_id": HEAD_OFFICE.id}, ["Alice", "Bob", "Charlie", "Dora"]),
        ({"department_id": 999}, []),
        ({"user_id": BOB.id}, ["Bob"]),
        ({"user_id[]": [BOB.id, DORA.id]}, ["Bob", "Dora"]),
        ({"user_id": EVE.id}, []),
        ({"except_user_id": BOB.id}, ["Alice", "Charlie", "Dora"]),
        ({"phone": ALICE.phone}, ["Alice"]),
        ({"phone": "１３４００００００３１"}, ["Alice"]),
        ({"phone": ALICE.phone[:-1]}, []),
        ({"dingtalk_userid": "d-33"}, ["Charlie"]),
        ({"sort": "name", "order": "desc"}, ["Dora", "Charlie", "Bob", "Alice"]),
        ({"sort": "department_id"}, ["Dora", "Bob", "Alice", "Charlie"]),
        ({"sort": "password_hash", "order": "asc"}, ["Alice", "Bob", "Charlie", "Dora"]),
    ],
)
def test_a_filter_shows_whom_it_names(
    world: World, alice: httpx.Client, asked: dict[str, object], found: list[str]
) -> None:
    world.change(replace(CHARLIE, third_userid="d-33"))
    assert names(alice, **asked) == found


def test_a_name_is_found_by_its_pinyin(world: World, alice: httpx.Client) -> None:
    world.change(replace(CHARLIE, name="查理"))
    assert names(alice, name="chali") == ["查理"]
    assert names(alice, name="理") == ["查理"]


@pytest.mark.parametrize("key", ["user_id", "except_user_id", "department_id"])
def test_a_filter_that_cannot_be_read_is_refused(alice: httpx.Client, key: str) -> None:
    for value in ("x", "0", "-1"):
        assert key in refused(alice.get("/api/v2/user/list", params={key: value}), 100422)["errors"]


def test_who_has_left_is_listed_only_when_asked_for(world: World, alice: httpx.Client) -> None:
    world.change(replace(CHARLIE, workflow_state="left", left_at=NOW))
    assert "Charlie" not in names(alice)
    assert "Charlie" in names(alice, with_left="true")
    read = ok(alice.get(f"/api/v2/user/{CHARLIE.id}"))
    assert (read["workflow_state"], read["locked_at"]) == ("left", SHANGHAI.iso(NOW))
    assert CHARLIE.id not in [each["id"] for each in ok(alice.get("/api/v2/user/simple_list"))["simple_users"]]


def test_gender_superior_role_and_managers_are_shown_as_they_are_now(world: World, alice: httpx.Client) -> None:
    lead_of_all = replace(SALES, managers=(ALICE.id,))
    masked = Role(29, "外呼", DataScope.DEPARTMENT, Rights(phones_masked=True))
    world.change(replace(ALICE, gender="female", superior_id=BOB.id, role_id=29), lead_of_all, masked)
    told = ok(alice.get("/api/v2/user/info"))
    assert (told["gender"], told["superior_name"], told["superior_id"]) == ("female", "Bob", BOB.id)
    assert told["avatar_url"] == "/static/avatar_female.svg"
    assert told["role_json"] == {"id": 29, "name": "外呼", "entity_grant_scope": "department_own"}
    assert (told["departments_manager"], told["enabled_number_hidden_dispose"]) == (True, True)


@pytest.mark.parametrize("gender", ["male", "female"])
def test_the_pictures_of_ours_are_served(world: World, gender: str) -> None:
    picture = world.client().get(f"/static/avatar_{gender}.svg")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (DataScope.SELF, "self_own"),
        (DataScope.DEPARTMENT, "department_own"),
        (DataScope.DEPARTMENT_AND_BELOW, "department_and_below_own"),
        (DataScope.ALL, "organization_own"),
    ],
)
def test_every_scope_has_its_word(world: World, alice: httpx.Client, scope: DataScope, told: str) -> None:
    world.change(replace(SELLER, scope=scope))
    assert ok(alice.get("/api/v2/user/info"))["role_json"]["entity_grant_scope"] == told
    permissions = ok(alice.get("/api/v2/permissions"))
    assert permissions["entity_grant_scope"] == told
    assert permissions["is_super_user"] is (scope is DataScope.ALL)


def test_a_user_of_another_organisation_is_missing(world: World, alice: httpx.Client) -> None:
    assert same(alice.get(f"/api/v2/user/{EVE.id}"), MISSING)
    assert same(alice.get("/api/v2/user/1999999999"), MISSING)
    assert same(world.client("eve").get(f"/api/v2/user/{ALICE.id}"), MISSING)


def test_the_select_box_has_everybody_beside_the_code_and_in_data(alice: httpx.Client) -> None:
    body = alice.get("/api/v2/user/simple_list").json()
    assert (body["code"], body["data"]["simple_users"]) == (0, body["simple_users"])
    assert body["simple_users"][0] == {
        "value": ALICE.id,
        "text": "Alice",
        "id": ALICE.id,
        "name": "Alice",
        "department_id": PHONES.id,
        "department_name": "电销组",
        "avatar_url": "/static/avatar.svg",
    }
    assert len(body["simple_users"]) == 4


def test_departments_come_with_their_place_in_the_tree_and_how_many_are_there(
    world: World, alice: httpx.Client
) -> None:
    world.change(replace(SALES, managers=(BOB.id,)))
    told = ok(alice.get("/api/v2/user/department_list"))
    rows = {row["id"]: row for row in told["departments"]}
    assert (told["total_count"], len(rows)) == (4, 4)
    assert rows[SALES.id] == {
        "id": SALES.id,
        "name": "销售部",
        "parent_id": HEAD_OFFICE.id,
        "depth": 2,
        "users_count": 2,
        "manager_ids": [BOB.id],
    }
    assert (rows[HEAD_OFFICE.id]["parent_id"], rows[HEAD_OFFICE.id]["depth"]) == (None, 1)
    assert rows[HEAD_OFFICE.id]["users_count"] == 4


def test_permissions_tell_what_is_approved_and_what_the_role_hides(world: World, alice: httpx.Client) -> None:
    assert ok(alice.get("/api/v2/permissions"))["customer_approve"] is False
    rights = Rights(frozenset({"lead.note"}), frozenset({"lead.source"}), phones_masked=True)
    world.change(replace(ORGANISATION, approvals=frozenset({"customer"})), replace(SELLER, rights=rights))
    assert ok(alice.get("/api/v2/permissions")) == {
        "customer_approve": True,
        "contract_approve": False,
        "role_json": {"id": SELLER.id, "name": "销售", "entity_grant_scope": "self_own"},
        "entity_grant_scope": "self_own",
        "is_super_user": False,
        "manage_users": False,
        "enabled_number_hidden_dispose": True,
        "hidden_fields": ["lead.note"],
        "read_only_fields": ["lead.note", "lead.source"],
    }
    assert ok(world.client("dora").get("/api/v2/permissions"))["manage_users"] is True


def test_a_managers_scope_is_shown_to_everybody(alice: httpx.Client) -> None:
    role = ok(alice.get(f"/api/v2/user/{BOB.id}"))["role_json"]
    assert role == {"id": MANAGER.id, "name": "经理", "entity_grant_scope": "department_and_below_own"}
