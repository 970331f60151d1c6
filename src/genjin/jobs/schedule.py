"""Runs jobs when they are due, in a thread of the server's process; safe with any number of processes and machines."""

import threading
from collections.abc import Mapping

import structlog

from genjin.jobs.registry import JOBS, GoOn, Job
from genjin.service.context import Installation
from genjin.service.schedule import claim_job, known_jobs, put_off_job

RETRY_SECONDS = 60
"""How long after a crash a job is tried again."""
STOP_SECONDS = 10
log = structlog.get_logger("genjin.jobs")


class Jobs:
    """A thread that looks every `poll` seconds for what is due, from `start` to `stop`."""

    def __init__(self, installation: Installation, poll: float, jobs: Mapping[str, Job] = JOBS) -> None:
        self._installation, self._poll, self._jobs = installation, poll, jobs
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="genjin-jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the job at hand to end after its next part, and wait for it a while; what is cut off is done again."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while not self._ending.is_set():
            try:
                run_due(self._installation, self._jobs, lambda: not self._ending.is_set())
            except Exception:
                log.exception("jobs_not_looked_at")  # the database is away: it is asked again
            self._ending.wait(self._poll)


def run_due(installation: Installation, jobs: Mapping[str, Job] = JOBS, go_on: GoOn = lambda: True) -> list[str]:
    """Run what is due and what no other worker took; the names of what was run. Raises StoreUnavailable."""
    known, ran = known_jobs(installation), []
    for name, job in jobs.items():
        due = name not in known or known[name].due_at <= installation.clock.now()
        if due and go_on() and claim_job(installation, name, job.every):
            ran.append(name)
            _run(installation, job, go_on)
    return ran


def _run(installation: Installation, job: Job, go_on: GoOn) -> None:
    began = installation.clock.ticks()
    try:
        done = job.run(installation, go_on)
    except Exception:
        log.exception("job_failed", job=job.name, retry_seconds=RETRY_SECONDS)
        put_off_job(installation, job.name, RETRY_SECONDS)
    else:
        log.info("job_done", job=job.name, done=done, ms=round((installation.clock.ticks() - began) * 1000))
