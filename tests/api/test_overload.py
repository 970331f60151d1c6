"""Too many at once: who would have to wait too long is told when to come again, at once, and the rest goes on."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio.to_thread
import pytest

from genjin.store.sqlite import SqliteDatabase
from tests.api.uploading import follow, upload
from tests.world import World, follow_up, new_lead, ok, problem, timeline_of

SECONDS = 60
"""Longer than any of these waits takes."""


def test_who_would_wait_behind_too_many_is_told_so_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = world.client("alice", queue=1)
    lead_id, link = new_lead(alice), upload(alice)["origin_url"]
    follow_up(alice, lead_id)
    entered, release, read = threading.Event(), threading.Event(), SqliteDatabase.read

    def slow(database: SqliteDatabase, *given: Any, **named: Any) -> Any:
        entered.set()
        assert release.wait(SECONDS)
        return read(database, *given, **named)

    async def one_thread() -> anyio.CapacityLimiter:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        return limiter

    limiter = world.portal.call(one_thread)
    monkeypatch.setattr(SqliteDatabase, "read", slow)
    with ThreadPoolExecutor(2) as pool:
        try:
            first = pool.submit(alice.get, "/api/v1/me")
            assert entered.wait(SECONDS)
            second = pool.submit(alice.get, "/api/v2/leads")
            while world.portal.call(limiter.statistics).tasks_waiting < 1:
                time.sleep(0.001)

            told = alice.get("/api/v1/me")
            assert "wait" in problem(told, 503, "unavailable")["detail"]
            assert told.headers["retry-after"] == "5"
            for mode in ("documented", "strict"):
                for path in ("/api/v2/leads", "/readyz"):
                    told = world.client("alice", queue=1, http_errors=mode).get(path)
                    assert (told.status_code, told.headers["retry-after"]) == (503, "5")
                    assert (told.json()["code"], told.json()["error"]) == (100503, "service_unavailable")
            assert follow(world.client(queue=1), link).status_code == 503

            assert alice.get("/healthz").json() == {"status": "ok"}
            assert timeline_of(alice, lead_id)["total_count"] == 2
        finally:
            release.set()
        assert first.result(SECONDS).status_code == 200
        assert ok(second.result(SECONDS))["total_count"] == 1
    assert alice.get("/api/v1/me").status_code == 200


def test_what_takes_too_long_is_told_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    release, read, done = threading.Event(), SqliteDatabase.read, threading.Event()

    def slow(database: SqliteDatabase, *given: Any, **named: Any) -> Any:
        release.wait(SECONDS)
        try:
            return read(database, *given, **named)
        finally:
            done.set()

    impatient = world.client("alice", request_seconds=0.05)
    monkeypatch.setattr(SqliteDatabase, "read", slow)
    told = impatient.get("/api/v2/leads")
    release.set()
    assert done.wait(SECONDS)
    assert (told.status_code, told.json()["code"], told.headers["retry-after"]) == (503, 100503, "5")
