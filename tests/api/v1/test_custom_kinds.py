"""Kinds that an organisation defines, and activities of them, through both APIs."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx
import pytest

from genjin.domain.people import Rights
from tests.world import (
    ALICE,
    ORGANISATION,
    SELLER,
    World,
    activities_of,
    fields_of,
    new_contact,
    new_customer,
    new_lead,
    problem,
    timeline_of,
)

KINDS, PATH = "/api/v1/kinds", "/api/v1/activities"
Json = Any
PAID: Json = {
    "name": "erp.invoice_paid",
    "group": "change",
    "icon": "receipt",
    "label": {"zh": "发票已付", "en": "Invoice paid"},
    "sentence": {
        "zh": "{actor}收到{target}的付款{amount}元（{buyer.name}）",
        "en": "{actor} received {amount} from {target}",
    },
    "schema": {
        "type": "object",
        "required": ["no"],
        "properties": {
            "no": {"type": "string"},
            "amount": {"type": "number", "minimum": 0},
            "buyer": {"type": "object", "properties": {"name": {"type": "string"}, "phone": {"type": "string"}}},
            "at": {"type": "string"},
        },
        "additionalProperties": False,
    },
    "fills": {"title": "发票{no}", "address": "{at}", "call_type_display": "{buyer.phone}"},
}
DETAILS: Json = {"no": "№１２😀", "amount": 1234.5, "buyer": {"name": "长江", "phone": "13400000099"}, "at": "南京路"}


def defined(client: httpx.Client, **changed: object) -> Json:
    told = client.post(KINDS, json=PAID | changed)
    assert told.status_code == 201, told.text
    return told.json()


def paid(id_: int, type_: str = "leads", details: Json = DETAILS, **more: object) -> Json:
    return {"kind": PAID["name"], "subject": {"type": type_, "id": id_}, "details": details, **more}


def made(client: httpx.Client, body: Json) -> Json:
    told = client.post(PATH, json=body)
    assert told.status_code == 201, told.text
    return told.json()


# Defining


def test_a_kind_is_defined_and_every_worker_knows_it_at_once(either: World) -> None:
    dora, alice = either.client("dora"), either.client("alice", kept_bytes=0)  # another server over the same data
    id_ = new_lead(alice)
    told = dora.post(KINDS, json=PAID)
    assert (told.status_code, told.headers["location"]) == (201, f"{KINDS}/erp.invoice_paid")
    assert told.json() == PAID | {"custom": True, "writable": True, "archived": False, "version": 1}
    assert alice.get(told.headers["location"]).json() == told.json()
    assert told.json() in alice.get(KINDS, params={"limit": "200"}).json()["items"]
    assert made(alice, paid(id_))["kind"] == "erp.invoice_paid"


def test_only_administrators_define_and_change_kinds(world: World) -> None:
    defined(world.client("dora"))
    for name in ("alice", "bob"):
        client, path = world.client(name), f"{KINDS}/{PAID['name']}"
        problem(client.post(KINDS, json=PAID | {"name": "erp.other"}), 403, "forbidden")
        problem(client.patch(path, json={"icon": "x"}), 403, "forbidden")
        problem(client.delete(path), 403, "forbidden")
        assert client.get(path).status_code == 200


def test_another_organisation_has_kinds_of_its_own(either: World) -> None:
    dora, eve = either.client("dora"), either.client("eve")
    defined(dora)
    path = f"{KINDS}/{PAID['name']}"
    problem(eve.get(path), 404, "not_found")
    problem(eve.patch(path, json={"icon": "x"}), 404, "not_found")
    problem(eve.delete(path), 404, "not_found")
    assert fields_of(problem(eve.post(PATH, json=paid(new_lead(eve))), 422, "invalid")) == {"kind"}
    defined(eve, sentence={"zh": "不同", "en": "other"})
    assert dora.get(path).json()["sentence"] == PAID["sentence"]


def test_a_name_is_taken_once_also_by_an_archived_kind(either: World) -> None:
    dora = either.client("dora")
    defined(dora)
    problem(dora.post(KINDS, json=PAID), 409, "duplicate")
    dora.delete(f"{KINDS}/{PAID['name']}")
    problem(dora.post(KINDS, json=PAID), 409, "duplicate")


def test_of_two_who_define_the_same_at_once_one_does_and_codes_are_their_own(either: World) -> None:
    dora, start = either.client("dora"), Barrier(6)

    def send(nth: int) -> int:
        start.wait(10)
        return either.client("dora").post(KINDS, json=PAID | {"name": f"erp.kind_{nth // 2}"}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(send, range(6))) == [201, 201, 201, 409, 409, 409]
    id_ = new_lead(dora)
    for nth in range(3):
        assert made(dora, paid(id_) | {"kind": f"erp.kind_{nth}"})["kind"] == f"erp.kind_{nth}"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": "follow_up.other"}, {"name"}),
        ({"name": "Erp"}, {"name"}),
        ({"name": None}, {"name"}),
        ({"group": "other"}, {"group"}),
        ({"icon": 1}, {"icon"}),
        ({"label": {"zh": "签" * 65}}, {"label.zh"}),
        ({"label": {"de": "x"}}, {"label.de"}),
        ({"sentence": {"zh": "{nothing}", "en": "ok"}}, {"sentence.zh"}),
        ({"sentence": {"zh": "好"}}, {"sentence.en"}),
        ({"sentence": "{actor}"}, {"sentence"}),
        ({"schema": {"type": "array"}}, {"schema", "sentence.zh", "sentence.en", "fills.title", "fills.address"}),
        ({"schema": "object"}, {"schema"}),
        ({"fills": {"id": "1"}}, {"fills.id"}),
        ({"fills": {"title": 1}}, {"fills.title"}),
        ({"fills": {"title": "{buyer}"}}, {"fills.title"}),
        ({"colour": "red"}, {"colour"}),
    ],
)
def test_what_is_wrong_with_a_definition_is_told_by_field(world: World, change: Json, fields: set[str]) -> None:
    body = {key: value for key, value in (PAID | change).items() if value is not None}
    told = fields_of(problem(world.client("dora").post(KINDS, json=body), 422, "invalid"))
    assert told >= fields
    assert len(told) == len(fields) or "schema" in change


# Activities of them


def test_an_activity_is_written_and_shown_in_both_languages(either: World) -> None:
    alice = either.client("alice")
    defined(either.client("dora"))
    id_ = new_lead(alice)
    shown = made(alice, paid(id_, said_at="2024-06-11T00:00:00+08:00"))
    assert (shown["kind"], shown["group"], shown["details"]) == ("erp.invoice_paid", "change", DETAILS)
    assert shown["sentence"] == "Alice收到郑老师的付款1234.5元（长江）"
    assert shown["said_at"] == "2024-06-11T00:00:00+08:00"
    english = alice.get(f"{PATH}/{shown['id']}", params={"lang": "en"}).json()
    assert english["sentence"] == "Alice received 1234.5 from 郑老师"
    for kind in ("change", "erp.invoice_paid"):
        asked = {"kind": kind, "subject": f"leads/{id_}", "counts": "kind"}
        found = alice.get(PATH, params=asked).json()
        assert shown["id"] in [each["id"] for each in found["items"]]
        assert {"kind": "erp.invoice_paid", "group": "change", "count": 1} in found["counts"]["kind"]
    assert alice.get(PATH, params={"kind": "!erp.invoice_paid"}).json()["items"] != []
    assert fields_of(problem(alice.get(PATH, params={"kind": "erp.other"}), 422, "invalid")) == {"kind"}


def test_the_old_timeline_shows_it_with_the_keys_that_the_kind_fills(either: World) -> None:
    alice = either.client("alice")
    defined(either.client("dora"))
    id_ = new_lead(alice)
    shown = made(alice, paid(id_))
    old, created = activities_of(timeline_of(alice, id_))
    assert list(old) == list(created)
    assert {
        key: old[key]
        for key in ("id", "activity_type", "activity_type_display", "title", "description", "call_type_display")
    } == {
        "id": shown["id"],
        "activity_type": "erp.invoice_paid",
        "activity_type_display": "发票已付",
        "title": "发票№１２😀",
        "description": "Alice收到郑老师的付款1234.5元（长江）",
        "call_type_display": "13400000099",
    }
    assert old["address"]["detail_address"] == "南京路"
    made(alice, paid(id_, text="已核对"))
    assert activities_of(timeline_of(alice, id_))[0]["description"] == "已核对"
    assert timeline_of(alice, id_)["total_count"] == 3
    assert either.miscounts() == []


def test_it_rolls_up_to_the_customer_like_any_other(either: World) -> None:
    alice = either.client("alice")
    defined(either.client("dora"))
    customer = new_customer(alice)
    contact = new_contact(alice, customer_id=customer)
    shown = made(alice, paid(contact, "contacts"))
    assert shown["id"] in [each["id"] for each in activities_of(timeline_of(alice, customer, "customers"))]


def test_a_payload_is_no_file_whatever_its_keys_are_called(either: World) -> None:
    alice = either.client("alice")
    defined(either.client("dora"), sentence={"zh": "{actor}", "en": "{actor}"}, schema={"type": "object"}, fills={})
    details = {"image_attachments": [{}], "audios": [{}], "recordings": [[1]], "attached": [[99999999999]]}
    made(alice, paid(new_lead(alice), details=details))
    for has in ("picture", "recording"):
        assert alice.get(PATH, params={"has": has}).json()["items"] == []
        assert len(alice.get(PATH, params={"has": f"!{has}"}).json()["items"]) == 2


def test_a_payload_that_breaks_the_schema_is_told_by_its_fields(world: World) -> None:
    alice = world.client("alice")
    defined(world.client("dora"))
    id_ = new_lead(alice)
    for details, fields in (
        ({}, {"details"}),
        ({"no": 5, "amount": -1}, {"details.no", "details.amount"}),
        ({"no": "1", "buyer": {"name": []}}, {"details.buyer.name"}),
        ({"no": "1", "more": 1}, {"details"}),
        ({"no": "长" * 40_000}, {"details"}),
    ):
        assert fields_of(problem(alice.post(PATH, json=paid(id_, details=details)), 422, "invalid")) == fields
    for more in ({"files": [1]}, {"remind_at": "2024-06-13T00:00:00Z"}, {"category_id": 41}):
        assert fields_of(problem(alice.post(PATH, json=paid(id_) | more), 422, "invalid")) == set(more)
    assert len(activities_of(timeline_of(alice, id_))) == 1


def test_numbers_in_a_payload_are_masked_for_who_may_not_see_them(world: World) -> None:
    alice = world.client("alice")
    defined(world.client("dora"), sentence={"zh": "{buyer.phone}", "en": "{text}"})
    id_ = new_lead(alice)
    path = f"{PATH}/{made(alice, paid(id_, text='回电13400000099'))['id']}"
    world.change(SELLER.__class__(SELLER.id, SELLER.name, SELLER.scope, Rights(phones_masked=True)))
    shown, old = alice.get(path), activities_of(timeline_of(alice, id_))[0]
    for told in (shown.text, alice.get(path, params={"lang": "en"}).text, alice.get(path + "/versions").text, str(old)):
        assert "13400000099" not in told
        assert "134****0099" in told
    changed = alice.patch(path, json={"details": shown.json()["details"], "text": shown.json()["text"]})
    assert changed.status_code == 200
    world.change(SELLER)
    assert alice.get(path).json()["details"] == DETAILS
    assert alice.get(path).json()["text"] == "回电13400000099"


def test_an_activity_is_edited_and_taken_back(either: World) -> None:
    dora, alice = either.client("dora"), either.client("alice")
    defined(dora)
    id_ = new_lead(alice)
    told = alice.post(PATH, json=paid(id_, text="一", source="erp", external_id="1"))
    path = f"{PATH}/{told.json()['id']}"
    changed = alice.patch(path, json={"details": {"no": "2"}}, headers={"If-Match": told.headers["etag"]})
    assert (changed.json()["details"], changed.json()["text"], changed.json()["version"]) == ({"no": "2"}, "一", 2)
    assert fields_of(problem(alice.patch(path, json={"details": {"no": 2}}), 422, "invalid")) == {"details.no"}
    problem(either.client("bob").patch(path, json={"text": "二"}), 403, "forbidden")
    problem(either.client("charlie").patch(path, json={"text": "二"}), 404, "not_found")
    assert dora.patch(path, json={"text": "二"}).json()["version"] == 3
    versions = alice.get(path + "/versions").json()["items"]
    assert [(each["text"], each["details"]) for each in versions] == [
        ("二", {"no": "2"}),
        ("一", {"no": "2"}),
        ("一", DETAILS),
    ]
    stub = alice.delete(path).json()
    assert (stub["deleted"], stub["details"], stub["text"], stub["kind"]) == (True, {}, "", "erp.invoice_paid")
    assert len(activities_of(timeline_of(alice, id_))) == 1
    assert either.miscounts() == []


def test_many_of_many_kinds_are_written_at_once(either: World) -> None:
    dora = either.client("dora")
    defined(dora)
    id_ = new_lead(dora)
    items = [paid(id_, source="erp", external_id=str(nth), actor_id=ALICE.id) for nth in range(50)]
    items.append(paid(id_, details={}))
    told = dora.post(PATH, json={"items": items}).json()
    assert (told["created"], told["refused"]) == (50, 1)
    assert fields_of(told["items"][50]["problem"]) == {"details"}


# Changing a kind


def test_what_a_kind_says_now_is_said_of_what_was_written_before(either: World) -> None:
    dora, alice = either.client("dora"), either.client("alice")
    defined(dora)
    id_ = new_lead(alice)
    path = f"{PATH}/{made(alice, paid(id_))['id']}"
    before = timeline_of(alice, id_)
    told = dora.patch(f"{KINDS}/{PAID['name']}", json={"sentence": {"zh": "{no}付了", "en": "paid"}, "fills": {}})
    assert (told.status_code, told.json()["version"]) == (200, 2)
    assert told.json()["schema"] == PAID["schema"]
    assert alice.get(path).json()["sentence"] == "№１２😀付了"
    after = activities_of(timeline_of(alice, id_))[0]
    assert (after["description"], after["title"]) == ("№１２😀付了", "郑老师")
    assert before != timeline_of(alice, id_)


def test_a_schema_that_is_changed_holds_for_what_is_written_from_then_on(either: World) -> None:
    dora, alice = either.client("dora"), either.client("alice")
    defined(dora, fills={}, sentence={"zh": "付", "en": "paid"})
    id_ = new_lead(alice)
    path = f"{PATH}/{made(alice, paid(id_))['id']}"
    narrower = {"type": "object", "required": ["total"], "properties": {"total": {"type": "integer"}}}
    assert dora.patch(f"{KINDS}/{PAID['name']}", json={"schema": narrower}).status_code == 200
    assert alice.get(path).json()["details"] == DETAILS
    problem(alice.post(PATH, json=paid(id_)), 422, "invalid")
    assert made(alice, paid(id_, details={"total": 5}))["details"] == {"total": 5}
    problem(dora.patch(f"{KINDS}/{PAID['name']}", json={"fills": {"title": "{no}"}}), 422, "invalid")


def test_an_archived_kind_is_shown_and_not_written_until_it_is_brought_back(either: World) -> None:
    dora, alice = either.client("dora"), either.client("alice")
    defined(dora)
    id_, kind = new_lead(alice), f"{KINDS}/{PAID['name']}"
    path = f"{PATH}/{made(alice, paid(id_))['id']}"
    told = dora.delete(kind).json()
    assert (told["archived"], told["writable"], told["version"]) == (True, False, 2)
    assert dora.delete(kind).json() == told
    assert alice.get(path).json()["sentence"].startswith("Alice收到")
    assert alice.patch(path, json={"text": "改"}).status_code == 200
    assert fields_of(problem(alice.post(PATH, json=paid(id_)), 422, "invalid")) == {"kind"}
    assert dora.patch(kind, json={"archived": False}).json()["archived"] is False
    made(alice, paid(id_))


def test_a_kind_is_only_changed_as_it_was_read(either: World) -> None:
    dora = either.client("dora")
    tag = dora.post(KINDS, json=PAID).headers["etag"]
    path = f"{KINDS}/{PAID['name']}"
    assert dora.patch(path, json={"icon": "a"}, headers={"If-Match": tag}).status_code == 200
    problem(dora.patch(path, json={"icon": "b"}, headers={"If-Match": tag}), 412, "stale")
    problem(dora.delete(path, headers={"If-Match": tag}), 412, "stale")
    assert dora.get(path).json()["icon"] == "a"
    assert dora.patch(path, json={}).json()["version"] == 2  # nothing was changed


def test_kinds_that_come_with_genjin_are_not_changed(world: World) -> None:
    dora = world.client("dora")
    problem(dora.patch(f"{KINDS}/follow_up.written", json={"icon": "x"}), 404, "not_found")
    problem(dora.delete(f"{KINDS}/follow_up.written"), 404, "not_found")
    told = dora.get(f"{KINDS}/follow_up.written").json()
    assert (told["custom"], told["writable"], told["schema"]) == (False, True, None)
    assert dora.get(f"{KINDS}/record.created").json()["writable"] is False
    for name in ("nothing", "nothing.at_all", "%00", "a" * 300, "..%2Fme"):
        problem(dora.get(f"{KINDS}/{name}"), 404, "not_found" if "%2F" not in name else "route_not_found")


def test_a_definition_that_is_sent_again_with_its_key_is_the_same(world: World) -> None:
    dora, key = world.client("dora"), {"Idempotency-Key": "k"}
    first, again = (dora.post(KINDS, json=PAID, headers=key) for _ in range(2))
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert ORGANISATION.id == 1
