"""`POST /api/v2/auth/login`: every form it takes, and what it says to those who do not get in."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from genjin.service.organisation.passwords import hash_password
from genjin.service.organisation.signin import set_password
from genjin.store import people
from genjin.store.transaction import Tx
from tests.api.bodies import LOGIN_AGAIN, same
from tests.world import ALICE, EVE, ORGANISATION, OTHER, PASSWORD, World, ok, refused

URL = "/api/v2/auth/login"
FAILED = {"code": 100402, "message": "帐号或密码错误", "error": "login_failed", "data": None}
ALICES: dict[str, str] = {"login": "alice", "password": PASSWORD, "device": "open_api"}


def test_the_whole_answer(stranger: httpx.Client) -> None:
    told = stranger.post(URL, json=ALICES)
    token = ok(told)["user_token"]
    assert same(
        told,
        {
            "code": 0,
            "data": {
                "user_token": token,
                "user_id": ALICE.id,
                "corp_id": "wwj0001",
                "uid": ALICE.uid,
                "avatar_url": "/static/avatar.svg",
                "confirmed_phone": True,
                "set_password": True,
                "fill_user_info": True,
                "is_expired": False,
                "api_host": "http://genjin.test/",
                "crm_app_token": token,
            },
        },
    )


@pytest.mark.parametrize(
    "told",
    [
        {"json": ALICES},
        {"data": ALICES},
        {"params": ALICES},
        {"files": {name: (None, value) for name, value in ALICES.items()}},
        {"params": {"login": "alice"}, "data": {"password": PASSWORD}},
        {"json": ALICES | {"login": " alice ", "version_code": "9.9.9", "corp_id": "", "client_id": 5}},
        {"json": ALICES | {"login": ALICE.phone}},
        {"json": ALICES | {"login": int(ALICE.phone)}},
        {"json": ALICES | {"corp_id": "wwj0001"}},
        {"json": ALICES | {"device": "android"}},
        {"json": {key: value for key, value in ALICES.items() if key != "device"}},
    ],
)
def test_every_form_of_the_body_signs_in(stranger: httpx.Client, told: dict[str, Any]) -> None:
    token = ok(stranger.post(URL, **told))["user_token"]
    stranger.headers["Authorization"] = f"Token token={token}, device=open_api, version_code=9.9.9"
    assert ok(stranger.get("/api/v2/leads"))["total_count"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "wrong"},
        {"password": PASSWORD + " "},
        {"password": PASSWORD.upper()},
        {"password": "密码" * 400},
        {"login": "nobody"},
        {"login": "nobody", "password": "x" * 5000},
        {"login": "ALICE '--"},
        {"login": "13400000077"},
        {"corp_id": "wwj0002"},
        {"corp_id": "nowhere"},
    ],
)
def test_what_does_not_fit_is_told_alike(stranger: httpx.Client, wrong: dict[str, str]) -> None:
    assert same(stranger.post(URL, json=ALICES | wrong), FAILED)


def test_who_left_is_told_the_same_as_with_a_wrong_password(world: World, stranger: httpx.Client) -> None:
    world.change(replace(ALICE, workflow_state="left"))
    assert same(stranger.post(URL, json=ALICES), FAILED)


def test_a_user_without_a_password_cannot_sign_in(world: World, stranger: httpx.Client) -> None:
    world.change(replace(ALICE, id=77, login="zoe", phone=""))
    for password in ("", "None", "null", PASSWORD, "the password of nobody"):
        told = stranger.post(URL, json={"login": "zoe", "password": password})
        assert told.json()["code"] in (100402, 100422)


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ({}, ["login", "password"]),
        ({"login": "alice"}, ["password"]),
        ({"password": "x"}, ["login"]),
        ({"login": "  ", "password": ""}, ["login", "password"]),
        ({"login": None, "password": None}, ["login", "password"]),
    ],
)
def test_what_is_missing_is_named(stranger: httpx.Client, told: dict[str, Any], missing: list[str]) -> None:
    body = refused(stranger.post(URL, json=told), 100422)
    assert body["errors"] == {name: ["不能为空"] for name in missing}


@pytest.mark.parametrize("told", [{"login": ["alice"], "password": "x"}, {"login": "alice", "password": {"a": 1}}])
def test_a_login_that_is_no_text_is_refused(stranger: httpx.Client, told: dict[str, Any]) -> None:
    refused(stranger.post(URL, json=told), 100422)


def _two_organisations(world: World) -> None:
    """alice works for the other organisation too, under the same phone and password."""

    def use(tx: Tx) -> None:
        people.put_users(tx, OTHER.id, [replace(ALICE, id=36, login="alice2")])
        people.set_password(tx, OTHER.id, 36, hash_password(PASSWORD))
        people.bump_version(tx, OTHER.id)

    world.database.write(use)


def test_a_login_of_several_organisations_is_asked_which(world: World, stranger: httpx.Client) -> None:
    _two_organisations(world)
    told = stranger.post(URL, json=ALICES | {"login": ALICE.phone})
    message = "该帐号属于多个企业,请选择企业(corp_id)"
    assert same(
        told,
        {
            "code": 100402,
            "message": message,
            "error": "login_failed",
            "data": None,
            "api_message": message,
            "org_list": [
                {"corp_id": ORGANISATION.corp_id, "name": ORGANISATION.name},
                {"corp_id": OTHER.corp_id, "name": OTHER.name},
            ],
        },
    )
    for corp_id, user_id in (("wwj0001", 31), ("wwj0002", 36)):
        named = ALICES | {"login": ALICE.phone, "corp_id": corp_id}
        assert ok(stranger.post(URL, json=named))["user_id"] == user_id
    assert same(stranger.post(URL, json=ALICES | {"login": ALICE.phone, "password": "x"}), FAILED)


def test_a_later_login_does_not_displace_an_earlier_token(world: World, stranger: httpx.Client) -> None:
    tokens = [ok(stranger.post(URL, json=ALICES))["user_token"] for _ in range(3)]
    assert len(set(tokens)) == 3
    for token in (*tokens, world.site.tokens["alice"]):
        client = world.client()
        client.headers["Authorization"] = f"Token token={token}"
        assert ok(client.get("/api/v2/leads"))["total_count"] == 0


def test_a_new_password_kills_the_tokens_of_the_old_one(world: World, stranger: httpx.Client) -> None:
    set_password(world.installation, ORGANISATION.id, "alice", "another password")
    assert same(world.client("alice").get("/api/v2/leads"), LOGIN_AGAIN)
    assert same(stranger.post(URL, json=ALICES), FAILED)
    assert ok(stranger.post(URL, json=ALICES | {"password": "another password"}))
    assert ok(world.client("bob").get("/api/v2/leads"))


def test_the_token_is_of_the_organisation_of_its_user(world: World, stranger: httpx.Client) -> None:
    told = ok(stranger.post(URL, json=ALICES | {"login": "eve"}))
    assert (told["corp_id"], told["user_id"]) == (OTHER.corp_id, EVE.id)


def test_the_mobile_application_signs_in_at_a_path_of_its_own(world: World, stranger: httpx.Client) -> None:
    _two_organisations(world)
    told = {"login": ALICE.phone, "password": PASSWORD, "client_id": "7f3a"}
    asked = refused(stranger.post(f"{URL}_app", json=told), 100402)
    chosen = told | {"corp_id": asked["org_list"][1]["corp_id"]}
    answer, usual = ok(stranger.post(f"{URL}_app", json=chosen)), ok(stranger.post(URL, json=chosen))
    assert answer["user_id"] == 36
    assert answer.keys() == usual.keys()
    stranger.headers["Authorization"] = f"Token token={answer['user_token']}"
    assert ok(stranger.get("/api/v2/user/info"))["id"] == 36
    assert same(stranger.post(f"{URL}_app", json=chosen | {"password": "x"}), FAILED)


def test_a_get_is_no_login(stranger: httpx.Client) -> None:
    refused(stranger.get(URL, params=ALICES), 100404)
