"""Work that touches many rows, batch by batch: each is one transaction, which also moves the job on.

So whoever is killed has lost nothing and repeats nothing: either a batch is done and the job is behind it, or neither.
Batches grow and shrink so that each holds a writer for about HOLD_SECONDS; on SQLite, where others wait for that long,
the worker then leaves them as much time.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from genjin.domain.job import Job, JobState, moved, over
from genjin.domain.json import JsonValue
from genjin.errors import Invalid, NotFound, StoreUnavailable
from genjin.service.context import Installation
from genjin.service.queue.queue import LEASE_SECONDS, Lease, enqueue_once, fail, release, take_this, take_within
from genjin.store import jobs
from genjin.store.transaction import Tx

HOLD_SECONDS = 0.025
"""How long a batch is to hold the writer, its commit apart."""
LONGEST_REST = 0.5
FOLLOW_SECONDS = 0.2
"""How often one looks at a job that another process is at."""

GoOn = Callable[[], bool]
Seen = Callable[[Job], object]


@dataclass(frozen=True, slots=True)
class Context:
    """What a step is given beside its transaction. Who does a part at once, before there is a job, has no `job_id`."""

    installation: Installation
    organisation_id: int
    arguments: Mapping[str, JsonValue]
    job_id: int | None = None


class Batch(NamedTuple):
    """What a step did: where the next one goes on, how many units were done, and whether there are more."""

    cursor: JsonValue
    done: int
    more: bool


Step = Callable[[Tx, Context, JsonValue, int], Batch]


@dataclass(frozen=True, slots=True)
class Task:
    """What jobs of one name do. See docs/how-to/add-a-job.md.

    `step` does about as much as the limit says, in the transaction that it is given, and nothing outside it: it may be
    rolled back and done again. Its cursor is None the first time. `total` counts the `units` that there are to do, in a
    read of its own. `tell` says in words what a cursor has counted. A batch that fails is tried again `tries` times.
    """

    name: str
    about: str
    units: str
    step: Step
    total: Callable[[Tx, Context], int | None]
    tell: Callable[[JsonValue], str] = lambda _: ""
    tries: int = 8
    first: int = 50
    most: int = 5_000


def work(
    installation: Installation, lease: Lease, task: Task, go_on: GoOn = lambda: True, seen: Seen = lambda _: None
) -> Job | None:
    """Do batch after batch until the job is done, or `go_on` says no and it is given back; `seen` hears of each.

    The job as it is then; None when it was cancelled, or taken over, meanwhile. What a step raises is written to the
    job, and raised.
    """
    try:
        job = _work(installation, lease, task, go_on, seen)
    except Exception as error:
        with suppress(StoreUnavailable):  # it is taken over once its lease has ended
            fail(installation, lease, task.tries, error, isinstance(error, Invalid))
        raise
    except BaseException:  # such as Ctrl-C
        release(installation, lease)
        raise
    if job is not None and not job.is_over:
        release(installation, lease)
    return job


def do_now(
    installation: Installation, organisation_id: int, task: Task, arguments: Mapping[str, JsonValue], seen: Seen
) -> Job:
    """Do a job here, to its end: a new one, or one of this task and these arguments that was cut short.

    Who is killed meanwhile leaves it to the workers, and to whoever asks again. Raises what a step raises.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> tuple[int, Lease | None]:
        job, _ = enqueue_once(tx, organisation_id, task.name, now, arguments)
        return job.id, take_within(tx, organisation_id, job.id, task.tries, now)

    job_id, lease = installation.database.write(use, organisation_id)
    return finish(installation, organisation_id, task, job_id, lease, seen)


def finish(
    installation: Installation,
    organisation_id: int,
    task: Task,
    job_id: int,
    lease: Lease | None,
    seen: Seen = lambda _: None,
) -> Job:
    """Do a job to its end that was leased here, or look on while another process does. Raises what a step raises;
    NotFound.
    """
    while True:
        if lease is not None:
            work(installation, lease, task, seen=seen)
        job = installation.database.read(lambda tx: jobs.find(tx, organisation_id, job_id), organisation_id)
        if job is None:
            raise NotFound(f"there is no job {job_id} any more")
        if job.is_over:
            return job
        seen(job)
        threading.Event().wait(FOLLOW_SECONDS)
        lease = take_this(installation, organisation_id, job_id, task.tries)


def _work(installation: Installation, lease: Lease, task: Task, go_on: GoOn, seen: Seen) -> Job | None:
    context = Context(installation, lease.organisation_id, lease.job.arguments, lease.job.id)
    pace, last, job = _Pace(task), installation.clock.ticks(), lease.job
    total = job.total
    if total is None:
        total = installation.database.read(lambda tx: task.total(tx, context), lease.organisation_id)
    while go_on():
        told = _one_batch(context, lease, task, pace, total, last)
        if told is None:
            return None
        job, last = told
        seen(job)
        if job.is_over:
            break
        if installation.database.engine == "sqlite":
            threading.Event().wait(min(pace.held, LONGEST_REST))
    return job


def _one_batch(
    context: Context, lease: Lease, task: Task, pace: "_Pace", total: int | None, last: float
) -> tuple[Job, float] | None:
    """Do one batch; the job behind it, and the moment. None when the lease is no longer ours."""
    clock = context.installation.clock

    def use(tx: Tx) -> tuple[Job, float, float] | None:
        began = clock.ticks()
        job = jobs.held(tx, lease.organisation_id, lease.job.id, lease.name)
        if job is None:
            return None
        batch = task.step(tx, context, job.cursor, pace.limit)
        now, ended = clock.now(), clock.ticks()
        after = moved(job, batch.cursor, batch.done, total, round((ended - last) * 1000), now + LEASE_SECONDS)
        after = after if batch.more else over(replace(after, total=after.done), JobState.DONE, now)
        jobs.put(tx, lease.organisation_id, after)
        return after, ended, ended - began

    told = context.installation.database.write(use, lease.organisation_id)
    if told is None:
        return None
    pace.took(told[2])
    return told[:2]


class _Pace:
    """How much a batch does, so that it takes about HOLD_SECONDS; `held` is what the last one took."""

    def __init__(self, task: Task) -> None:
        self.limit, self._most, self.held = task.first, task.most, 0.0

    def took(self, seconds: float) -> None:
        self.held = seconds
        factor = min(2.0, HOLD_SECONDS / seconds) if seconds > 0 else 2.0
        self.limit = max(1, min(self._most, round(self.limit * factor)))
