"""What Prometheus is told, of one worker and of several."""

import re
from pathlib import Path

import httpx

from tests.cli.running import NO_TLS, SLOWEST, serving
from tests.databases import new_sqlite
from tests.world import World, new_lead

TIMELINE = "/api/v2/{entity_type}/{entity_id}/sales_activities"


def counted(text: str) -> dict[tuple[str, str, str], float]:
    """How many requests there were, by method, route and status."""
    line = r'^genjin_http_requests_total\{method="(.*)",route="(.*)",status="(.*)"\} (.*)$'
    lines = re.findall(line, text, re.MULTILINE)
    return {(method, route, status): float(value) for method, route, status, value in lines}


def test_requests_are_counted_by_the_rows_of_the_tables(world: World) -> None:
    id_ = new_lead(world.client("alice"))
    alice = world.client("alice", metrics="on")
    for path in (f"/api/v2/leads/{id_}/sales_activities", f"/api/v2/leads/{id_}", "/api/v1/me", "/sign-in", "/made/up"):
        alice.get(path)
        alice.get(path)
    told = alice.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain")
    found = counted(told.text)
    for route in (TIMELINE, "/api/v2/leads/{id}", "/api/v1/me", "/sign-in"):
        assert found["GET", route, "200"] == 2, found
    assert {key[1:]: value for key, value in found.items() if "made" in key[1]} == {}
    assert found["", "other", "200"] == 2
    assert f'genjin_http_request_seconds_count{{route="{TIMELINE}"}} 2.0' in told.text
    assert "genjin_open_streams 0.0" in told.text


def test_nothing_is_told_unless_it_is_switched_on(world: World) -> None:
    assert world.client("alice").get("/metrics").json()["code"] == 100404


def test_whichever_worker_is_asked_tells_of_all(tmp_path: Path, sqlite_template: Path) -> None:
    url = new_sqlite(tmp_path / "genjin.db", sqlite_template)
    with (
        serving(tmp_path, "serve", "--workers", "2", GENJIN_METRICS="on", GENJIN_DATABASE_URL=url) as server,
        httpx.Client(base_url=server.url, verify=NO_TLS, timeout=SLOWEST) as client,
    ):
        for _ in range(20):
            client.get("/openapi.json", headers={"Connection": "close"})  # so that both workers are asked
        found = counted(client.get("/metrics").text)
    assert found["GET", "/openapi.json", "200"] == 20
