"""Answers are kept and given again; whatever is written, the next answer is that of a server just started."""

from dataclasses import replace
from itertools import count

import httpx

from genjin.service.organisation.signin import create_token
from tests.api.bodies import LOGIN_AGAIN, MISSING, same
from tests.importers.captures import CALL_ID, LEAD_ID, UPSTREAM, Capturing, activity, answer
from tests.world import (
    ALICE,
    NOW,
    ORGANISATION,
    PHONE_CALL,
    VISIT,
    World,
    follow_up,
    new_customer,
    new_lead,
    ok,
    opened,
)

_sizes = count(1_000_000)


class Comparing:
    """Asks a server that keeps its answers and one that has none yet, of the same database."""

    def __init__(self, world: World, *urls: str) -> None:
        self.world, self.urls = world, urls
        self._known: dict[tuple[str, str], tuple[str, bytes]] = {}

    def check(self) -> list[bytes]:
        """The answers, after both servers gave the same, twice, and sent none again that was known before."""
        size = next(_sizes)
        told = []
        for name in ("alice", "bob", "dora"):
            for url in self.urls:
                fresh = self.world.client(name, max_body_bytes=size).get(url)
                for _ in range(2):
                    again = self.world.client(name).get(url)
                    assert again.content == fresh.content, (name, url)
                    assert again.headers.get("etag") == fresh.headers.get("etag"), (name, url)
                self._check_known(name, url, fresh)
                told.append(fresh.content)
        return told

    def _check_known(self, name: str, url: str, fresh: httpx.Response) -> None:
        """Who says what they had is told nothing only if it is still right."""
        now = fresh.headers.get("etag", "")  # a refusal has none
        tag, content = self._known.get((name, url), (now, fresh.content))
        asked = self.world.client(name).get(url, headers={"If-None-Match": tag})
        if asked.status_code == 304:
            assert (asked.content, asked.headers["etag"], content) == (b"", now, fresh.content), (name, url)
        else:
            assert asked.content == fresh.content, (name, url)
            assert not now or tag != now, (name, url)
        assert not now or self.world.client(name).get(url, headers={"If-None-Match": now}).status_code == 304
        self._known[name, url] = now, fresh.content


def test_after_every_kind_of_write_the_next_answer_shows_it(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    customer = new_customer(alice, refer_lead_id=id_)
    urls = [f"/api/v2/leads/{id_}/sales_activities", f"/api/v2/customers/{customer}/sales_activities"]
    comparing = Comparing(world, *urls, f"{urls[0]}?per_page=1&page=2")
    before = comparing.check()
    dora = world.client("dora")

    def changes() -> None:
        nonlocal before
        world.clock.at += 60
        after = comparing.check()
        assert after != before
        before = after

    written = follow_up(alice, id_, category=PHONE_CALL.id)
    changes()
    url = f"/api/v2/revisit_logs/{written['id']}"
    for given in (
        {"content": "改"},
        {"remind_at": "2024-07-01 10:00"},
        {"category": VISIT.id},
        {"lat": "1", "lng": "2"},
    ):
        ok(alice.put(url, json={"revisit_log": given}))
        changes()
    ok(alice.put(url, json={"at_user_ids": [ALICE.id]}))
    changes()
    call = {"caller_type": "Lead", "caller_id": id_, "number": "13400000077", "talk_time": "5"}
    logged = ok(alice.post("/api/v2/dial_logs", json={"dial_log": call}))["dial_log"]["id"]
    changes()
    audio = {"file_url": "https://example.com/1.wav", "duration": "5"}
    ok(alice.put(f"/api/v2/dial_logs/{logged}", json={"audios": [audio]}))
    changes()
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"name": "郑校长"}}))
    changes()
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"note": "x"}}))
    changes()
    ok(alice.put(f"/api/v2/customers/{customer}", json={"customer": {"name": "郑州二中"}}))
    changes()
    for thing in (
        replace(ALICE, name="爱丽丝"),
        replace(VISIT, label="见面"),
        replace(ORGANISATION, time_zone="America/New_York"),
        replace(ORGANISATION, module_names={"Lead": "潜客"}),
    ):
        world.change(thing)
        changes()
    ok(alice.delete(url))
    changes()
    ok(dora.put(f"/api/v2/leads/{id_}", json={"lead": {"user_id": 33}}))
    changes()
    ok(dora.delete(f"/api/v2/leads/{id_}"))
    changes()
    ok(dora.delete(f"/api/v2/customers/{customer}"))
    changes()


