"""Webhooks from the deed to a real receiver: what is sent and what is not, in which order, and what becomes of it."""

import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from genjin.domain.address import networks_of
from genjin.domain.people import LEFT, Rights
from genjin.domain.webhook import DELAYS, PATIENCE_SECONDS
from genjin.jobs import sending
from genjin.jobs.courier import Courier, deliver_all
from genjin.jobs.tasks import TASKS
from genjin.jobs.worker import run_all
from genjin.service.webhooks import delivering
from genjin.service.webhooks.log import forget_old_deliveries
from genjin.settings import Settings
from tests import receiver
from tests.cli.running import serving
from tests.databases import ENGINES
from tests.receiver import OK, Receiver, Request, receiving, status
from tests.world import BOB, ORGANISATION, SELLER, Site, World, follow_up, new_lead, opened, problem

PATH = "/api/v1/webhooks"
Json = Any
DAY = 86_400


@pytest.fixture(params=ENGINES)
def either(request: pytest.FixtureRequest, postgres_template: str) -> Iterator[World]:
    """The test world on each engine, on PostgreSQL served by a role that row level security holds; webhooks may lead to
    this machine.
    """
    if request.param == "sqlite":
        site: Site = request.getfixturevalue("site")
    else:
        site = request.getfixturevalue("postgres_site").served_by(request.getfixturevalue("application_role"))
    with opened(site) as world:
        yield _open_to_this_machine(world)


@pytest.fixture
def hooked(world: World) -> World:
    """The same on SQLite."""
    return _open_to_this_machine(world)


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def _open_to_this_machine(world: World) -> World:
    world.installation = replace(world.installation, webhook_networks=networks_of("127.0.0.0/8"))
    return world


def settings(world: World, **more: object) -> Settings:
    return Settings.model_validate({"database_url": world.site.served_url, "webhook_seconds": 20, **more})


def deliver(world: World, **more: object) -> None:
    """Tell and send all that can be told and sent now."""
    deliver_all(world.installation, settings(world, **more))


def made(client: httpx.Client, there: Receiver, path: str = "/", **more: object) -> Json:
    """A new webhook."""
    told = client.post(PATH, json={"url": there.url + path, **more})
    assert told.status_code == 201, told.text
    return told.json()


def shown(client: httpx.Client, webhook: Json) -> Json:
    return client.get(f"{PATH}/{webhook['id']}").json()


def deliveries(client: httpx.Client, webhook: Json, **asked: str) -> list[Json]:
    """The log, the first one first."""
    page = client.get(f"{PATH}/{webhook['id']}/deliveries", params={"limit": "200", **asked}).json()
    items: list[Json] = page["items"]
    return items[::-1]


def states(client: httpx.Client, webhook: Json) -> list[str]:
    return [each["state"] for each in deliveries(client, webhook)]


def texts(some: list[Request]) -> list[str]:
    return [request.told["data"]["text"] for request in some if request.told["data"].get("text")]


# What is sent


def test_what_happens_is_told_in_order_and_signed_as_the_official_verifier_wants_it(
    either: World, there: Receiver
) -> None:
    either.clock.at = int(time.time())
    alice = either.client("alice")
    id_ = new_lead(alice)
    webhook = made(alice, there, "/hook?key=1", language="en")
    written = alice.post(
        "/api/v1/activities",
        json={"kind": "follow_up.written", "subject": {"type": "leads", "id": id_}, "text": "在忙，留了电话"},
    ).json()
    deliver(either)
    alice.patch(f"/api/v1/activities/{written['id']}", json={"text": "约了周三"})
    deliver(either)
    alice.delete(f"/api/v1/activities/{written['id']}")
    deliver(either)
    verifier = Verifier(webhook["secret"])
    told = [verifier.verify(request.body, dict(request.headers)) for request in there.at("/hook?key=1")]
    assert [each["type"] for each in told] == ["activity.created", "activity.edited", "activity.removed"]
    assert [each["data"]["text"] for each in told] == ["在忙，留了电话", "约了周三", ""]
    assert told[0]["data"] | {"comment_count": 0} == written | {"sentence": told[0]["data"]["sentence"]}
    assert told[0]["data"]["sentence"].startswith("Alice")
    assert told[2]["data"] == alice.get(f"/api/v1/activities/{written['id']}", params={"lang": "en"}).json()
    assert len({request.id for request in there.got}) == 3
    log = deliveries(alice, webhook)
    assert [each["state"] for each in log] == ["delivered"] * 3
    assert [each["message_id"] for each in log] == [request.id for request in there.got]
    assert (log[0]["last_attempt"]["status"], log[0]["last_attempt"]["answer"]) == (200, "ok")
    with pytest.raises(WebhookVerificationError):
        verifier.verify(there.got[0].body + b" ", dict(there.got[0].headers))


