"""Fields that hold what no client means: each is refused by its name, or read as what it says; nothing ever breaks."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from tests.world import follow_up, new_customer, new_lead, ok, refused

RECORD = [
    *("name", "company_name", "status", "source", "note", "customer_requirement"),
    *("user_id", "want_department_id", "revisit_remind_at", "address_attributes"),
]
FIELDS = {
    "lead": [*RECORD, "department", "job", "channel_code"],
    "customer": [*RECORD, "category", "industry", "staff_size", "labels"],
    "revisit_log": [
        *("content", "category", "real_revisit_at", "remind_at", "lat", "lng", "at_user_ids"),
        *("address_attributes", "loggable_attributes"),
    ],
    "dial_log": [
        *("number", "call_id", "name", "name_type", "number_type", "dial_type"),
        *("talk_time", "is_connected", "call_mode", "audios", "audio_ids"),
    ],
}
CREATED_BY = {"lead": "/leads", "customer": "/customers", "revisit_log": "/revisit_logs", "dial_log": "/dial_logs"}
UNREADABLE = ["NaN", "-Infinity", "1e308", "1e400", "9" * 40, r'"\ud800"', r'"\udc00x"', r'"\u0000"', r'{"\u0000": 1}']
"""Values that JSON does not have, or that no text, number or database takes."""
ODD = [
    *("true", "false", "0", "-1", "5.0", "-0.0", "0.1", "1e5", "9223372036854775807", "12345678901234567890"),
    *('""', '" "', '"x"', '"0x10"', '"1e5"', '"１２"', '"😀"', r'"\ufffe"', '"2024-02-30"', '"9999-12-31 23:59"'),
    *("null", "[]", "[null]", "[1]", '[{"a": 1}]', "{}", '{"0": 1}', '{"": 1}', '{"0": {"a": 1}, "1": 5}'),
    json.dumps("很长" * 15_000),
]


@pytest.fixture
def base(id_: int) -> dict[str, dict[str, Any]]:
    """What each kind of write needs at least."""
    return {
        "lead": {"name": "甲"},
        "customer": {"name": "乙"},
        "revisit_log": {"loggable_type": "Lead", "loggable_id": id_, "content": "在忙"},
        "dial_log": {"caller_type": "Lead", "caller_id": id_},
    }


@pytest.fixture
def urls(alice: httpx.Client, id_: int, base: dict[str, dict[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Where each kind of thing is written: made, and changed."""
    dial = ok(alice.post("/api/v2/dial_logs", json={"dial_log": base["dial_log"]}))["dial_log"]["id"]
    ids = {"lead": id_, "customer": new_customer(alice), "revisit_log": follow_up(alice, id_)["id"], "dial_log": dial}
    return {
        noun: [("POST", f"/api/v2{path}"), ("PUT", f"/api/v2{path}/{ids[noun]}")] for noun, path in CREATED_BY.items()
    }


@pytest.fixture(autouse=True)
def nothing_crashed() -> Iterator[None]:
    """A crash would be answered with code 100500, and told in the log."""
    with capture_logs() as logs:
        yield
    assert [entry for entry in logs if entry["event"] == "crashed"] == []


def _send(client: httpx.Client, method: str, url: str, noun: str, rest: dict[str, Any], field: str, raw: str) -> Any:
    """Write with a field of this value, given as JSON to the letter."""
    given = {key: value for key, value in rest.items() if key != field}
    body = json.dumps({noun: given | {field: "RAW"}}).replace('"RAW"', raw)
    return client.request(method, url, content=body.encode(), headers={"content-type": "application/json"})


@pytest.mark.parametrize("noun", FIELDS)
def test_a_list_of_lists_is_no_value_of_any_field_and_an_object_of_hardly_any(
    alice: httpx.Client, base: dict[str, Any], urls: dict[str, list[tuple[str, str]]], noun: str
) -> None:
    for method, url in urls[noun]:
        for field in FIELDS[noun]:
            for raw in ("[[1]]", '{"a": {"b": [1]}}'):
                if raw.startswith("{") and field.endswith("_attributes"):
                    continue
                told = refused(_send(alice, method, url, noun, base[noun], field, raw), 100422)
                assert list(told["errors"]) == [field], (method, url, field, raw)


