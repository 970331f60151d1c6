"""The queue itself, on both engines: asking within a transaction, leases that end, failures, cancelling, retrying."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from genjin.domain.clock import FixedClock
from genjin.domain.job import Job, JobState
from genjin.errors import Invalid, NotFound
from genjin.service.context import Installation
from genjin.service.queue.jobs import (
    KEPT_SECONDS,
    cancel_job,
    find_job,
    forget_old_jobs,
    list_jobs,
    retry_job,
    submit,
)
from genjin.service.queue.queue import LEASE_SECONDS, Lease, enqueue, fail, is_due, release, take, take_this
from genjin.store import jobs
from genjin.store.transaction import Tx
from tests.service.queue.conftest import NOW

SOON = 20
TRIES = {"x": 3, "y": 3}


def ask(installation: Installation, task: str = "x", organisation_id: int = 1, delay: int = 0) -> Job:
    now = installation.clock.now()
    return installation.database.write(
        lambda tx: enqueue(tx, organisation_id, task, now, {"谁": "王芳 🏖"}, delay=delay), organisation_id
    )


def taken(installation: Installation, organisation_id: int = 1) -> Lease:
    lease = take(installation, organisation_id, TRIES)
    assert lease is not None
    return lease


def test_what_is_asked_for_in_a_transaction_that_fails_was_never_asked_for(installation: Installation) -> None:
    def use(tx: Tx) -> None:
        enqueue(tx, 1, "x", NOW, {})
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        installation.database.write(use, 1)
    assert list_jobs(installation, 1) == []
    assert not is_due(installation, 1, TRIES)


def test_a_job_comes_out_as_it_went_in(installation: Installation, other: Installation) -> None:
    asked = ask(installation)
    assert find_job(other, 1, asked.id) == asked
    assert asked.arguments == {"谁": "王芳 🏖"}
    lease = taken(other)
    assert find_job(installation, 1, asked.id) == lease.job
    assert (lease.job.state, lease.job.due_at, lease.job.started_at) == ("running", NOW + LEASE_SECONDS, NOW)


def test_a_job_may_be_put_off_from_the_beginning(installation: Installation, clock: FixedClock) -> None:
    asked = ask(installation, delay=60)
    for clock.at, due in ((NOW + 59, False), (NOW + 60, True)):
        assert is_due(installation, 1, TRIES) is due
        lease = take(installation, 1, TRIES)
        assert (lease is not None and lease.job.id == asked.id) is due


def test_the_one_that_is_due_for_longest_comes_first(installation: Installation, clock: FixedClock) -> None:
    later, first, second = ask(installation, delay=5), ask(installation), ask(installation)
    clock.at += 9
    assert [taken(installation).job.id for _ in range(3)] == [first.id, second.id, later.id]
    assert take(installation, 1, TRIES) is None


def test_a_job_is_of_its_organisation_alone(installation: Installation) -> None:
    asked = ask(installation, organisation_id=2)
    assert not is_due(installation, 1, TRIES)
    assert take(installation, 1, TRIES) is None
    assert list_jobs(installation, 1) == []
    for use in (find_job, retry_job, cancel_job):
        with pytest.raises(NotFound):
            use(installation, 1, asked.id)
    assert taken(installation, 2).job.id == asked.id


def test_a_task_that_a_worker_does_not_know_is_left_to_another(installation: Installation) -> None:
    asked = ask(installation, "newer")
    assert not is_due(installation, 1, TRIES)
    assert take(installation, 1, TRIES) is None
    assert take(installation, 1, {"newer": 3}) is not None
    assert asked.state == "waiting"


def test_of_many_that_take_at_once_each_gets_another(installation: Installation, other: Installation) -> None:
    asked = {ask(installation).id for _ in range(12)}
    with ThreadPoolExecutor(8) as pool:
        leases = list(pool.map(lambda n: take((installation, other)[n % 2], 1, TRIES), range(24)))
    found = [lease.job.id for lease in leases if lease is not None]
    # One may be passed over while somebody locks it, and is taken next.
    while lease := take(other, 1, TRIES):
        found.append(lease.job.id)
    assert len(found) == len(asked)
    assert set(found) == asked


def test_nobody_waits_for_a_job_that_another_worker_is_about_to_take(
    installation: Installation, other: Installation
) -> None:
    """On SQLite, where one writes at a time, there is nothing to be passed over."""
    if installation.database.engine == "sqlite":
        return
    first, second = ask(installation), ask(installation)
    holding, done = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        assert jobs.first_due(tx, 1, ["x"], NOW) == first
        holding.set()
        done.wait(SOON)

    with ThreadPoolExecutor(2) as pool:
        held = pool.submit(installation.database.write, hold, 1)
        try:
            assert holding.wait(SOON)
            assert pool.submit(taken, other).result(SOON).job.id == second.id
        finally:
            done.set()
        held.result(SOON)


def test_a_lease_ends_when_nothing_was_heard_and_the_next_worker_takes_over(
    installation: Installation, other: Installation, clock: FixedClock
) -> None:
    ask(installation)
    lost = taken(installation)
    clock.at += LEASE_SECONDS - 1
    assert take(other, 1, TRIES) is None
    assert take_this(other, 1, lost.job.id, 3) is None
    clock.at += 1
    found = taken(other)
    assert (found.job.id, found.job.failures, found.job.started_at) == (lost.job.id, 1, NOW)
    assert found.name != lost.name
    release(installation, lost)  # whose it is no more
    fail(installation, lost, 3, ValueError("late"), False)
    assert find_job(other, 1, lost.job.id) == found.job


def test_a_job_that_takes_its_workers_along_fails_in_the_end_and_the_next_one_is_taken(
    installation: Installation, clock: FixedClock
) -> None:
    asked = ask(installation)
    for _ in range(3):
        last = taken(installation)
        clock.at += LEASE_SECONDS
    behind = ask(installation)
    assert taken(installation).job.id == behind.id
    found = find_job(installation, 1, asked.id)
    assert (found.state, found.failures, found.ended_at, found.lease) == ("failed", 3, clock.at, None)
    assert found.error == f"3 workers in a row were lost with it; the last one was {last.name}"


def test_what_is_given_back_is_due_at_once_behind_the_others(installation: Installation, clock: FixedClock) -> None:
    first, second = ask(installation), ask(installation)
    lease = taken(installation)
    clock.at += 1
    release(installation, lease)
    assert [taken(installation).job.id for _ in range(2)] == [second.id, first.id]


def test_failures_are_put_off_longer_each_time_and_then_it_has_failed(
    installation: Installation, clock: FixedClock
) -> None:
    asked = ask(installation)
    for failures, least, most in ((1, 5, 15), (2, 10, 30)):
        fail(installation, taken(installation), 3, ValueError("of 13412342331\nand more"), False)
        found = find_job(installation, 1, asked.id)
        assert (found.state, found.failures) == ("waiting", failures)
        assert found.due_at is not None
        assert least <= found.due_at - clock.at <= most
        assert not is_due(installation, 1, TRIES)
        clock.at = found.due_at
    fail(installation, taken(installation), 3, ValueError("x" * 9000), False)
    found = find_job(installation, 1, asked.id)
    assert (found.state, found.failures, found.due_at, found.ended_at) == ("failed", 3, None, clock.at)
    assert found.error is not None
    assert found.error.startswith("ValueError: xxx")
    assert len(found.error) == 2000
    assert take(installation, 1, TRIES) is None


def test_no_telephone_number_stands_in_an_error(installation: Installation) -> None:
    asked = ask(installation)
    fail(installation, taken(installation), 3, ValueError("of 13412342331"), False)
    assert find_job(installation, 1, asked.id).error == "ValueError: of 134****2331"


def test_a_lasting_error_is_not_tried_again(installation: Installation) -> None:
    asked = ask(installation)
    fail(installation, taken(installation), 3, Invalid({"x": ["y"]}), True)
    found = find_job(installation, 1, asked.id)
    assert (found.state, found.failures, found.error) == ("failed", 1, "Invalid: x: y")


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_what_failed_or_was_cancelled_goes_on_when_it_is_told_to(
    installation: Installation, clock: FixedClock, end: str
) -> None:
    asked = ask(installation)
    lease = taken(installation)
    if end == "failed":
        fail(installation, lease, 1, ValueError("x"), False)
    else:
        cancel_job(installation, 1, asked.id)
    assert find_job(installation, 1, asked.id).state == end
    clock.at += 5
    again = retry_job(installation, 1, asked.id)
    assert (again.state, again.due_at, again.failures, again.ended_at) == ("waiting", NOW + 5, 0, None)
    assert taken(installation).job.id == asked.id


def test_what_waits_to_be_tried_again_goes_on_at_once_when_it_is_told_to(installation: Installation) -> None:
    asked = ask(installation)
    fail(installation, taken(installation), 3, ValueError("x"), False)
    assert not is_due(installation, 1, TRIES)
    retry_job(installation, 1, asked.id)
    assert is_due(installation, 1, TRIES)


@pytest.mark.parametrize("use", [retry_job, cancel_job])
def test_what_is_done_stays_done(installation: Installation, use: Callable[[Installation, int, int], Job]) -> None:
    asked = ask(installation)
    cancel_job(installation, 1, asked.id)
    with pytest.raises(Invalid, match="it is cancelled already"):
        cancel_job(installation, 1, asked.id)
    retry_job(installation, 1, asked.id)
    taken(installation)
    if use is retry_job:
        with pytest.raises(Invalid, match="it is running"):
            use(installation, 1, asked.id)
    with pytest.raises(NotFound, match="there is no job 99"):
        use(installation, 1, 99)


def test_the_same_is_asked_for_once_until_it_is_over(installation: Installation, other: Installation) -> None:
    first = submit(installation, 1, "x", {"n": [1, {"甲": None}]})
    assert submit(other, 1, "x", {"n": [1, {"甲": None}]}).id == first.id
    others = {submit(installation, 1, "x").id, submit(installation, 1, "y").id, submit(installation, 2, "x").id}
    assert len(others | {first.id}) == 4
    taken(installation)
    assert submit(installation, 1, "x", {"n": [1, {"甲": None}]}).id == first.id
    cancel_job(installation, 1, first.id)
    assert submit(installation, 1, "x", {"n": [1, {"甲": None}]}).id > max(others)


def test_what_is_not_over_is_listed_first_and_the_newest_of_each(installation: Installation) -> None:
    asked = [ask(installation).id for _ in range(5)]
    for ended in (asked[4], asked[1]):
        cancel_job(installation, 1, ended)
    assert [job.id for job in list_jobs(installation, 1)] == [asked[3], asked[2], asked[0], asked[4], asked[1]]
    assert len(list_jobs(installation, 1, 2)) == 2


def test_what_was_over_a_month_ago_is_forgotten(installation: Installation, clock: FixedClock) -> None:
    old, young, waiting = ask(installation), ask(installation), ask(installation)
    cancel_job(installation, 1, old.id)
    clock.at += 1
    cancel_job(installation, 1, young.id)
    clock.at = NOW + KEPT_SECONDS + 1
    assert forget_old_jobs(installation, lambda: False) == 0
    assert forget_old_jobs(installation) == 1
    assert {job.id for job in list_jobs(installation, 1)} == {young.id, waiting.id}


def test_states_are_kept_as_their_words(installation: Installation) -> None:
    ask(installation)
    sql = "SELECT state FROM jobs WHERE organisation_id = ?"
    assert installation.database.read(lambda tx: tx.rows(sql, (1,)), 1) == [("waiting",)]
    assert {state.value for state in JobState} == {"waiting", "running", "done", "failed", "cancelled"}
