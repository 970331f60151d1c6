"""Dial logs: made when dialling, an activity once the call is over, and one however often it is told of."""

from typing import Any

import httpx
import pytest

from tests.api.bodies import MISSING, same
from tests.world import (
    ALICE,
    NOW,
    ORGANISATION,
    Json,
    World,
    activities_of,
    new_customer,
    ok,
    refused,
    timeline_of,
)

URL = "/api/v2/dial_logs"
AUDIO = {"file_url": "https://example.com/1.wav?attname=1.mp3", "duration": "144"}


def _dial(client: httpx.Client, id_: int, **more: object) -> Json:
    """What the mobile client sends when it dials: all values as strings."""
    given = {
        "call_id": "c-1",
        "caller_type": "Lead",
        "caller_id": str(id_),
        "name": "郑老师",
        "name_type": "线索",
        "number": "13400000077",
        "dial_type": "outgoing",
        "number_type": "手机",
        "talk_time": "0",
        "is_connected": "false",
    }
    told = client.post(URL, json={"dial_log": given | more, "audio_ids": ["0"]})
    return ok(told)["dial_log"]


def _calls(client: httpx.Client, id_: int) -> list[Json]:
    return [entry for entry in activities_of(timeline_of(client, id_)) if entry["activity_type"] == "call_record"]


def test_the_whole_answer(alice: httpx.Client, id_: int) -> None:
    told = _dial(alice, id_)
    assert told == {
        "id": told["id"],
        "call_id": "c-1",
        "caller_id": id_,
        "caller_type": "Lead",
        "user_id": ALICE.id,
        "organization_id": ORGANISATION.id,
        "number": "13400000077",
        "name": "郑老师",
        "name_type": "线索",
        "number_type": "手机",
        "dial_type": "outgoing",
        "talk_time": 0,
        "is_connected": False,
        "created_at": "2024-06-12 10:00",
        "updated_at": "2024-06-12 10:00",
    }


def test_a_call_that_only_begins_is_no_activity(alice: httpx.Client, id_: int) -> None:
    _dial(alice, id_)
    assert _calls(alice, id_) == []


def test_a_call_that_is_over_is_one_activity_at_the_time_it_was_dialled(
    world: World, alice: httpx.Client, id_: int
) -> None:
    call = _dial(alice, id_)
    world.clock.at = NOW + 200
    ended = ok(
        alice.put(
            f"{URL}/{call['id']}", json={"dial_log": {"talk_time": "144", "is_connected": "true", "call_id": "c-1"}}
        )
    )
    assert ended["dial_log"] == call | {"talk_time": 144, "is_connected": True, "updated_at": "2024-06-12 10:03"}
    (entry,) = _calls(alice, id_)
    assert (entry["timestamp"], entry["real_created_at"]) == ("2024-06-12 10:00", "2024-06-12 10:03")
    assert (entry["activity_type_display"], entry["call_type_display"]) == ("电销", "呼出")
    assert (entry["saleable_dial_type"], entry["saleable_type"], entry["saleable_id"]) == ("outgoing", "Lead", id_)
    assert (entry["audios"], entry["title"], entry["user"]["id"]) == ([], "郑老师", ALICE.id)
    assert "13400000077" not in str(_calls(alice, id_)[0])


def test_told_again_it_is_still_one_activity_and_recordings_may_come_later(
    world: World, alice: httpx.Client, id_: int
) -> None:
    call = _dial(alice, id_)
    url = f"{URL}/{call['id']}"
    for n in range(3):
        world.clock.at = NOW + 60 * n
        ok(alice.put(url, json={"dial_log": {"talk_time": "144", "is_connected": "true"}}))
    assert len(_calls(alice, id_)) == 1
    for body in ({"audios": [AUDIO]}, {"audios": [AUDIO]}, {"dial_log": {"audios": [AUDIO | {"mp3_file_url": "x"}]}}):
        ok(alice.put(url, json=body))
    (entry,) = _calls(alice, id_)
    (audio,) = entry["audios"]
    assert audio == {
        "id": audio["id"],
        "file_url": AUDIO["file_url"],
        "mp3_file_url": AUDIO["file_url"],
        "duration": "144",
        "duration_seconds": 144,
        "oss_type": None,
        "is_convert_to_mp3": False,
    }
    second = {"file_url": "https://example.com/2.wav", "mp3_file_url": "https://example.com/2.mp3", "duration": 5}
    ok(alice.put(url, json={"audios": [AUDIO, second]}))
    audios = _calls(alice, id_)[0]["audios"]
    assert [(a["file_url"], a["mp3_file_url"], a["duration"]) for a in audios] == [
        (AUDIO["file_url"], AUDIO["file_url"], "144"),
        ("https://example.com/2.wav", "https://example.com/2.mp3", "5"),
    ]
    assert audios[0]["id"] == audio["id"] < audios[1]["id"]
    assert timeline_of(alice, id_)["total_count"] == 2
    assert world.miscounts() == []


