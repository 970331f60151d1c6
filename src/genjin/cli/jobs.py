"""`genjin jobs`: what the installation does by itself, and doing it now."""

from typing import Annotated

import typer

from genjin.cli.opened import opened
from genjin.cli.output import fail, table


def jobs_list() -> None:
    """List the jobs, with when each ran last and is due next, in UTC."""
    from datetime import UTC, datetime

    from genjin.jobs.registry import JOBS
    from genjin.service.schedule import known_jobs

    def moment(at: int | None) -> str:
        return "" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"

    with opened() as installation:
        known = known_jobs(installation)
    rows = []
    for job in JOBS.values():
        row = known.get(job.name)
        ran, due = (row.ran_at, row.due_at) if row else (None, None)
        rows.append((job.name, f"{job.every} s", moment(ran), moment(due), job.about))
    table(("job", "every", "ran", "due", "about"), rows)


def jobs_run(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="One job, due or not; all that are due if left out.")
    ] = "",
) -> None:
    """Run what is due, or one job at once."""
    from genjin.jobs.registry import JOBS
    from genjin.jobs.schedule import run_due
    from genjin.logs import configure_logs
    from genjin.settings import load_settings

    settings = load_settings()
    configure_logs(settings.log_level, settings.log_format)
    if name and name not in JOBS:
        fail(f"There is no job {name!r}; there are: {', '.join(JOBS)}")
    with opened() as installation:
        if name:
            print(f"{name}: {JOBS[name].run(installation, lambda: True)}")
            return
        ran = run_due(installation)
    print(f"Ran {', '.join(ran)}." if ran else "Nothing was due.")