def test_a_filter_says_what_is_told_and_the_past_is_not(hooked: World, there: Receiver) -> None:
    alice = hooked.client("alice")
    id_, other = new_lead(alice, "甲"), new_lead(alice, "乙")
    follow_up(alice, id_, "以前")
    some = {"kind": ["talk"], "subject": [f"leads/{id_}"], "q": ["价格"], "actor": ["me"]}
    made(alice, there, "/some", filter=some, events=["activity.created"])
    made(alice, there, "/no-talk", filter={"kind": ["!talk"]})
    made(alice, there, "/of-others", filter={"actor": ["!me"]})
    made(alice, there, "/off", enabled=False)
    for text in ("价格太高", "在忙"):
        follow_up(alice, id_, text)
        follow_up(alice, other, text)
    new_lead(alice, "丙")
    deliver(hooked)
    assert [request.told["data"]["text"] for request in there.at("/some")] == ["价格太高"]
    assert {request.told["data"]["kind"] for request in there.at("/no-talk")} == {"record.created"}
    assert there.at("/of-others") == there.at("/off") == []


def test_everybody_is_told_what_they_see_and_as_they_see_it(either: World, there: Receiver) -> None:
    for name in ("alice", "bob", "charlie", "dora", "eve"):
        made(either.client(name), there, f"/{name}")
    either.change(replace(SELLER, rights=Rights(phones_masked=True)))
    alice = either.client("alice")
    follow_up(alice, new_lead(alice), "电话是13400000099")
    deliver(either)
    assert texts(there.at("/alice")) == ["电话是134****0099"]
    assert texts(there.at("/bob")) == texts(there.at("/dora")) == ["电话是13400000099"]
    assert there.at("/charlie") == there.at("/eve") == []


def test_what_its_owner_does_not_see_any_more_by_then_is_withheld(hooked: World, there: Receiver) -> None:
    alice, dora = hooked.client("alice"), hooked.client("dora")
    id_ = new_lead(alice)
    webhook = made(alice, there)
    there.answers["/"] = status(500)
    follow_up(alice, id_, "机密")
    follow_up(alice, id_, "还有")
    deliver(hooked)
    assert len(there.got) == 1
    dora.put(f"/api/v2/leads/{id_}/update_user", json={"user_id": 33})
    there.answers["/"] = OK
    hooked.clock.at += DELAYS[0] * 2
    deliver(hooked)
    assert len(there.got) == 1
    assert states(alice, webhook)[:2] == ["withheld", "withheld"]


def test_it_stops_when_its_owner_leaves(either: World, there: Receiver) -> None:
    alice, dora = either.client("alice"), either.client("dora")
    webhook = made(either.client("bob"), there)
    left = replace(BOB, workflow_state=LEFT)
    either.change(left)
    follow_up(alice, new_lead(alice))
    deliver(either)
    assert there.got == []
    assert (shown(dora, webhook)["enabled"], shown(dora, webhook)["off_because"]) == (False, "owner_left")
    problem(dora.patch(f"{PATH}/{webhook['id']}", json={"enabled": True}), 403, "forbidden")
    theirs = dora.patch(f"{PATH}/{webhook['id']}", json={"enabled": True, "url": there.url + "/dora"}).json()
    assert theirs["owner"]["name"] == "Dora"
    follow_up(alice, new_lead(alice), "给朵拉")
    deliver(either)
    assert texts(there.got) == ["给朵拉"]


def test_many_that_are_recorded_at_once_are_told_one_by_one(hooked: World, there: Receiver) -> None:
    dora = hooked.client("dora")
    subject = {"type": "leads", "id": new_lead(dora)}
    webhook = made(dora, there, filter={"q": ["!7"]})
    items = [{"kind": "follow_up.written", "subject": subject, "text": str(number)} for number in range(1000)]
    assert dora.post("/api/v1/activities", json={"items": items, "atomic": True}).json()["created"] == 1000
    wanted = [str(number) for number in range(1000) if "7" not in str(number)]
    there.answers["/"] = status(503)
    deliver(hooked)
    assert shown(dora, webhook)["waiting"] == len(wanted)
    assert len(there.got) == 1