@pytest.mark.parametrize(
    "over",
    [{"talk_time": "5"}, {"is_connected": "true"}, {"is_connected": True}, {"talk_time": 5, "is_connected": "1"}],
)
def test_a_call_that_is_told_as_over_at_once_is_an_activity_at_once(
    alice: httpx.Client, id_: int, over: dict[str, object]
) -> None:
    call = _dial(alice, id_, **over)
    assert len(_calls(alice, id_)) == 1
    ok(alice.put(f"{URL}/{call['id']}", json={"dial_log": {"talk_time": "9"}}))
    assert len(_calls(alice, id_)) == 1


@pytest.mark.parametrize(
    ("dial_type", "shown"), [("outgoing", "呼出"), ("incoming", "呼入"), ("", "呼出"), ("conference", "呼出")]
)
def test_the_direction_is_shown_in_words(alice: httpx.Client, id_: int, dial_type: str, shown: str) -> None:
    _dial(alice, id_, dial_type=dial_type, talk_time="5", call_mode="13")
    (entry,) = _calls(alice, id_)
    assert (entry["call_type_display"], entry["saleable_dial_type"], entry["call_mode"]) == (shown, dial_type, 13)


def test_a_form_says_the_same(alice: httpx.Client, id_: int) -> None:
    given = {
        "dial_log[caller_type]": "Lead",
        "dial_log[caller_id]": str(id_),
        "dial_log[number]": "13400000077",
        "dial_log[talk_time]": "7",
        "audios[0][file_url]": AUDIO["file_url"],
        "audios[0][duration]": "7",
        "audio_ids[]": "0",
    }
    assert ok(alice.post(URL, data=given))["dial_log"]["talk_time"] == 7
    assert _calls(alice, id_)[0]["audios"][0]["duration_seconds"] == 7


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"talk_time": "-1"}, "talk_time"),
        ({"talk_time": "86401"}, "talk_time"),
        ({"talk_time": "soon"}, "talk_time"),
        ({"call_mode": "32768"}, "call_mode"),
        ({"caller_type": "Payment"}, "caller_type"),
        ({"caller_id": "abc"}, "caller_id"),
        ({"number": "1" * 256}, "number"),
        ({"audio_ids": ["5"]}, "audio_ids"),
        ({"audios": [{"duration": "5"}]}, "audios"),
        ({"audios": [{"file_url": "file:///etc/passwd"}]}, "audios"),
        ({"audios": [{"file_url": "javascript:alert(1)"}]}, "audios"),
        ({"audios": [AUDIO | {"duration": "x"}]}, "audios"),
        ({"audios": ["x"]}, "audios"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_field(
    alice: httpx.Client, id_: int, given: dict[str, Any], field: str
) -> None:
    body = {"caller_type": "Lead", "caller_id": id_, "number": "13400000077", "talk_time": "5"} | given
    assert list(refused(alice.post(URL, json={"dial_log": body}), 100422)["errors"]) == [field]
    assert _calls(alice, id_) == []


def test_a_call_of_nobody_is_refused(alice: httpx.Client) -> None:
    bodies: list[dict[str, Any]] = [{}, {"dial_log": {}}, {"dial_log": {"number": "13400000077"}}]
    for body in bodies:
        refused(alice.post(URL, json=body), 100422)


@pytest.mark.parametrize("wanted", [1_999_999_999, 0, -5, 2**31, 10**20])
def test_a_call_to_nothing_is_told_so(alice: httpx.Client, wanted: int) -> None:
    given = {"caller_type": "Lead", "caller_id": str(wanted), "number": "13400000077"}
    assert same(alice.post(URL, json={"dial_log": given}), MISSING)


def test_who_may_tell_of_a_call(world: World, alice: httpx.Client, id_: int) -> None:
    call = _dial(alice, id_)
    body = {"dial_log": {"talk_time": "5"}}
    refused(world.client("bob").put(f"{URL}/{call['id']}", json=body), 100403)
    for name in ("charlie", "eve"):
        client = world.client(name)
        assert same(client.put(f"{URL}/{call['id']}", json=body), MISSING)
        assert same(client.post(URL, json={"dial_log": {"caller_type": "Lead", "caller_id": id_}}), MISSING)
    assert same(alice.put(f"{URL}/1999999999", json=body), MISSING)
    assert _calls(alice, id_) == []


def test_a_call_to_a_customer_is_on_its_timeline(alice: httpx.Client) -> None:
    customer = new_customer(alice)
    _dial(alice, customer, caller_type="Customer", talk_time="5")
    entry = activities_of(timeline_of(alice, customer, "customers"))[0]
    assert (entry["refer_type"], entry["activity_type"]) == ("Customer", "call_record")


def test_a_call_to_a_lead_that_was_converted_meanwhile_is_on_both_timelines(
    world: World, alice: httpx.Client, id_: int
) -> None:
    call = _dial(alice, id_)
    customer = new_customer(alice, refer_lead_id=id_)
    ok(alice.put(f"{URL}/{call['id']}", json={"dial_log": {"talk_time": "5"}}))
    assert len(_calls(alice, id_)) == 1
    entries = activities_of(timeline_of(alice, customer, "customers"))
    assert [entry["activity_type"] for entry in entries].count("call_record") == 1
    assert world.miscounts() == []
