"""`genjin jobs`: the queue of what lasts, and what the installation does by itself."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from genjin.cli.admin import Organisation
from genjin.cli.opened import opened
from genjin.cli.output import fail, table

if TYPE_CHECKING:
    from genjin.domain.job import Job
    from genjin.service.context import Installation
    from genjin.settings import Settings

JobId = Annotated[int, typer.Argument(metavar="ID", help="The job's id, see `genjin jobs list`.")]


def jobs_list(
    limit: Annotated[int, typer.Option(min=1, help="How many of them at most.")] = 50, organisation: Organisation = ""
) -> None:
    """List the jobs of the queue: those that are not over, then those that are, newest first."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.queue.jobs import list_jobs

    with opened() as installation:
        found = list_jobs(installation, pick_organisation(installation, organisation).id, limit)
        now = installation.clock.now()
    rows = [(job.id, job.task, _state(job, now), _done(job), _rate(job), _remaining(job), job.error) for job in found]
    table(("id", "job", "state", "done", "a second", "remaining", "error"), rows)


def jobs_show(id_: JobId, organisation: Organisation = "") -> None:
    """Show all that is known of one job; instants are in UTC."""
    import orjson

    from genjin.jobs.tasks import TASKS
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.queue.jobs import find_job

    with opened() as installation:
        job = find_job(installation, pick_organisation(installation, organisation).id, id_)
        now = installation.clock.now()
    task = TASKS.get(job.task)
    rows = [
        ("job", job.task),
        ("about", task.about if task else "is unknown to this program"),
        ("arguments", orjson.dumps(job.arguments).decode()),
        ("state", _state(job, now)),
        ("done", f"{_done(job)} {task.units if task else ''}".strip()),
        ("came to", task.tell(job.cursor) if task and job.cursor is not None else ""),
        ("a second", _rate(job)),
        ("remaining", _remaining(job)),
        ("failures", job.failures),
        ("error", job.error),
        ("worker", job.lease),
        ("asked for", _moment(job.created_at)),
        ("began", _moment(job.started_at)),
        ("ended", _moment(job.ended_at)),
        ("goes on from", "" if job.cursor is None else orjson.dumps(job.cursor).decode()),
    ]
    table(("what", "value"), rows)


def jobs_retry(id_: JobId, organisation: Organisation = "") -> None:
    """Let a job go on that failed, was cancelled, or waits to be tried again."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.queue.jobs import retry_job

    with opened() as installation:
        job = retry_job(installation, pick_organisation(installation, organisation).id, id_)
    print(f"Job {job.id} goes on, by the server or `genjin jobs run`.")


def jobs_cancel(id_: JobId, organisation: Organisation = "") -> None:
    """End a job where it is; what it did stays done."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.queue.jobs import cancel_job

    with opened() as installation:
        job = cancel_job(installation, pick_organisation(installation, organisation).id, id_)
    print(f"Job {job.id} is cancelled after {_done(job)}.")


def jobs_schedule() -> None:
    """List what is done by itself, with when each ran last and is due next, in UTC."""
    from genjin.jobs.periodic import PERIODIC
    from genjin.service.schedule import known_jobs

    with opened() as installation:
        known = known_jobs(installation)
    rows = []
    for job in PERIODIC.values():
        row = known.get(job.name)
        ran, due = (row.ran_at, row.due_at) if row else (None, None)
        rows.append((job.name, f"{job.every} s", _moment(ran), _moment(due), job.about))
    table(("job", "every", "ran", "due", "about"), rows)


def jobs_run(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="One of `genjin jobs schedule`, due or not, and nothing else.")
    ] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C or SIGTERM, as a server does.")] = False,
) -> None:
    """Do what is due, and work off the queue until nothing is left; or do one thing at once."""
    from genjin import tracing
    from genjin.jobs.periodic import PERIODIC
    from genjin.logs import configure_logs
    from genjin.settings import load_settings

    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    if name and name not in PERIODIC:
        fail(f"There is no job {name!r}; there are: {', '.join(PERIODIC)}")
    with tracing.started(settings.traces != "off"), opened() as installation:
        if name:
            print(f"{name}: {PERIODIC[name].run(installation, lambda: True)}")
        elif watch:
            _watch(installation, settings)
        else:
            _run_once(installation, settings)


def _run_once(installation: "Installation", settings: "Settings") -> None:
    from genjin.jobs.courier import deliver_all
    from genjin.jobs.schedule import run_due
    from genjin.jobs.tasks import TASKS
    from genjin.jobs.worker import run_all

    def tell(job: "Job") -> None:
        print(f"Job {job.id}, {job.task}: {_done(job)} {TASKS[job.task].units}, {TASKS[job.task].tell(job.cursor)}")

    with _until_told_to_end() as ending:
        ran = run_due(installation, go_on=lambda: not ending.is_set())
        print(f"Ran {', '.join(ran)}." if ran else "Nothing was due.")
        run_all(installation, go_on=lambda: not ending.is_set(), ended=tell)
        deliver_all(installation, settings, go_on=lambda: not ending.is_set())


def _watch(installation: "Installation", settings: "Settings") -> None:
    from genjin.jobs.courier import Courier
    from genjin.jobs.schedule import Schedule
    from genjin.jobs.worker import Worker

    loops = (Schedule(installation, settings.jobs_seconds), Worker(installation), Courier(installation, settings))
    with _until_told_to_end() as ending:
        for loop in loops:
            loop.start()
        print("Genjin works off its jobs (Ctrl-C ends it)", flush=True)
        ending.wait()
        for loop in loops:
            loop.end()
        for loop in loops:
            loop.stop()


@contextmanager
def _until_told_to_end() -> Iterator[threading.Event]:
    """Set by Ctrl-C and SIGTERM: the part at hand is finished, and the job given back."""
    ending = threading.Event()
    before = {each: signal.signal(each, lambda *_: ending.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ending
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _state(job: "Job", now: int) -> str:
    if job.due_at is None:
        return job.state
    if job.state == "running":
        return "running" if job.due_at > now else "lost"
    return f"waiting {job.due_at - now} s" if job.due_at > now else "waiting"


def _done(job: "Job") -> str:
    return f"{job.done:,}" if job.total is None else f"{job.done:,}/{job.total:,}"


def _rate(job: "Job") -> str:
    return "" if job.rate is None else f"{job.rate:,.0f}"


def _remaining(job: "Job") -> str:
    if job.remaining is None:
        return ""
    minutes, seconds = divmod(round(job.remaining), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _moment(at: int | None) -> str:
    from datetime import UTC, datetime

    return "" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"
