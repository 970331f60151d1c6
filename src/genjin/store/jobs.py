"""The queue: jobs of an organisation that wait, run, or are over. Who takes one and how it ends is the service's."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_, delete, select, update

from genjin.domain.job import Job, JobState
from genjin.store.tables import jobs
from genjin.store.transaction import Tx

_NAMES = tuple(field.name for field in fields(Job))
_COLUMNS = [jobs.c[name] for name in _NAMES]
_JSON = ("arguments", "cursor")


def add(tx: Tx, organisation_id: int, job: Job) -> None:
    """Put a job in, which is not there yet."""
    tx.execute(jobs.insert(), {"organisation_id": organisation_id} | _packed(job))


def find(tx: Tx, organisation_id: int, job_id: int) -> Job | None:
    """One job, over or not."""
    found = select(*_COLUMNS).where(jobs.c.organisation_id == organisation_id, jobs.c.id == job_id)
    return _one(tx, found)


def find_for_update(tx: Tx, organisation_id: int, job_id: int) -> Job | None:
    """One job, locked until the transaction ends."""
    found = select(*_COLUMNS).where(jobs.c.organisation_id == organisation_id, jobs.c.id == job_id)
    return _one(tx, found.with_for_update())


def unfinished(tx: Tx, organisation_id: int, task: str) -> list[Job]:
    """Jobs of one task that are not over, oldest first."""
    found = select(*_COLUMNS).where(
        jobs.c.organisation_id == organisation_id, jobs.c.due_at.is_not(None), jobs.c.task == task
    )
    return [_job(row) for row in tx.execute(found.order_by(jobs.c.id)).mappings()]


def newest(tx: Tx, organisation_id: int, limit: int, task: str = "") -> list[Job]:
    """Jobs, or those of one task, newest first: those that are not over, then those that are."""
    found = select(*_COLUMNS).where(jobs.c.organisation_id == organisation_id)
    if task:
        found = found.where(jobs.c.task == task)
    found = found.order_by(jobs.c.due_at.is_(None), jobs.c.id.desc()).limit(limit)
    return [_job(row) for row in tx.execute(found).mappings()]


def next_due(tx: Tx, organisation_id: int, tasks: Sequence[str]) -> int | None:
    """When a job of one of these tasks may be taken next; None when there is none."""
    due = select(jobs.c.due_at).where(_takeable(organisation_id, tasks)).order_by(jobs.c.due_at).limit(1)
    found: int | None = tx.execute(due).scalar_one_or_none()
    return found


def first_due(tx: Tx, organisation_id: int, tasks: Sequence[str], now: int) -> Job | None:
    """The job of one of these tasks that has been due for longest, locked; None when none is, or others lock all."""
    found = select(*_COLUMNS).where(_takeable(organisation_id, tasks), jobs.c.due_at <= now)
    found = found.order_by(jobs.c.due_at, jobs.c.id).limit(1)
    return _one(tx, found.with_for_update(skip_locked=True))


def held(tx: Tx, organisation_id: int, job_id: int, lease: str) -> Job | None:
    """A job, locked, if it is still leased by this lease."""
    found = select(*_COLUMNS).where(
        jobs.c.organisation_id == organisation_id, jobs.c.id == job_id, jobs.c.lease == lease
    )
    return _one(tx, found.with_for_update())


def put(tx: Tx, organisation_id: int, job: Job) -> None:
    """Let a job that is there be as this one is; what was asked for stays."""
    values = _packed(job)
    for name in ("id", "task", "arguments", "created_at"):
        del values[name]
    tx.execute(update(jobs).where(jobs.c.organisation_id == organisation_id, jobs.c.id == job.id).values(**values))


def forget(tx: Tx, organisation_id: int, before: int, limit: int) -> int:
    """Remove at most so many jobs that were over before this instant; how many went."""
    old = select(jobs.c.id).where(jobs.c.organisation_id == organisation_id, jobs.c.ended_at < before)
    gone = list(tx.execute(old.order_by(jobs.c.ended_at).limit(limit)).scalars())
    tx.execute(delete(jobs).where(jobs.c.organisation_id == organisation_id, jobs.c.id.in_(gone)))
    return len(gone)


def _takeable(organisation_id: int, tasks: Sequence[str]) -> ColumnElement[bool]:
    return and_(jobs.c.organisation_id == organisation_id, jobs.c.due_at.is_not(None), jobs.c.task.in_(tasks))


def _one(tx: Tx, statement: Any) -> Job | None:
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _job(row)


def _packed(job: Job) -> dict[str, Any]:
    row = {name: getattr(job, name) for name in _NAMES} | {"state": job.state.value}
    return row | {name: None if row[name] is None else orjson.dumps(row[name]) for name in _JSON}


def _job(row: Mapping[Any, Any]) -> Job:
    values = {name: row[name] for name in _NAMES}
    for name in _JSON:
        values[name] = None if values[name] is None else orjson.loads(values[name])
    return Job(**values | {"state": JobState(values["state"])})