def test_a_person_is_told_of_their_own_notices_where_they_ask_for_it(hooked: World, there: Receiver) -> None:
    alice, bob = hooked.client("alice"), hooked.client("bob")
    webhook = made(bob, there, "/bob", events=["notice.created"], filter={"kind": ["call"]}, language="en")
    made(alice, there, "/alice", events=["notice.created"])
    id_ = new_lead(alice)
    details = {"mentions": [BOB.id]}
    told = {"kind": "follow_up.written", "subject": {"type": "leads", "id": id_}, "text": "请看", "details": details}
    written = alice.post("/api/v1/activities", json=told).json()
    deliver(hooked)
    assert there.at("/alice") == []
    [sent] = there.at("/bob")
    [notice] = bob.get("/api/v1/inbox", params={"lang": "en"}).json()["items"]
    assert (sent.told["type"], sent.told["data"]) == ("notice.created", notice)
    assert deliveries(bob, webhook)[0]["notice_id"] == notice["id"]
    assert notice["activity"]["id"] == written["id"]
    alice.delete(f"/api/v1/activities/{written['id']}")
    bob.post(f"{PATH}/{webhook['id']}/deliveries/1/resend")
    deliver(hooked)
    assert states(bob, webhook) == ["withheld"]


# Failing


FAILURES: dict[str, tuple[Callable[..., None], str | int]] = {
    "a 500": (status(500, body=b"broken \xff\x00 \xe4\xbd\xa0"), 500),
    "too many": (status(429), 429),
    "a redirect": (status(302, "Location: /elsewhere"), 302),
    "no answer": (receiver.hang, "no answer within 2 s"),
    "a closed connection": (receiver.close, "disconnected"),
    "a head that drips": (receiver.drip_head, "no answer within 2 s"),
    "a head without end": (receiver.huge_head, ""),
    "no HTTP": (receiver.garbage, ""),
}


def test_a_receiver_that_fails_in_any_way_is_tried_again_and_holds_up_nobody(hooked: World, there: Receiver) -> None:
    alice = hooked.client("alice")
    id_ = new_lead(alice)
    some = {}
    for number, (name, (answer, _)) in enumerate(FAILURES.items()):
        there.answers[f"/{number}"] = answer
        some[name] = made(alice, there, f"/{number}")
    some["nobody listens"] = made(alice, there)
    alice.patch(f"{PATH}/{some['nobody listens']['id']}", json={"url": "http://127.0.0.1:9/"})
    well = made(alice, there, "/well")
    follow_up(alice, id_)
    deliver(hooked, webhook_seconds=2)
    wrong = FAILURES | {"nobody listens": (OK, "")}
    for name, webhook in some.items():
        [told] = deliveries(alice, webhook)
        attempt = told["last_attempt"]
        expected = wrong[name][1]
        assert (told["state"], told["tries"]) == ("waiting", 1), name
        assert told["next_try_at"] is not None, name
        assert attempt["status"] == expected if isinstance(expected, int) else expected in attempt["error"], name
        assert attempt["error"] or attempt["status"], name
        assert shown(alice, webhook)["failures"] == 1, name
    assert there.at("/elsewhere") == []
    assert states(alice, well) == ["delivered"]
    for number in range(len(FAILURES)):
        there.answers[f"/{number}"] = OK
    hooked.clock.at += DELAYS[0] * 2
    deliver(hooked, webhook_seconds=2)
    for name, webhook in some.items():
        assert states(alice, webhook) == ["waiting" if name == "nobody listens" else "delivered"], name
        ids = {request.id for request in there.at(webhook["url"].removeprefix(there.url))}
        assert len(ids) == 1 or name == "nobody listens", name


@pytest.mark.parametrize("answer", [receiver.drip_body, receiver.huge_body, receiver.half_body, status(204, body=b"")])
def test_a_status_is_enough_whatever_the_body_does(hooked: World, there: Receiver, answer: receiver.Answer) -> None:
    there.answers["/"] = answer
    alice = hooked.client("alice")
    webhook = made(alice, there)
    new_lead(alice)
    deliver(hooked)
    [told] = deliveries(alice, webhook)
    assert told["state"] == "delivered"
    assert len(told["last_attempt"]["answer"]) <= 1024


