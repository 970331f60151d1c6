"""THE list of what is done by itself, and how often. Each may be stopped at any time, and run at any time again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from genjin.service.context import Installation
from genjin.service.feed.changes import trim_changes
from genjin.service.files.downloads import sweep_files
from genjin.service.idempotency import forget_answers
from genjin.service.inbox.reading import forget_notices
from genjin.service.inbox.reminding import tell_due
from genjin.service.organisation.attempts import forget_old_failures
from genjin.service.pools.returns import return_overdue
from genjin.service.queue.batches import GoOn
from genjin.service.queue.jobs import forget_old_jobs
from genjin.service.reports.tallying import keep_tallies
from genjin.service.search.settling import settle_texts
from genjin.service.webhooks.log import forget_old_deliveries

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Periodic:
    """`every` is in seconds, from the beginning of one run to that of the next. `run` tells what it did."""

    name: str
    every: int
    about: str
    run: Callable[[Installation, GoOn], str]


def _return_overdue(installation: Installation, go_on: GoOn) -> str:
    done = return_overdue(installation, go_on)
    return f"{done.returned} returned, {done.warned} warned of"


def _sweep_files(installation: Installation, go_on: GoOn) -> str:
    swept = sweep_files(installation, go_on)
    return f"{swept.orphans} orphans, bytes of {swept.bytes_of}, {swept.half_arrived} half-arrived"


def _forget_failures(installation: Installation, _: GoOn) -> str:
    forget_old_failures(installation)
    return "done"


def _forget_answers(installation: Installation, go_on: GoOn) -> str:
    return f"{forget_answers(installation, go_on)} forgotten"


def _trim_changes(installation: Installation, go_on: GoOn) -> str:
    return f"{trim_changes(installation, go_on)} forgotten"


def _forget_jobs(installation: Installation, go_on: GoOn) -> str:
    return f"{forget_old_jobs(installation, go_on)} forgotten"


def _tell_due(installation: Installation, go_on: GoOn) -> str:
    return f"{tell_due(installation, go_on)} told"


def _forget_notices(installation: Installation, go_on: GoOn) -> str:
    return f"{forget_notices(installation, go_on)} forgotten"


def _settle_texts(installation: Installation, go_on: GoOn) -> str:
    return f"{settle_texts(installation, go_on)} texts"


def _keep_tallies(installation: Installation, go_on: GoOn) -> str:
    return f"{keep_tallies(installation, go_on)} days and records"


def _forget_deliveries(installation: Installation, go_on: GoOn) -> str:
    return f"{forget_old_deliveries(installation, go_on)} forgotten"


PERIODIC: Mapping[str, Periodic] = {
    each.name: each
    for each in (
        Periodic(
            "pools.return_overdue",
            10 * MINUTE,
            "puts back into pools what nobody followed up, and warns before",
            _return_overdue,
        ),
        Periodic("search.settle", MINUTE, "moves what was written into the index that it is found by", _settle_texts),
        Periodic("reports.tally", MINUTE, "counts what reports are made of", _keep_tallies),
        Periodic("files.sweep", DAY, "lets go of uploads that nobody needs", _sweep_files),
        Periodic("answers.forget", HOUR, "forgets answers that are not given again any more", _forget_answers),
        Periodic("changes.trim", HOUR, "forgets changes that are kept no longer", _trim_changes),
        Periodic("reminders.tell", MINUTE, "tells people of their reminders that are due", _tell_due),
        Periodic("notices.forget", DAY, "forgets notices of half a year ago", _forget_notices),
        Periodic("webhooks.forget", HOUR, "forgets deliveries of webhooks that are kept no longer", _forget_deliveries),
        Periodic("jobs.forget_old", DAY, "forgets jobs that were over a month ago", _forget_jobs),
        Periodic("sign_in.forget_failures", DAY, "forgets wrong passwords of past days", _forget_failures),
    )
}
