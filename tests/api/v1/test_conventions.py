"""What every path of /api/v1 has in common: problems, signing in, strict parameters, pages, tags, budgets."""

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from genjin.api.routes import V1
from genjin.api.v1.calling import accepted_language
from genjin.errors import StoreUnavailable
from genjin.store.sqlite import SqliteDatabase
from tests.world import World, fields_of, problem

ROWS = sorted({(row.path, method) for row in V1 if not row.calendar for method in row.methods if method != "HEAD"})
WITH_BODY = ("POST", "PATCH", "PUT")
ENDLESS = {row.path for row in V1 if row.stream}
every_row = pytest.mark.parametrize(("path", "method"), ROWS, ids=lambda value: value)


def ask(client: httpx.Client, path: str, method: str, **more: Any) -> httpx.Response:
    """A call of a route, whose names in the path are all the same id. What would not end is refused at its start."""
    if path in ENDLESS:
        more["headers"] = {"Last-Event-ID": "no cursor", **more.get("headers", {})}
    if method in WITH_BODY and not {"json", "content"} & more.keys():
        more["json"] = {}
    parts = ["7" if part.startswith("{") else part for part in path.split("/")]
    return client.request(method, "/".join(parts), **more)


@every_row
def test_a_stranger_is_told_so_whatever_they_send(stranger: httpx.Client, path: str, method: str) -> None:
    for more in ({}, {"params": {"nonsense": "1"}}, {"headers": {"Authorization": "Bearer " + "0" * 48}}):
        told = ask(stranger, path, method, **more)
        problem(told, 401, "unauthenticated")
        assert told.headers["www-authenticate"].startswith("Bearer")


@every_row
def test_a_parameter_that_there_is_not_is_refused(alice: httpx.Client, path: str, method: str) -> None:
    told = ask(alice, path, method, params={"nonsense": "1", "user_token": "2"})
    assert fields_of(problem(told, 422, "invalid")) == {"nonsense", "user_token"}


@every_row
def test_every_call_is_counted_and_told_what_is_left(world: World, path: str, method: str) -> None:
    world.clock.at -= world.clock.at % 10
    alice = world.client("alice", rate_limit="2/10s")
    for left in (1, 0):
        told = ask(alice, path, method)
        assert told.headers["ratelimit-policy"] == '"calls";q=2;w=10'
        assert told.headers["ratelimit"] == f'"calls";r={left};t=10'
    world.clock.at += 4
    told = ask(alice, path, method)
    problem(told, 429, "too_many_requests")
    assert (told.headers["retry-after"], told.headers["ratelimit"]) == ("6", '"calls";r=0;t=6')


def test_nothing_is_told_of_a_budget_where_there_is_none(alice: httpx.Client) -> None:
    assert "ratelimit" not in alice.get("/api/v1/me").headers


@pytest.mark.parametrize("scheme", ["Bearer {}", "bearer {}", "Token token={}", 'Token token="{}", device=open_api'])
def test_the_token_is_taken_in_both_ways(world: World, scheme: str) -> None:
    header = {"Authorization": scheme.format(world.site.tokens["alice"])}
    assert world.client().get("/api/v1/me", headers=header).json()["name"] == "Alice"


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v1/me/more", "/api/v1/me%2Fmore"])
def test_an_unknown_path_is_a_problem(alice: httpx.Client, path: str) -> None:
    problem(alice.get(path), 404, "route_not_found")


def test_another_method_is_a_problem_and_is_told_which_there_are(alice: httpx.Client) -> None:
    told = alice.delete("/api/v1/me")
    problem(told, 405, "method_not_allowed")
    assert told.headers["allow"] == "GET, HEAD"


def test_what_begins_like_our_prefix_is_not_ours(alice: httpx.Client) -> None:
    assert alice.get("/api/v10/me").json()["code"] == 100404


def test_a_slash_at_the_end_makes_no_difference(alice: httpx.Client) -> None:
    assert alice.get("/api/v1/me/").json() == alice.get("/api/v1/me").json()


def test_problems_have_their_status_in_either_mode(world: World) -> None:
    for mode in ("documented", "strict"):
        problem(world.client("alice", http_errors=mode).get("/api/v1/kinds", params={"limit": "0"}), 422, "invalid")