def test_a_certificate_of_nobody_is_refused(hooked: World, tmp_path: Path) -> None:
    alice = hooked.client("alice")
    with receiving(_self_signed(tmp_path)) as there:
        webhook = made(alice, there)
        new_lead(alice)
        deliver(hooked)
        assert there.got == []
    assert "certificate" in deliveries(alice, webhook)[0]["last_attempt"]["error"]


def test_after_three_days_it_is_given_up_and_the_webhook_is_off(either: World, there: Receiver) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    webhook = made(alice, there)
    there.answers["/"] = status(500)
    follow_up(alice, id_, "第一")
    follow_up(alice, id_, "第二")
    began, waits = either.clock.at, list[int]()
    for _ in range(len(DELAYS) + 4):
        deliver(either)
        told = deliveries(alice, webhook)[0]
        if told["state"] != "waiting":
            break
        before = either.clock.at
        either.clock.at = max(_instant(told["next_try_at"]), _instant(shown(alice, webhook)["rests_until"]))
        waits.append(either.clock.at - before)
    assert told["state"] == "failed"
    assert PATIENCE_SECONDS <= either.clock.at - began <= PATIENCE_SECONDS + DELAYS[-1] * 1.2
    assert 9 <= len(there.got) <= 11
    assert {request.id for request in there.got} == {told["message_id"]}
    off = shown(alice, webhook)
    assert (off["enabled"], off["off_because"], off["waiting"]) == (False, "failing", 1)
    there.answers["/"], before = OK, len(there.got)
    follow_up(alice, id_, "在关闭时")
    deliver(either)
    assert len(there.got) == before
    on = alice.patch(f"{PATH}/{webhook['id']}", json={"enabled": True}).json()
    assert (on["enabled"], on["failures"], on["off_because"]) == (True, 0, None)
    deliver(either)
    assert texts(there.got[before:]) == ["第二"]


def test_who_answers_gone_is_sent_nothing_more(hooked: World, there: Receiver) -> None:
    alice = hooked.client("alice")
    webhook = made(alice, there)
    there.answers["/"] = status(410)
    new_lead(alice)
    deliver(hooked)
    new_lead(alice)
    hooked.clock.at += DAY
    deliver(hooked)
    assert len(there.got) == 1
    assert shown(alice, webhook)["off_because"] == "gone"
    [notice] = alice.get("/api/v1/inbox", params={"kind": "webhook_off"}).json()["items"]
    assert there.url in notice["sentence"]
    assert notice["details"]["webhook_id"] == webhook["id"]


def test_a_receiver_that_fails_again_and_again_is_left_in_peace_for_longer_and_longer(
    hooked: World, there: Receiver
) -> None:
    alice = hooked.client("alice")
    webhook = made(alice, there)
    there.answers["/"] = status(500, "Retry-After: 100000")
    for _ in range(60):
        new_lead(alice)
    for _ in range(600):
        deliver(hooked)
        hooked.clock.at += 1
    assert len(there.got) < 20
    assert shown(alice, webhook)["waiting"] == 60
    there.answers["/"] = OK
    hooked.clock.at += 4000
    deliver(hooked)
    assert shown(alice, webhook)["waiting"] == 0


# Order


def test_of_one_record_nothing_overtakes_and_others_go_on(either: World, there: Receiver) -> None:
    alice = either.client("alice")
    id_, other = new_lead(alice), new_lead(alice)
    webhook = made(alice, there)
    down = True

    def answer(request: Request, to: Any) -> None:
        of_one = request.told["data"]["subject"]["id"] == id_
        status(500 if of_one and down else 200)(request, to)

    there.answers["/"] = answer
    for number in range(6):
        follow_up(alice, id_, f"甲{number}")
        follow_up(alice, other, f"乙{number}")
    deliver(either)
    assert [text for text in texts(there.got) if text[0] == "乙"] == [f"乙{number}" for number in range(6)]
    assert [text for text in texts(there.got) if text[0] == "甲"] == ["甲0"]
    log = deliveries(alice, webhook)
    assert [each["blocked"] for each in log if each["state"] == "waiting"] == [False, *[True] * 5]
    down = False
    either.clock.at += DELAYS[0] * 2
    deliver(either)
    assert [text for text in texts(there.got) if text[0] == "甲"] == ["甲0", *(f"甲{number}" for number in range(6))]
    assert set(states(alice, webhook)) == {"delivered"}


