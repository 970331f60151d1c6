"""When jobs are due: asked, claimed by one worker of all, put off."""

from collections.abc import Mapping

from genjin.service.context import Installation
from genjin.store import schedule
from genjin.store.schedule import ScheduleRow
from genjin.store.transaction import Tx


def known_jobs(installation: Installation) -> Mapping[str, ScheduleRow]:
    """Every job that was ever due, by its name."""
    return {row.job: row for row in installation.database.read(schedule.schedule_list, organisation_id=None)}


def claim_job(installation: Installation, name: str, every: int) -> bool:
    """Take a job that is due, which is due again in `every` seconds then; False when another worker has it."""
    now = installation.clock.now()

    def use(tx: Tx) -> bool:
        schedule.enter(tx, name, now)
        return schedule.claim(tx, name, now, now + every)

    return installation.database.write(use, organisation_id=None)


def put_off_job(installation: Installation, name: str, seconds: int) -> None:
    """Let a job be due so many seconds from now."""
    due_at = installation.clock.now() + seconds
    installation.database.write(lambda tx: schedule.put_off(tx, name, due_at), organisation_id=None)
