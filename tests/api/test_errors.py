"""One shape for every refusal, on every route, in both modes; and nothing of the inside in any of them (decision 8)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from genjin.api.routes import OURS, UPSTREAM
from tests.api.bodies import LOGIN_AGAIN, MISSING, NO_ROUTE, same
from tests.api.uploading import upload
from tests.world import (
    CHARLIE,
    PEOPLE,
    World,
    activities_of,
    follow_up,
    new_contact,
    new_contract,
    new_customer,
    new_lead,
    new_opportunity,
    ok,
    refused,
    timeline_of,
)

STATUSES = {100401: 401, 100402: 401, 100403: 403, 100404: 404, 100100: 404, 100409: 409, 100422: 422, 100500: 500}
TIMELINES = ("/api/v2/leads/{id}/sales_activities", "/api/v2/customers/{id}/sales_activities")
TICKETS = ("/api/v2/qiniu/auth/upload_token", "/api/pc/qiniu/auth/oss_upload_token.json")
"""They are about nothing but who asks; tests/api/v2/test_uploads.py asks for them."""
FILES = [route for route in OURS if route.path == "/api/v2/attachments/{id}"]
CALLS = [
    (method, route.path)
    for route in (*UPSTREAM, *FILES)
    if not route.public and route.path not in TICKETS
    for method in route.methods
] + [("GET", path) for path in TIMELINES]
ABOUT_ANOTHER = ("/api/v2/revisit_logs", "/api/v2/dial_logs", "/api/v2/comments")
"""Their bodies name a record or an activity."""
ATTACHING = ("upload_attachments", "add_attachments")


def _bodies(ids: dict[str, int], me: int) -> dict[str, Any]:
    """For each kind of route, a body that would do something for me, were it allowed."""
    lead_id, mine = ids["leads"], {"user_id": me, "assist_user_ids": [me]}
    return {
        "leads": {"lead": {"name": "偷来的"}, **mine},
        "customers": {"customer": {"name": "偷来的"}, "refer_lead_id": lead_id, **mine},
        "contacts": {"contact": {"name": "偷来的", "customer_id": ids["customers"]}, **mine},
        "opportunities": {"opportunity": {"title": "偷来的", "customer_id": ids["customers"]}, **mine},
        "contracts": {"contract": {"title": "偷来的", "customer_id": ids["customers"]}, **mine},
        "common_leads": {"lead": {"name": "偷来的"}, "common_setting": {"name": "偷来的"}, **mine},
        "common_customers": {"customer": {"name": "偷来的"}, **mine},
        "revisit_logs": {"revisit_log": {"loggable_type": "Lead", "loggable_id": lead_id, "content": "偷来的"}},
        "attachments": {"attachment_ids": [ids["attachments"]], "klass": "lead"},
        "dial_logs": {
            "dial_log": {"caller_type": "Lead", "caller_id": lead_id, "number": "13400000077", "talk_time": "5"}
        },
        "sales_activities": {"comment": {"content": "偷来的"}},
        "comments": {"comment": {"content": "偷来的", "sales_activity_id": ids["sales_activities"]}},
    }


def _made(world: World) -> dict[str, int]:
    """One of each of dora's things."""
    dora = world.client("dora")
    lead_id = new_lead(dora, "朵拉的线索")
    call = {"caller_type": "Lead", "caller_id": lead_id, "number": "13400000088"}
    entry_id = activities_of(timeline_of(dora, lead_id))[0]["id"]
    comment = {"comment": {"content": "朵拉的评论", "sales_activity_id": entry_id}}
    customer_id = new_customer(dora, "朵拉的客户")
    return {
        "sales_activities": entry_id,
        "comments": ok(dora.post("/api/v2/comments", json=comment))["id"],
        "leads": lead_id,
        "attachments": upload(dora, entity_type="lead", entity_id=str(lead_id), name="朵拉的附件.pdf")["id"],
        "customers": customer_id,
        "contacts": new_contact(dora, "朵拉的联系人", customer_id=customer_id),
        "opportunities": new_opportunity(dora, customer_id, "朵拉的商机"),
        "contracts": new_contract(dora, customer_id, "朵拉的合同"),
        "common_leads": lead_id,
        "common_customers": new_customer(dora, "朵拉的另一个客户"),
        "revisit_logs": follow_up(dora, lead_id, "朵拉的跟进")["id"],
        "dial_logs": ok(dora.post("/api/v2/dial_logs", json={"dial_log": call}))["dial_log"]["id"],
    }


