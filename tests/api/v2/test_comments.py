"""Comments on activities: who sees an entry says something about it, and it is on the timeline at once."""

import httpx
import pytest

from genjin.domain.activity import Draft
from genjin.domain.comment import MAX_COMMENT, SHOWN
from genjin.domain.json import JsonValue
from genjin.domain.kinds import FOREIGN, ForeignDetails
from tests.api.bodies import MISSING, same
from tests.world import (
    ALICE,
    BOB,
    NOW,
    Json,
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


@pytest.fixture
def lead_id(alice: httpx.Client) -> int:
    return new_lead(alice)


@pytest.fixture
def entry_id(alice: httpx.Client, lead_id: int) -> int:
    """The activity of a follow-up of alice's."""
    follow_up(alice, lead_id)
    return int(_newest(alice, lead_id)["id"])


def _newest(client: httpx.Client, lead_id: int, entity: str = "leads") -> Json:
    return activities_of(timeline_of(client, lead_id, entity))[0]


def _say(client: httpx.Client, entry_id: int, content: str = "辛苦了👍", **fields: object) -> Json:
    body = {"comment": {"content": content, **fields}}
    return ok(client.post(f"/api/v2/sales_activities/{entry_id}/comments", json=body))


def test_a_comment_is_on_the_timeline_at_once_with_its_author_as_they_are_now(
    world: World, alice: httpx.Client, lead_id: int, entry_id: int
) -> None:
    assert (_newest(alice, lead_id)["comments_count"], _newest(alice, lead_id)["comments"]) == (0, [])
    world.clock.at = NOW + 60
    said = _say(world.client("bob"), entry_id)
    shown = _newest(alice, lead_id)
    assert shown["comments_count"] == 1
    assert shown["comments"] == [said | {"is_user_self": False}]
    assert said | {"user": said["user"]["name"]} == {
        "id": said["id"],
        "sales_activity_id": entry_id,
        "content": "辛苦了👍",
        "exist_parent": False,
        "parent": {},
        "reply_to_user": {},
        "created_at": "2024-06-12 10:01",
        "updated_at": "2024-06-12 10:01",
        "user": "Bob",
        "at_users": [],
        "audios": [],
        "is_user_self": True,
    }
    assert list(shown) == list(_newest(world.client("bob"), lead_id))


def test_a_reply_names_what_it_replies_to(world: World, alice: httpx.Client, lead_id: int, entry_id: int) -> None:
    first = _say(world.client("bob"), entry_id, "什么时候签？")
    reply = _say(alice, entry_id, "下周", parent_id=str(first["id"]))
    assert reply["exist_parent"] is True
    assert reply["parent"] == {"id": first["id"], "content": "什么时候签？", "user": {"id": BOB.id, "name": "Bob"}}
    assert reply["reply_to_user"] == {"id": BOB.id, "name": "Bob"}
    assert [c["content"] for c in _newest(alice, lead_id)["comments"]] == ["什么时候签？", "下周"]


def test_a_comment_on_another_activity_is_not_replied_to(alice: httpx.Client, lead_id: int, entry_id: int) -> None:
    said = _say(alice, entry_id)
    follow_up(alice, lead_id, "另一个")
    other = _newest(alice, lead_id)["id"]
    url = f"/api/v2/sales_activities/{other}/comments"
    for parent in (said["id"], 1_999_999_999, 0.5, "x", [1]):
        body = refused(alice.post(url, json={"comment": {"content": "x", "parent_id": parent}}), 100422)
        assert "parent_id" in body["errors"]
    assert _newest(alice, lead_id)["comments_count"] == 0


def test_only_the_author_edits_and_deletes_and_replies_stay(
    world: World, alice: httpx.Client, lead_id: int, entry_id: int
) -> None:
    bob = world.client("bob")
    said = _say(bob, entry_id, "原话")
    _say(alice, entry_id, "回复", parent_id=said["id"])
    url = f"/api/v2/comments/{said['id']}"
    refused(alice.put(url, json={"comment": {"content": "篡改"}}), 100403)
    refused(alice.delete(url), 100403)
    world.clock.at = NOW + 120
    edited = ok(bob.put(url, json={"comment": {"content": "改过的话"}}))
    assert (edited["content"], edited["updated_at"]) == ("改过的话", "2024-06-12 10:02")
    assert [c["content"] for c in _newest(alice, lead_id)["comments"]] == ["改过的话", "回复"]
    assert ok(bob.delete(url))["content"] == "改过的话"
    shown = _newest(alice, lead_id)
    assert shown["comments_count"] == 1
    assert [(c["content"], c["exist_parent"], c["parent"]) for c in shown["comments"]] == [("回复", False, {})]
    refused(bob.get(url), 100100)
    refused(bob.delete(url), 100100)


def test_mentions_are_colleagues_as_they_are_now(alice: httpx.Client, lead_id: int, entry_id: int) -> None:
    said = _say(alice, entry_id, "@Bob 看一下", at_user_ids=[str(BOB.id), BOB.id, ""])
    assert [user["name"] for user in said["at_users"]] == ["Bob"]
    url = f"/api/v2/sales_activities/{entry_id}/comments"
    refused(alice.post(url, json={"comment": {"content": "x", "at_user_ids": [35]}}), 100422)
    assert _newest(alice, lead_id)["comments_count"] == 1


@pytest.mark.parametrize("content", ["", "  \n", None, "长" * (MAX_COMMENT + 1), {"a": 1}, [1]])
def test_what_says_nothing_or_too_much_is_refused(alice: httpx.Client, entry_id: int, content: object) -> None:
    url = f"/api/v2/sales_activities/{entry_id}/comments"
    refused(alice.post(url, json={"comment": {"content": content}}), 100422)
    assert ok(alice.get(url))["total_count"] == 0


def test_a_comment_may_name_its_activity_in_any_kind_of_body(alice: httpx.Client, entry_id: int) -> None:
    url = "/api/v2/comments"
    ok(alice.post(url, json={"comment": {"sales_activity_id": entry_id, "content": "甲"}}))
    ok(alice.post(url, data={"comment[commentable_id]": str(entry_id), "comment[content]": "乙"}))
    ok(alice.post(url, json={"sales_activity_id": entry_id, "content": "丙"}))
    for nothing in ({}, {"comment": {"content": "x"}}, {"comment": {"content": "x", "sales_activity_id": "abc"}}):
        refused(alice.post(url, json=nothing), 100422)
    listed = ok(alice.get(f"/api/v2/sales_activities/{entry_id}/comments", params={"per_page": 2}))
    assert [c["content"] for c in listed["comments"]] == ["甲", "乙"]
    assert (listed["total_count"], listed["has_next_page"]) == (3, True)


def test_who_may_not_see_the_entry_sees_and_writes_no_comment(world: World, alice: httpx.Client, entry_id: int) -> None:
    said = _say(alice, entry_id)
    for name in ("charlie", "eve"):
        client = world.client(name)
        body = {"comment": {"content": "x", "sales_activity_id": entry_id}}
        for told in (
            client.post("/api/v2/comments", json=body),
            client.get(f"/api/v2/sales_activities/{entry_id}/comments"),
            client.get(f"/api/v2/comments/{said['id']}"),
            client.put(f"/api/v2/comments/{said['id']}", json=body),
            client.delete(f"/api/v2/comments/{said['id']}"),
        ):
            assert same(told, MISSING)
    assert ok(alice.get(f"/api/v2/comments/{said['id']}"))["content"] == said["content"]


def test_who_sees_the_customer_comments_on_what_happened_to_its_lead(world: World, alice: httpx.Client) -> None:
    lead_id = new_lead(alice)
    follow_up(alice, lead_id)
    entry_id = _newest(alice, lead_id)["id"]
    customer = new_customer(alice, refer_lead_id=lead_id)
    ok(world.client("dora").put(f"/api/v2/customers/{customer}", json={"customer": {"user_id": 33}}))
    charlie = world.client("charlie")
    refused(charlie.get(f"/api/v2/leads/{lead_id}"), 100100)
    _say(charlie, entry_id, "看到了")
    of_customer = {entry["id"]: entry for entry in activities_of(timeline_of(charlie, customer, "customers"))}
    assert of_customer[entry_id]["comments_count"] == 1
    of_lead = {entry["id"]: entry for entry in activities_of(timeline_of(alice, lead_id))}
    assert [c["content"] for c in of_lead[entry_id]["comments"]] == ["看到了"]


def test_comments_go_with_the_entry_that_is_taken_back(alice: httpx.Client, lead_id: int) -> None:
    written = follow_up(alice, lead_id)
    entry_id = _newest(alice, lead_id)["id"]
    said = _say(alice, entry_id)
    ok(alice.delete(f"/api/v2/revisit_logs/{written['id']}"))
    refused(alice.get(f"/api/v2/comments/{said['id']}"), 100100)
    refused(alice.get(f"/api/v2/sales_activities/{entry_id}/comments"), 100100)


def test_a_timeline_shows_the_newest_and_counts_all(alice: httpx.Client, lead_id: int, entry_id: int) -> None:
    for nth in range(SHOWN + 3):
        _say(alice, entry_id, str(nth))
    shown = _newest(alice, lead_id)
    assert shown["comments_count"] == SHOWN + 3
    assert [c["content"] for c in shown["comments"]] == [str(nth) for nth in range(3, SHOWN + 3)]


def test_comments_that_were_captured_come_before_ours(world: World, alice: httpx.Client, lead_id: int) -> None:
    captured: dict[str, JsonValue] = {
        "activity_type": "transfer",
        "comments_count": 2,
        "comments": [{"id": 7, "content": "旧"}],
    }
    draft = Draft(FOREIGN, ALICE.id, lead(lead_id), NOW + 60, NOW + 60, details=ForeignDetails(captured))
    (facts,) = world.record(draft)
    _say(alice, facts.id, "新")
    shown = _newest(alice, lead_id)
    assert shown["comments_count"] == 3
    assert [c["content"] for c in shown["comments"]] == ["旧", "新"]
