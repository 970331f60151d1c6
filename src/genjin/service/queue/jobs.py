"""What an operator does with the jobs of an organisation: look at them, try one again, cancel one; old ones go."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from genjin.domain.audit import Act, Subject
from genjin.domain.job import Job, JobState, over, waiting
from genjin.domain.json import JsonValue
from genjin.errors import Invalid, NotFound
from genjin.service.audit import By, Hand, administrator, note
from genjin.service.context import Installation
from genjin.service.queue.queue import enqueue_once
from genjin.service.sweeping import sweep_everywhere
from genjin.store import jobs
from genjin.store.transaction import Tx

KEPT_SECONDS = 30 * 86_400
"""How long a job that is over can be looked at."""
_AT_ONCE = 500


def submit(
    installation: Installation, organisation_id: int, task: str, arguments: Mapping[str, JsonValue] | None = None
) -> Job:
    """Ask for a job; the one that is there when the same was asked for and is not over yet."""
    now = installation.clock.now()
    job, _ = installation.database.write(
        lambda tx: enqueue_once(tx, organisation_id, task, now, arguments or {}), organisation_id
    )
    installation.bell.ring(organisation_id)
    return job


def list_jobs(installation: Installation, by: By, limit: int = 50) -> list[Job]:
    """Jobs, newest first: those that are not over, then those that are; for administrators. Raises Forbidden."""
    organisation_id = administrator(by).organisation_id
    return installation.database.read(lambda tx: jobs.newest(tx, organisation_id, limit), organisation_id)


def find_job(installation: Installation, organisation_id: int, job_id: int) -> Job:
    """One job. Raises NotFound."""
    job = installation.database.read(lambda tx: jobs.find(tx, organisation_id, job_id), organisation_id)
    return _there(job, job_id)


def retry_job(installation: Installation, by: By, job_id: int) -> Job:
    """Let a job that failed, was cancelled or waits go on at once, where it was; for administrators. Raises NotFound,
    Invalid, Forbidden.
    """
    now = installation.clock.now()

    def again(job: Job) -> Job:
        if job.state in (JobState.DONE, JobState.RUNNING):
            raise Invalid({"job": [f"it is {job.state}"]})
        return replace(waiting(job, now), failures=0)

    hand = administrator(by)
    job = _changed(installation, hand, job_id, again, Act.JOB_RETRIED)
    installation.bell.ring(hand.organisation_id)
    return job


def cancel_job(installation: Installation, by: By, job_id: int) -> Job:
    """Let a job end where it is; what it did stays done. For administrators. Raises NotFound, Forbidden; Invalid when
    it is over already.
    """
    return cancel_for(installation, administrator(by), job_id)


def cancel_for(installation: Installation, by: Hand, job_id: int) -> Job:
    """The same for whoever asked for the job, as its caller has found out. Raises NotFound, Invalid."""
    now = installation.clock.now()

    def cancel(job: Job) -> Job:
        if job.is_over:
            raise Invalid({"job": [f"it is {job.state} already"]})
        return over(job, JobState.CANCELLED, now)

    return _changed(installation, by, job_id, cancel, Act.JOB_CANCELLED)


def forget_old_jobs(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> int:
    """Remove what was over KEPT_SECONDS ago; how many went."""
    before = installation.clock.now() - KEPT_SECONDS
    return sweep_everywhere(
        installation, lambda tx, organisation_id: jobs.forget(tx, organisation_id, before, _AT_ONCE), go_on
    )


def _changed(installation: Installation, by: Hand, job_id: int, change: Callable[[Job], Job], act: Act) -> Job:
    def use(tx: Tx) -> Job:
        before = _there(jobs.find_for_update(tx, by.organisation_id, job_id), job_id)
        after = change(before)
        jobs.put(tx, by.organisation_id, after)
        was, told = {"state": before.state.value}, {"state": after.state.value}
        note(tx, installation, by, act, Subject(job_id, before.task), was, told)
        return after

    return installation.database.write(use, by.organisation_id)


def _there(job: Job | None, job_id: int) -> Job:
    if job is None:
        raise NotFound(f"there is no job {job_id}: see `genjin jobs list`")
    return job
