"""Every manner in which the upstream's clients carry their token, and what becomes of one that is no good."""

from dataclasses import replace

import httpx
import pytest

from genjin.domain.people import User
from genjin.service.organisation.signin import create_token, revoke_token
from genjin.store import tokens
from tests.api.bodies import LOGIN_AGAIN, same
from tests.world import ALICE, NOW, ORGANISATION, World, ok

HEADERS = [
    "Token token={0}, device=open_api, version_code=9.9.9",
    "Token token={0},device=open_api,version_code=9.9.9",
    'Token token="{0}", device="open_api", version_code="9.9.9"',
    'Token token="{0}",device="dingtalk",version_code="3.13.0"',
    "Token token={0}",
    "Token token = {0} , device = web",
    "Token device=open_api, token={0}",
    "token token={0}",
    "Token {0}",
    "Bearer {0}",
]


@pytest.fixture
def url(id_: int) -> str:
    return f"/api/v2/leads/{id_}/sales_activities"


@pytest.mark.parametrize("header", HEADERS)
def test_a_token_in_the_authorization_header_is_found(world: World, id_: int, url: str, header: str) -> None:
    client = world.client()
    client.headers["Authorization"] = header.format(world.site.tokens["alice"])
    assert ok(client.get(url))["total_count"] == 1
    assert ok(client.get(f"/api/v2/leads/{id_}"))["id"] == id_


def test_a_token_in_the_headers_of_the_new_gateway_is_found(world: World, id_: int, url: str) -> None:
    client = world.client()
    token = world.site.tokens["alice"]
    client.headers.update({"X-LXY-PLATFORM": "lixiaoyun", "X-LXY-APP": "crm", "access-token": token})
    assert ok(client.get(url))["total_count"] == 1
    assert ok(client.get(f"/api/v2/leads/{id_}"))["id"] == id_


def test_a_token_in_the_query_is_found(world: World, id_: int, url: str) -> None:
    asked = {"user_token": world.site.tokens["alice"], "version_code": "9.9.9", "device": "open_api"}
    assert ok(world.client().get(url, params=asked))["total_count"] == 1
    assert ok(world.client().get(f"/api/v2/leads/{id_}", params=asked))["id"] == id_


def test_a_token_in_a_form_a_multipart_or_a_json_body_is_found(world: World, id_: int, url: str) -> None:
    asked = {"user_token": world.site.tokens["alice"], "version_code": "9.9.9", "device": "open_api", "per_page": "7"}
    client = world.client()
    parts = {name: (None, value) for name, value in asked.items()}
    for told in (
        client.request("GET", url, data=asked),
        client.request("GET", url, json=asked),
        client.request("GET", url, files=parts),
    ):
        assert (ok(told)["total_count"], ok(told)["per_page"]) == (1, 7)
    for path in ("/api/v2/leads", "/api/v2/customers"):
        named = {"lead[name]": "丙", "customer[name]": "丙"} | asked
        assert ok(client.post(path, data=named))["name"] == "丙"
        assert ok(client.post(path, json={"lead": {"name": "丙"}, "customer": {"name": "丙"}} | asked))["name"] == "丙"
        assert ok(client.post(path, files={k: (None, v) for k, v in named.items()}))["name"] == "丙"


def test_the_header_goes_before_the_query(world: World, url: str) -> None:
    assert ok(world.client("alice").get(url, params={"user_token": "dead"}))["total_count"] == 1
    asked = {"user_token": world.site.tokens["alice"]}
    assert same(world.client().get(url, params=asked, headers={"Authorization": "Token token=dead"}), LOGIN_AGAIN)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Token",
        "Token token=",
        'Token token=""',
        "Token token=, device=open_api",
        "Basic YWxpY2U6eA==",
        "Token token=" + "f" * 48,
        "Token token=" + "0" * 48,
        "Token token=" + "-" * 48,
        "Token token=00000001" + "0" * 40,
        "Token token=" + "9" * 5000,
        "Token token=\xe9\xe9",
        "Token token=' OR 1=1 --",
    ],
)
def test_a_missing_unknown_or_garbled_token_asks_to_sign_in_again(
    world: World, id_: int, url: str, header: str | None
) -> None:
    client = world.client()
    if header is not None:
        client.headers = httpx.Headers([(b"Authorization", header.encode("latin-1"))])
    for path in (url, f"/api/v2/leads/{id_}", "/api/v2/leads", "/api/v2/revisit_logs/new_index"):
        assert same(client.get(path), LOGIN_AGAIN)
    assert "登录" in str(LOGIN_AGAIN["message"])


def test_an_odd_token_parameter_is_no_token(world: World, url: str) -> None:
    client = world.client()
    token = world.site.tokens["alice"]
    for told in (
        client.get(f"{url}?user_token[]={token}"),
        client.get(f"{url}?user_token[a]={token}"),
        client.request("GET", url, json={"user_token": [token]}),
        client.request("GET", url, json={"user_token": 5}),
        client.request("GET", url, json=[token]),
    ):
        assert same(told, LOGIN_AGAIN)


def test_a_token_is_found_with_its_hexadecimal_digits_as_they_are(world: World, url: str) -> None:
    client = world.client()
    client.headers["Authorization"] = f"Token token={world.site.tokens['alice'].upper()}"
    if world.site.tokens["alice"] != world.site.tokens["alice"].upper():
        assert same(client.get(url), LOGIN_AGAIN)


def test_a_revoked_token_is_dead_from_the_next_request_on(world: World, url: str) -> None:
    alice = world.client("alice")
    assert ok(alice.get(url))
    rows = world.database.read(lambda tx: tokens.token_list(tx, ORGANISATION.id))
    (row,) = (row for row in rows if row.user_id == ALICE.id)
    revoke_token(world.installation, ORGANISATION.id, row.id)
    assert same(alice.get(url), LOGIN_AGAIN)
    assert same(alice.get("/api/v2/leads"), LOGIN_AGAIN)
    assert ok(world.client("bob").get(url))


def test_the_token_of_somebody_who_left_is_dead(world: World, url: str) -> None:
    left: User = replace(ALICE, workflow_state="left")
    alice = world.client("alice")
    assert ok(alice.get(url))
    world.change(left)
    assert same(alice.get(url), LOGIN_AGAIN)
    assert same(alice.post("/api/v2/leads", json={"lead": {"name": "x"}}), LOGIN_AGAIN)
    world.change(ALICE)
    assert ok(alice.get(url))


def test_a_token_that_expires_is_dead_at_that_second(world: World, url: str) -> None:
    world_with_days = replace(world.installation, token_days=1)
    token = create_token(world_with_days, ORGANISATION.id, "dora", "short")
    client = world.client()
    client.headers["Authorization"] = f"Token token={token}"
    world.clock.at = NOW + 86_399
    assert ok(client.get(url))
    world.clock.at = NOW + 86_400
    assert same(client.get(url), LOGIN_AGAIN)


def test_the_store_keeps_no_token(world: World) -> None:
    path = world.site.url.removeprefix("sqlite:///")
    with open(path, "rb") as file:  # noqa: PTH123
        content = file.read()
    for token in world.site.tokens.values():
        assert token.encode() not in content
        assert bytes.fromhex(token) not in content
