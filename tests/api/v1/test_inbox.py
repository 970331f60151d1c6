"""The inbox: who is told of what, who sees it, and what was read; and following records."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from genjin.domain.activity import Draft
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.notice import NEWS_SECONDS
from genjin.domain.people import Rights
from genjin.jobs.periodic import PERIODIC
from genjin.service.inbox import following
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    DORA,
    MANAGER,
    NOW,
    World,
    fields_of,
    follow_up,
    lead,
    new_contact,
    new_customer,
    new_lead,
    ok,
    problem,
)

Json = Any


@pytest.fixture
def charlie(world: World) -> httpx.Client:
    """Who must not see alice's records."""
    return world.client("charlie")


@pytest.fixture
def dora(world: World) -> httpx.Client:
    """Who sees everything."""
    return world.client("dora")


def inbox(client: httpx.Client, **asked: object) -> list[Json]:
    told = client.get("/api/v1/inbox", params=asked)  # type: ignore[arg-type]
    assert told.status_code == 200, told.text
    return list(told.json()["items"])


def kinds(client: httpx.Client, **asked: object) -> list[str]:
    return [notice["kind"] for notice in inbox(client, **asked)]


def unread(client: httpx.Client) -> dict[str, int]:
    told = client.get("/api/v1/inbox/unread").json()
    assert told["total"] == sum(told["kinds"].values())
    assert told["complete"]
    return {kind: count for kind, count in told["kinds"].items() if count}


def comment(client: httpx.Client, activity_id: int, content: str = "好的", **more: object) -> Json:
    given = {"content": content, **more}
    return ok(client.post(f"/api/v2/sales_activities/{activity_id}/comments", json={"comment": given}))


def newest(client: httpx.Client) -> int:
    return int(client.get("/api/v1/activities?limit=1").json()["items"][0]["id"])


def test_a_mention_is_told_once_with_what_was_written(alice: httpx.Client, bob: httpx.Client, id_: int) -> None:
    follow_up(alice, id_, "请看一下", at_user_ids=[BOB.id, ALICE.id])
    [told] = inbox(bob, lang="en")
    assert (told["kind"], told["read_at"], told["actor"]["name"]) == ("mention", None, "Alice")
    assert told["sentence"] == "Alice mentioned you on 郑老师"
    assert (told["activity"]["text"], told["record"]) == ("请看一下", {"type": "leads", "id": id_, "name": "郑老师"})
    assert (told["comment"], told["details"]) == (None, None)
    assert inbox(alice) == []
    assert bob.get(f"/api/v1/notices/{told['id']}", params={"lang": "en"}).json() == told
    problem(alice.get(f"/api/v1/notices/{told['id']}"), 404, "not_found")


def test_who_is_mentioned_by_an_edit_is_told_then_and_nobody_twice(
    alice: httpx.Client, bob: httpx.Client, dora: httpx.Client, id_: int
) -> None:
    written = follow_up(alice, id_, at_user_ids=[BOB.id])
    edit = {"revisit_log": {"at_user_ids": [BOB.id, DORA.id]}}
    ok(alice.put(f"/api/v2/revisit_logs/{written['id']}", json=edit))
    said = comment(alice, newest(alice), at_user_ids=[BOB.id])
    ok(
        alice.put(
            f"/api/v2/comments/{said['id']}", json={"comment": {"content": "?", "at_user_ids": [BOB.id, DORA.id]}}
        )
    )
    assert kinds(bob) == ["mention", "mention"]
    assert kinds(dora) == ["mention", "mention"]
    assert inbox(dora)[0]["comment"]["text"] == "?"


def test_a_mention_of_who_may_not_see_it_is_shown_when_they_may(
    alice: httpx.Client, charlie: httpx.Client, id_: int
) -> None:
    follow_up(alice, id_, at_user_ids=[CHARLIE.id])
    assert (inbox(charlie), unread(charlie)) == ([], {})
    share = {"assist_user_ids": [CHARLIE.id]}
    ok(alice.post(f"/api/v2/leads/{id_}/update_assist_user", json=share))
    assert (kinds(charlie), unread(charlie)) == (["mention"], {"mention": 1})
    ok(alice.post(f"/api/v2/leads/{id_}/update_assist_user", json={"assist_user_ids": []}))
    assert (inbox(charlie), unread(charlie)) == ([], {})


def test_what_was_taken_back_takes_its_notices_along(alice: httpx.Client, bob: httpx.Client, id_: int) -> None:
    written = follow_up(alice, id_, at_user_ids=[BOB.id])
    said = comment(alice, newest(alice), at_user_ids=[BOB.id])
    assert unread(bob) == {"mention": 2}
    ok(alice.delete(f"/api/v2/comments/{said['id']}"))
    assert unread(bob) == {"mention": 1}
    ok(alice.delete(f"/api/v2/revisit_logs/{written['id']}"))
    assert (inbox(bob), unread(bob)) == ([], {})


