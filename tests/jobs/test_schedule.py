"""Jobs run when they are due, once whoever looks, and a crash of one hurts nobody; on both engines."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from genjin.app import open_installation
from genjin.domain.clock import FixedClock
from genjin.errors import DiskFull
from genjin.jobs.loop import Loop
from genjin.jobs.periodic import PERIODIC, Periodic
from genjin.jobs.schedule import RETRY_SECONDS, Schedule, run_due
from genjin.service.context import Installation
from genjin.service.queue.batches import GoOn
from genjin.service.schedule import known_jobs
from genjin.settings import Settings
from genjin.store import tokens
from tests.databases import migrate

NOW = 1_718_000_000
SOON = 20


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def workers(database_url: str, clock: FixedClock) -> Iterator[list[Installation]]:
    """Four processes' views of one database."""
    opened = [open_installation(Settings(database_url=database_url), clock) for _ in range(4)]
    yield opened
    for each in opened:
        each.database.close()


@pytest.fixture
def worker(workers: list[Installation]) -> Installation:
    return workers[0]


def job(run: Callable[[Installation, GoOn], str], every: int = 600) -> dict[str, Periodic]:
    return {"test.job": Periodic("test.job", every, "is a test", run)}


def test_a_job_is_due_at_once_and_then_again_when_its_time_has_passed(worker: Installation, clock: FixedClock) -> None:
    ran: list[int] = []
    jobs = job(lambda installation, _: str(ran.append(installation.clock.now())))
    for moment in (NOW, NOW + 1, NOW + 599, NOW + 600, NOW + 601, NOW + 5000):
        clock.at = moment
        run_due(worker, jobs)
    assert ran == [NOW, NOW + 600, NOW + 5000]
    row = known_jobs(worker)["test.job"]
    assert (row.ran_at, row.due_at) == (NOW + 5000, NOW + 5600)


def test_of_many_workers_that_look_at_once_exactly_one_runs_the_job(
    workers: list[Installation], clock: FixedClock
) -> None:
    ran: list[int] = []
    jobs = job(lambda _installation, _: str(ran.append(1)))
    with ThreadPoolExecutor(8) as pool:
        for turn in range(1, 6):
            told = list(pool.map(lambda n: run_due(workers[n % 4], jobs), range(8)))
            assert sorted(told) == [[]] * 7 + [["test.job"]]
            assert len(ran) == turn
            clock.at += 600


def test_a_job_that_crashes_is_logged_and_tried_again_soon_and_the_others_run(
    worker: Installation, clock: FixedClock
) -> None:
    tries: list[int] = []

    def crash(_: Installation, __: GoOn) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("no luck")
        return "luck"

    jobs = job(crash) | {"test.other": Periodic("test.other", 600, "is another", lambda *_: "fine")}
    with capture_logs() as logs:
        assert run_due(worker, jobs) == ["test.job", "test.other"]
    assert [(line["event"], line["job"]) for line in logs] == [("job_failed", "test.job"), ("job_done", "test.other")]
    clock.at += RETRY_SECONDS - 1
    assert run_due(worker, jobs) == []
    clock.at += 1
    assert run_due(worker, jobs) == ["test.job"]
    assert len(tries) == 2


def test_the_thread_runs_what_is_due_and_ends_when_it_is_told_to(worker: Installation) -> None:
    began, ended = threading.Event(), threading.Event()

    def long(_: Installation, go_on: GoOn) -> str:
        began.set()
        while go_on():
            threading.Event().wait(0.01)
        ended.set()
        return "stopped"

    jobs = Schedule(worker, 0.01, job(long))
    jobs.start()
    assert began.wait(SOON)
    jobs.stop()
    assert ended.is_set()
    jobs.stop()  # twice does no harm


def test_a_thread_that_was_never_started_is_stopped_at_once(worker: Installation) -> None:
    Schedule(worker, 1.0).stop()


def test_a_database_that_is_not_ready_does_not_end_the_thread(empty_url: str) -> None:
    ran, installation = threading.Event(), open_installation(Settings(database_url=empty_url), FixedClock(NOW))
    with closing(installation.database), capture_logs() as logs:
        jobs = Schedule(installation, 0.01, job(lambda *_: str(ran.set())))
        jobs.start()
        assert not ran.wait(0.2)
        migrate(empty_url)
        assert ran.wait(SOON)
        jobs.stop()
    assert {line["event"] for line in logs} == {"schedule_not_looked_at", "job_done"}


@pytest.mark.parametrize(("error", "traced"), [(DiskFull("the database"), False), (KeyError("name"), True)])
def test_a_mistake_leaves_a_trace_in_the_log_and_a_full_disk_a_line(error: Exception, traced: bool) -> None:
    class Failing(Loop):
        def turn(self) -> None:
            self.end()
            raise error

    with capture_logs() as logs:
        loop = Failing("schedule", 0.01)
        loop.start()
        loop.stop()
    [line] = logs
    assert (line["event"], line.get("exc_info", False)) == ("schedule_not_looked_at", traced)
    assert traced or line["error"] == str(error)


def test_every_job_runs_on_an_empty_installation_and_tells_what_it_did(worker: Installation) -> None:
    with capture_logs() as logs:
        assert run_due(worker) == list(PERIODIC)
    assert {line["job"]: line["done"] for line in logs} == {
        "pools.return_overdue": "0 returned, 0 warned of",
        "jobs.forget_old": "0 forgotten",
        "search.settle": "0 texts",
        "files.sweep": "0 orphans, bytes of 0, 0 half-arrived",
        "answers.forget": "0 forgotten",
        "changes.trim": "0 forgotten",
        "notices.forget": "0 forgotten",
        "reminders.tell": "0 told",
        "reports.tally": "0 days and records",
        "webhooks.forget": "0 forgotten",
        "sign_in.forget_failures": "done",
    }


def test_wrong_passwords_are_forgotten_after_a_day(database_url: str) -> None:
    with closing(open_installation(Settings(database_url=database_url), FixedClock(NOW)).database) as database:
        installation = open_installation(Settings(database_url=database_url), FixedClock(NOW))
        with closing(installation.database):
            for key, at in ((b"old", NOW - 86_401), (b"new", NOW - 86_000)):
                database.write(lambda tx, key=key, at=at: tokens.set_failures(tx, key, at, 3))
            run_due(installation)
        assert [database.read(lambda tx, k=key: tokens.failures(tx, k)[1]) for key in (b"old", b"new")] == [0, 3]
