"""The queue of jobs: who asks for one puts it in within its own transaction; a worker takes it by a lease.

A lease lasts LEASE_SECONDS from the last batch on and has a name of its own. Whatever is done to a job that was taken
is done in a transaction that holds the job by that name, so what a worker does that was given up for lost comes to
nothing. Every transaction is one organisation's.
"""

import os
import random
import secrets
import socket
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from genjin.domain.job import Job, JobState, delay_after, failed, taken, waiting
from genjin.domain.json import JsonValue
from genjin.logs import redact_text
from genjin.service.context import Installation
from genjin.store import ids, jobs
from genjin.store.transaction import Tx

LEASE_SECONDS = 30
"""How long nothing is heard of a worker until another one takes its job over; the longest statement takes as long."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What was done already by who puts a job in for the rest: where it goes on, and how much is left."""

    cursor: JsonValue
    done: int
    left: int


@dataclass(frozen=True, slots=True)
class Lease:
    """A job that this process has taken, as it was then; `name` tells who has it, and is never the same twice."""

    organisation_id: int
    job: Job
    name: str


def enqueue(
    tx: Tx,
    organisation_id: int,
    task: str,
    now: int,
    arguments: Mapping[str, JsonValue],
    *,
    delay: int = 0,
    begun: Begun | None = None,
) -> Job:
    """Put a job in, to be done once this transaction is committed and `delay` seconds are over.

    Ring `installation.bell` after the commit, so that this process need not look for it.
    """
    [job_id] = ids.allocate(tx)
    job = Job(job_id, task, arguments, JobState.WAITING, now, now + delay)
    if begun is not None:
        job = replace(job, cursor=begun.cursor, done=begun.done, total=begun.done + begun.left)
    jobs.add(tx, organisation_id, job)
    return job


def enqueue_once(
    tx: Tx, organisation_id: int, task: str, now: int, arguments: Mapping[str, JsonValue]
) -> tuple[Job, bool]:
    """The job of this task and these arguments that is not over yet, else a new one; whether it is new."""
    for job in jobs.unfinished(tx, organisation_id, task):
        if job.arguments == arguments:
            return job, False
    return enqueue(tx, organisation_id, task, now, arguments), True


def is_due(installation: Installation, organisation_id: int, tasks: Collection[str]) -> bool:
    """Whether there is a job to take; asked often, and cheap where there is none."""
    due_at = installation.database.read(lambda tx: jobs.next_due(tx, organisation_id, sorted(tasks)), organisation_id)
    return due_at is not None and due_at <= installation.clock.now()


def take(installation: Installation, organisation_id: int, tries: Mapping[str, int]) -> Lease | None:
    """Take the job that has been due for longest, of the tasks that are named with how often they are tried.

    One whose worker was lost as often as it may be tried has failed, and the next one is taken.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> Lease | None:
        while job := jobs.first_due(tx, organisation_id, sorted(tries), now):
            if lease := _lease(tx, organisation_id, job, tries[job.task], now):
                return lease
        return None

    return installation.database.write(use, organisation_id)


def take_this(installation: Installation, organisation_id: int, job_id: int, tries: int) -> Lease | None:
    """Take one job at once, even while it waits for its time; None when a worker has it or it is over."""
    now = installation.clock.now()

    def use(tx: Tx) -> Lease | None:
        return take_within(tx, organisation_id, job_id, tries, now)

    return installation.database.write(use, organisation_id)


def take_within(tx: Tx, organisation_id: int, job_id: int, tries: int, now: int) -> Lease | None:
    """The same within a transaction, such as the one that puts it in."""
    job = jobs.find_for_update(tx, organisation_id, job_id)
    if job is None or job.due_at is None or (job.state is JobState.RUNNING and job.due_at > now):
        return None
    return _lease(tx, organisation_id, job, tries, now)


def release(installation: Installation, lease: Lease) -> None:
    """Give a job back that is not done yet: it is due at once, behind those that have been so for longer."""
    now = installation.clock.now()
    _change(installation, lease, lambda job: waiting(job, now))


def fail(installation: Installation, lease: Lease, tries: int, error: Exception, lasting: bool) -> None:
    """Put a job off after a batch went wrong; it has failed when the error is a lasting one, or after so many tries."""
    now, why = installation.clock.now(), redact_text(f"{type(error).__name__}: {error}")

    def change(job: Job) -> Job:
        failures = job.failures + 1
        delay = None if lasting or failures >= tries else delay_after(failures, random.random())
        return failed(job, why, now, delay)

    _change(installation, lease, change)


def _lease(tx: Tx, organisation_id: int, job: Job, tries: int, now: int) -> Lease | None:
    """Lease a job that is locked; None when that was tried often enough."""
    if job.state is JobState.RUNNING and job.failures + 1 >= tries:
        why = f"{job.failures + 1} workers in a row were lost with it; the last one was {job.lease}"
        jobs.put(tx, organisation_id, failed(job, why, now, None))
        return None
    name = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(8)}"
    job = taken(job, name, now, now + LEASE_SECONDS)
    jobs.put(tx, organisation_id, job)
    return Lease(organisation_id, job, name)


def _change(installation: Installation, lease: Lease, change: Callable[[Job], Job]) -> None:
    """Change a job if it is still leased by this lease."""

    def use(tx: Tx) -> None:
        job = jobs.held(tx, lease.organisation_id, lease.job.id, lease.name)
        if job is not None:
            jobs.put(tx, lease.organisation_id, change(job))

    installation.database.write(use, lease.organisation_id)