def test_a_comment_is_told_to_whose_entry_it_is_on_and_who_commented_before(
    alice: httpx.Client, bob: httpx.Client, dora: httpx.Client, id_: int
) -> None:
    follow_up(alice, id_)
    entry = newest(alice)
    comment(bob, entry, "怎么样")
    assert (kinds(alice), kinds(bob)) == (["reply"], [])
    comment(dora, entry, "?", at_user_ids=[BOB.id])
    assert (kinds(alice), kinds(bob)) == (["reply", "reply"], ["mention"])
    comment(alice, entry)
    assert (kinds(alice), kinds(bob), kinds(dora)) == (["reply", "reply"], ["reply", "mention"], ["reply"])


def test_a_record_that_is_given_is_told_to_whose_it_is(
    alice: httpx.Client, bob: httpx.Client, dora: httpx.Client, id_: int
) -> None:
    ok(dora.post(f"/api/v2/leads/{id_}/update_user", json={"user_id": BOB.id}))
    [told] = inbox(bob)
    assert (told["kind"], told["activity"]["kind"], told["actor"]["name"]) == ("assigned", "record.assigned", "Dora")
    new_lead(dora, "给爱丽丝", want_user_id=ALICE.id, user_id=ALICE.id)
    assert kinds(alice) == ["assigned"]


def test_who_follows_is_told_of_what_happens_also_on_what_rolls_up(
    world: World, alice: httpx.Client, bob: httpx.Client, dora: httpx.Client
) -> None:
    customer_id = new_customer(alice)
    contact_id = new_contact(alice, customer_id=customer_id)
    for client in (alice, bob, dora):
        assert client.put(f"/api/v1/follows/customers/{customer_id}").status_code == 200
    follow_up(alice, contact_id, "联系了", "Contact", at_user_ids=[DORA.id])
    assert (kinds(alice), kinds(bob), kinds(dora)) == ([], ["followed"], ["mention"])
    comment(dora, newest(alice))
    assert (kinds(alice), kinds(bob)) == (["reply"], ["followed", "followed"])
    assert bob.delete(f"/api/v1/follows/customers/{customer_id}").status_code == 204
    follow_up(alice, customer_id, type_="Customer")
    assert (kinds(bob), kinds(dora)[0]) == (["followed", "followed"], "followed")
    problem(bob.delete(f"/api/v1/follows/customers/{customer_id}"), 404, "not_found")


def test_history_is_no_news(world: World, alice: httpx.Client, bob: httpx.Client, id_: int) -> None:
    bob.put(f"/api/v1/follows/leads/{id_}")
    for age, told in ((NEWS_SECONDS, []), (NEWS_SECONDS - 1, ["followed"])):
        world.record(Draft(FOLLOW_UP_WRITTEN, ALICE.id, lead(id_), NOW - age, NOW))
        assert kinds(bob) == told


def test_what_takes_the_place_of_a_followed_record_is_followed(
    alice: httpx.Client, bob: httpx.Client, dora: httpx.Client, id_: int
) -> None:
    other = new_lead(alice, "王老师")
    bob.put(f"/api/v1/follows/leads/{id_}")
    ok(dora.post(f"/api/v2/leads/{other}/merge", json={"merge_ids": [id_]}))
    customer_id = new_customer(alice, refer_lead_id=other)
    follow_up(alice, customer_id, "成交", "Customer")
    assert inbox(bob)[0]["activity"]["text"] == "成交"
    told = bob.get("/api/v1/follows?limit=1").json()
    listed = [told["items"][0]["record"]]
    while told["next"]:
        told = bob.get(told["next"]).json()
        listed += [each["record"] for each in told["items"]]
    assert {(each["type"], each["id"]) for each in listed} >= {("customers", customer_id), ("leads", other)}


def test_only_what_is_seen_is_followed_and_listed(
    monkeypatch: pytest.MonkeyPatch, alice: httpx.Client, bob: httpx.Client, charlie: httpx.Client, id_: int
) -> None:
    for path in (f"leads/{id_}", "leads/99999999", "leads/0", "leads/x"):
        problem(charlie.put(f"/api/v1/follows/{path}"), 404, "not_found")
    ok(alice.post(f"/api/v2/leads/{id_}/update_assist_user", json={"assist_user_ids": [CHARLIE.id]}))
    first = charlie.put(f"/api/v1/follows/leads/{id_}")
    assert first.json() == charlie.put(f"/api/v1/follows/leads/{id_}").json()
    assert charlie.get("/api/v1/follows").json()["items"] == [first.json()]
    ok(alice.post(f"/api/v2/leads/{id_}/update_assist_user", json={"assist_user_ids": []}))
    follow_up(alice, id_)
    assert charlie.get("/api/v1/follows").json()["items"] == []
    assert (inbox(charlie), unread(charlie)) == ([], {})
    monkeypatch.setattr(following, "MOST_FOLLOWERS", 1)
    assert fields_of(problem(bob.put(f"/api/v1/follows/leads/{id_}"), 422, "invalid")) == {"id"}
    assert charlie.delete(f"/api/v1/follows/leads/{id_}").status_code == 204
    assert bob.put(f"/api/v1/follows/leads/{id_}").status_code == 200


