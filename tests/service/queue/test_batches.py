"""Jobs go on batch by batch, on both engines: what is done is counted, and nothing is done twice or left out."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from genjin.domain.clock import FixedClock
from genjin.domain.job import Job, JobState
from genjin.domain.json import JsonValue
from genjin.errors import Invalid
from genjin.service.context import Installation
from genjin.service.queue import batches
from genjin.service.queue.batches import Batch, Context, Task, do_now, work
from genjin.service.queue.jobs import cancel_job, find_job, list_jobs, retry_job, submit
from genjin.service.queue.queue import LEASE_SECONDS, Lease, is_due, take
from genjin.store.transaction import Tx
from tests.jobs.stamping import NAME, marks, stamping

STAMPING = stamping()


def begin(installation: Installation, task: Task = STAMPING) -> Lease:
    """A job of this task, taken."""
    if not list_jobs(installation, 1):
        submit(installation, 1, task.name)
    lease = take(installation, 1, {task.name: task.tries})
    assert lease is not None
    return lease


def met(installation: Installation, organisation_id: int = 1) -> list[int]:
    """How often each lead was met."""
    return [times or 0 for times, _ in marks(installation, organisation_id)]


def test_each_is_met_once_and_counted(installation: Installation) -> None:
    seen: list[Job] = []
    job = work(installation, begin(installation), STAMPING, seen=seen.append)
    assert met(installation) == [1] * 12
    assert met(installation, 2) == [0] * 12
    assert [(each.done, each.total, each.state) for each in seen] == [
        (5, 12, "running"),
        (10, 12, "running"),
        (12, 12, "done"),
    ]
    assert job == seen[-1] == find_job(installation, 1, seen[-1].id)
    assert (job.due_at, job.lease, job.ended_at) == (None, None, installation.clock.now())


def test_what_goes_on_begins_behind_what_is_done(installation: Installation, other: Installation) -> None:
    """Cut off after each batch, and taken up by another process."""
    for nth in range(3):
        asked = iter((True, False))
        here = (installation, other)[nth % 2]
        job = work(here, begin(here), STAMPING, go_on=lambda left=asked: next(left))
        assert job is not None
        assert job.done == min(12, 5 * (nth + 1))
        assert job.is_over is (nth == 2)
    assert met(installation) == [1] * 12


def test_an_empty_organisation_is_done_at_once(installation: Installation) -> None:
    task = replace(STAMPING, total=lambda *_: 0, step=lambda *_: Batch(None, 0, False))
    job = do_now(installation, 1, task, {}, lambda _: None)
    assert (job.state, job.done, job.total, job.cursor) == (JobState.DONE, 0, 0, None)


def test_a_worker_that_was_given_up_for_lost_does_nothing_more(
    installation: Installation, other: Installation, clock: FixedClock
) -> None:
    """It was only slow: when it goes on, another one has its job, and its batch comes to nothing."""
    lease = begin(installation)

    def overtake(job: Job) -> None:
        if job.done == 5:
            clock.at += LEASE_SECONDS
            done = work(other, begin(other), STAMPING)
            assert done is not None
            assert done.state is JobState.DONE

    assert work(installation, lease, STAMPING, seen=overtake) is None
    assert met(installation) == [1] * 12
    assert (list_jobs(installation, 1)[0].done, len(list_jobs(installation, 1))) == (12, 1)


def test_each_batch_prolongs_the_lease(installation: Installation, other: Installation, clock: FixedClock) -> None:
    def slow(job: Job) -> None:
        clock.at += LEASE_SECONDS - 1
        assert take(other, 1, {NAME: 3}) is None

    job = work(installation, begin(installation), STAMPING, seen=slow)
    assert job is not None
    assert (job.state, job.failures) == (JobState.DONE, 0)


def test_a_step_that_raises_leaves_nothing_of_its_batch_and_is_tried_again(
    installation: Installation, clock: FixedClock
) -> None:
    steps = iter([False, True, True, False, False])

    def step(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
        batch = STAMPING.step(tx, context, cursor, limit)
        if next(steps):
            raise ArithmeticError("in the middle")
        return batch

    task = replace(STAMPING, step=step)
    for failures in (1, 2):
        with pytest.raises(ArithmeticError):
            work(installation, begin(installation, task), task)
        [job] = list_jobs(installation, 1)
        assert (job.state, job.failures, job.done, job.error) == (
            JobState.WAITING,
            failures,
            5,
            "ArithmeticError: in the middle",
        )
        assert met(installation) == [1] * 5 + [0] * 7
        assert job.due_at is not None
        clock.at = job.due_at
    done = work(installation, begin(installation, task), task)
    assert done is not None
    assert (done.state, done.failures, done.error, met(installation)) == (JobState.DONE, 0, None, [1] * 12)


def test_a_step_that_always_raises_fails_and_goes_on_from_there_once_it_is_mended(
    installation: Installation, clock: FixedClock
) -> None:
    def step(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
        if cursor is not None:
            raise RuntimeError("王芳 has no department")
        return STAMPING.step(tx, context, cursor, limit)

    task = replace(STAMPING, step=step, tries=2)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            work(installation, begin(installation, task), task)
        clock.at += 3600
    [job] = list_jobs(installation, 1)
    assert (job.state, job.error, job.done) == (JobState.FAILED, "RuntimeError: 王芳 has no department", 5)
    assert not is_due(installation, 1, [NAME])
    retry_job(installation, 1, job.id)
    done = work(installation, begin(installation), STAMPING)
    assert done is not None
    assert (done.state, met(installation)) == (JobState.DONE, [1] * 12)


def test_arguments_that_will_never_do_fail_at_once(installation: Installation) -> None:
    def step(*_: object) -> Batch:
        raise Invalid({"to_user_id": ["has left too"]})

    with pytest.raises(Invalid):
        work(installation, begin(installation), replace(STAMPING, step=step))
    assert list_jobs(installation, 1)[0].state is JobState.FAILED


def test_a_total_that_cannot_be_counted_is_a_failure_too(installation: Installation) -> None:
    def total(*_: object) -> int:
        raise ArithmeticError("no total")

    with pytest.raises(ArithmeticError):
        work(installation, begin(installation), replace(STAMPING, total=total))
    assert (list_jobs(installation, 1)[0].state, met(installation)) == (JobState.WAITING, [0] * 12)


def test_cancelled_while_it_runs_it_ends_behind_the_batch_at_hand(installation: Installation) -> None:
    def cancel(job: Job) -> None:
        cancel_job(installation, 1, job.id)

    assert work(installation, begin(installation), STAMPING, seen=cancel) is None
    [job] = list_jobs(installation, 1)
    assert (job.state, job.done, met(installation)) == (JobState.CANCELLED, 5, [1] * 5 + [0] * 7)
    assert not is_due(installation, 1, [NAME])


def test_who_presses_ctrl_c_gives_the_job_back(installation: Installation) -> None:
    def press(_: Job) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        do_now(installation, 1, STAMPING, {}, press)
    [job] = list_jobs(installation, 1)
    assert (job.state, job.done, job.failures) == (JobState.WAITING, 5, 0)
    assert is_due(installation, 1, [NAME])
    assert do_now(installation, 1, STAMPING, {}, lambda _: None).id == job.id
    assert met(installation) == [1] * 12


def test_done_here_and_now_it_takes_up_what_waits_to_be_tried_again(installation: Installation) -> None:
    with pytest.raises(ArithmeticError):
        work(installation, begin(installation), replace(STAMPING, total=lambda *_: 1 // 0))
    assert not is_due(installation, 1, [NAME])
    job = do_now(installation, 1, STAMPING, {}, lambda _: None)
    assert (job.state, [each.id for each in list_jobs(installation, 1)]) == (JobState.DONE, [job.id])


def test_done_here_and_now_it_looks_on_while_another_process_is_at_it(
    installation: Installation, other: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "FOLLOW_SECONDS", 0.0)
    lease, seen = begin(other), list[int]()

    def look(job: Job) -> None:
        seen.append(job.done)
        if len(seen) == 2:
            work(other, lease, STAMPING)

    job = do_now(installation, 1, STAMPING, {}, look)
    assert (job.id, job.state, seen) == (lease.job.id, JobState.DONE, [0, 0])
    assert met(installation) == [1] * 12


class Ticking(FixedClock):
    """A clock on which each batch takes as long as is said."""

    def __init__(self, at: int, each: Iterator[float]) -> None:
        super().__init__(at)
        self._each, self._ticks = each, 0.0

    def ticks(self) -> float:
        self._ticks += next(self._each, 0.0)
        return self._ticks


def test_batches_grow_and_shrink_to_hold_others_up_for_a_short_while(
    installation: Installation, clock: FixedClock
) -> None:
    """By twice at most, and never above the most that the task allows."""
    limits: list[int] = []

    def step(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
        limits.append(limit)
        return Batch(None, limit, len(limits) < 8)

    held = [0.001, 0.001, 0.020, 0.025, 0.250, 0.0, 1.0]
    ticks = iter([0.0, *(each for seconds in held for each in (0.0, seconds))])
    task = Task("x", "is a test", "rows", step, lambda *_: None, first=100, most=450)
    ticking = replace(installation, clock=Ticking(clock.at, ticks))
    job = work(ticking, begin(installation, task), task)
    assert limits == [100, 200, 400, 450, 450, 45, 90, 2]
    assert job is not None
    assert (job.done, job.total) == (sum(limits), sum(limits))


def test_how_long_workers_were_at_it_is_added_up(
    installation: Installation, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "HOLD_SECONDS", 99.0)
    ticks = iter([0.0, 0.5, 1.5, 0.5, 1.0, 0.5, 0.5])
    ticking = replace(installation, clock=Ticking(clock.at, ticks))
    seen: list[Job] = []
    work(ticking, begin(installation), STAMPING, seen=seen.append)
    assert [(each.done, each.worked_ms, each.remaining) for each in seen] == [
        (5, 2000, 7 / 2.5),
        (10, 3500, 2 * 3.5 / 10),
        (12, 4500, None),
    ]