def test_workers_side_by_side_send_each_thing_once_and_in_order(either: World, there: Receiver) -> None:
    alice = either.client("alice")
    some = [new_lead(alice) for _ in range(4)]
    webhook = made(alice, there)
    for number in range(20):
        for id_ in some:
            follow_up(alice, id_, f"{id_}-{number}")
    others = [opened(either.site) for _ in range(2)]
    with others[0] as one, others[1] as two, ThreadPoolExecutor(3) as pool:
        for _ in pool.map(lambda each: deliver(_open_to_this_machine(each)), (either, one, two)):
            pass
        deliver(either)
    assert len(there.got) == len({request.id for request in there.got}) == 80
    for id_ in some:
        its = [text for text in texts(there.got) if text.startswith(f"{id_}-")]
        assert its == [f"{id_}-{number}" for number in range(20)]
    assert shown(alice, webhook)["waiting"] == 0


def test_a_worker_that_is_lost_leaves_its_deliveries_to_others_under_the_same_id(
    either: World, there: Receiver
) -> None:
    alice = either.client("alice")
    made(alice, there)
    new_lead(alice)
    lost = Courier(either.installation, settings(either))
    lost._rung.add(ORGANISATION.id)
    lost._send = lambda parcel: None  # type: ignore[method-assign]
    lost.turn()
    deliver(either)
    assert there.got == []
    either.clock.at += delivering.LEASE_SECONDS
    deliver(either)
    assert len(there.got) == 1