def _read_fails(_: SqliteDatabase, use: Callable[..., Any], organisation_id: int | None = None) -> Any:
    raise RuntimeError("a mistake of ours")


def test_a_crash_is_a_problem_that_tells_nothing_but_where_to_look(
    alice: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SqliteDatabase, "read", _read_fails)
    told = problem(alice.get("/api/v1/me"), 500, "internal_error")
    assert "mistake" not in str(told)


def test_a_database_that_is_away_is_told_with_when_to_try_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = world.client("alice")

    def away(*_: object) -> None:
        raise StoreUnavailable("no route to 192.0.2.1")

    monkeypatch.setattr(SqliteDatabase, "read", away)
    told = alice.get("/api/v1/me")
    assert "192.0.2.1" not in str(problem(told, 503, "unavailable"))
    assert int(told.headers["retry-after"]) >= 1


def test_what_takes_too_long_is_told_with_when_to_try_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = world.client("alice", request_seconds=0.05)
    answered, read, gone = threading.Event(), SqliteDatabase.read, threading.Event()

    def slow(database: SqliteDatabase, *given: Any) -> Any:
        answered.wait(5)
        try:
            return read(database, *given)
        finally:
            gone.set()

    monkeypatch.setattr(SqliteDatabase, "read", slow)
    told = patient.get("/api/v1/me")
    answered.set()
    assert gone.wait(5)
    problem(told, 503, "unavailable")
    assert int(told.headers["retry-after"]) >= 1


def test_a_list_is_walked_by_its_next_links_and_each_item_comes_once(alice: httpx.Client) -> None:
    whole = [kind["name"] for kind in alice.get("/api/v1/kinds", params={"limit": "200"}).json()["items"]]
    walked, path = list[str](), "/api/v1/kinds?limit=4&lang=en"
    while path:
        told = alice.get(path)
        page = told.json()
        assert told.links.get("next", {}).get("url") == page["next"]
        assert len(page["items"]) <= 4
        walked += [kind["name"] for kind in page["items"]]
        path = page["next"]
    assert walked == whole
    assert len(walked) == len(set(walked)) > 15


def test_a_cursor_of_somebody_else_or_changed_is_refused(world: World, alice: httpx.Client) -> None:
    path = alice.get("/api/v1/kinds", params={"limit": "4"}).json()["next"]
    assert world.client("bob").get(path).status_code == 200
    problem(world.client("eve").get(path), 400, "bad_cursor")
    for cursor in ("", "x", path.partition("cursor=")[2][:-1], "é.é"):
        problem(alice.get("/api/v1/kinds", params={"cursor": cursor}), 400, "bad_cursor")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "1.5", "", "１０a"])
def test_a_limit_that_cannot_be_is_refused(alice: httpx.Client, limit: str) -> None:
    assert fields_of(problem(alice.get("/api/v1/kinds", params={"limit": limit}), 422, "invalid")) == {"limit"}


def test_who_has_the_answer_is_told_so(alice: httpx.Client) -> None:
    first = alice.get("/api/v1/me")
    for tags in (first.headers["etag"], f'"a", W/{first.headers["etag"]}'):
        told = alice.get("/api/v1/me", headers={"If-None-Match": tags})
        assert (told.status_code, told.content, told.headers["etag"]) == (304, b"", first.headers["etag"])
    assert alice.get("/api/v1/me", headers={"If-None-Match": '"1.00"'}).status_code == 200


def test_a_head_is_answered_like_a_get(alice: httpx.Client) -> None:
    assert alice.head("/api/v1/me").headers["etag"] == alice.get("/api/v1/me").headers["etag"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        *(("", "zh"), ("en", "en"), ("en-GB,en;q=0.9", "en"), ("zh-CN,en;q=0.8", "zh"), ("en;q=0.2, zh;q=0.3", "zh")),
        *(("de, en;q=0.5", "en"), ("fr", "zh"), ("*", "zh"), ("en;q=0", "zh"), ("ZH-hant-TW;q=0.1", "zh")),
    ],
)
def test_the_language_is_what_the_header_likes_best(header: str, language: str) -> None:
    assert accepted_language(header) == language


def test_a_language_that_we_do_not_have_is_refused(alice: httpx.Client) -> None:
    assert fields_of(problem(alice.get("/api/v1/me", params={"lang": "de"}), 422, "invalid")) == {"lang"}
