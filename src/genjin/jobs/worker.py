"""Works off the queue: takes what is due, one job after the other, and some batches of each at a time."""

from collections.abc import Callable, Mapping

import structlog

from genjin import tracing
from genjin.domain.clock import Clock
from genjin.domain.job import Job, JobState
from genjin.jobs.loop import Loop
from genjin.jobs.tasks import TASKS
from genjin.service.context import Installation
from genjin.service.organisation.organisations import list_organisations
from genjin.service.queue.batches import GoOn, Task, work
from genjin.service.queue.queue import is_due, take

POLL_SECONDS = 1.0
LOOKS = 20
"""In how many organisations one looks in each of these seconds; jobs of this process ring, and are found at once."""
SLICE_SECONDS = 2.0
"""How long one job goes on while others may be waiting."""
log = structlog.get_logger("genjin.jobs")


class Worker(Loop):
    """The thread that works off the queues of all organisations, one job at a time."""

    def __init__(
        self, installation: Installation, tasks: Mapping[str, Task] = TASKS, poll: float = POLL_SECONDS
    ) -> None:
        super().__init__("queue", poll)
        self._installation, self._tasks = installation, tasks
        self._round: list[int] = []
        self._next = set[int]()

    def turn(self) -> None:
        looked, self._next = self._next | self._some(), set()
        for organisation_id in sorted(looked):
            if self.go_on() and run_some(self._installation, organisation_id, self._tasks, self.go_on):
                self._next.add(organisation_id)

    def rest(self, seconds: float) -> None:
        self._next |= self._installation.bell.wait(0 if self._next else seconds)

    def end(self) -> None:
        super().end()
        self._installation.bell.wake()

    def _some(self) -> set[int]:
        """The organisations whose turn it is; all of them where they are few."""
        if not self._round:
            self._round = [organisation.id for organisation in list_organisations(self._installation)]
        some, self._round = self._round[:LOOKS], self._round[LOOKS:]
        return set(some)


def run_some(
    installation: Installation,
    organisation_id: int,
    tasks: Mapping[str, Task],
    go_on: GoOn = lambda: True,
    ended: Callable[[Job], object] = lambda _: None,
) -> bool:
    """Do some batches of the job that is due for longest; False where none is. What goes wrong is logged, and written
    to the job. Raises StoreUnavailable.
    """
    if not is_due(installation, organisation_id, tasks.keys()):
        return False
    lease = take(installation, organisation_id, {name: task.tries for name, task in tasks.items()})
    if lease is None:
        return False
    task = tasks[lease.job.task]
    told = {"job": task.name, "id": lease.job.id, "organisation_id": organisation_id}
    try:
        with tracing.tracing(f"job {task.name}"):
            job = work(installation, lease, task, _for_a_while(installation.clock, go_on))
    except Exception:
        log.exception("job_failed", **told)
        return True
    if job is not None and job.state is JobState.DONE:
        log.info("job_done", **told, done=_told(job, task), ms=job.worked_ms)
        ended(job)
    return True


def _told(job: Job, task: Task) -> str:
    return ", ".join(filter(None, (f"{job.done} {task.units}", task.tell(job.cursor))))


def run_all(
    installation: Installation,
    tasks: Mapping[str, Task] = TASKS,
    go_on: GoOn = lambda: True,
    ended: Callable[[Job], object] = lambda _: None,
) -> None:
    """Work off the queues until no job is due that no other worker has. Raises StoreUnavailable."""
    organisation_ids = [organisation.id for organisation in list_organisations(installation)]
    while go_on() and organisation_ids:
        organisation_ids = [
            each for each in organisation_ids if go_on() and run_some(installation, each, tasks, go_on, ended)
        ]


def _for_a_while(clock: Clock, go_on: GoOn) -> GoOn:
    """Yes for one batch at least, then for SLICE_SECONDS from its beginning on."""
    until: float | None = None

    def again() -> bool:
        nonlocal until
        now = clock.ticks()
        if until is None:
            until = now + SLICE_SECONDS
            return go_on()
        return now < until and go_on()

    return again