def _walk(client: httpx.Client, ids: dict[str, int], me: int = CHARLIE.id) -> Iterator[tuple[str, str, httpx.Response]]:
    bodies = _bodies(ids, me)
    for method, path in CALLS:
        noun = path.split("/")[3]
        about = "leads" if path.endswith(ATTACHING) else noun  # a file is attached to a record, whose id it is
        url = path.replace("{id}", str(ids.get(about, ids["leads"]))).replace("{klass}", "lead")
        body = None if method in ("GET", "HEAD", "DELETE") else bodies.get(noun, {})
        query = {"lead_id": ids["leads"]} if path.endswith("new_from_lead") else {}
        yield method, path, client.request(method, url, json=body, params=query)


def _contents(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of what the walk must not change."""
    with closing(sqlite3.connect(world.site.url.removeprefix("sqlite:///"))) as file:
        names = ("records", "activities", "timeline", "follow_ups", "calls", "comments", "activity_versions", "files")
        return {name: sorted(file.execute(f"SELECT * FROM {name}").fetchall(), key=repr) for name in names}


def test_without_a_token_every_route_asks_to_sign_in(world: World) -> None:
    ids = _made(world)
    before = _contents(world)
    for method, path, told in _walk(world.client(), ids):
        assert told.status_code == 200, (method, path)
        assert method == "HEAD" or same(told, LOGIN_AGAIN), (method, path)
    for method, _, told in _walk(world.client(http_errors="strict"), ids):
        assert told.status_code == 401
        assert method == "HEAD" or same(told, LOGIN_AGAIN)
    assert _contents(world) == before


@pytest.mark.parametrize("name", ["eve", "charlie"])
def test_another_organisation_and_another_department_reach_nothing_by_ids(world: World, name: str) -> None:
    ids = _made(world)
    before = _contents(world)
    for method, path, told in _walk(world.client(name), ids, PEOPLE[name][1].id):
        if method == "HEAD":
            continue
        if "{id}" in path or path.endswith("new_from_lead") or (method == "POST" and path in ABOUT_ANOTHER):
            assert same(told, MISSING), (method, path)
        elif method == "GET" and (path.count("/") == 3 or path.endswith("new_index")):
            assert ok(told).get("total_count", 0) == 0, path
        elif path == "/api/v2/customers":
            assert same(told, MISSING)  # its refer_lead_id is dora's
        elif method == "POST" and path.split("/")[3] in ("contacts", "opportunities", "contracts"):
            assert refused(told, 100422)["errors"] == {"customer_id": ["没有这个客户"]}
        assert "朵拉" not in told.text
        assert "13400000088" not in told.text
    after = _contents(world)
    created = {row for row in after["records"] if row not in before["records"]}
    assert {row[3] for row in created} == {"偷来的"}
    for table in ("follow_ups", "calls", "comments", "activity_versions", "files"):
        assert after[table] == before[table]
    assert all(row in after["records"] for row in before["records"])


def test_the_routes_outside_the_contract_tell_strangers_nothing(world: World) -> None:
    for route in [route for route in OURS if route.public]:
        told = world.client().get(route.path)
        assert told.json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nowhere", 100404),
        ("GET", "/api/v2", 100404),
        ("GET", "/api/v2/nowhere", 100404),
        ("GET", "/api/v2/products", 100404),
        ("POST", "/api/v2/leads/1/steal", 100404),
        ("GET", "/api/v2/sales_activities", 100404),
        ("POST", "/api/v2/leads/1/sales_activities", 100404),
        ("DELETE", "/api/v2/leads", 100404),
        ("PUT", "/api/v2/revisit_logs", 100404),
        ("GET", "/api/v2/dial_centers", 100404),
        ("PATCH", "/healthz", 100404),
        ("GET", "/static/nothing.svg", 100404),
        ("GET", "/static/../app.py", 100404),
        ("GET", "/static/%2e%2e/routes.py", 100404),
        ("POST", "/static/docs.html", 100404),
        ("GET", "/api/v2/leads/abc", 100100),
        ("GET", "/api/v2/leads/2147483648", 100100),
        ("GET", "/api/v2/revisit_logs/abc", 100100),
        ("PUT", "/api/v2/dial_logs/-5", 100100),
        ("POST", "/api/v2/leads", 100422),
        ("POST", "/api/v2/revisit_logs", 100422),
        ("POST", "/api/v2/dial_logs", 100422),
    ],
)
def test_every_refusal_has_the_one_shape_in_both_modes(world: World, method: str, path: str, code: int) -> None:
    documented = world.client("alice").request(method, path)
    body = refused(documented, code)
    assert set(body) - {"errors"} == {"code", "message", "error", "data"}
    assert documented.headers["content-type"] == "application/json; charset=utf-8"
    strict = world.client("alice", http_errors="strict").request(method, path)
    assert strict.content == documented.content
    assert strict.status_code in (STATUSES[code], 405)
    if code == 100404:
        assert same(documented, NO_ROUTE)


def test_a_wrong_method_names_the_right_ones_in_strict_mode(world: World) -> None:
    told = world.client("alice", http_errors="strict").delete("/api/v2/leads")
    assert told.status_code == 405
    assert {"GET", "POST"} <= set(told.headers["allow"].split(", "))


def test_every_answer_has_a_request_id_and_a_sane_one_is_the_callers(world: World) -> None:
    client = world.client("alice")
    ids = {
        client.get(path).headers["x-request-id"] for path in ("/api/v2/leads", "/nowhere", "/healthz", "/api/v2/leads")
    }
    assert len(ids) == 4
    assert client.get("/healthz", headers={"x-request-id": "my-id.1"}).headers["x-request-id"] == "my-id.1"
    for insane in ("a b", "x" * 65, "<script>", "a\tb", ""):
        assert client.get("/healthz", headers={"x-request-id": insane}).headers["x-request-id"] != insane


def _paths(world: World) -> list[tuple[str, str, Any]]:
    ids = _made(world)
    return [
        ("GET", f"/api/v2/leads/{ids['leads']}/sales_activities", None),
        ("GET", f"/api/v2/leads/{ids['leads']}", None),
        ("GET", "/api/v2/leads", None),
        ("PUT", f"/api/v2/leads/{ids['leads']}", {"lead": {"name": "新"}}),
    ]


def _is_internal(told: httpx.Response, status: int) -> None:
    body = told.json()
    assert told.status_code == status
    assert body == {
        "code": 100500,
        "message": "服务器内部错误，请稍后重试。",
        "error": "internal_error",
        "data": None,
        "request_id": told.headers["x-request-id"],
    }
    assert told.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(("mode", "status"), [("documented", 200), ("strict", 500)])
def test_a_broken_database_is_an_internal_error_without_a_trace_and_is_logged(
    world: World, mode: str, status: int
) -> None:
    paths = _paths(world)
    with closing(sqlite3.connect(world.site.url.removeprefix("sqlite:///"))) as file:
        file.execute("DROP TABLE records")
    for method, path, body in paths:
        with capture_logs() as logs:
            told = world.client("dora", http_errors=mode).request(method, path, json=body)
        _is_internal(told, status)
        told_of = [line for line in logs if line["log_level"] == "error"]
        assert [line["request_id"] for line in told_of] == [told.headers["x-request-id"]], path


@pytest.mark.parametrize(("mode", "status"), [("documented", 200), ("strict", 500)])
def test_a_crash_is_an_internal_error_without_a_trace_and_is_logged(world: World, mode: str, status: int) -> None:
    paths = _paths(world)
    with closing(sqlite3.connect(world.site.url.removeprefix("sqlite:///"))) as file:
        file.execute("UPDATE records SET details = CAST('garbage' AS BLOB)")
        file.commit()
    for method, path, body in paths:
        with capture_logs() as logs:
            told = world.client("dora", http_errors=mode).request(method, path, json=body)
        _is_internal(told, status)
        told_of = [line for line in logs if line["log_level"] == "error"]
        assert [line["request_id"] for line in told_of] == [told.headers["x-request-id"]], path


def test_a_database_that_is_gone_is_not_ready_but_the_process_lives(world: World) -> None:
    client = world.client()
    with closing(sqlite3.connect(world.site.url.removeprefix("sqlite:///"))) as file:
        file.execute("UPDATE alembic_version SET version_num = 'future'")
        file.commit()
    told = client.get("/readyz")
    assert told.status_code == 503
    assert told.json()["status"] == "unavailable"
    assert client.get("/healthz").json() == {"status": "ok"}


def test_no_log_line_holds_a_token_a_password_or_a_telephone_number(world: World) -> None:
    alice = world.client("alice")
    lead_id = new_lead(alice)
    with capture_logs() as logs:
        alice.post("/api/v2/auth/login", json={"login": "alice", "password": "geheim-passwort"})
        alice.get("/api/v2/leads", params={"user_token": world.site.tokens["alice"], "query": "13400000077"})
        call = {"caller_type": "Lead", "caller_id": lead_id, "number": "13400000077"}
        alice.post("/api/v2/dial_logs", json={"dial_log": call})
    text = repr(logs)
    assert len(logs) >= 3
    for secret in ("geheim", world.site.tokens["alice"], "13400000077"):
        assert secret not in text
    (line,) = (line for line in logs if line["path"] == "/api/v2/dial_logs")
    assert (line["method"], line["status"], line["organisation_id"], line["user_id"]) == ("POST", 200, 1, 31)


def test_the_assets_that_answers_name_are_served(world: World) -> None:
    for path in ("/static/avatar.svg", "/static/attachment_no_permission.svg"):
        told = world.client().get(path)
        assert (told.status_code, told.headers["content-type"]) == (200, "image/svg+xml"), path
