"""Queued jobs: work in the background that lasts, batch by batch. Pure rules; nothing of how they are stored or run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from genjin.domain.json import JsonValue

FIRST_DELAY, LONGEST_DELAY = 10, 3600
LONGEST_ERROR = 2_000


class JobState(StrEnum):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
"""What no worker takes any more."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job of an organisation. `task` names what is done, with `arguments`.

    `cursor` is where its next batch begins, as its task understands it, with what the task counts on the way; None
    before the first batch. `done` of `total` units are done; `total` is None when it was not counted, and may be off by
    what came and went since. `due_at` is when a worker may take it next: after a delay, or when the lease of the worker
    that has it ends; None once it is over. `failures` counts what went wrong since the last batch that went well.
    `worked_ms` is how long workers were at it.
    """

    id: int
    task: str
    arguments: Mapping[str, JsonValue]
    state: JobState
    created_at: int
    due_at: int | None
    cursor: JsonValue = None
    done: int = 0
    total: int | None = None
    failures: int = 0
    lease: str | None = None
    error: str | None = None
    started_at: int | None = None
    ended_at: int | None = None
    worked_ms: int = 0

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def rate(self) -> float | None:
        """Units a second while somebody was at it; None when that is not known yet."""
        return self.done * 1000 / self.worked_ms if self.done and self.worked_ms else None

    @property
    def remaining(self) -> float | None:
        """Seconds of work until it is done, at that rate; None when that is not known."""
        if self.is_over or self.rate is None or self.total is None:
            return None
        return max(0, self.total - self.done) / self.rate


def taken(job: Job, lease: str, now: int, until: int) -> Job:
    """A worker has it. That it was running already means that the worker that had it was lost."""
    failures = job.failures + (job.state is JobState.RUNNING)
    started_at = now if job.started_at is None else job.started_at
    return replace(
        job, state=JobState.RUNNING, due_at=until, lease=lease, failures=failures, started_at=started_at, ended_at=None
    )


def moved(job: Job, cursor: JsonValue, done: int, total: int | None, ms: int, until: int) -> Job:
    """A batch went well: what went wrong before is past."""
    after = replace(job, cursor=cursor, done=job.done + done, total=total, worked_ms=job.worked_ms + ms)
    return replace(after, due_at=until, failures=0, error=None)


def over(job: Job, state: JobState, now: int) -> Job:
    """Nobody takes it any more."""
    return replace(job, state=state, due_at=None, lease=None, ended_at=now)


def waiting(job: Job, due_at: int) -> Job:
    """Whoever comes next may take it, from then on; one that was over goes on where it was."""
    return replace(job, state=JobState.WAITING, due_at=due_at, lease=None, ended_at=None)


def failed(job: Job, why: str, now: int, delay: int | None) -> Job:
    """A batch went wrong: it is tried again in so many seconds, or not at all."""
    after = replace(job, failures=job.failures + 1, error=why[:LONGEST_ERROR])
    return over(after, JobState.FAILED, now) if delay is None else waiting(after, now + delay)


def delay_after(failures: int, chance: float) -> int:
    """Seconds until the next try after so many failures in a row: twice as long each time, up to an hour.

    `chance` from 0 to 1 spreads it over half as long to one and a half times as long, so that jobs that failed together
    are not tried together again.
    """
    usual: int = min(LONGEST_DELAY, FIRST_DELAY << min(failures - 1, 20))
    return max(1, round(usual * (0.5 + chance)))
