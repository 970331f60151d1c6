"""The worker finds what is due in every organisation, takes turns among jobs, and wakes at once; on both engines."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from genjin.domain.clock import FixedClock
from genjin.domain.job import Job, JobState
from genjin.domain.json import JsonValue
from genjin.domain.people import Organisation
from genjin.jobs import worker
from genjin.jobs.tasks import TASKS
from genjin.jobs.worker import Worker, run_all, run_some
from genjin.service.context import Installation, open_installation
from genjin.service.queue.batches import Batch, Context
from genjin.service.queue.jobs import list_jobs, submit
from genjin.settings import Settings
from genjin.store import people
from genjin.store.sqlite import SqliteDatabase
from genjin.store.transaction import Tx
from tests.databases import as_role
from tests.hearing import every_statement_is_routed
from tests.jobs.stamping import NAME, marks, put_leads, stamping

NOW, SOON, NEVER = 1_718_000_000, 20.0, 3600.0
STAMPING = {NAME: stamping()}


def found(installation: Installation, organisation_ids: Sequence[int], leads: int = 12) -> None:
    """Organisations with leads."""
    for id_ in organisation_ids:
        organisation = Organisation(id_, f"企业{id_}", f"org{id_}")
        installation.database.write(lambda tx, each=organisation: people.put_organisation(tx, each), id_)
        put_leads(installation, id_, leads)


def times(installation: Installation, organisation_id: int) -> set[int | None]:
    """How often leads were met."""
    return {each for each, _ in marks(installation, organisation_id)}


@pytest.fixture
def installation(database_url: str) -> Iterator[Installation]:
    installation = open_installation(Settings(database_url=database_url), FixedClock(NOW))
    with closing(installation.database):
        found(installation, [1, 2])
        yield installation


def test_every_task_is_described_and_named_after_what_it_is_about() -> None:
    for name, task in TASKS.items():
        assert (task.name, "." in name, len(name) <= 64, task.tries > 1) == (name, True, True, True)
        assert 1 <= task.first <= task.most
        assert task.about
        assert task.units


def test_the_jobs_of_all_organisations_are_done_and_told(installation: Installation) -> None:
    jobs = [submit(installation, each, NAME, {"n": n}) for n in (1, 2) for each in (1, 2)]
    ended: list[Job] = []
    with capture_logs() as logs:
        run_all(installation, STAMPING, ended=ended.append)
    assert [times(installation, each) for each in (1, 2)] == [{2}, {2}]
    assert {job.id for job in ended} == {job.id for job in jobs}
    assert {(line["event"], line["job"], line["id"]) for line in logs} == {("job_done", NAME, job.id) for job in jobs}
    assert {line["done"] for line in logs} == {"12 rows"}
    assert not run_some(installation, 1, STAMPING)


def test_one_that_fails_is_logged_and_the_others_are_done(installation: Installation) -> None:
    def fail(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
        raise ArithmeticError("no luck")

    wrong = submit(installation, 1, "test.wrong")
    right = submit(installation, 1, NAME)
    with capture_logs() as logs:
        run_all(installation, STAMPING | {"test.wrong": replace(stamping(), name="test.wrong", step=fail)})
    assert [(line["event"], line["id"]) for line in logs] == [("job_failed", wrong.id), ("job_done", right.id)]
    assert {job.id: job.state for job in list_jobs(installation, 1)} == {
        wrong.id: JobState.WAITING,
        right.id: JobState.DONE,
    }


def test_long_jobs_take_turns(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each goes on a while and is given back, behind those that have been due for longer."""
    monkeypatch.setattr(worker, "SLICE_SECONDS", 0.0)
    order: list[object] = []
    clock = Stepping(NOW)
    stepping = replace(installation, clock=clock)

    def step(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
        order.append(context.arguments["n"])
        return Batch(None, 1, len(order) < 6)

    for n in (1, 2):
        submit(stepping, 1, NAME, {"n": n})
    for _ in range(6):
        clock.at += 1
        assert run_some(stepping, 1, {NAME: replace(stamping(), step=step)})
    assert order == [1, 2, 1, 2, 1, 2]


class Stepping(FixedClock):
    """A clock whose ticks go on by themselves, so that one batch fills a slice."""

    _ticks = 0.0

    def ticks(self) -> float:
        self._ticks += 0.1
        return self._ticks


def test_a_job_of_this_process_wakes_the_worker_at_once(installation: Installation) -> None:
    done = threading.Event()

    def step(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
        done.set()
        return Batch(None, 1, False)

    thread = Worker(installation, {NAME: replace(stamping(), step=step)}, poll=NEVER)
    thread.start()
    try:
        for n in range(3):
            submit(installation, 2, NAME, {"n": n})
            assert done.wait(SOON)
            done.clear()
    finally:
        thread.stop()


def test_a_worker_ends_between_two_batches_and_gives_its_job_back(installation: Installation) -> None:
    began = threading.Event()

    def step(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
        began.set()
        return Batch(None, 1, True)

    submit(installation, 1, NAME)
    thread = Worker(installation, {NAME: replace(stamping(), step=step)}, poll=0.01)
    thread.start()
    assert began.wait(SOON)
    thread.stop()
    [job] = list_jobs(installation, 1)
    assert (job.state, job.failures, job.done > 0) == (JobState.WAITING, 0, True)


def test_nobody_looks_often_where_nothing_is_to_be_done(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One look in each organisation a turn, in 20 of them at most, and nothing is written."""
    installation = open_installation(Settings(database_url=sqlite_url), FixedClock(NOW))
    with closing(installation.database):
        found(installation, range(1, 46), leads=0)
        looked: list[int | None] = []
        read = SqliteDatabase.read

        def count(self: SqliteDatabase, use: object, organisation_id: int | None = None) -> object:
            looked.append(organisation_id)
            return read(self, use, organisation_id)  # type: ignore[arg-type]

        monkeypatch.setattr(SqliteDatabase, "read", count)
        monkeypatch.delattr(SqliteDatabase, "write")
        thread = Worker(installation)
        turns = []
        for _ in range(4):
            thread.turn()
            turns.append([each for each in looked if each is not None])
            looked.clear()
    assert turns == [[*range(1, 21)], [*range(21, 41)], [*range(41, 46)], [*range(1, 21)]]


def test_a_role_that_sees_one_organisation_at_a_time_works_them_all_off(
    postgres_url: str, application_role: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And Citus could route all that it asks."""
    owner = open_installation(Settings(database_url=postgres_url), FixedClock(NOW))
    with closing(owner.database):
        found(owner, [1, 2])
        with every_statement_is_routed(request, monkeypatch):
            served = open_installation(Settings(database_url=as_role(postgres_url, application_role)), FixedClock(NOW))
            with closing(served.database):
                for each in (1, 2):
                    submit(served, each, NAME)
                    submit(served, each, "timelines.recount")
                run_all(served, {**STAMPING, **TASKS})
                assert [job.state for each in (1, 2) for job in list_jobs(served, each)] == [JobState.DONE] * 4
        assert [times(owner, each) for each in (1, 2)] == [{1}, {1}]