@pytest.mark.parametrize("noun", FIELDS)
def test_what_no_text_or_number_takes_is_refused_wherever_it_stands(
    alice: httpx.Client, base: dict[str, Any], urls: dict[str, list[tuple[str, str]]], noun: str
) -> None:
    for method, url in urls[noun]:
        for raw in UNREADABLE:
            for field in (FIELDS[noun][0], FIELDS[noun][-1], "unknown"):
                told = refused(_send(alice, method, url, noun, base[noun], field, raw), 100422)
                assert list(told["errors"]) == ["body"], (method, url, field, raw)


@pytest.mark.parametrize("noun", FIELDS)
def test_an_odd_value_is_refused_by_its_name_or_read_as_it_says(
    alice: httpx.Client, base: dict[str, Any], urls: dict[str, list[tuple[str, str]]], noun: str
) -> None:
    for method, url in urls[noun]:
        for field in FIELDS[noun]:
            for raw in ODD:
                told = _send(alice, method, url, noun, base[noun], field, raw).json()
                assert told["code"] in (0, 100422), (method, url, field, raw, told)
                if told["code"]:
                    assert list(told["errors"]) == [field], (method, url, field, raw, told)


@pytest.mark.parametrize("noun", FIELDS)
@pytest.mark.parametrize("raw", ["1", '"x"', "true", "[1]", "[[]]"])
def test_what_is_no_object_where_one_belongs_is_told_so(
    alice: httpx.Client, urls: dict[str, list[tuple[str, str]]], noun: str, raw: str
) -> None:
    for method, url in urls[noun]:
        body = f'{{"{noun}": {raw}}}'
        told = alice.request(method, url, content=body.encode(), headers={"content-type": "application/json"})
        assert refused(told, 100422)["errors"] == {noun: ["应为对象"]}


@pytest.mark.parametrize("field", ["login", "password"])
def test_a_login_of_the_wrong_type_is_refused_and_of_the_wrong_value_fails(stranger: httpx.Client, field: str) -> None:
    for raw, code in [
        *((raw, 100422) for raw in (*UNREADABLE, "[]", "[1]", "{}", '{"a": 1}', "null", '""')),
        *((raw, 100402) for raw in ("true", "5", "0.1", '"１２"')),
    ]:
        given = {"login": "nobody", "password": "x"} | {field: "RAW"}
        body = json.dumps(given).replace('"RAW"', raw)
        refused(stranger.post("/api/v2/auth/login", content=body.encode()), code)


def test_a_number_in_the_place_of_a_text_is_its_decimals_everywhere(alice: httpx.Client) -> None:
    for number, expected in ((5.0, "5"), (1e18, "1000000000000000000"), (0.1, "0.1"), (-2, "-2"), (True, "true")):
        lead = ok(alice.post("/api/v2/leads", json={"lead": {"name": number, "status": number, "job": number}}))
        assert (lead["name"], lead["status"], lead["job"]) == (expected, expected, expected)
        assert follow_up(alice, lead["id"], number)["content"] == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("told", ["31.2", 31.2, "３１.２", " +31.2 ", "3.12e1"])
def test_a_place_is_read_from_any_writing_of_its_degrees(alice: httpx.Client, told: object) -> None:
    written = follow_up(alice, new_lead(alice), lat=told, lng="-.5")
    assert (written["lat"], written["lng"]) == (31.2, -0.5)


@pytest.mark.parametrize("told", ["3_1", "nan", "inf", "1e999", "31°", "31,2", True, [31], {"0": 31}])
def test_what_is_no_degree_is_no_place(alice: httpx.Client, id_: int, told: object) -> None:
    given = {"loggable_type": "Lead", "loggable_id": id_, "lat": told}
    told_back = refused(alice.post("/api/v2/revisit_logs", json={"revisit_log": given}), 100422)
    assert told_back["errors"] == {"lat": ["应为-90到90之间的数"]}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("loggable_id", "abc", "loggable_id"),
        ("loggable_attributes", {"status": ["1"]}, "loggable_attributes.status"),
        ("loggable_attributes", {"status": {"a": 1}}, "loggable_attributes.status"),
        ("address_attributes", {"detail_address": [1]}, "address_attributes.detail_address"),
        ("address_attributes", {"detail_address": "街" * 20_001}, "address_attributes.detail_address"),
    ],
)
def test_what_is_wrong_further_in_is_named_by_its_path(
    alice: httpx.Client, id_: int, field: str, value: object, error: str
) -> None:
    given = {"loggable_type": "Lead", "loggable_id": id_, "content": "x"} | {field: value}
    assert list(refused(alice.post("/api/v2/revisit_logs", json={"revisit_log": given}), 100422)["errors"]) == [error]
