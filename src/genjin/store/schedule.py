"""When the jobs of the installation run next. Who moves `due_at` on runs the job: one worker of all machines."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from genjin.store.tables import schedule
from genjin.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A job, when it is due, and when it began last; None for never."""

    job: str
    due_at: int
    ran_at: int | None


def schedule_list(tx: Tx) -> list[ScheduleRow]:
    """Every job that was ever due, by its name."""
    return [ScheduleRow(**row) for row in tx.execute(select(schedule).order_by(schedule.c.job)).mappings()]


def enter(tx: Tx, job: str, due_at: int) -> None:
    """Let a job be due for the first time; one that is there stays as it is."""
    insert = (sqlite if tx.engine == "sqlite" else postgresql).insert(schedule)
    tx.execute(insert.on_conflict_do_nothing(), {"job": job, "due_at": due_at})


def claim(tx: Tx, job: str, now: int, next_at: int) -> bool:
    """Move a job on that is due; False when it is not, because another worker was quicker."""
    due = update(schedule).where(schedule.c.job == job, schedule.c.due_at <= now)
    return tx.execute(due.values(due_at=next_at, ran_at=now)).rowcount == 1


def put_off(tx: Tx, job: str, due_at: int) -> None:
    """Let a job be due at another time."""
    tx.execute(update(schedule).where(schedule.c.job == job).values(due_at=due_at))


def touch(tx: Tx) -> None:
    """Write what is there already: whether that can be done is what somebody wants to know."""
    tx.execute(update(schedule).values(due_at=schedule.c.due_at))
