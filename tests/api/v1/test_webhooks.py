"""Webhooks as they are kept: by whom, what is taken, what is told of them. tests/jobs/test_courier.py sends."""

from base64 import b64decode
from typing import Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from genjin.domain.address import addresses_of, is_public, may_connect, networks_of, web_address
from genjin.domain.webhook import MOST_WEBHOOKS
from tests.world import World, fields_of, new_lead, problem

PATH = "/api/v1/webhooks"
URL = "https://example.com/hook"
Json = Any
EMPTY: Json = {name: [] for name in ("subject", "kind", "actor", "department", "q", "has", "via")}


@pytest.fixture
def dora(world: World) -> httpx.Client:
    """Who administers."""
    return world.client("dora")


def made(client: httpx.Client, **more: object) -> Json:
    told = client.post(PATH, json={"url": URL, **more})
    assert told.status_code == 201, told.text
    return told.json()


# What is told


def test_a_secret_is_shown_once_and_is_long_enough(alice: httpx.Client) -> None:
    told = alice.post(PATH, json={"url": URL})
    webhook = told.json()
    assert len(b64decode(webhook["secret"].removeprefix("whsec_"))) == 32
    read = alice.get(told.headers["location"])
    assert read.json() == webhook | {"secret": None}
    assert alice.get(PATH).json()["items"] == [read.json()]
    rotated = alice.post(f"{PATH}/{webhook['id']}/secret")
    assert rotated.json()["secret"] not in (None, webhook["secret"])
    assert alice.get(told.headers["location"]).json()["secret"] is None
    assert rotated.json()["old_secret_until"] == "2024-06-13T10:00:00+08:00"


