"""Merging duplicates, and undoing it: nothing is lost, and an old id still leads somewhere."""

import httpx
import pytest

from tests.api.bodies import MISSING, same
from tests.world import (
    CHARLIE,
    NOW,
    PEOPLE,
    Json,
    World,
    activities_of,
    follow_up,
    new_contact,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/customers"


def _descriptions(client: httpx.Client, id_: int, entity: str = "customers") -> list[str]:
    return [entry["description"] for entry in activities_of(timeline_of(client, id_, entity))]


def _merge(client: httpx.Client, kept: int, *merged: int, entity: str = "customers") -> Json:
    return ok(client.post(f"/api/v2/{entity}/{kept}/merge", json={"merge_ids": list(merged)}))


def _merges(client: httpx.Client, kept: int) -> list[Json]:
    merges: list[Json] = ok(client.get(f"{URL}/{kept}/merges"))["merges"]
    return merges


@pytest.fixture
def pair(world: World, alice: httpx.Client) -> tuple[int, int]:
    """Two customers of alice's who are the same, each with a word in its history."""
    kept, merged = new_customer(alice, "郑州一中"), new_customer(alice, "郑州第一中学")
    for seconds, (id_, said) in enumerate([(kept, "对一"), (merged, "对二")], 60):
        world.clock.at = NOW + seconds
        follow_up(alice, id_, said, "Customer")
    world.clock.at = NOW + 120
    return kept, merged


def test_the_kept_one_shows_both_histories_and_the_other_is_in_no_list(
    world: World, alice: httpx.Client, pair: tuple[int, int]
) -> None:
    kept, merged = pair
    assert _merge(alice, kept, merged)["id"] == kept
    assert _descriptions(alice, kept) == ["合并：郑州第一中学", "对二", "对一", "新增客户", "新增客户"]
    entries = activities_of(timeline_of(alice, kept, "customers"))
    assert (entries[0]["activity_type"], entries[0]["activity_type_display"]) == ("merge", "合并")
    assert (entries[1]["refer_id"], entries[1]["refer_name"]) == (merged, "郑州第一中学")
    assert [customer["id"] for customer in ok(alice.get(URL))["customers"]] == [kept]
    assert world.miscounts() == []


def test_the_old_id_stands_for_the_kept_record_when_it_is_read_or_written_on_and_is_not_changed(
    alice: httpx.Client, pair: tuple[int, int]
) -> None:
    kept, merged = pair
    _merge(alice, kept, merged)
    assert ok(alice.get(f"{URL}/{merged}"))["id"] == kept
    assert timeline_of(alice, merged, "customers") == timeline_of(alice, kept, "customers")
    assert follow_up(alice, merged, "按旧编号", "Customer")["loggable_id"] == kept
    call = {"caller_type": "Customer", "caller_id": merged, "number": "13400000031", "talk_time": 9}
    assert ok(alice.post("/api/v2/dial_logs", json={"dial_log": call}))["dial_log"]["caller_id"] == kept
    contact = new_contact(alice, customer_id=merged)
    assert ok(alice.get(f"/api/v2/contacts/{contact}"))["customer_id"] == kept
    assert same(alice.put(f"{URL}/{merged}", json={"customer": {"name": "改"}}), MISSING)
    assert same(alice.delete(f"{URL}/{merged}"), MISSING)
    assert same(alice.post(f"{URL}/{merged}/merge", json={"merge_ids": [kept]}), MISSING)
    assert same(alice.post(f"{URL}/{merged}/restore"), MISSING)


def test_a_recording_that_arrives_late_shows_with_the_kept_record(
    world: World, alice: httpx.Client, pair: tuple[int, int]
) -> None:
    kept, merged = pair
    call = {"caller_type": "Customer", "caller_id": merged, "number": "13400000031"}
    begun = ok(alice.post("/api/v2/dial_logs", json={"dial_log": call}))["dial_log"]["id"]
    _merge(alice, kept, merged)
    audio = {"file_url": "https://example.com/late.mp3", "duration": "9"}
    for _ in range(2):
        ok(alice.put(f"/api/v2/dial_logs/{begun}", json={"dial_log": {"talk_time": 9}, "audios": [audio]}))
    heard = [entry for entry in activities_of(timeline_of(alice, kept, "customers")) if entry["audios"]]
    assert [(entry["refer_id"], entry["audios"][0]["file_url"]) for entry in heard] == [(merged, audio["file_url"])]
    assert world.miscounts() == []


def test_its_entries_are_edited_and_taken_back_and_its_contacts_belong_to_the_kept_one(
    world: World, alice: httpx.Client, pair: tuple[int, int]
) -> None:
    kept, merged = pair
    contact = new_contact(alice, customer_id=merged)
    lead = new_lead(alice)
    other = new_customer(alice, "三", refer_lead_id=lead)
    written = follow_up(alice, merged, "写错", "Customer")["id"]
    _merge(alice, kept, merged, other)
    ok(alice.put(f"/api/v2/revisit_logs/{written}", json={"revisit_log": {"content": "写对"}}))
    assert "写对" in _descriptions(alice, kept)
    ok(alice.delete(f"/api/v2/revisit_logs/{written}"))
    assert "写对" not in _descriptions(alice, kept)
    assert ok(alice.get(f"/api/v2/contacts/{contact}"))["customer_id"] == kept
    assert ok(alice.get(f"/api/v2/leads/{lead}"))["turned_customer_id"] == kept
    follow_up(alice, lead, "线索之后")
    assert _descriptions(alice, kept)[0] == "线索之后"
    assert world.miscounts() == []


def test_undoing_gives_each_its_own_again(world: World, alice: httpx.Client, pair: tuple[int, int]) -> None:
    kept, merged = pair
    contact = new_contact(alice, customer_id=merged)
    before = [_descriptions(alice, id_) for id_ in pair]
    _merge(alice, kept, merged)
    [merge] = _merges(alice, kept)
    assert (merge["merged_id"], merge["merged_name"], merge["undone_at"]) == (merged, "郑州第一中学", "")
    world.clock.at = NOW + 240
    assert ok(alice.post(f"{URL}/{kept}/undo_merge", data={"merge_id": str(merge["id"])}))["id"] == merged
    assert _descriptions(alice, merged) == before[1]
    assert _descriptions(alice, kept) == ["撤销合并：郑州第一中学", "合并：郑州第一中学", *before[0]]
    assert ok(alice.get(f"/api/v2/contacts/{contact}"))["customer_id"] == merged
    assert _merges(alice, kept)[0]["undone_at"] == "2024-06-12 10:04"
    assert same(alice.post(f"{URL}/{kept}/undo_merge", json={"merge_id": merge["id"]}), MISSING)
    assert world.miscounts() == []


def test_of_a_chain_the_last_merge_is_undone_first(alice: httpx.Client, pair: tuple[int, int]) -> None:
    second, first = pair
    third = new_customer(alice, "三")
    _merge(alice, second, first)
    early = _merges(alice, second)[0]["id"]
    _merge(alice, third, second)
    for id_ in (second, third):
        told = refused(alice.post(f"{URL}/{id_}/undo_merge", json={"merge_id": early}), 100422)
        assert told["errors"] == {"merge_id": ["之后又有合并，请先撤销后来的合并"]}
    assert ok(alice.get(f"{URL}/{first}"))["id"] == third
    ok(alice.post(f"{URL}/{third}/undo_merge", json={"merge_id": _merges(alice, third)[0]["id"]}))
    assert ok(alice.get(f"{URL}/{first}"))["id"] == second
    ok(alice.post(f"{URL}/{second}/undo_merge", json={"merge_id": early}))
    assert ok(alice.get(f"{URL}/{first}"))["id"] == first


def test_who_sees_the_kept_one_sees_what_was_merged_and_nobody_else(
    world: World, alice: httpx.Client, pair: tuple[int, int]
) -> None:
    """Charlie had the duplicate; it is alice's now, by the record that took its place."""
    kept, merged = pair
    written = follow_up(alice, merged, "原来的电话13400000031", "Customer")["id"]
    dora, charlie = world.client("dora"), world.client("charlie")
    ok(dora.put(f"{URL}/{merged}/update_user", json={"user_id": CHARLIE.id}))
    assert ok(charlie.get(f"/api/v2/revisit_logs/{written}"))["content"] == "原来的电话13400000031"
    refused(alice.post(f"{URL}/{kept}/merge", json={"merge_ids": [merged]}), 100100)
    _merge(dora, kept, merged)
    assert same(charlie.get(f"/api/v2/revisit_logs/{written}"), MISSING)
    assert same(charlie.get(f"{URL}/{merged}/sales_activities"), MISSING)
    assert ok(charlie.get("/api/v2/revisit_logs/new_index"))["revisit_logs"] == []
    assert ok(alice.get(f"/api/v2/revisit_logs/{written}"))["content"] == "原来的电话13400000031"
    assert _descriptions(alice, kept)[:2] == ["合并：郑州第一中学", "负责人：Alice → Charlie"]
    assert "原来的电话13400000031" in _descriptions(alice, kept)
    assert len(ok(alice.get("/api/v2/revisit_logs/new_index"))["revisit_logs"]) == 3


def test_leads_are_merged_too_and_a_converted_one_is_kept(world: World, alice: httpx.Client) -> None:
    plain, converted = new_lead(alice, "甲"), new_lead(alice, "乙")
    customer = new_customer(alice, refer_lead_id=converted)
    told = refused(alice.post(f"/api/v2/leads/{plain}/merge", json={"merge_ids": [converted]}), 100422)
    assert told["errors"] == {"merge_ids": [f"线索{converted}已转换为客户，请保留该线索，或先合并客户"]}
    _merge(alice, converted, plain, entity="leads")
    assert _descriptions(alice, customer)[0] == "合并：甲"
    assert _descriptions(alice, customer).count("新增线索") == 2
    assert world.miscounts() == []


@pytest.mark.parametrize("ids", [None, [], "", ["x"], "self", list(range(5000, 5021))])
def test_what_cannot_be_merged_is_refused(alice: httpx.Client, pair: tuple[int, int], ids: Json) -> None:
    given = [pair[0]] if ids == "self" else ids
    told = refused(alice.post(f"{URL}/{pair[0]}/merge", json={"merge_ids": given}), 100422)
    assert list(told["errors"]) == ["merge_ids"]


def test_a_missing_one_merges_nothing(world: World, alice: httpx.Client, pair: tuple[int, int]) -> None:
    kept, merged = pair
    lead = new_lead(alice)
    for wrong in (1_999_999_999, lead):
        assert same(alice.post(f"{URL}/{kept}/merge", json={"merge_ids": [merged, wrong]}), MISSING)
    assert ok(alice.get(URL))["total_count"] == 2
    for name in PEOPLE.keys() - {"alice", "bob", "dora"}:
        client = world.client(name)
        assert same(client.post(f"{URL}/{kept}/merge", json={"merge_ids": [merged]}), MISSING)
        assert same(client.get(f"{URL}/{kept}/merges"), MISSING)
