"""The bench runs and prints its tables; no figure is looked at, for they mean nothing on a machine that runs tests."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import QUICK_SIZES
from bench.activity_stream.filling import missing
from bench.load import CONNECTIONS, Generator, write_requests
from bench.machine import syncs_a_second
from bench.options import KEYS, SHORT
from bench.report import Target
from bench.servers import ROOT, Failed, uvicorn
from bench.turns import WAYS
from bench.versus import compare
from bench.world import Size, highest_id, make_history, make_world
from genjin.domain.call import CallDetails

ROWS = (
    "bare ASGI app, ready bytes",
    "Starlette route, ready bytes",
    "Genjin, hot record, page 1, again and again",
    "Genjin, the same, while another record is written",
    "Genjin, hot record, pages 1-100 in turn",
    "Genjin, 110 records in turn",
    "Genjin, refusal of a missing record",
    "the usual way, hot record, page 1, again and again",
    "SQLite, hot record, page 1, to bare",
    "bulk load into SQLite, activities/s",
    "SQLite, follow-ups acknowledged, clients: 32, 1/s",
)
FULL_ROWS = (
    "Genjin, 2 workers, hot record, page 1, again and again",
    "Genjin on PostgreSQL, the same, for who has it already (304)",
    "Genjin on PostgreSQL, 2 workers, hot record, page 1, again and again",
    "PostgreSQL, 2 workers to 1, records in turn",
    "SQLite, follow-ups acknowledged, clients: 1, 1/s",
    "PostgreSQL, follow-ups acknowledged, clients: 1, 1/s",
    "PostgreSQL, follow-ups acknowledged, clients: 32, 1/s",
    "bulk load into PostgreSQL, activities/s",
    "on disk in PostgreSQL, indexes included, bytes/activity",
    "memory, RSS, PostgreSQL, 2 workers, after all load, MB",
)
STREAM_ROWS = (
    "django-activity-stream, hot record, page 1, again and again",
    "django-activity-stream, 22 records in turn",
    "PostgreSQL, records in turn, to django-activity-stream, times",
    "SQLite, records in turn, to django-activity-stream, times",
    "django-activity-stream had 8 connections",
)


def run_bench(*arguments: str) -> str:
    """What a quick run prints."""
    command = [sys.executable, "-m", "bench", "--quick", "--no-keep", *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_quick_run_prints_its_rows_and_targets_and_leaves_nothing_behind(tmp_path: Path) -> None:
    printed = run_bench("--folder", str(tmp_path))
    assert [row for row in ROWS if row not in printed] == []
    assert list(tmp_path.iterdir()) == []


def test_a_full_run_prints_the_rows_of_each_size_and_compares_the_sizes() -> None:
    rows = [key for key in KEYS if key not in SHORT]
    printed = run_bench("--full", "--only", "records", "postgres records", *rows)
    for size in QUICK_SIZES:
        assert f"data:         {size:,} activities" in printed
    for row in FULL_ROWS:
        assert printed.count(row) == len(QUICK_SIZES), row
    for engine in ("SQLite", "PostgreSQL"):
        assert f"{engine}, records in turn, 4,500 to 3,000 activities" in printed
    for row in ("django-activity-stream was not measured: no ",) if missing() else STREAM_ROWS:
        assert printed.count(row) == 1, row


def test_a_history_is_the_same_each_time_and_stays_below_its_highest_id() -> None:
    size = Size.spread(activities=1_000, entries=100)
    world = make_world(size)
    drafts = list(make_history(world, size))
    assert drafts == list(make_history(world, size))
    assert len(drafts) == 1_000
    assert sum(draft.target == world.hot for draft in drafts) == 100
    assert len(world.records) == size.leads + size.customers + 1
    ids = [draft.object_id for draft in drafts if draft.object_id is not None]
    ids += [each.id for draft in drafts if isinstance(draft.details, CallDetails) for each in draft.details.recordings]
    assert world.last_id < min(ids) < max(ids) <= highest_id(world, size)


def test_the_profile_names_the_stages_of_a_request() -> None:
    printed = run_bench("--profile")
    for stage in ("the whole application", "session", "the page of facts", "render the page"):
        assert stage in printed


def test_checkouts_are_compared_in_turns() -> None:
    lines = list(compare([ROOT / "src", ROOT / "src"], list(WAYS), 2, on_postgres=False, share=20))
    assert [line[:32].strip() for line in lines[1:]] == [title for title in WAYS.values() for _ in range(2)]
    assert all(float(line.split()[-4]) > 0 for line in lines[1:])


@pytest.mark.parametrize(
    "name", ["python", pytest.param("wrk", marks=pytest.mark.skipif(not shutil.which("wrk"), reason="no wrk"))]
)
def test_a_generator_counts_what_was_answered(name: str, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"x" * 1000)
    requests = write_requests(tmp_path / "requests", [("GET", "/one", "", '"a"'), ("POST", "/two?a=b", "c=d", "")])
    with uvicorn("bare", tmp_path, "bench.ready:bare", {"BENCH_BODY": str(body)}, None) as server:
        measured = Generator(name, None).drive(server, requests, "token", 0.3)
    assert measured.requests >= CONNECTIONS
    assert measured.failed == 0
    assert 1000 < measured.size < 1300
    assert 0 < measured.p50_ms <= measured.p99_ms


def test_a_server_that_does_not_start_is_told_with_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(Failed, match="nothing_there"),
        uvicorn("broken", tmp_path, "bench.ready:nothing_there", {}, None),
    ):
        pass


def test_the_disk_is_asked(tmp_path: Path) -> None:
    assert syncs_a_second(tmp_path, 0.05) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (Target("more", 2, 1), True),
        (Target("more", 0.5, 1), False),
        (Target("less", 0.5, 1, at_most=True), True),
        (Target("less", 2, 1, at_most=True), False),
        (Target("not measured", None, 1), None),
        (Target("no target", 1, None), None),
    ],
)
def test_a_target_is_met_or_not_or_neither(target: Target, met: bool | None) -> None:
    assert target.met is met
