"""Does what is due by itself, in a thread of the server's process; safe with any number of processes and machines."""

from collections.abc import Mapping

import structlog

from genjin import tracing
from genjin.jobs.loop import Loop
from genjin.jobs.periodic import PERIODIC, Periodic
from genjin.service.context import Installation
from genjin.service.queue.batches import GoOn
from genjin.service.schedule import claim_job, known_jobs, put_off_job

RETRY_SECONDS = 60
"""How long after a crash a job is tried again."""
log = structlog.get_logger("genjin.jobs")


class Schedule(Loop):
    """The thread that looks for what is due."""

    def __init__(self, installation: Installation, poll: float, jobs: Mapping[str, Periodic] = PERIODIC) -> None:
        super().__init__("schedule", poll)
        self._installation, self._jobs = installation, jobs

    def turn(self) -> None:
        run_due(self._installation, self._jobs, self.go_on)


def run_due(
    installation: Installation, jobs: Mapping[str, Periodic] = PERIODIC, go_on: GoOn = lambda: True
) -> list[str]:
    """Run what is due and what no other worker took; the names of what was run. Raises StoreUnavailable."""
    known, ran = known_jobs(installation), []
    for name, job in jobs.items():
        due = name not in known or known[name].due_at <= installation.clock.now()
        if due and go_on() and claim_job(installation, name, job.every):
            ran.append(name)
            _run(installation, job, go_on)
    return ran


def _run(installation: Installation, job: Periodic, go_on: GoOn) -> None:
    began = installation.clock.ticks()
    try:
        with tracing.tracing(f"job {job.name}"):
            done = job.run(installation, go_on)
    except Exception:
        log.exception("job_failed", job=job.name, retry_seconds=RETRY_SECONDS)
        put_off_job(installation, job.name, RETRY_SECONDS)
    else:
        log.info("job_done", job=job.name, done=done, ms=round((installation.clock.ticks() - began) * 1000))