def test_what_is_asked_for_is_told_and_changed_as_a_whole(alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    asked = {"subject": [f"leads/{id_}"], "kind": ["!call", "talk"], "actor": ["me"], "q": ["价"], "via": ["own"]}
    webhook = made(alice, filter=asked, events=["activity.removed"], description="给ERP", language="en", enabled=False)
    assert webhook["filter"] == EMPTY | asked
    assert (webhook["events"], webhook["description"]) == (["activity.removed"], "给ERP")
    assert (webhook["enabled"], webhook["off_because"], webhook["language"]) == (False, "by_hand", "en")
    path = f"{PATH}/{webhook['id']}"
    changed = alice.patch(path, json={"filter": {"has": ["picture"]}}).json()
    assert changed["filter"] == EMPTY | {"has": ["picture"]}
    assert (changed["version"], changed["events"]) == (2, ["activity.removed"])
    assert alice.patch(path, json={}).json()["version"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://example.com/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://[::ffff:169.254.169.254]/"}, "url"),
        ({"url": "https://user:x@example.com/"}, "url"),
        ({"url": "https://example.com:0/"}, "url"),
        ({"url": "https://例.com/"}, "url"),
        ({"url": URL + "x" * 2000}, "url"),
        ({"url": URL, "events": []}, "events"),
        ({"url": URL, "events": ["ping"]}, "events.0"),
        ({"url": URL, "filter": {"kind": ["nothing.such"]}}, "filter.kind"),
        ({"url": URL, "filter": {"subject": ["leads/999999"]}}, "filter.subject"),
        ({"url": URL, "filter": {"from": "2024-01-01"}}, "filter.from"),
        ({"url": URL, "secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_its_field(alice: httpx.Client, body: Json, field: str) -> None:
    assert fields_of(problem(alice.post(PATH, json=body), 422, "invalid")) == {field}


def test_a_record_that_its_owner_does_not_see_is_none_to_ask_for(world: World) -> None:
    id_ = new_lead(world.client("alice"))
    told = world.client("charlie").post(PATH, json={"url": URL, "filter": {"subject": [f"leads/{id_}"]}})
    assert fields_of(problem(told, 422, "invalid")) == {"filter.subject"}


def test_an_organisation_has_so_many_and_no_more(alice: httpx.Client) -> None:
    first = made(alice)
    for _ in range(MOST_WEBHOOKS - 1):
        made(alice)
    problem(alice.post(PATH, json={"url": URL}), 422, "invalid")
    walked, path = list[int](), f"{PATH}?limit=40"
    while path:
        page = alice.get(path).json()
        walked += [each["id"] for each in page["items"]]
        path = page["next"]
    assert len(walked) == MOST_WEBHOOKS
    assert walked == sorted(walked)
    assert alice.delete(f"{PATH}/{first['id']}").status_code == 204
    made(alice)


# Who


def test_everybody_keeps_their_own_and_administrators_all(world: World, dora: httpx.Client) -> None:
    webhook = made(world.client("alice"))
    path = f"{PATH}/{webhook['id']}"
    assert dora.get(path).json()["owner"]["name"] == "Alice"
    for name in ("bob", "charlie", "eve"):
        client = world.client(name)
        assert client.get(PATH).json()["items"] == []
        for told in (
            client.get(path),
            client.patch(path, json={"enabled": False}),
            client.delete(path),
            client.post(f"{path}/secret"),
            client.post(f"{path}/test"),
            client.get(f"{path}/deliveries"),
            client.get(f"{path}/deliveries/1"),
            client.post(f"{path}/deliveries/1/resend"),
            client.post(f"{path}/replays", json={"from": "2024-01-01", "to": "2024-02-01"}),
            client.get(f"{path}/replays/1"),
        ):
            problem(told, 404, "not_found")
    assert dora.patch(path, json={"enabled": False}).json()["owner"]["name"] == "Alice"
    assert dora.patch(path, json={"url": "https://example.org/"}).json()["owner"]["name"] == "Dora"
    problem(world.client("alice").get(path), 404, "not_found")


def test_it_is_changed_as_it_was_read_and_made_once(alice: httpx.Client) -> None:
    key = {"Idempotency-Key": "once"}
    first, again = (alice.post(PATH, json={"url": URL}, headers=key) for _ in range(2))
    assert (again.headers["idempotency-replayed"], again.json()) == ("true", first.json())
    path = first.headers["location"]
    tag = {"If-Match": alice.get(path).headers["etag"]}
    assert alice.patch(path, json={"description": "甲"}, headers=tag).status_code == 200
    for told in (
        alice.patch(path, json={"description": "乙"}, headers=tag),
        alice.delete(path, headers=tag),
        alice.post(f"{path}/secret", headers=tag),
    ):
        problem(told, 412, "stale")
    ping = alice.post(f"{path}/test", headers={"Idempotency-Key": "ping"})
    assert (ping.status_code, ping.json()["state"], ping.json()["type"]) == (201, "waiting", "ping")
    assert alice.get(f"{path}/deliveries/{ping.json()['id']}").json() == ping.json()


def test_nothing_is_sent_to_one_that_is_off(alice: httpx.Client) -> None:
    path = f"{PATH}/{made(alice)['id']}"
    ping = alice.post(f"{path}/test").json()
    alice.patch(path, json={"enabled": False})
    for told in (
        alice.post(f"{path}/test"),
        alice.post(f"{path}/deliveries/{ping['id']}/resend"),
        alice.post(f"{path}/replays", json={"from": "2024-01-01", "to": "2024-02-01"}),
    ):
        problem(told, 422, "invalid")
    alice.patch(path, json={"enabled": True})
    told = alice.post(f"{path}/replays", json={"from": "2024-02-01", "to": "2024-01-01"})
    assert fields_of(problem(told, 422, "invalid")) == {"to"}
    assert alice.get(f"{path}/deliveries", params={"state": "waiting"}).json()["items"] == [
        {name: value for name, value in ping.items() if name != "attempts"}
    ]
    assert alice.get(f"{path}/deliveries", params={"state": "failed"}).json()["items"] == []


# Where to

INSIDE = (
    "0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255"
    " 192.0.0.192 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1"
    " 255.255.255.255 168.63.129.16 192.88.99.1 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1"
    " 64:ff9b::a00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 fc00::1 fd00:ec2::254 fe80::1"
    " fe80::1%eth0 fec0::1 ff02::1 4000::1"
).split()
OUTSIDE = (
    "1.1.1.1 93.184.215.14 172.32.0.1 100.128.0.1 2606:4700::1111 2a00:1450:4001::1 ::ffff:8.8.8.8 64:ff9b::808:808"
).split()


def test_what_is_inside_is_not_led_to_in_whichever_notation() -> None:
    assert [str(each) for each in addresses_of(INSIDE) if is_public(each) or may_connect(each, True, ())] == []
    assert [str(each) for each in addresses_of(OUTSIDE) if not may_connect(each, True, ())] == []
    assert [str(each) for each in addresses_of(OUTSIDE) if may_connect(each, False, ())] == []
    allowed = networks_of("10.0.0.0/8 fd00::/8")
    some = addresses_of(["10.1.2.3", "::ffff:10.1.2.3", "fd00::1", "11.1.2.3", "127.0.0.1"])
    assert [may_connect(each, False, allowed) for each in some] == [True, True, True, False, False]


@given(st.text(alphabet="htps:/@#?[]%\\.-_ab012 \t\n:é", max_size=30).map("https://".__add__) | st.text(max_size=40))
@example("https://[::1]:443/a?b")
@example("https://127.0.0.1\\@example.com/")
@example("https://[::ffff:1.2.3.4%25eth0]/")
def test_a_url_is_read_in_one_way_or_refused(url: str) -> None:
    try:
        address = web_address(url)
    except ValueError:
        return
    assert address.scheme in ("http", "https")
    assert 0 < address.port < 65_536
    assert address.target.startswith(("/", "?"))
    assert not set(address.host) & set("@#?/\\ %")
    shown = f"[{address.host}]" if ":" in address.host else address.host
    assert web_address(f"{address.scheme}://{shown}:{address.port}{address.target}") == address
    assert httpx.URL(url).host.lower() == address.host.lower()
