"""Follow-ups: write, read, edit and delete one's own."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from genjin.store.tables import activity_versions
from tests.api.bodies import MISSING, same, user_body
from tests.world import (
    ALICE,
    BOB,
    EVE,
    HOT,
    KEY_ACCOUNT,
    NOW,
    PHONE_CALL,
    VISIT,
    World,
    activities_of,
    follow_up,
    new_customer,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/revisit_logs"


def _entry(client: httpx.Client, id_: int) -> Any:
    return activities_of(timeline_of(client, id_))[0]


def test_the_whole_answer(alice: httpx.Client, id_: int) -> None:
    told = follow_up(
        alice,
        id_,
        category=PHONE_CALL.id,
        real_revisit_at="2024-06-11 09:30",
        remind_at="2024-06-12 09:59",
        at_user_ids=[BOB.id],
    )
    assert told == {
        "id": told["id"],
        "content": "在忙,留了电话",
        "loggable_type": "Lead",
        "loggable_id": id_,
        "loggable": {"id": id_, "name": "郑老师", "approve_status": "approved"},
        "real_revisit_at": "2024-06-11 09:30",
        "created_at": "2024-06-12 10:00",
        "updated_at": "2024-06-12 10:00",
        "attachment_files": [],
        "category_display": "电销",
        "category_i18n": "电销",
        "category": str(PHONE_CALL.id),
        "lat": 0.0,
        "lng": 0.0,
        "attachments": [],
        "image_attachments": [],
        "address": {},
        "timestamp": "2024-06-12 10:00",
        "refer_type_display": "线索",
        "refer_name": "郑老师",
        "title": "电销",
        "remind_at": "06月12日 09:59",
        "is_remind_expired": True,
        "raw_remind_at": "2024-06-12 09:59",
        "event_url": f"ikcrm://events?klass_name=RevisitLog&id={told['id']}",
        "event_identifier": "",
        "at_users": [user_body(BOB, "销售部")],
        "user": user_body(),
        "audios": [],
        "revisit_log_contacts": [],
        "revisit_log_opportunity": None,
        "revisit_log_contract": None,
    }
    assert ok(alice.get(f"{URL}/{told['id']}")) == told
    assert ok(alice.get(f"{URL}/new_index"))["revisit_logs"] == [told]


def test_what_is_not_said_has_its_default(alice: httpx.Client, id_: int) -> None:
    given = {"revisit_log[loggable_type]": "Lead", "revisit_log[loggable_id]": str(id_)}
    told = ok(alice.post(URL, data=given))
    expected = {
        "content": "",
        "real_revisit_at": "2024-06-12 10:00",
        "category": "",
        "category_display": "",
        "title": "跟进记录",
        "remind_at": "",
        "raw_remind_at": "",
        "is_remind_expired": False,
        "address": {},
        "at_users": [],
    }
    assert {key: told[key] for key in expected} == expected


def test_it_is_on_the_timeline_when_the_answer_is_there(alice: httpx.Client, id_: int) -> None:
    told = follow_up(alice, id_)
    entry = _entry(alice, id_)
    assert (entry["saleable_id"], entry["description"]) == (told["id"], told["content"])
    assert entry["id"] != told["id"]
    assert timeline_of(alice, id_)["total_count"] == 2


def test_the_record_remembers_when_it_was_followed_up_and_its_new_status(
    world: World, alice: httpx.Client, id_: int
) -> None:
    world.clock.at = NOW + 60
    follow_up(
        alice,
        id_,
        real_revisit_at="2024-06-11 09:30",
        remind_at="2024-06-20 10:00",
        loggable_attributes={"status": HOT.id, "id": id_},
    )
    found = ok(alice.get(f"/api/v2/leads/{id_}"))
    assert (found["real_revisit_at"], found["revisit_remind_at"]) == ("2024-06-11 09:30", "2024-06-20 10:00")
    assert (found["status_display"], found["updated_at"]) == ("重点", "2024-06-12 10:01")


@pytest.mark.parametrize("type_", ["Lead", "lead", "leads"])
def test_the_record_is_named_by_its_class_or_in_lower_case(alice: httpx.Client, id_: int, type_: str) -> None:
    assert follow_up(alice, id_, type_=type_)["loggable_type"] == "Lead"


@pytest.mark.parametrize(
    "text", ["2024-06-20 10:00", "2024-06-20 10:00:59", "2024/6/20 10:00", "2024-06-20T10:00:00+08:00"]
)
def test_times_are_read_in_every_form_that_clients_send(alice: httpx.Client, id_: int, text: str) -> None:
    told = follow_up(alice, id_, real_revisit_at=text, remind_at=text)
    assert (told["real_revisit_at"], told["raw_remind_at"]) == ("2024-06-20 10:00", "2024-06-20 10:00")


def test_a_day_alone_is_its_first_minute(alice: httpx.Client, id_: int) -> None:
    assert follow_up(alice, id_, remind_at="2024-06-20")["remind_at"] == "06月20日 00:00"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"category": KEY_ACCOUNT.id}, ["category"]),
        ({"category": 999_999}, ["category"]),
        ({"category": "abc"}, ["category"]),
        ({"real_revisit_at": "gestern"}, ["real_revisit_at"]),
        ({"remind_at": "2024-02-30 10:00"}, ["remind_at"]),
        ({"remind_at": 5}, ["remind_at"]),
        ({"content": "x" * 20_001}, ["content"]),
        ({"content": ["x"]}, None),
        ({"at_user_ids": [999]}, ["at_user_ids"]),
        ({"at_user_ids": [EVE.id]}, ["at_user_ids"]),
        ({"at_user_ids": ["abc"]}, ["at_user_ids"]),
        ({"lat": "91"}, ["lat"]),
        ({"lng": "nan"}, ["lng"]),
        ({"lng": "east"}, ["lng"]),
        ({"loggable_type": "Payment"}, ["loggable_type"]),
        ({"loggable_type": ""}, ["loggable_type"]),
        ({"loggable_id": ""}, ["loggable_id"]),
        ({"loggable_id": "abc"}, ["loggable_id"]),
        ({"loggable_id": None, "loggable_type": None}, ["loggable_type", "loggable_id"]),
        ({"loggable_attributes": {"status": "x" * 65}}, None),
    ],
)
def test_what_breaks_a_rule_is_refused_by_field_and_not_written(
    alice: httpx.Client, id_: int, given: dict[str, Any], fields: list[str] | None
) -> None:
    body = {"loggable_type": "Lead", "loggable_id": id_, "content": "x"} | given
    told = refused(alice.post(URL, json={"revisit_log": body}), 100422)
    assert fields is None or list(told["errors"]) == fields
    assert timeline_of(alice, id_)["total_count"] == 1


@pytest.mark.parametrize("wanted", [1_999_999_999, 0, -5, 2**31, 10**20])
def test_a_follow_up_on_nothing_is_told_so(alice: httpx.Client, wanted: int) -> None:
    for type_ in ("Lead", "Customer", "Contact", "Contract", "Opportunity"):
        given = {"loggable_type": type_, "loggable_id": str(wanted), "content": "x"}
        assert same(alice.post(URL, data={f"revisit_log[{key}]": value for key, value in given.items()}), MISSING)


def test_nobody_writes_on_what_they_may_not_see(world: World, alice: httpx.Client, id_: int) -> None:
    given = {"loggable_type": "Lead", "loggable_id": id_, "content": "x"}
    for name in ("charlie", "eve"):
        assert same(world.client(name).post(URL, json={"revisit_log": given}), MISSING)
    assert timeline_of(alice, id_)["total_count"] == 1
    assert follow_up(world.client("bob"), id_)["user"]["id"] == BOB.id


@pytest.mark.across
def test_an_edit_changes_what_is_given_and_keeps_the_earlier_wording(
    world: World, alice: httpx.Client, id_: int
) -> None:
    told = follow_up(alice, id_, "第一版", category=VISIT.id, remind_at="2024-06-20 10:00", at_user_ids=[BOB.id])
    before = _entry(alice, id_)
    world.clock.at = NOW + 120
    edited = ok(alice.put(f"{URL}/{told['id']}", json={"revisit_log": {"content": "第二版"}}))
    assert {key for key in told if told[key] != edited[key]} == {"content", "updated_at"}
    assert (edited["content"], edited["updated_at"]) == ("第二版", "2024-06-12 10:02")
    after = _entry(alice, id_)
    different = {key for key in before if before[key] != after[key]}
    assert different == {"description", "origin_description", "updated_at"}
    world.clock.at = NOW + 180
    given = {"content": "第三版", "remind_at": "", "category": ""}
    ok(alice.put(f"{URL}/{told['id']}", json={"revisit_log": given, "at_user_ids": []}))
    last = _entry(alice, id_)
    assert (last["description"], last["remind_at"], last["title"], last["at_users"]) == ("第三版", "", "跟进记录", [])
    kept = world.database.read(
        lambda tx: tx.execute(
            select(activity_versions.c.version, activity_versions.c.text, activity_versions.c.replaced_by)
        ).all()
    )
    assert [tuple(row) for row in kept] == [(1, '"第一版"'.encode(), ALICE.id), (2, '"第二版"'.encode(), ALICE.id)]
    assert world.miscounts() == []


def test_an_edit_moves_what_was_said_and_not_its_place(world: World, alice: httpx.Client, id_: int) -> None:
    first, second = follow_up(alice, id_, "a"), follow_up(alice, id_, "b")
    ok(alice.put(f"{URL}/{first['id']}", json={"revisit_log": {"real_revisit_at": "2024-06-30 10:00"}}))
    assert [entry["description"] for entry in activities_of(timeline_of(alice, id_))][:2] == ["b", "a"]
    assert activities_of(timeline_of(alice, id_))[1]["real_revisit_at"] == "2024-06-30 10:00"
    assert second["real_revisit_at"] == "2024-06-12 10:00"


def test_an_edit_that_says_nothing_changes_nothing(world: World, alice: httpx.Client, id_: int) -> None:
    told = follow_up(alice, id_)
    world.clock.at = NOW + 60
    bodies: list[dict[str, Any]] = [{}, {"revisit_log": {}}, {"revisit_log": {"loggable_id": 5, "unknown": 1}}]
    for body in bodies:
        assert ok(alice.put(f"{URL}/{told['id']}", json=body)) == told
    refused(alice.put(f"{URL}/{told['id']}", json={"revisit_log": {"remind_at": "morgen"}}), 100422)


def test_others_read_but_neither_edit_nor_delete(world: World, alice: httpx.Client, id_: int) -> None:
    told = follow_up(alice, id_)
    url = f"{URL}/{told['id']}"
    for name in ("bob", "dora"):
        client = world.client(name)
        assert ok(client.get(url)) == told
        body = refused(client.put(url, json={"revisit_log": {"content": "x"}}), 100403)
        assert body == {
            "code": 100403,
            "message": "只能修改或删除自己写的跟进",
            "error": "forbidden_error",
            "data": None,
        }
        refused(client.delete(url), 100403)
    for name in ("charlie", "eve"):
        client = world.client(name)
        for answer in (client.get(url), client.put(url, json={"revisit_log": {"content": "x"}}), client.delete(url)):
            assert same(answer, MISSING)
    assert ok(alice.get(url)) == told


def test_a_deleted_follow_up_leaves_the_timeline_its_counts_and_the_lists(
    world: World, alice: httpx.Client, id_: int
) -> None:
    told = follow_up(alice, id_)
    assert ok(alice.delete(f"{URL}/{told['id']}")) == told
    assert [entry["activity_type"] for entry in activities_of(timeline_of(alice, id_))] == ["create"]
    assert timeline_of(alice, id_)["total_count"] == 1
    assert ok(alice.get(f"{URL}/new_index"))["total_count"] == 0
    for answer in (
        alice.get(f"{URL}/{told['id']}"),
        alice.delete(f"{URL}/{told['id']}"),
        alice.put(f"{URL}/{told['id']}", json={"revisit_log": {"content": "x"}}),
    ):
        assert same(answer, MISSING)
    assert world.miscounts() == []


def test_a_follow_up_of_a_deleted_record_is_missing(alice: httpx.Client, id_: int) -> None:
    told = follow_up(alice, id_)
    ok(alice.delete(f"/api/v2/leads/{id_}"))
    assert same(alice.get(f"{URL}/{told['id']}"), MISSING)
    assert ok(alice.get(f"{URL}/new_index"))["total_count"] == 0


def test_a_follow_up_goes_where_its_lead_goes(world: World, alice: httpx.Client, id_: int) -> None:
    """Who no longer sees the record no longer sees, nor changes, what they wrote on it."""
    told = follow_up(alice, id_)
    ok(world.client("dora").put(f"/api/v2/leads/{id_}", json={"lead": {"user_id": 33}}))
    assert same(alice.delete(f"{URL}/{told['id']}"), MISSING)
    assert ok(world.client("charlie").get(f"{URL}/{told['id']}"))["content"] == told["content"]


def test_a_follow_up_on_a_customer_names_it(alice: httpx.Client) -> None:
    customer = new_customer(alice)
    told = follow_up(alice, customer, type_="customer")
    assert (told["loggable_type"], told["refer_type_display"], told["refer_name"]) == (
        "Customer",
        "客户",
        "郑州第一中学",
    )