def test_what_was_read_is_marked_one_by_one_and_up_to_a_notice(
    alice: httpx.Client, bob: httpx.Client, dora: httpx.Client, id_: int
) -> None:
    for text in "abc":
        follow_up(alice, id_, text, at_user_ids=[BOB.id])
    ok(dora.post(f"/api/v2/leads/{id_}/update_user", json={"user_id": BOB.id}))
    last, third, second, first = inbox(bob)
    told = bob.patch(f"/api/v1/notices/{second['id']}", json={"read": True})
    assert told.json() == second | {"read_at": told.json()["at"]}
    assert unread(bob) == {"mention": 2, "assigned": 1}
    stale = {"If-Match": bob.get(f"/api/v1/notices/{first['id']}").headers["etag"]}
    assert bob.post("/api/v1/inbox/read", json={"until": second["id"]}).json() == {"marked": 1}
    problem(bob.patch(f"/api/v1/notices/{first['id']}", json={"read": False}, headers=stale), 412, "stale")
    assert [each["id"] for each in inbox(bob, unread=1)] == [last["id"], third["id"]]
    assert bob.patch(f"/api/v1/notices/{first['id']}", json={"read": False}).json() == first
    assert bob.post("/api/v1/inbox/read", json={"kind": ["assigned", "reply"]}).json() == {"marked": 1}
    assert unread(bob) == {"mention": 2}
    assert [each["id"] for each in inbox(bob, unread=1, kind=["mention"])] == [third["id"], first["id"]]
    assert bob.post("/api/v1/inbox/read", json={}).json() == {"marked": 2}
    assert (unread(bob), len(inbox(bob))) == ({}, 4)
    for client in (alice, dora):
        problem(client.patch(f"/api/v1/notices/{last['id']}", json={"read": True}), 404, "not_found")


def test_an_inbox_is_walked_and_what_comes_meanwhile_comes_before(
    alice: httpx.Client, bob: httpx.Client, id_: int
) -> None:
    for text in "abcde":
        follow_up(alice, id_, text, at_user_ids=[BOB.id])
    page = bob.get("/api/v1/inbox?limit=2").json()
    follow_up(alice, id_, "f", at_user_ids=[BOB.id])
    walked = [notice["activity"]["text"] for notice in page["items"]]
    while page["next"]:
        page = bob.get(page["next"]).json()
        walked += [notice["activity"]["text"] for notice in page["items"]]
    assert walked == list("edcba")


def test_masked_numbers_stay_masked_in_an_inbox(world: World, alice: httpx.Client, bob: httpx.Client, id_: int) -> None:
    world.change(replace(MANAGER, rights=Rights(phones_masked=True)))
    follow_up(alice, id_, "打13400000031", at_user_ids=[BOB.id])
    comment(alice, newest(alice), "还是13400000031", at_user_ids=[BOB.id])
    assert "13400000031" not in bob.get("/api/v1/inbox").text
    assert bob.get("/api/v1/inbox").text.count("134****0031") >= 2


def test_nobody_of_another_organisation_is_told_or_sees(
    world: World, alice: httpx.Client, bob: httpx.Client, id_: int
) -> None:
    follow_up(alice, id_, at_user_ids=[BOB.id])
    eve = world.client("eve")
    problem(eve.get(f"/api/v1/notices/{inbox(bob)[0]['id']}"), 404, "not_found")
    assert (inbox(eve), unread(eve)) == ([], {})
    problem(eve.put(f"/api/v1/follows/leads/{id_}"), 404, "not_found")


def test_notices_are_forgotten_after_half_a_year(
    world: World, alice: httpx.Client, bob: httpx.Client, id_: int
) -> None:
    follow_up(alice, id_, at_user_ids=[BOB.id])
    world.clock.at += 181 * 86_400
    follow_up(alice, id_, at_user_ids=[BOB.id])
    assert PERIODIC["notices.forget"].run(world.installation, lambda: True) == "1 forgotten"
    assert len(inbox(bob)) == 1