def test_a_conversion_changes_the_leads_answer(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    comparing = Comparing(world, f"/api/v2/leads/{id_}/sales_activities")
    before = comparing.check()
    new_customer(alice, refer_lead_id=id_)
    assert comparing.check() != before


def test_a_record_that_comes_into_sight_changes_what_speaks_of_it(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    dora = world.client("dora")
    customer = new_customer(dora, "远方第一中学", refer_lead_id=id_, user_id=33)
    comparing = Comparing(world, f"/api/v2/leads/{id_}/sales_activities")
    before = comparing.check()
    assert "远方第一中学".encode() not in before[0]
    ok(dora.put(f"/api/v2/customers/{customer}", json={"customer": {"user_id": 31}}))
    assert "远方第一中学".encode() in comparing.check()[0]


def test_a_kept_answer_is_not_given_to_a_token_that_has_expired_meanwhile(world: World, alice: httpx.Client) -> None:
    url = f"/api/v2/leads/{new_lead(alice)}/sales_activities"
    token = create_token(replace(world.installation, token_days=1), ORGANISATION.id, "alice", "short")
    client = world.client()
    client.headers["Authorization"] = f"Token token={token}"
    world.clock.at = NOW + 86_399
    assert client.get(url).content == client.get(url).content == alice.get(url).content
    world.clock.at += 1
    assert same(client.get(url), LOGIN_AGAIN)
    assert ok(alice.get(url))


def test_a_kept_answer_counts_as_a_call(world: World, alice: httpx.Client) -> None:
    url = f"/api/v2/leads/{new_lead(alice)}/sales_activities"
    limited = world.client("alice", rate_limit="3/10s")
    assert [limited.get(url).status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_a_kept_answer_is_for_its_own_viewer_record_and_page(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    follow_up(alice, id_)
    url = f"/api/v2/leads/{id_}/sales_activities"
    for _ in range(2):
        assert ok(alice.get(url)) != ok(world.client("bob").get(url))
        assert same(world.client("charlie").get(url), MISSING)
        assert same(world.client("eve").get(url), MISSING)
        assert same(alice.get(url.replace("leads", "customers")), MISSING)
        assert ok(alice.get(url, params={"per_page": "1"}))["per_page"] == 1


def test_an_import_changes_what_was_captured_before(capturing: Capturing) -> None:
    capturing.take_files(UPSTREAM)
    client = capturing.client()
    url = f"/api/v2/leads/{LEAD_ID}/sales_activities"
    seen = {client.get(url).text}
    late = activity(CALL_ID)
    late["audios"][0] |= {"duration": "150", "duration_seconds": 150}
    edited = activity(description="改", origin_description="改", updated_at="2024-04-05 09:00")
    moved = activity(
        CALL_ID, timestamp="2024-04-06 10:00", created_at="2024-04-06 10:00", updated_at="2024-04-06 10:00"
    )
    renamed = activity(refer_name="郑校长", timestamp="2024-06-01 10:00", created_at="2024-06-01 10:00")
    for n, entry in enumerate((late, edited, moved, renamed), start=2):
        capturing.take(answer(entry))
        seen.add(client.get(url).text)
        assert len(seen) == n


def test_what_another_process_writes_changes_the_answer(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice)
    comparing = Comparing(world, f"/api/v2/leads/{id_}/sales_activities")
    before = comparing.check()
    with opened(world.site) as other:
        follow_up(other.client("alice"), id_, "那边写的")
        after = comparing.check()
        assert after != before
        other.clock.at = NOW + 60
        ok(other.client("alice").put(f"/api/v2/leads/{id_}", json={"lead": {"name": "郑校长"}}))
        assert comparing.check() != after
