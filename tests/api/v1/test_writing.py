"""Writing activities: one, many, again; by whom, when, of which kind; and all that hangs on them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.api.uploading import upload
from tests.samples import picture, recording
from tests.world import (
    ALICE,
    BOB,
    EVE,
    HOT,
    VISIT,
    Site,
    World,
    activities_of,
    fields_of,
    new_contact,
    new_customer,
    new_lead,
    ok,
    opened,
    problem,
    timeline_of,
)

PATH = "/api/v1/activities"
LONG_NAME = "呼和浩特市赛罕区锡林郭勒南路内蒙古自治区农牧业产业化龙头企业协会😀"
Json = Any


def note(id_: int, text: str = "在忙，留了电话", type_: str = "leads", **more: object) -> Json:
    """A follow-up to write."""
    return {"kind": "follow_up.written", "subject": {"type": type_, "id": id_}, "text": text, **more}


def call(id_: int, **more: object) -> Json:
    return {"kind": "call.made", "subject": {"type": "leads", "id": id_}, **more}


def visit(id_: int, **more: object) -> Json:
    return {"kind": "checkin.made", "subject": {"type": "leads", "id": id_}, **more}


def written(response: httpx.Response, status: int = 201) -> Json:
    assert response.status_code == status, response.text
    return response.json()


def made(client: httpx.Client, body: Json) -> Json:
    return written(client.post(PATH, json=body))


# Follow-ups


def test_a_follow_up_is_written_and_is_on_the_timeline(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice, LONG_NAME)
    told = alice.post(
        PATH, json=note(id_, "全角１２３，表情😀", remind_at="2024-06-13T09:00:00+08:00", category_id=VISIT.id)
    )
    shown = written(told)
    assert told.headers["location"] == f"{PATH}/{shown['id']}"
    assert shown["subject"] == {"type": "leads", "id": id_, "name": LONG_NAME}
    assert shown["actor"] == {"id": ALICE.id, "name": "Alice"}
    assert (shown["text"], shown["version"], shown["deleted"]) == ("全角１２３，表情😀", 1, False)
    assert shown["at"] == shown["said_at"] == shown["recorded_at"] == "2024-06-12T10:00:00+08:00"
    assert shown["category"] == {"id": VISIT.id, "label": "拜访"}
    assert (shown["source"], shown["external_id"]) == (None, None)
    again = alice.get(f"{PATH}/{shown['id']}")
    assert (again.json(), again.headers["etag"]) == (shown, told.headers["etag"])
    old = activities_of(timeline_of(alice, id_))[0]
    assert (old["id"], old["description"], old["title"]) == (shown["id"], "全角１２３，表情😀", "拜访")
    assert old["remind_at"] == "2024-06-13 09:00"
    found = ok(alice.get("/api/v2/revisit_logs/new_index"))["revisit_logs"]
    assert [each["id"] for each in found] == [old["saleable_id"]]
    lead = ok(alice.get(f"/api/v2/leads/{id_}"))
    assert (lead["real_revisit_at"], lead["revisit_remind_at"]) == ("2024-06-12 10:00", "2024-06-13 09:00")
    assert either.miscounts() == []


def test_all_that_a_follow_up_may_say(either: World) -> None:
    alice = either.client("alice")
    customer = new_customer(alice)
    contact = new_contact(alice, customer_id=customer)
    photo, voice = upload(alice, picture(), "a.png")["id"], upload(alice, recording(), "a.wav")["id"]
    words = {
        "place": {"detail": "南京路１号", "lat": 31.2345, "lng": 121.4567},
        "mentions": [BOB.id, BOB.id],
        "contacts": [contact],
        "voice_notes": [voice],
    }
    shown = made(alice, note(customer, type_="customers", details=words, files=[photo]))
    details = shown["details"]
    assert details["place"] == {"detail": "南京路１号", "lat": 31.23, "lng": 121.46}
    assert details["mentions"] == [{"id": BOB.id, "name": "Bob"}]
    assert [each["id"] for each in details["records"]] == [contact]
    assert [each["id"] for each in shown["files"]] == [photo, voice]
    old = activities_of(timeline_of(alice, customer, "customers"))[0]
    assert [each["id"] for each in old["audios"]] == [voice]
    assert old["revisit_log_contacts"][0]["id"] == contact


def test_a_status_that_is_told_is_an_activity_of_its_own(world: World) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    made(alice, note(id_, details={"status_id": HOT.id}))
    kinds = [each["activity_type"] for each in activities_of(timeline_of(alice, id_))]
    assert "change_status" in kinds
    told = alice.post(PATH, json=note(id_, details={"status_id": VISIT.id}))
    assert fields_of(problem(told, 422, "invalid")) == {"details.status_id"}


# Calls and visits


def test_a_call_is_written_and_is_in_the_list_of_calls(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    heard = upload(alice, recording(), "call.wav")["id"]
    words = {
        "direction": "inbound",
        "number": "13400000001",
        "seconds": 75,
        "connected": True,
        "mode": 13,
        "recordings": [{"url": "https://example.com/1.amr", "seconds": 75}],
    }
    shown = made(alice, call(id_, details=words, files=[heard]))
    assert (shown["kind"], shown["details"]["direction"], shown["details"]["mode"]) == ("call.made", "inbound", 13)
    told = {key: shown["details"][key] for key in ("number", "seconds", "connected")}
    assert told == {"number": "13400000001", "seconds": 75, "connected": True}
    assert {each["url"] for each in shown["files"]} >= {"https://example.com/1.amr"}
    [log] = ok(alice.get("/api/v2/dial_logs"))["dial_logs"]
    assert (log["talk_time"], log["is_connected"], log["dial_type"]) == (75, True, "incoming")
    assert activities_of(timeline_of(alice, id_))[0]["call_type_display"] == "呼入"


def test_a_call_that_nobody_answered_is_an_activity_too(world: World) -> None:
    alice = world.client("alice")
    id_ = new_lead(alice)
    shown = made(alice, call(id_))
    assert activities_of(timeline_of(alice, id_))[0]["id"] == shown["id"]


def test_a_visit_is_written_with_its_end(either: World) -> None:
    dora = either.client("dora")
    id_ = new_lead(dora)
    photo = upload(dora, picture(), "门口.png")["id"]
    end = {"at": "2024-06-12T01:30:00Z", "place": {"detail": "正门"}}
    shown = made(
        dora,
        visit(
            id_,
            text="见到了",
            at="2024-06-12T09:00:00+08:00",
            files=[photo],
            details={"place": {"detail": "前台", "lat": 31.0, "lng": 121.0}, "signed_out": end},
        ),
    )
    assert shown["details"]["signed_out"]["at"] == "2024-06-12T09:30:00+08:00"
    assert (shown["text"], [each["id"] for each in shown["files"]]) == ("见到了", [photo])
    [found] = ok(dora.get("/api/v2/checkins"))["checkins"]
    assert (found["sign_in"]["time"], found["sign_out"]["time"]) == ("2024-06-12 09:00", "2024-06-12 09:30")
    for never in ("2024-06-12T00:59:00Z", "2190-01-01T00:00:00Z"):
        told = dora.post(PATH, json=visit(id_, at="2024-06-12T09:00:00+08:00", details={"signed_out": {"at": never}}))
        assert fields_of(problem(told, 422, "invalid")) == {"details.signed_out.at"}


# Whose, and when


def test_an_administrator_writes_what_others_did_and_when(either: World) -> None:
    dora, alice = either.client("dora"), either.client("alice")
    id_ = new_lead(alice)
    for kind in ("follow_up.written", "call.made", "checkin.made"):
        when = {"at": "2024-02-29T00:00:00+08:00", "actor_id": ALICE.id}
        shown = made(dora, {"kind": kind, "subject": {"type": "leads", "id": id_}, **when})
        assert shown["actor"] == {"id": ALICE.id, "name": "Alice"}
        assert (shown["at"], shown["recorded_at"]) == ("2024-02-29T00:00:00+08:00", "2024-06-12T10:00:00+08:00")
    days = timeline_of(alice, id_)["sales_activities"]
    assert [(day["date"], len(day["activities"])) for day in days] == [
        ("2024-06-12 星期三", 1),
        ("2024-02-29 星期四", 3),
    ]
    follow_up = activities_of(timeline_of(alice, id_))[-1]
    assert follow_up["revisit_log"]["is_creator_self"] is True
    lead = ok(alice.get(f"/api/v2/leads/{id_}"))
    assert lead["real_revisit_at"] == "2024-02-29 00:00"
    assert either.miscounts() == []


def test_what_happened_earlier_is_not_the_latest_of_a_record_or_its_customer(either: World) -> None:
    dora = either.client("dora")
    customer = new_customer(dora)
    contact = new_contact(dora, customer_id=customer)
    made(dora, note(customer, type_="customers", remind_at="2024-07-01T09:00:00+08:00"))
    before = ok(dora.get(f"/api/v2/customers/{customer}"))
    old = {"at": "2024-01-01T00:00:00+08:00", "remind_at": "2024-01-02T00:00:00+08:00"}
    made(dora, note(customer, type_="customers", **old))
    made(dora, note(contact, type_="contacts", **old))
    made(dora, call(contact, subject={"type": "contacts", "id": contact}, at="2024-01-01T00:00:00Z"))
    after = ok(dora.get(f"/api/v2/customers/{customer}"))
    for key in ("real_revisit_at", "revisit_remind_at"):
        assert after[key] == before[key], key
    assert after["last_called_at"] == "2024-01-01 08:00"
    assert ok(dora.get(f"/api/v2/contacts/{contact}"))["real_revisit_at"] == "2024-01-01 00:00"


@pytest.mark.parametrize("more", [{"actor_id": BOB.id}, {"at": "2024-06-01T00:00:00Z"}])
def test_others_write_only_what_they_do_themselves_and_now(world: World, more: Json) -> None:
    for name in ("alice", "bob"):
        client = world.client(name)
        if more.get("actor_id") == BOB.id and name == "bob":
            continue
        problem(client.post(PATH, json=note(new_lead(client), **more)), 403, "forbidden")
    alice = world.client("alice")
    made(alice, note(new_lead(alice), actor_id=ALICE.id))


def test_the_author_is_a_colleague_and_what_happened_has_happened(world: World) -> None:
    dora = world.client("dora")
    id_ = new_lead(dora)
    for more, field in (
        ({"actor_id": EVE.id}, "actor_id"),
        ({"actor_id": 99999}, "actor_id"),
        ({"at": "2024-06-12T10:06:00+08:00"}, "at"),
    ):
        assert fields_of(problem(dora.post(PATH, json=note(id_, **more)), 422, "invalid")) == {field}


# Who may not


def test_who_does_not_see_the_record_writes_nothing_on_it(either: World) -> None:
    id_ = new_lead(either.client("alice"))
    for name in ("charlie", "eve"):
        client = either.client(name)
        for body in (note(id_), call(id_), visit(id_)):
            problem(client.post(PATH, json=body), 404, "not_found")
    assert made(either.client("bob"), note(id_))["actor"]["name"] == "Bob"
    assert len(activities_of(timeline_of(either.client("alice"), id_))) == 2


def test_who_does_not_see_the_record_reads_changes_and_removes_nothing(either: World) -> None:
    alice = either.client("alice")
    shown = made(alice, note(new_lead(alice), source="erp", external_id="1"))
    path = f"{PATH}/{shown['id']}"
    for name in ("charlie", "eve"):
        client = either.client(name)
        problem(client.get(path), 404, "not_found")
        problem(client.get(path + "/versions"), 404, "not_found")
        problem(client.patch(path, json={"text": "x"}), 404, "not_found")
        problem(client.delete(path), 404, "not_found")
    bob = either.client("bob")
    assert bob.get(path).json()["text"] == shown["text"]
    problem(bob.patch(path, json={"text": "x"}), 403, "forbidden")
    problem(bob.delete(path), 403, "forbidden")
    assert alice.get(path).json() == shown


def test_ids_that_nothing_has_are_not_found(alice: httpx.Client) -> None:
    for id_ in ("999999", "2147483647"):
        problem(alice.get(f"{PATH}/{id_}"), 404, "not_found")
    for id_ in ("0", "-1", "2147483648", "x", "1.5"):
        problem(alice.get(f"{PATH}/{id_}"), 422, "invalid")


# What cannot be read


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"kind": "record.created"}, {"kind"}),
        ({"kind": "follow_up"}, {"kind"}),
        ({"kind": 2}, {"kind"}),
        ({"kind": None}, {"kind"}),
        ({"subject": {"type": "Lead", "id": 1}}, {"subject.type"}),
        ({"subject": {"type": "leads", "id": "1"}}, {"subject.id"}),
        ({"subject": {"type": "leads", "id": 0}}, {"subject.id"}),
        ({"subject": {"type": "leads", "id": 2**31}}, {"subject.id"}),
        ({"subject": {"type": "leads", "id": True}}, {"subject.id"}),
        ({"subject": "leads/1"}, {"subject"}),
        ({"subject": None}, {"subject"}),
        ({"text": 5}, {"text"}),
        ({"text": "字" * 20_001}, {"text"}),
        ({"said_at": "2024-06-12"}, {"said_at"}),
        ({"said_at": 1_718_157_600}, {"said_at"}),
        ({"remind_at": "2023-02-29T00:00:00Z"}, {"remind_at"}),
        ({"category_id": HOT.id}, {"category_id"}),
        ({"category_id": "42"}, {"category_id"}),
        ({"files": "7"}, {"files"}),
        ({"files": [7]}, {"files"}),
        ({"details": []}, {"details"}),
        ({"details": {"place": "南京路"}}, {"details.place"}),
        ({"details": {"place": {"lat": 91}}}, {"details.place.lat"}),
        ({"details": {"mentions": [EVE.id]}}, {"details.mentions"}),
        ({"details": {"mentions": [[1]]}}, {"details.mentions.0"}),
        ({"details": {"contacts": [999_999]}}, {"details.contacts"}),
        ({"details": {"custom": {"nothing": 1}}}, {"details.custom.nothing"}),
        ({"details": {"direction": "inbound"}}, {"details.direction"}),
        ({"source": "erp"}, {"external_id"}),
        ({"external_id": "1"}, {"source"}),
        ({"source": "", "external_id": "1"}, {"source"}),
        ({"source": "e" * 65, "external_id": "1" * 256}, {"source", "external_id"}),
        ({"title": "x", "lang": "en"}, {"title", "lang"}),
    ],
)
def test_what_cannot_be_read_is_told_by_its_field(
    alice: httpx.Client, id_: int, change: Json, fields: set[str]
) -> None:
    body = {key: value for key, value in (note(id_) | change).items() if value is not None}
    assert fields_of(problem(alice.post(PATH, json=body), 422, "invalid")) == fields
    assert len(activities_of(timeline_of(alice, id_))) == 1


@pytest.mark.parametrize("field", ["text", "said_at", "remind_at", "category_id"])
def test_a_call_has_no_fields_of_a_follow_up(alice: httpx.Client, id_: int, field: str) -> None:
    value = {"text": "x", "category_id": 41}.get(field, "2024-06-12T00:00:00Z")
    assert fields_of(problem(alice.post(PATH, json=call(id_, **{field: value})), 422, "invalid")) == {field}


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b"null", "application/json", 422, "invalid"),
        (b"{", "application/json", 400, "malformed"),
        (b'{"text": NaN}', "application/json", 400, "malformed"),
        (b'{"text": "\\ud800"}', "application/json", 400, "malformed"),
        (b'{"text": "\\\\\\u0000"}', "application/json", 400, "malformed"),
        (b'{"\\u0000": 1}', "application/json", 400, "malformed"),
        (b'{"text": "\\\\u0000"}', "application/json", 422, "invalid"),
        (b"\xff", "application/json", 400, "malformed"),
        (b"text=a", "application/x-www-form-urlencoded", 415, "wrong_media_type"),
        (b"{}", "text/plain", 415, "wrong_media_type"),
        (b"{}", "", 415, "wrong_media_type"),
        (b" " * 1_048_577, "application/json", 413, "too_large"),
    ],
)
def test_a_body_that_is_none(alice: httpx.Client, content: bytes, media_type: str, status: int, code: str) -> None:
    problem(alice.post(PATH, content=content, headers={"Content-Type": media_type}), status, code)


# The same again


def test_what_came_from_elsewhere_is_the_same_however_often_it_comes(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    body = note(id_, source="企业微信", external_id="消息/１２３?")
    first, again = alice.post(PATH, json=body), alice.post(PATH, json=body | {"text": "别的"})
    assert (written(first), written(again, 200)) == (first.json(), first.json())
    assert (first.json()["source"], first.json()["external_id"]) == ("企业微信", "消息/１２３?")
    other = alice.post(PATH, json=body | {"source": "钉钉"})
    assert written(other)["id"] != first.json()["id"]
    assert written(
        either.client("eve").post(
            PATH, json=body | {"subject": {"type": "leads", "id": new_lead(either.client("eve"))}}
        )
    )
    assert len(activities_of(timeline_of(alice, id_))) == 3


def test_a_name_of_what_somebody_may_not_see_is_taken_and_tells_nothing_else(either: World) -> None:
    alice, charlie = either.client("alice"), either.client("charlie")
    made(alice, note(new_lead(alice, "机密"), source="erp", external_id="1"))
    told = charlie.post(PATH, json=note(new_lead(charlie), source="erp", external_id="1"))
    assert "机密" not in str(problem(told, 409, "duplicate"))


def test_a_name_is_free_again_when_its_entry_was_refused(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    body = note(id_, source="erp", external_id="1")
    problem(alice.post(PATH, json=body | {"category_id": HOT.id}), 422, "invalid")
    assert written(alice.post(PATH, json=body))


def test_two_who_send_the_same_at_once_make_one_entry(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    start = Barrier(6)

    def send(nth: int) -> httpx.Response:
        start.wait(10)
        return either.client("alice").post(PATH, json=note(id_, f"第{nth}次", source="erp", external_id="1"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(activities_of(timeline_of(alice, id_))) == 2


# Many


def test_many_are_written_and_each_is_answered_by_itself(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    items = [
        note(id_, "一", source="erp", external_id="1"),
        note(999_999, "二"),
        {"kind": "nonsense"},
        note(id_, "四", source="erp", external_id="1"),
        call(id_, details={"seconds": 5}),
        note(id_, "六", category_id=HOT.id),
        "七",
        note(id_, "八", actor_id=BOB.id),
    ]
    told = alice.post(PATH, json={"items": items}).json()
    assert [item["status"] for item in told["items"]] == [201, 404, 422, 200, 201, 422, 422, 403]
    assert (told["created"], told["repeated"], told["refused"]) == (2, 1, 5)
    assert told["items"][0]["id"] == told["items"][3]["id"]
    assert (told["items"][0]["source"], told["items"][0]["external_id"]) == ("erp", "1")
    assert [bool(item["id"]) == (item["problem"] is None) for item in told["items"]] == [True] * 8
    assert told["items"][1]["problem"]["code"] == "not_found"
    assert fields_of(told["items"][2]["problem"]) == {"kind", "subject"} or fields_of(told["items"][2]["problem"]) == {
        "subject"
    }
    assert fields_of(told["items"][5]["problem"]) == {"category_id"}
    assert {each["id"] for each in activities_of(timeline_of(alice, id_))} > {
        told["items"][0]["id"],
        told["items"][4]["id"],
    }
    assert either.miscounts() == []


def test_one_of_many_that_is_refused_at_its_end_has_left_nothing(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    never = visit(id_, details={"signed_out": {"at": "2000-01-01T00:00:00Z"}}, source="erp", external_id="1")
    told = alice.post(PATH, json={"items": [never, note(id_)]}).json()
    assert [item["status"] for item in told["items"]] == [422, 201]
    assert ok(alice.get("/api/v2/checkins"))["checkins"] == []
    assert len(activities_of(timeline_of(alice, id_))) == 2
    assert either.miscounts() == []


def test_of_many_that_belong_together_none_is_written_when_one_is_refused(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    items = [note(id_, source="erp", external_id="1"), note(999_999), note(id_, category_id=HOT.id)]
    told = alice.post(PATH, json={"items": items, "atomic": True})
    assert fields_of(problem(told, 422, "invalid")) == {"items.1", "items.2.category_id"}
    assert len(activities_of(timeline_of(alice, id_))) == 1
    told = alice.post(PATH, json={"items": items[:1] * 2, "atomic": True}).json()
    assert [item["status"] for item in told["items"]] == [201, 200]
    assert either.miscounts() == []


def test_a_thousand_are_written_at_once_in_their_order(either: World) -> None:
    dora = either.client("dora", max_body_bytes=4_000_000)
    leads = [new_lead(dora), new_lead(dora)]
    items = [note(leads[nth % 2], f"第{nth}条", source="erp", external_id=str(nth)) for nth in range(1000)]
    told = dora.post(PATH, json={"items": items}).json()
    assert told["created"] == 1000
    page = timeline_of(dora, leads[1], per_page=200)
    assert page["total_count"] == 501
    assert [each["description"] for each in activities_of(page)[:3]] == ["第999条", "第997条", "第995条"]
    again = dora.post(PATH, json={"items": items, "atomic": True}).json()
    assert (again["repeated"], again["items"]) == (1000, [item | {"status": 200} for item in told["items"]])
    assert either.miscounts() == []


@pytest.mark.parametrize("items", [[], [{}] * 1001, {}, None, "x"])
def test_a_number_of_items_that_there_cannot_be(alice: httpx.Client, items: Json) -> None:
    assert fields_of(problem(alice.post(PATH, json={"items": items}), 422, "invalid")) == {"items"}


def test_many_that_are_sent_again_with_their_key_are_written_once(either: World) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    body, key = {"items": [note(id_, str(nth)) for nth in range(5)] + [note(999_999)]}, {"Idempotency-Key": "k"}
    first, again = (alice.post(PATH, json=body, headers=key) for _ in range(2))
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert len(activities_of(timeline_of(alice, id_))) == 6


def test_two_who_write_many_on_the_same_records_in_other_orders_both_succeed(either: World) -> None:
    dora = either.client("dora")
    leads = [new_lead(dora) for _ in range(5)]
    start = Barrier(2)

    def send(order: list[int]) -> Json:
        start.wait(10)
        items = [note(id_, source="erp", external_id=f"{id_} {n}") for n in range(4) for id_ in order]
        return either.client("dora").post(PATH, json={"items": items, "atomic": True}).json()

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(send, (leads, leads[::-1]))
    assert sorted((one["created"], other["created"])) == [0, 20]
    assert either.miscounts() == []


# Changes


def test_an_edit_keeps_the_earlier_wording(either: World) -> None:
    alice = either.client("alice")
    shown = made(alice, note(new_lead(alice), "一稿", remind_at="2024-06-13T09:00:00Z"))
    path = f"{PATH}/{shown['id']}"
    either.clock.at += 60
    second = written(alice.patch(path, json={"text": "二稿", "details": {"place": {"detail": "南京路"}}}), 200)
    assert (second["text"], second["version"], second["edited_at"]) == ("二稿", 2, "2024-06-12T10:01:00+08:00")
    assert second["remind_at"] == shown["remind_at"]
    either.clock.at += 60
    third = written(alice.patch(path, json={"remind_at": None, "said_at": "2024-06-11T00:00:00Z"}), 200)
    assert (third["text"], third["remind_at"], third["version"]) == ("二稿", None, 3)
    assert third["details"]["place"]["detail"] == "南京路"
    items = alice.get(path + "/versions").json()["items"]
    assert [(item["version"], item["text"], item["said_at"]) for item in items] == [
        (3, "二稿", "2024-06-11T08:00:00+08:00"),
        (2, "二稿", "2024-06-12T10:00:00+08:00"),
        (1, "一稿", "2024-06-12T10:00:00+08:00"),
    ]
    assert [item["replaced_at"] for item in items] == [None, "2024-06-12T10:02:00+08:00", "2024-06-12T10:01:00+08:00"]
    assert items[2]["replaced_by"] == {"id": ALICE.id, "name": "Alice"}
    assert items[2]["details"]["place"] is None
    walked, next_ = list[int](), path + "/versions?limit=2"
    while next_:
        page = alice.get(next_).json()
        walked, next_ = walked + [item["version"] for item in page["items"]], page["next"]
    assert walked == [3, 2, 1]


def test_a_change_is_only_made_of_what_was_read(either: World) -> None:
    alice, bob = either.client("alice"), either.client("bob")
    told = alice.post(PATH, json=note(new_lead(alice)))
    path, tag = f"{PATH}/{told.json()['id']}", told.headers["etag"]
    assert bob.get(path).status_code == 200
    ok(bob.post(f"/api/v2/sales_activities/{told.json()['id']}/comments", json={"comment": {"content": "好"}}))
    assert alice.get(path).headers["etag"] != tag  # it shows a comment more
    first = alice.patch(path, json={"text": "二"}, headers={"If-Match": tag})
    assert first.status_code == 200
    for stale in (tag, '"0.0"', '"nonsense"', "nonsense"):
        problem(alice.patch(path, json={"text": "三"}, headers={"If-Match": stale}), 412, "stale")
        problem(alice.delete(path, headers={"If-Match": stale}), 412, "stale")
    assert alice.get(path).json()["text"] == "二"
    weak = "W/" + first.headers["etag"]
    assert alice.patch(path, json={"text": "三"}, headers={"If-Match": f'"0.0", {weak}'}).status_code == 200
    assert alice.patch(path, json={"text": "四"}, headers={"If-Match": "*"}).status_code == 200
    assert alice.patch(path, json={"text": "五"}).json()["version"] == 5


def test_of_two_who_change_what_they_read_one_is_told_that_it_has_changed(either: World) -> None:
    alice = either.client("alice")
    told = alice.post(PATH, json=note(new_lead(alice)))
    path, start = f"{PATH}/{told.json()['id']}", Barrier(4)

    def send(nth: int) -> int:
        start.wait(10)
        change = {"text": f"第{nth}次"}
        return either.client("alice").patch(path, json=change, headers={"If-Match": told.headers["etag"]}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [200, 412, 412, 412]


def test_a_change_with_a_key_is_made_once(either: World) -> None:
    alice = either.client("alice")
    path = f"{PATH}/{made(alice, note(new_lead(alice)))['id']}"
    for _ in range(2):
        told = alice.patch(path, json={"text": "二"}, headers={"Idempotency-Key": "k"})
        assert told.json()["version"] == 2


def test_more_of_a_call_is_told_later(either: World) -> None:
    alice = either.client("alice")
    shown = alice.post(PATH, json=call(new_lead(alice)))
    path, tag = f"{PATH}/{shown.json()['id']}", shown.headers["etag"]
    words = {"seconds": 30, "connected": True, "recordings": [{"url": "https://example.com/2.mp3"}]}
    told = alice.patch(path, json={"details": words}, headers={"If-Match": tag})
    assert [each["url"] for each in told.json()["files"]] == ["https://example.com/2.mp3"]
    assert ok(alice.get("/api/v2/dial_logs"))["dial_logs"][0]["talk_time"] == 30
    told = alice.patch(path, json={"details": {"seconds": 31}}, headers={"If-Match": told.headers["etag"]})
    assert told.status_code == 200
    problem(alice.patch(path, json={"details": {"seconds": 1}}, headers={"If-Match": tag}), 412, "stale")
    assert fields_of(problem(alice.patch(path, json={"text": "x"}), 422, "invalid")) == {"text"}


def test_a_visit_ends_and_its_note_is_changed(either: World) -> None:
    alice = either.client("alice")
    path = f"{PATH}/{made(alice, visit(new_lead(alice), text='到了'))['id']}"
    either.clock.at += 600
    told = alice.patch(path, json={"text": "走了", "details": {"signed_out": {"place": {"detail": "正门"}}}}).json()
    assert (told["text"], told["details"]["signed_out"]["at"]) == ("走了", "2024-06-12T10:10:00+08:00")
    assert told["version"] == 2
    problem(alice.patch(path, json={"details": {"signed_out": {}}}), 409, "duplicate")
    for change in ({"details": {"place": {"detail": "x"}}}, {"files": [1]}):
        problem(alice.patch(path, json=change), 422, "invalid")


def test_what_happened_to_a_record_is_not_changed_or_removed(alice: httpx.Client, id_: int) -> None:
    created = activities_of(timeline_of(alice, id_))[0]["id"]
    problem(alice.patch(f"{PATH}/{created}", json={"text": "x"}), 403, "forbidden")
    problem(alice.delete(f"{PATH}/{created}"), 403, "forbidden")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"text": 1}, {"text"}),
        ({"subject": {"type": "leads", "id": 1}}, {"subject"}),
        ({"at": "2024-06-12T00:00:00Z"}, {"at"}),
        ({"category_id": HOT.id}, {"category_id"}),
        ({"details": {"mentions": [EVE.id]}}, {"details.mentions"}),
        ({"details": {"nonsense": 1}}, {"details.nonsense"}),
    ],
)
def test_a_change_that_cannot_be_is_told_by_its_field(
    alice: httpx.Client, id_: int, change: Json, fields: set[str]
) -> None:
    path = f"{PATH}/{made(alice, note(id_))['id']}"
    assert fields_of(problem(alice.patch(path, json=change), 422, "invalid")) == fields
    assert alice.get(path).json()["version"] == 1


# Taken back


@pytest.mark.parametrize("kind", ["follow_up.written", "call.made", "checkin.made"])
def test_what_was_taken_back_leaves_a_stub(either: World, kind: str) -> None:
    alice = either.client("alice")
    id_ = new_lead(alice)
    body = {"kind": kind, "subject": {"type": "leads", "id": id_}, "source": "erp", "external_id": "1"}
    if kind == "follow_up.written":
        body |= {"text": "机密", "details": {"place": {"detail": "机密"}}}
    shown = made(alice, body)
    path = f"{PATH}/{shown['id']}"
    stub = written(alice.delete(path), 200)
    assert (stub["deleted"], stub["text"], stub["files"], stub["id"]) == (True, "", [], shown["id"])
    assert "机密" not in str(stub)
    assert alice.get(path).json() == stub == written(alice.delete(path), 200)
    assert written(alice.post(PATH, json=body), 200) == stub
    problem(alice.patch(path, json={}), 404, "not_found")
    problem(alice.get(path + "/versions"), 404, "not_found")
    problem(either.client("charlie").get(path), 404, "not_found")
    assert len(activities_of(timeline_of(alice, id_))) == 1
    for list_, name in (
        ("revisit_logs/new_index", "revisit_logs"),
        ("dial_logs", "dial_logs"),
        ("checkins", "checkins"),
    ):
        assert ok(alice.get(f"/api/v2/{list_}"))[name] == []
    assert either.miscounts() == []


def test_an_administrator_keeps_up_to_date_what_came_from_another_system(either: World) -> None:
    dora, alice = either.client("dora"), either.client("alice")
    id_ = new_lead(alice)
    theirs = {"actor_id": ALICE.id, "source": "erp"}
    for nth, body in enumerate((note(id_), call(id_), visit(id_))):
        path = f"{PATH}/{made(dora, body | theirs | {'external_id': str(nth)})['id']}"
        change = {"details": {"seconds": 5}} if body["kind"] == "call.made" else {"text": "改"}
        assert dora.patch(path, json=change).status_code == 200
        assert dora.delete(path).json()["deleted"] is True
    own = f"{PATH}/{made(alice, note(id_))['id']}"
    problem(dora.patch(own, json={"text": "改"}), 403, "forbidden")
    problem(dora.delete(own), 403, "forbidden")
    problem(
        either.client("bob").delete(f"{PATH}/{made(alice, note(id_, source='x', external_id='1'))['id']}"),
        403,
        "forbidden",
    )


def test_what_was_deleted_through_the_other_api_leaves_the_stub_too(alice: httpx.Client, id_: int) -> None:
    shown = made(alice, note(id_))
    old = activities_of(timeline_of(alice, id_))[0]
    ok(alice.delete(f"/api/v2/revisit_logs/{old['saleable_id']}"))
    assert alice.get(f"{PATH}/{shown['id']}").json()["deleted"] is True


def test_a_server_that_row_level_security_holds_writes_alike(postgres_site: Site, application_role: str) -> None:
    with opened(postgres_site.served_by(application_role)) as world:
        alice, key = world.client("alice"), {"Idempotency-Key": "k"}
        id_ = new_lead(alice)
        items = [note(id_, source="erp", external_id="1"), call(id_), visit(id_), note(999_999)]
        first, again = (alice.post(PATH, json={"items": items}, headers=key) for _ in range(2))
        assert first.json()["created"] == 3
        assert again.content == first.content
        path = f"{PATH}/{first.json()['items'][0]['id']}"
        assert alice.patch(path, json={"text": "改"}).json()["version"] == 2
        assert alice.delete(path).json()["deleted"] is True
        kind = {"name": "erp.paid", "sentence": {"zh": "付", "en": "paid"}}
        assert world.client("dora").post("/api/v1/kinds", json=kind).status_code == 201
        assert made(alice, note(id_) | {"kind": "erp.paid"})["sentence"] == "付"
