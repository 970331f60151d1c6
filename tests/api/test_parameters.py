"""The same parameters as a query, a form, a multipart body and JSON do the same (decision 10)."""

from typing import Any

import httpx
import pytest

from tests.world import BOB, HOT, KEY_ACCOUNT, World, ok, refused

FLAT = {
    "lead[name]": "郑老师",
    "lead[company_name]": "郑州一中 & 分校",
    "lead[status]": str(HOT.id),
    "lead[note]": "第一行\n第二行 100% + 1",
    "lead[address_attributes][tel]": "0371-1234",
    "lead[address_attributes][detail_address]": "南京路1号",
    "lead[unknown]": "x",
    "check_duplicates": "false",
}
NESTED: dict[str, Any] = {
    "lead": {
        "name": "郑老师",
        "company_name": "郑州一中 & 分校",
        "status": HOT.id,
        "note": "第一行\n第二行 100% + 1",
        "address_attributes": {"tel": "0371-1234", "detail_address": "南京路1号"},
        "unknown": "x",
    },
    "check_duplicates": False,
}


def _comparable(lead: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in lead.items() if key != "id"}


def test_a_create_is_the_same_in_every_body(bob: httpx.Client) -> None:
    url = "/api/v2/leads"
    answers = [
        bob.post(url, json=NESTED),
        bob.post(url, json=FLAT),
        bob.post(url, data=FLAT),
        bob.post(url, params=FLAT),
        bob.post(url, files={name: (None, value) for name, value in FLAT.items()}),
        bob.post(url, params={"lead[company_name]": FLAT["lead[company_name]"]}, json={"lead": NESTED["lead"]}),
        bob.post(f"{url}/", content=httpx.Request("POST", "http://x", json=NESTED).content),
    ]
    first, *others = [_comparable(ok(answer)) for answer in answers]
    assert all(other == first for other in others)
    assert (first["name"], first["status"], first["status_display"]) == ("郑老师", str(HOT.id), "重点")
    assert first["note"] == "第一行\n第二行 100% + 1"
    assert (first["address"]["tel"], first["address"]["detail_address"]) == ("0371-1234", "南京路1号")


def test_an_update_is_the_same_in_every_body_and_by_every_method(bob: httpx.Client) -> None:
    id_ = ok(bob.post("/api/v2/leads", json=NESTED))["id"]
    url = f"/api/v2/leads/{id_}"
    for n, (method, told) in enumerate(
        [
            ("PUT", {"json": {"lead": {"name": "0"}}}),
            ("PATCH", {"json": {"lead[name]": "1"}}),
            ("POST", {"data": {"lead[name]": "2"}}),
            ("PUT", {"data": {"lead[name]": "3"}}),
            ("PUT", {"files": {"lead[name]": (None, "4")}}),
            ("PUT", {"params": {"lead[name]": "5"}}),
        ]
    ):
        changed = ok(bob.request(method, url, **told))  # type: ignore[arg-type]
        assert changed["name"] == str(n)
        assert changed["company_name"] == "郑州一中 & 分校"


def test_lists_come_with_brackets_indexes_or_as_json(bob: httpx.Client) -> None:
    url = "/api/v2/customers"
    first = {"name": "甲", "category": str(KEY_ACCOUNT.id)}
    for told in (
        {"json": {"customer": first | {"labels": ["a", "b"]}}},
        {"json": {"customer[name]": "甲", "customer[labels][]": ["a", "b"]}},
        {"content": b"customer[name]=%E7%94%B2&customer[labels][]=a&customer[labels][]=b"},
        {"content": b"customer%5Bname%5D=%E7%94%B2&customer%5Blabels%5D%5B0%5D=a&customer%5Blabels%5D%5B1%5D=b"},
    ):
        headers = {"content-type": "application/x-www-form-urlencoded"} if "content" in told else {}
        assert ok(bob.post(url, headers=headers, **told))["labels"] == ["a", "b"]


def test_a_body_of_json_without_a_content_type_is_read(bob: httpx.Client) -> None:
    body = b'{"lead": {"name": "\xe7\x94\xb2"}}'
    for content_type in (None, "text/plain", "application/vnd.api+json", "application/json; charset=utf-8"):
        headers = {} if content_type is None else {"content-type": content_type}
        assert ok(bob.post("/api/v2/leads", content=body, headers=headers))["name"] == "甲"


def test_files_in_a_multipart_body_are_ignored(bob: httpx.Client) -> None:
    files = {"lead[name]": (None, "甲"), "lead[note]": ("a.txt", b"secret", "text/plain")}
    created = ok(bob.post("/api/v2/leads", files=files))  # type: ignore[arg-type]
    assert (created["name"], created["note"]) == ("甲", "")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"json": {"lead": "郑老师"}}, "lead"),
        ({"json": {"lead": [1]}}, "lead"),
        ({"json": {"lead": {"name": {"a": 1}}}}, "name"),
        ({"json": {"lead": {"name": ["a"]}}}, "name"),
        ({"data": {"lead": "1", "lead[name]": "2"}}, "lead[name]"),
        ({"json": {"lead": {"name": "a\0b"}}}, "body"),
        ({"data": {"lead[name]": "a\0b"}}, "lead[name]"),
        (
            {"content": b"lead[name]=%FF", "headers": {"content-type": "application/x-www-form-urlencoded"}},
            "lead[name]",
        ),
        ({"content": b'{"lead": {"name": "\xff"}}', "headers": {"content-type": "application/json"}}, "body"),
        ({"content": b"{", "headers": {"content-type": "application/json"}}, "body"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=y"}}, "body"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, "body"),
        ({"content": b'{"a":' * 40 + b"1" + b"}" * 40, "headers": {"content-type": "application/json"}}, "body"),
        ({"content": b"[" * 5000, "headers": {"content-type": "application/json"}}, "body"),
        ({"data": {"lead" + "[a]" * 40: "1"}}, None),
        ({"json": {"lead": {"name": 1e300}}}, "body"),
        ({"content": b"&".join(b"a%d=1" % n for n in range(5000))}, "params"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(bob: httpx.Client, told: dict[str, Any], field: str | None) -> None:
    if told.get("content", b"").startswith(b"a0="):
        told = told | {"headers": {"content-type": "application/x-www-form-urlencoded"}}
    body = refused(bob.post("/api/v2/leads", **told), 100422)
    if field is not None:
        assert list(body["errors"]) == [field]
    assert ok(bob.get("/api/v2/leads"))["total_count"] == 0


def test_numbers_and_truth_values_are_read_as_texts(bob: httpx.Client) -> None:
    told = {"name": 12345678901, "company_name": 5.0, "note": True, "job": None, "user_id": BOB.id}
    created = ok(bob.post("/api/v2/leads", json={"lead": told}))
    assert (created["name"], created["note"], created["job"]) == ("12345678901", "true", "")


def test_a_body_beyond_the_limit_is_refused(world: World) -> None:
    bob = world.client("bob", max_body_bytes=4096)
    for told in (
        {"json": {"lead": {"name": "x" * 5000}}},
        {"data": {"lead[name]": "x" * 5000}},
        {"files": {"lead[name]": (None, "x" * 5000)}},
    ):
        body = refused(bob.post("/api/v2/leads", **told), 100422)
        assert body["errors"] == {"body": ["不能超过4096字节"]}
    assert ok(bob.post("/api/v2/leads", json={"lead": {"name": "x" * 200}}))
