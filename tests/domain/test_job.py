"""The pure rules of jobs: when one is tried again, how fast it goes, what becomes of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.job import LONGEST_DELAY, Job, JobState, delay_after, failed, moved, over, taken, waiting

JOB = Job(1, "x", {}, JobState.WAITING, 100, 100)


@given(failures=st.integers(1, 500), chance=st.floats(0, 1))
def test_the_next_try_comes_later_each_time_but_within_an_hour_and_a_half(failures: int, chance: float) -> None:
    assert 5 <= delay_after(failures, chance) <= 1.5 * LONGEST_DELAY
    assert delay_after(failures, chance) <= delay_after(failures + 1, chance)


def test_the_delays_are_spread_around_twice_the_one_before() -> None:
    assert [delay_after(n, 0.5) for n in range(1, 11)] == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert (delay_after(1, 0), delay_after(1, 1)) == (5, 15)


def test_a_rate_is_known_once_something_was_done() -> None:
    assert (JOB.rate, JOB.remaining) == (None, None)
    running = replace(JOB, state=JobState.RUNNING, done=300, total=1200, worked_ms=1500)
    assert (running.rate, running.remaining) == (200, 4.5)
    assert replace(running, total=None).remaining is None
    assert replace(running, total=250).remaining == 0  # some were taken away meanwhile
    assert over(running, JobState.DONE, 9).remaining is None


def test_a_batch_that_goes_well_forgets_what_went_wrong_before() -> None:
    wrong = failed(taken(JOB, "me", 110, 140), "because", 120, 10)
    assert (wrong.state, wrong.due_at, wrong.failures, wrong.error, wrong.lease) == ("waiting", 130, 1, "because", None)
    again = taken(wrong, "you", 130, 160)
    assert (again.failures, again.error, again.started_at) == (1, "because", 110)
    well = moved(again, [7], 5, 9, 20, 165)
    assert (well.failures, well.error, well.cursor, well.done, well.total, well.due_at) == (0, None, [7], 5, 9, 165)


def test_a_worker_that_was_lost_is_a_failure() -> None:
    first = taken(JOB, "me", 110, 140)
    assert (first.failures, taken(first, "you", 150, 180).failures) == (0, 1)
    assert taken(waiting(first, 120), "you", 150, 180).failures == 0


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_what_is_over_is_due_never_and_leased_by_nobody(state: JobState) -> None:
    ended = over(taken(JOB, "me", 110, 140), state, 120)
    assert (ended.is_over, ended.due_at, ended.lease, ended.ended_at) == (True, None, None, 120)
    again = waiting(ended, 200)
    assert (again.is_over, again.due_at, again.ended_at) == (False, 200, None)
