"""Traces, by OpenTelemetry's own SDK to a real collector: whose each span is, what it tells and what it never tells."""

import asyncio
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from genjin import tracing
from genjin.cli import app
from genjin.errors import NotFound, StoreUnavailable
from genjin.store import people
from genjin.store.database import open_database
from genjin.store.traced import traced
from genjin.store.transaction import Tx
from tests import receiver, world
from tests.cli.running import NO_TLS, SLOWEST, Server, serving
from tests.collector import PATH, spans
from tests.receiver import Receiver, receiving

TIMELINE = "GET /api/v2/{entity_type}/{entity_id}/sales_activities"
CALLERS = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SERVER, CLIENT, ERROR = 2, 3, 2
"""As the protocol numbers kinds and states."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as there:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", there.url)
        yield there


def test_a_request_a_job_and_a_delivery_are_told_with_their_transactions_and_with_nobodys_secrets(
    site: world.Site, collector: Receiver, tmp_path: Path
) -> None:
    given = {"GENJIN_TRACES": "otlp", "GENJIN_WEBHOOK_NETWORKS": "127.0.0.0/8", "GENJIN_DATABASE_URL": site.url}
    with (
        serving(tmp_path, "serve", **given) as server,
        httpx.Client(
            base_url=server.url, headers={"Authorization": site.header("alice")}, verify=NO_TLS, timeout=SLOWEST
        ) as alice,
    ):
        lead_id = world.new_lead(alice)
        hook = {"url": f"{collector.url}/hooked/sesame", "events": ["activity.created"]}
        hooked = alice.post("/api/v1/webhooks", json=hook)
        assert hooked.status_code == 201
        traceparent = f"00-{CALLERS[0]}-{CALLERS[1]}-01"
        page = alice.get(
            f"/api/v2/leads/{lead_id}/sales_activities?page=1&q=sesame", headers={"traceparent": traceparent}
        )
        world.follow_up(alice, lead_id)
        alice.get("/made/up/sesame")
        alice.get("/healthz")
        _until(lambda: bool(collector.at("/hooked/sesame")))
        deliveries = f"/api/v1/webhooks/{hooked.json()['id']}/deliveries"
        _until(lambda: alice.get(deliveries).json()["items"][0]["state"] == "delivered")  # its span has ended then
    # It has ended: what was left is sent.
    found = spans(collector)
    assert {span.service for span in found} == {"genjin"}
    [timeline] = (span for span in found if span.name == TIMELINE)
    assert (timeline.trace, timeline.parent, timeline.kind) == (*CALLERS, SERVER)
    assert timeline.attributes == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": TIMELINE.removeprefix("GET "),
        "network.protocol.version": "1.1",
        "url.scheme": "http",
    }
    [read] = (span for span in found if span.parent == timeline.id)
    assert (read.name, read.trace, read.attributes["db.system.name"]) == ("database read", CALLERS[0], "sqlite")
    assert read.attributes["code.function.name"].startswith("genjin.service.timeline.")

    [write] = (span for span in found if span.name == "POST /api/v2/revisit_logs")
    [committed] = (span for span in found if span.parent == write.id and span.name == "database write")
    assert committed.attributes["genjin.db.statements"] > 3
    assert committed.attributes["genjin.db.tries"] == 1
    assert min(committed.attributes[f"genjin.db.{each}_ms"] for each in ("waited", "worked")) >= 0

    [told] = collector.at("/hooked/sesame")
    [sent] = (span for span in found if span.name == "webhook activity.created")
    assert told.headers["traceparent"].startswith(f"00-{sent.trace}-{sent.id}-")
    assert (sent.kind, sent.parent, sent.attributes["http.response.status_code"]) == (CLIENT, "", 200)
    assert sent.attributes["server.address"] == "127.0.0.1"
    assert any(span.name.startswith("job ") and span.parent == "" for span in found)
    assert any(span.name == "GET" and "http.route" not in span.attributes for span in found)
    assert [span for span in found if "healthz" in span.name] == []
    everything = repr(found) + "".join(request.body.decode("latin-1") for request in collector.at(PATH))
    for secret in ("sesame", site.tokens["alice"], "在忙"):
        assert secret not in everything, secret
    assert re.search(rf"(?<![\w.]){lead_id}(?![\w.])", everything) is None  # ids of spans have any digits

    lines = {line["request_id"]: line for line in _lines(server) if line["event"] == "answered"}
    line = lines[page.headers["x-request-id"]]
    assert (line["trace_id"], line["span_id"]) == (CALLERS[0], timeline.id)


def test_a_collector_that_is_dead_holds_up_neither_answers_nor_the_end(
    site: world.Site, collector: Receiver, tmp_path: Path
) -> None:
    def ill(request: receiver.Request, to: socket.socket) -> None:
        (receiver.status(503) if request is collector.at(PATH)[0] else receiver.hang)(request, to)

    collector.answers[PATH] = ill
    given = {"OTEL_BSP_SCHEDULE_DELAY": "10", "OTEL_BSP_MAX_QUEUE_SIZE": "16", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "8"}
    with (
        serving(tmp_path, "serve", GENJIN_TRACES="otlp", GENJIN_DATABASE_URL=site.url, **given) as server,
        httpx.Client(base_url=server.url, headers={"Authorization": site.header("alice")}, verify=NO_TLS) as alice,
    ):
        lead_id = world.new_lead(alice)
        collector.wait(2)
        for _ in range(100):  # far more than are kept for it
            assert alice.get(f"/api/v2/leads/{lead_id}/sales_activities", timeout=5).status_code == 200
        server.process.terminate()
        server.process.wait(tracing.STOP_SECONDS + 10)
    assert "Traceback" not in server.err
    assert "Transient" not in server.err, "each try is no news"


def test_what_is_done_in_other_threads_is_under_who_asked_for_it(database_url: str, collector: Receiver) -> None:
    seen = list[str]()

    def use(tx: Tx) -> int:
        seen.append(tracing.ids()["span_id"])
        return len(people.department_list(tx, 1))

    def refuse(tx: Tx) -> None:
        raise NotFound(1)

    def fail(tx: Tx) -> None:
        raise StoreUnavailable("13412342331 is away")

    async def soon() -> int:
        with tracing.tracing("loop"):
            return await database.read_soon(use, 1)

    with closing(traced(open_database(database_url), time.perf_counter)) as database, tracing.started(True):
        database.read(lambda tx: people.department_list(tx, 1), 1)
        with tracing.tracing("all"):
            assert database.read(use, 1) == database.write(use, 1) == 0
            for wrong, kind in ((refuse, NotFound), (fail, StoreUnavailable)):
                with pytest.raises(kind):
                    database.write(wrong, 1)
        assert asyncio.run(soon()) == 0
        assert database.engine in database_url
    found = {span.id: span for span in spans(collector)}
    tops = {span.name: span.id for span in found.values() if not span.parent}
    assert set(tops) == {"all", "loop"}, "what is under nothing is not told"
    assert [(found[id_].name, found[id_].parent) for id_ in seen] == [
        ("database read", tops["all"]),
        ("database write", tops["all"]),
        ("database read", tops["loop"]),
    ]
    assert all(found[id_].attributes["genjin.db.statements"] == 1 for id_ in seen)
    by_use = {span.attributes["code.function.name"].rpartition(".")[2]: span for span in found.values() if span.parent}
    assert (by_use["refuse"].status, "error.type" in by_use["refuse"].attributes) == (0, False)
    assert (by_use["fail"].status, by_use["fail"].attributes["error.type"]) == (ERROR, "StoreUnavailable")
    assert "13412342331" not in repr(found)


def test_a_command_that_does_neither_serve_nor_work_off_jobs_is_as_without_traces(
    site: world.Site, tmp_path: Path
) -> None:
    def run(*arguments: str, url: str) -> None:
        told = CliRunner().invoke(app, list(arguments), env={"GENJIN_TRACES": "otlp", "GENJIN_DATABASE_URL": url})
        assert told.exit_code == 0, told.stderr

    run("backup", f"{tmp_path}/kept", url=site.url)
    run("restore", f"{tmp_path}/kept", url=f"sqlite:///{tmp_path}/again.db")


def test_where_the_extra_is_missing_or_told_wrongly_it_is_said_in_a_line(
    site: world.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"GENJIN_TRACES": "otlp", "GENJIN_DATABASE_URL": site.url}
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    assert "only http/protobuf" in CliRunner().invoke(app, ["jobs", "run"], env=given).stderr
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_PROTOCOL")
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "1")
    assert "max_queue_size" in CliRunner().invoke(app, ["serve"], env=given).stderr
    monkeypatch.setattr(tracing, "NEEDED", ("opentelemetry.not_there.at_all",))
    told = CliRunner().invoke(app, ["serve"], env=given)
    assert (told.exit_code, "genjin[telemetry]" in told.stderr, "Traceback" in told.stderr) == (1, True, False)


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + SLOWEST
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def _lines(server: Server) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.err.splitlines()]