def test_a_server_that_is_killed_in_the_middle_loses_nothing(hooked: World, there: Receiver, tmp_path: Path) -> None:
    hooked.clock.at = int(time.time())
    alice = hooked.client("alice")
    some = [new_lead(alice) for _ in range(3)]
    made(alice, there)
    there.answers["/"] = receiver.hang
    given = {"GENJIN_DATABASE_URL": hooked.site.url, "GENJIN_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    with serving(tmp_path, "serve", **given) as server:
        for number in range(4):
            for id_ in some:
                follow_up(alice, id_, f"{id_}-{number}")
        there.wait(1)
        server.process.kill()
        server.process.wait()
    cut_off = {request.id for request in there.got}
    there.answers["/"] = OK
    before, hooked.clock.at = len(there.got), hooked.clock.at + delivering.LEASE_SECONDS + 60
    deliver(hooked)
    assert cut_off < {request.id for request in there.got[before:]}
    for id_ in some:
        its = [text for text in texts(there.got[before:]) if text.startswith(f"{id_}-")]
        assert its == [f"{id_}-{number}" for number in range(4)]


def test_what_is_cut_off_at_the_end_is_sent_again_and_counts_for_nothing(hooked: World, there: Receiver) -> None:
    alice = hooked.client("alice")
    webhook = made(alice, there)
    there.answers["/"] = receiver.hang
    new_lead(alice)
    courier = Courier(hooked.installation, settings(hooked))
    courier.start()
    there.wait(1)
    courier.stop()
    assert (shown(alice, webhook)["failures"], deliveries(alice, webhook)[0]["tries"]) == (0, 0)
    there.answers["/"] = OK
    deliver(hooked)
    assert [request.id for request in there.got] == [deliveries(alice, webhook)[0]["message_id"]] * 2


def test_a_running_server_tells_at_once(either: World, there: Receiver) -> None:
    alice = either.client("alice")
    made(alice, there)
    courier = Courier(either.installation, settings(either), poll=20)
    courier.start()
    try:
        new_lead(alice, "头一个")
        there.wait(1)
        new_lead(alice, "又一个")
        assert there.wait(2, 15)[1].told["data"]["subject"]["name"] == "又一个"
    finally:
        courier.stop()


# What its keeper does


def test_both_secrets_sign_while_one_follows_the_other(hooked: World, there: Receiver) -> None:
    hooked.clock.at = int(time.time())
    alice = hooked.client("alice")
    webhook = made(alice, there)
    old = Verifier(webhook["secret"])
    changed = alice.post(f"{PATH}/{webhook['id']}/secret", json={"overlap_hours": 1}).json()
    new = Verifier(changed["secret"])
    assert changed["old_secret_until"] is not None
    alice.post(f"{PATH}/{webhook['id']}/test")
    deliver(hooked)
    for verifier in (old, new):
        assert verifier.verify(there.got[0].body, dict(there.got[0].headers))["type"] == "ping"
    alice.post(f"{PATH}/{webhook['id']}/secret", json={"overlap_hours": 0})
    alice.post(f"{PATH}/{webhook['id']}/test")
    deliver(hooked)
    for verifier in (old, new):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(there.got[1].body, dict(there.got[1].headers))


def test_a_delivery_is_sent_again_under_its_id(hooked: World, there: Receiver) -> None:
    alice = hooked.client("alice")
    webhook = made(alice, there)
    id_ = new_lead(alice)
    follow_up(alice, id_)
    deliver(hooked)
    first = deliveries(alice, webhook)[0]
    path = f"{PATH}/{webhook['id']}/deliveries/{first['id']}"
    assert alice.post(f"{path}/resend").json()["state"] == "waiting"
    deliver(hooked)
    told = alice.get(path).json()
    assert (told["state"], len(told["attempts"]), told["tries"]) == ("delivered", 2, 1)
    assert [request.id for request in there.got].count(first["message_id"]) == 2
    there.answers["/"] = status(500)
    follow_up(alice, id_)
    follow_up(alice, id_)
    deliver(hooked)
    waiting, blocked = deliveries(alice, webhook, state="waiting")
    there.answers["/"] = OK
    alice.post(f"{PATH}/{webhook['id']}/deliveries/{blocked['id']}/resend")
    deliver(hooked)
    assert len(deliveries(alice, webhook, state="waiting")) == 2
    alice.post(f"{PATH}/{webhook['id']}/deliveries/{waiting['id']}/resend")
    deliver(hooked)
    assert deliveries(alice, webhook, state="waiting") == []


def test_what_was_recorded_in_a_range_is_told_once_more_with_ids_of_its_own(either: World, there: Receiver) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    for number in range(70):
        either.clock.at += 60
        follow_up(alice, id_, f"第{number}次")
    webhook = made(alice, there, filter={"kind": ["talk"]})
    since = either.clock.at - 60 * 59
    asked = {"from": _iso(since), "to": _iso(either.clock.at)}
    replay = alice.post(f"{PATH}/{webhook['id']}/replays", json=asked)
    assert (replay.status_code, replay.json()["state"]) == (201, "waiting")
    run_all(either.installation, TASKS)
    told = alice.get(replay.headers["location"]).json()
    assert (told["state"], told["done"], told["total"]) == ("done", 59, 59)
    deliver(either)
    assert texts(there.got) == [f"第{number}次" for number in range(10, 69)]
    assert {request.told["replay_id"] for request in there.got} == {told["id"]}
    run_all(either.installation, TASKS)
    assert len(there.got) == 59


def test_old_deliveries_and_what_is_left_of_removed_webhooks_go(hooked: World, there: Receiver) -> None:
    alice = hooked.client("alice")
    kept, removed = made(alice, there), made(alice, there, "/removed")
    new_lead(alice)
    deliver(hooked)
    assert alice.delete(f"{PATH}/{removed['id']}").status_code == 204
    problem(alice.get(f"{PATH}/{removed['id']}"), 404, "not_found")
    assert forget_old_deliveries(hooked.installation) == 1
    hooked.clock.at += 15 * DAY
    new_lead(alice)
    deliver(hooked)
    assert forget_old_deliveries(hooked.installation) == 1
    assert states(alice, kept) == ["delivered"]
    assert len(there.at("/removed")) == 1


# Addresses


def test_a_name_that_leads_inside_leads_nowhere_and_is_asked_once(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = list[str](), iter([["93.184.215.14"], ["127.0.0.1"], ["::ffff:127.0.0.1", "10.0.0.7"]])

    def resolved(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    monkeypatch.setattr(sending, "_resolved", resolved)
    connected = list[str]()

    async def connect(self: Any, host: str, *_: Any) -> Any:
        connected.append(host)
        raise httpcore.ConnectError("nobody is there")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    alice = world.client("alice")
    webhook = alice.post(PATH, json={"url": "https://rebound.test/"}).json()
    alice.post(f"{PATH}/{webhook['id']}/test")
    for _ in range(3):
        deliver(world)
        world.clock.at += 3600
    assert asked == ["rebound.test"] * 3
    assert connected == ["93.184.215.14"]
    errors = [each["error"] for each in alice.get(f"{PATH}/{webhook['id']}/deliveries/1").json()["attempts"]]
    assert "nobody is there" in errors[0]
    assert all("where nothing may be sent" in error for error in errors[1:])


def _instant(shown_time: str | None) -> int:
    return 0 if shown_time is None else int(datetime.fromisoformat(shown_time).timestamp())


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def _self_signed(folder: Path) -> ssl.SSLContext:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime(2024, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "both.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
