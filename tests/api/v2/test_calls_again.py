"""One call is one activity however often it is told of; recordings that were uploaded; lists and the caller's name."""

from typing import Any

import httpx
import pytest

from genjin.domain.people import Rights, Role
from genjin.domain.records import Record, RecordType, Ref
from genjin.store import people, records
from genjin.store.transaction import Tx
from tests import samples
from tests.api.bodies import MISSING, same
from tests.api.uploading import follow, upload
from tests.world import (
    ALICE,
    BOB,
    CHARLIE,
    NOW,
    SELLER,
    Json,
    World,
    activities_of,
    new_customer,
    new_lead,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/dial_logs"


def _log(client: httpx.Client, id_: int, type_: str = "Lead", **more: object) -> Json:
    given = {"caller_type": type_, "caller_id": id_, "number": "13400000077", "dial_type": "outgoing"}
    return ok(client.post(URL, json={"dial_log": given | more}))["dial_log"]


def _calls(client: httpx.Client, id_: int, entity: str = "leads") -> list[Json]:
    return [each for each in activities_of(timeline_of(client, id_, entity)) if each["activity_type"] == "call_record"]


def _recording(client: httpx.Client) -> int:
    return int(upload(client, samples.recording("wav"), "通话.wav")["id"])


# One call


def test_a_call_that_is_posted_again_under_its_id_is_the_same_call(world: World, alice: httpx.Client, id_: int) -> None:
    begun = _log(alice, id_, call_id="电话-1")
    world.clock.at = NOW + 90
    over = _log(alice, id_, call_id="电话-1", talk_time="80", is_connected="true")
    again = _log(alice, id_, call_id="电话-1", talk_time="81")
    assert begun["id"] == over["id"] == again["id"]
    assert (over["talk_time"], again["talk_time"], again["is_connected"]) == (80, 81, True)
    (entry,) = _calls(alice, id_)
    assert (entry["timestamp"], entry["real_created_at"]) == ("2024-06-12 10:00", "2024-06-12 10:01")
    assert world.miscounts() == []


def test_a_call_that_only_began_twice_is_no_activity(alice: httpx.Client, id_: int) -> None:
    assert _log(alice, id_, call_id="c")["id"] == _log(alice, id_, call_id="c")["id"]
    assert _calls(alice, id_) == []


def test_without_an_id_or_by_another_user_it_is_another_call(world: World, alice: httpx.Client, id_: int) -> None:
    assert _log(alice, id_)["id"] != _log(alice, id_)["id"]
    assert _log(alice, id_, call_id="c")["id"] != _log(world.client("bob"), id_, call_id="c")["id"]


def test_a_notice_that_it_was_hung_up_ends_the_call_of_that_id(world: World, alice: httpx.Client, id_: int) -> None:
    begun = _log(alice, id_, call_id="auto-7")
    url = "/api/v2/dial_centers/hang_up_nofify"
    assert same(world.client("bob").post(url, json={"call_id": "auto-7"}), MISSING)
    assert same(alice.post(url, json={"call_id": "auto-8"}), MISSING)
    assert list(refused(alice.post(url, json={}), 100422)["errors"]) == ["call_id"]
    told = ok(alice.post(url, data={"call_id": "auto-7", "talk_time": "9"}))["dial_log"]
    assert (told["id"], told["talk_time"]) == (begun["id"], 9)
    ok(alice.post(url, json={"dial_log": {"call_id": "auto-7"}}))
    assert len(_calls(alice, id_)) == 1


# Both ways, and whom


def test_a_missed_incoming_call_is_an_activity_once_it_is_told_to_be_over(alice: httpx.Client, id_: int) -> None:
    call = _log(alice, id_, dial_type="incoming", talk_time="0", is_connected="false")
    told = ok(alice.put(f"{URL}/{call['id']}", json={"dial_log": {"talk_time": "0", "is_connected": "false"}}))
    assert told["dial_log"]["is_connected"] is False
    (entry,) = _calls(alice, id_)
    assert (entry["call_type_display"], entry["audios"]) == ("呼入", [])


def test_a_contact_is_called_and_the_call_is_on_the_customers_timeline(world: World, alice: httpx.Client) -> None:
    customer = new_customer(alice)
    _put(world, Record(RecordType.CONTACT, 71, "王芳", ALICE.id, ALICE.id, None, NOW, NOW, customer_id=customer))
    _log(alice, 71, "Contact", talk_time="5", call_mode="13")
    (entry,) = _calls(alice, customer, "customers")
    assert (entry["refer_type"], entry["refer_name"], entry["call_mode"]) == ("Contact", "王芳", 13)
    found = world.database.read(lambda tx: records.find(tx, 1, Ref(RecordType.CUSTOMER, customer)))
    assert found is not None
    assert found.called_at == NOW


def test_a_call_that_ends_after_its_record_was_merged_is_the_latest_of_the_kept_one(
    world: World, alice: httpx.Client, id_: int
) -> None:
    kept = new_lead(alice)
    begun = _log(alice, id_)
    ok(alice.post(f"/api/v2/leads/{kept}/merge", json={"merge_ids": [id_]}))
    world.clock.at = NOW + 90
    ok(alice.put(f"{URL}/{begun['id']}", json={"dial_log": {"talk_time": "60"}}))
    refs = [Ref(RecordType.LEAD, each) for each in (kept, id_)]
    found = world.database.read(lambda tx: records.find_many(tx, 1, refs))
    assert [found[ref].called_at for ref in refs] == [NOW, None]
    (entry,) = _calls(alice, kept)
    assert entry["refer_id"] == id_
    assert world.miscounts() == []


# Recordings


def test_a_recording_that_is_uploaded_hours_later_changes_nothing_but_audios(
    world: World, alice: httpx.Client, id_: int
) -> None:
    call = _log(alice, id_, talk_time="144", is_connected="true")
    (before,) = _calls(alice, id_)
    world.clock.at = NOW + 5 * 3600
    recording = _recording(alice)
    ok(alice.put(f"{URL}/{call['id']}", json={"audio_ids": [str(recording)]}))
    (after,) = _calls(alice, id_)
    assert {key for key in before if before[key] != after[key]} == {"audios"}
    (audio,) = after["audios"]
    assert (audio["id"], audio["duration"], audio["duration_seconds"], audio["oss_type"]) == (recording, "3", 3, None)
    assert follow(alice, audio["file_url"]).content == samples.recording("wav")
    for _ in range(2):
        ok(alice.put(f"{URL}/{call['id']}", json={"audio_ids": [recording]}))
    assert _calls(alice, id_)[0]["audios"] == after["audios"]
    second = _recording(alice)
    elsewhere = {"file_url": "https://example.com/1.mp3", "duration": 7}
    ok(alice.put(f"{URL}/{call['id']}", json={"audio_ids": [second], "audios": [elsewhere]}))
    urls = [each["file_url"] for each in _calls(alice, id_)[0]["audios"]]
    assert (len(urls), urls[0]) == (3, "https://example.com/1.mp3")
    assert timeline_of(alice, id_)["total_count"] == 2


def test_a_call_may_be_told_with_its_recording_at_once(alice: httpx.Client, id_: int) -> None:
    recording = _recording(alice)
    given = {"caller_type": "Lead", "caller_id": id_}
    ok(alice.post(URL, json={"dial_log": given, "audio_ids": [recording]}))
    assert [audio["id"] for audio in _calls(alice, id_)[0]["audios"]] == [recording]


def test_a_recording_that_was_uploaded_to_the_record_goes_over_to_its_call(
    world: World, alice: httpx.Client, id_: int
) -> None:
    bob = world.client("bob")
    call, elsewhere = _log(bob, id_), _log(bob, new_lead(bob, name="第二条"), talk_time="5")

    def recording(client: httpx.Client) -> int:
        ticket = client.get("/api/v2/qiniu/auth/upload_token").json()["uptoken"]
        form = {"token": ticket, "x:audioable_type": "Lead", "x:audioable_id": str(id_)}
        sound = samples.recording("wav")
        return int(client.post("/api/v2/qiniu/upload", data=form, files={"file": ("x", sound)}).json()["id"])

    mine, late, theirs = recording(bob), recording(bob), recording(alice)
    refused(bob.put(f"{URL}/{elsewhere['id']}", json={"audio_ids": [mine]}), 100422)
    refused(bob.put(f"{URL}/{call['id']}", json={"audio_ids": [theirs]}), 100422)
    for told in (mine, late):
        ok(bob.put(f"{URL}/{call['id']}", json={"dial_log": {"talk_time": "33"}, "audio_ids": [told]}))
    assert [audio["id"] for audio in _calls(bob, id_)[0]["audios"]] == [mine, late]
    left = ok(bob.get("/api/v2/attachments", params={"entity_type": "Lead", "entity_id": id_}))["attachments"]
    assert [each["id"] for each in left] == [theirs]


def test_a_recording_of_another_call_and_what_is_none_are_refused(world: World, alice: httpx.Client, id_: int) -> None:
    first, second = _log(alice, id_, talk_time="5"), _log(alice, id_, talk_time="5")
    used = _recording(alice)
    ok(alice.put(f"{URL}/{first['id']}", json={"audio_ids": [used]}))
    picture = upload(alice, samples.picture("PNG"), "x.png")["id"]
    for wanted in (used, picture, _recording(world.client("bob")), 999_999):
        told = refused(alice.put(f"{URL}/{second['id']}", json={"audio_ids": [wanted]}), 100422)
        assert told["errors"] == {"audio_ids": [f"没有这个录音：{wanted}"]}


# Lists


def test_calls_are_listed_to_who_sees_their_records(world: World, alice: httpx.Client, id_: int) -> None:
    begun = _log(alice, id_)
    world.clock.at = NOW + 86_400
    other = _log(world.client("charlie"), new_lead(world.client("charlie")), dial_type="incoming", talk_time="5")
    bob, charlie, dora = world.client("bob"), world.client("charlie"), world.client("dora")

    def listed(client: httpx.Client, **asked: object) -> list[int]:
        page = ok(client.get(URL, params={key: str(value) for key, value in asked.items()}))
        assert page["total_count"] == len(page["dial_logs"])
        return [each["id"] for each in page["dial_logs"]]

    assert listed(alice) == listed(bob) == [begun["id"]]
    assert (listed(charlie), listed(dora)) == ([other["id"]], [other["id"], begun["id"]])
    for asked, found in (
        ({"user_id": ALICE.id}, [begun["id"]]),
        ({"dial_type": "incoming"}, [other["id"]]),
        ({"is_connected": "true"}, []),
        ({"caller_type": "lead", "caller_id": id_}, [begun["id"]]),
        ({"date": "today"}, [other["id"]]),
        ({"start_date": "2024-06-12", "end_date": "2024-06-12"}, [begun["id"]]),
        ({"department_id": ALICE.department_id}, [begun["id"]]),
    ):
        assert listed(dora, **asked) == found, asked
    assert ok(alice.get(f"{URL}/{begun['id']}"))["dial_log"] == begun
    assert same(charlie.get(f"{URL}/{begun['id']}"), MISSING)
    assert same(world.client("eve").get(f"{URL}/{begun['id']}"), MISSING)
    for key in ("user_id", "caller_id", "caller_type", "date", "start_date"):
        refused(dora.get(URL, params={key: "x"}), 100422)


def test_numbers_are_masked_for_who_sees_none(world: World, alice: httpx.Client, id_: int) -> None:
    call = _log(alice, id_)
    masked = Role(SELLER.id, SELLER.name, SELLER.scope, Rights(phones_masked=True))

    def use(tx: Tx) -> None:
        people.put_roles(tx, 1, [masked])
        people.bump_version(tx, 1)

    world.database.write(use)
    shown = ok(alice.get(f"{URL}/{call['id']}"))["dial_log"]
    assert (shown["number"], ok(alice.get(URL))["dial_logs"][0]["number"]) == ("134****0077", "134****0077")


# Who is calling


def _put(world: World, *some: Record) -> None:
    world.database.write(lambda tx: records.put_records(tx, 1, some))


def _who(client: httpx.Client, phone: str) -> Json:
    return ok(client.get(f"{URL}/caller_id", params={"phone": phone}))


STRANGER = {"name": "", "company_name": "", "entity_id": 0, "entity_name": ""}


@pytest.mark.parametrize("phone", ["13400000031", "+86 134 0000 0031", "１３４００００００３１", "008613400000031"])
def test_a_lead_is_found_by_its_number_however_it_is_written(alice: httpx.Client, phone: str) -> None:
    id_ = new_lead(alice, "郑老师", company_name="郑州第一中学", address_attributes={"phone": "134-0000-0031"})
    assert _who(alice, phone) == {
        "name": "郑老师",
        "company_name": "郑州第一中学",
        "entity_id": id_,
        "entity_name": "Lead",
    }


def test_a_contact_goes_before_its_customer_and_both_before_a_lead(world: World, alice: httpx.Client) -> None:
    number: dict[str, Any] = {"address_attributes": {"tel": "021-55500031"}}
    new_lead(alice, "线索", **number)
    customer = new_customer(alice, "郑州第一中学", **number)
    assert _who(alice, "02155500031")["entity_name"] == "Customer"
    details: dict[str, Any] = {"address": {"phone": "(021)55500031"}}
    contact = Record(
        RecordType.CONTACT, 71, "王芳", ALICE.id, 31, None, NOW, NOW, customer_id=customer, details=details
    )
    _put(world, contact)
    assert _who(alice, "021 5550 0031") == {
        "name": "王芳",
        "company_name": "郑州第一中学",
        "entity_id": 71,
        "entity_name": "Contact",
    }


def test_a_number_is_nobodys_to_who_may_not_see_whose_it_is(world: World, alice: httpx.Client) -> None:
    id_ = new_lead(alice, address_attributes={"phone": "13400000031"})
    assert _who(world.client("bob"), "13400000031")["entity_id"] == id_
    for name in ("charlie", "eve"):
        assert _who(world.client(name), "13400000031") == STRANGER
    for phone in ("13400000032", "", "x", "1"):
        assert _who(alice, phone) == STRANGER
    assert ok(alice.get(f"{URL}/caller_id")) == STRANGER


def test_a_changed_number_is_found_under_the_new_one_and_a_deleted_record_under_none(alice: httpx.Client) -> None:
    id_ = new_lead(alice, address_attributes={"phone": "13400000031"})
    ok(alice.put(f"/api/v2/leads/{id_}", json={"lead": {"address_attributes": {"phone": "13400000032"}}}))
    assert (_who(alice, "13400000031"), _who(alice, "13400000032")["entity_id"]) == (STRANGER, id_)
    ok(alice.delete(f"/api/v2/leads/{id_}"))
    assert _who(alice, "13400000032") == STRANGER


def test_of_two_with_one_number_it_is_the_one_worked_on_last(world: World, alice: httpx.Client) -> None:
    first = new_lead(alice, "一", address_attributes={"phone": "13400000031"})
    world.clock.at = NOW + 60
    second = new_lead(alice, "二", address_attributes={"phone": "13400000031"})
    assert _who(alice, "13400000031")["entity_id"] == second
    world.clock.at = NOW + 120
    ok(alice.put(f"/api/v2/leads/{first}", json={"lead": {"note": "x"}}))
    assert _who(alice, "13400000031")["entity_id"] == first
    assert {BOB.id, CHARLIE.id}.isdisjoint({first, second})
