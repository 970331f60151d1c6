"""The commands jobs, and what a server that runs does by itself."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from genjin.demo import EXAMPLE
from genjin.domain.job import JobState
from genjin.domain.records import RecordInput, RecordType
from genjin.jobs.periodic import PERIODIC
from genjin.service import doctor
from genjin.service.context import Installation
from genjin.service.organisation.organisations import pick_organisation
from genjin.service.organisation.signin import sign_in
from genjin.service.queue.jobs import cancel_job, find_job, list_jobs, submit
from genjin.service.queue.queue import fail, take
from genjin.service.records.records import create_record
from genjin.service.schedule import known_jobs
from genjin.service.timeline.recounting import RECOUNT
from tests.cli.running import CORP_ID, GENJIN, LOGIN, PASSWORD, SLOWEST, Genjin, environment, serving
from tests.cli.test_doctor import spoil

ALL = ", ".join(PERIODIC)


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()[1:]]


def told(text: str) -> dict[str, str]:
    """What `jobs show` says, by what it is about."""
    return {row[0]: row[1] for row in rows(text)}


@pytest.fixture
def run(founded_url: str) -> Callable[..., str]:
    """`genjin jobs run` in a process of its own, because it sets up the log."""

    def run(*arguments: str) -> str:
        return subprocess.check_output(
            [*GENJIN, "jobs", "run", *arguments],
            env=environment({"GENJIN_DATABASE_URL": founded_url}),
            text=True,
            stderr=subprocess.PIPE,
        )

    return run


@pytest.fixture
def organisation_id(installation: Installation) -> int:
    return pick_organisation(installation, CORP_ID).id


def wait_until(met: Callable[[], bool]) -> None:
    until = time.monotonic() + SLOWEST
    while not met() and time.monotonic() < until:
        time.sleep(0.05)
    assert met()


def test_what_is_done_by_itself_is_listed_and_run_when_due_or_at_once(genjin: Genjin, run: Callable[..., str]) -> None:
    listed = rows(genjin("jobs", "schedule").stdout)
    assert listed[0][:4] == ["pools.return_overdue", "600 s", "", ""]
    assert run() == f"Ran {ALL}.\n"
    assert run() == "Nothing was due.\n"
    assert run("pools.return_overdue") == "pools.return_overdue: 0 returned, 0 warned of\n"
    assert all(row[2] and row[3] for row in rows(genjin("jobs", "schedule").stdout))


def test_a_recount_in_the_background_is_listed_shown_and_worked_off(
    genjin: Genjin, installation: Installation, run: Callable[..., str]
) -> None:
    assert genjin("import", "capture", str(EXAMPLE)).exit_code == 0
    installation.database.write(spoil)
    captured = pick_organisation(installation, "11300332")
    before = genjin("doctor", "--recount", "--background")
    assert before.exit_code == 0, before.output
    [job] = list_jobs(installation, captured.id)
    assert f"E009\tok\t企业11300332: job {job.id} counts every timeline anew\tsee `genjin jobs list`" in before.stdout
    of = ("--organisation", "11300332")
    assert rows(genjin("jobs", "list", *of).stdout) == [
        [str(job.id), "timelines.recount", "waiting", "0", "", "", ""],
    ]
    assert genjin("doctor", "--recount", "--background").exit_code == 0  # the same job again
    assert len(list_jobs(installation, captured.id)) == 1

    assert f"Job {job.id}, timelines.recount: 1/1 timelines, 1 put right\n" in run()

    [row] = rows(genjin("jobs", "list", *of).stdout)
    assert row[:4] == [str(job.id), "timelines.recount", "done", "1/1"]
    shown = told(genjin("jobs", "show", str(job.id), *of).stdout)
    assert (shown["state"], shown["done"], shown["came to"]) == ("done", "1/1 timelines", "1 put right")
    assert genjin("doctor").exit_code == 0


def test_a_server_works_off_the_queue_and_does_what_is_due(
    genjin: Genjin, founded_url: str, installation: Installation, organisation_id: int, tmp_path: Path
) -> None:
    """And one whose jobs are off does neither."""
    session = sign_in(installation, LOGIN, PASSWORD, CORP_ID).session
    create_record(installation, session, RecordType.LEAD, RecordInput({"name": "郑老师"}))
    job = submit(installation, organisation_id, RECOUNT.name)
    settings = {"GENJIN_DATABASE_URL": founded_url, "GENJIN_JOBS_SECONDS": "0.05"}
    with serving(tmp_path, "serve", GENJIN_JOBS="off", **settings):
        time.sleep(0.5)
    assert known_jobs(installation) == {}
    assert find_job(installation, organisation_id, job.id) == job
    with serving(tmp_path, "serve", "--workers", "2", **settings) as server:
        wait_until(lambda: known_jobs(installation).keys() == PERIODIC.keys())
        wait_until(lambda: find_job(installation, organisation_id, job.id).state is JobState.DONE)
        wait_until(lambda: server.err.count('"job_done"') > len(PERIODIC))
    assert find_job(installation, organisation_id, job.id).done == 1
    assert "Traceback" not in server.err


def test_jobs_are_worked_off_until_somebody_ends_it(
    founded_url: str, installation: Installation, organisation_id: int, tmp_path: Path
) -> None:
    command = [*GENJIN, "jobs", "run", "--watch"]
    settings = environment({"GENJIN_DATABASE_URL": founded_url})
    with (tmp_path / "err").open("wb") as err:
        watching = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=err, text=True)
    try:
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("Genjin works off its jobs")
        for n in range(2):  # the second one is found, too, after the queue was empty
            job = submit(installation, organisation_id, RECOUNT.name, {"n": n})
            wait_until(lambda asked=job: find_job(installation, organisation_id, asked.id).is_over)
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(SLOWEST) == 0
    finally:
        watching.kill()
        watching.communicate()
    assert "Traceback" not in (tmp_path / "err").read_text()


def test_what_failed_is_told_and_goes_on_when_it_is_told_to(
    genjin: Genjin, installation: Installation, organisation_id: int, run: Callable[..., str]
) -> None:
    job = submit(installation, organisation_id, RECOUNT.name)
    lease = take(installation, organisation_id, {RECOUNT.name: 1})
    assert lease is not None
    fail(installation, lease, 1, ValueError("a wrong\tblock\n王芳"), False)
    assert rows(genjin("jobs", "list").stdout)[0][2:] == ["failed", "0", "", "", "ValueError: a wrong block 王芳"]
    shown = told(genjin("jobs", "show", str(job.id)).stdout)
    assert (shown["state"], shown["error"], shown["failures"]) == ("failed", "ValueError: a wrong block 王芳", "1")
    again = genjin("jobs", "retry", str(job.id))
    assert again.stdout == f"Job {job.id} goes on, by the server or `genjin jobs run`.\n"
    assert f"Job {job.id}, timelines.recount: 0/0 timelines, 0 put right" in run()
    assert find_job(installation, organisation_id, job.id).error is None


def test_a_job_is_cancelled_once(genjin: Genjin, installation: Installation, organisation_id: int) -> None:
    job = submit(installation, organisation_id, RECOUNT.name)
    assert genjin("jobs", "cancel", str(job.id)).stdout == f"Job {job.id} is cancelled after 0.\n"
    refused = genjin("jobs", "cancel", str(job.id))
    assert (refused.exit_code, refused.stderr) == (1, "job: it is cancelled already\n")


def test_states_tell_what_is_waited_for(genjin: Genjin, installation: Installation, organisation_id: int) -> None:
    def state() -> str:
        return rows(genjin("jobs", "list").stdout)[0][2]

    job = submit(installation, organisation_id, RECOUNT.name)
    lease = take(installation, organisation_id, {RECOUNT.name: 3})
    assert lease is not None
    assert state() == "running"
    assert told(genjin("jobs", "show", str(job.id)).stdout)["worker"] == lease.name
    installation.database.write(lambda tx: tx.connection.exec_driver_sql("UPDATE jobs SET due_at = 7"))
    assert state() == "lost"
    fail(installation, lease, 3, ValueError("x"), False)
    assert state().startswith("waiting ")
    cancel_job(installation, organisation_id, job.id)
    assert state() == "cancelled"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("jobs", "run", "nothing"), f"There is no job 'nothing'; there are: {ALL}"),
        (("jobs", "show", "99"), "there is no job 99"),
        (("jobs", "retry", "99"), "there is no job 99"),
        (("jobs", "cancel", "2147483647"), "there is no job 2147483647"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(genjin: Genjin, arguments: tuple[str, ...], told: str) -> None:
    result = genjin(*arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith(told)


def test_in_the_background_goes_with_recount(genjin: Genjin) -> None:
    result = genjin("doctor", "--background")
    assert result.exit_code == 2
    assert "it goes with --recount" in result.stderr


def test_a_recount_that_is_interrupted_says_what_becomes_of_it(genjin: Genjin, monkeypatch: pytest.MonkeyPatch) -> None:
    def press(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "do_now", press)
    result = genjin("doctor", "--recount")
    assert result.exit_code != 0
    assert "The recount is a job that a server or `genjin jobs run` goes on with" in result.stderr
