"""Examines an installation: whether it can serve, whether it keeps what it is given, whether its counters are right."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from genjin.domain.calendar import is_zone
from genjin.domain.job import Job, JobState
from genjin.domain.people import LEFT, Organisation
from genjin.domain.webhook import Off
from genjin.errors import ReplicaRefused, StoreUnavailable
from genjin.service.audit import administrator
from genjin.service.context import Installation, Session
from genjin.service.directory import load
from genjin.service.queue.batches import do_now
from genjin.service.queue.jobs import submit
from genjin.service.reports.tallying import keep_tallies_of, rebuild_tallies, wrong_days
from genjin.service.timeline.recounting import RECOUNT, count_wrong, mended
from genjin.store import ids, people, row_security, schedule, schema, webhooks
from genjin.store.transaction import Tx

OLDEST_POSTGRES = 150_000
"""PostgreSQL 15, as the server numbers itself."""
FEW_IDS = 100_000_000
MUCH_LAG_SECONDS = 10
"""So far behind, a replica hardly answers anything."""
_RIGHT = "every timeline's counters are right"

Level = Literal["ok", "warning", "error"]
Recount = Literal["check", "mend", "later"]
"""What is done about counters: they are checked, put right now, or put right by a job in the background."""
Seen = Callable[[str, int, int | None], object]
"""Hears, of the organisation of this name, how many timelines of how many were counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `id` begins with E where failing is an error and with W where it is a warning."""

    id: str
    level: Level
    found: str
    hint: str = ""


def examine(installation: Installation, recount: Recount = "check", seen: Seen = lambda *_: None) -> Iterator[Finding]:
    """Run every check, each as it is asked for; the later ones need the earlier ones."""
    if not (yield from _installation(installation)):
        return
    organisations = installation.database.read(people.all_organisations, organisation_id=None)
    if not organisations:
        yield Finding("W007", "warning", "there is no organisation", "run `genjin init` or `genjin import capture`")
    if installation.database.engine == "postgresql":
        yield _second_lock(installation, len(organisations))
    for organisation in organisations:
        zone = _time_zone(organisation)
        yield zone
        yield _counters(installation, organisation, recount, seen)
        if zone.level == "ok":
            yield _tallies(installation, organisation, recount)
        yield _sign_in(installation, organisation)
        yield _webhooks(installation, organisation)


def look(installation: Installation, session: Session) -> list[Finding]:
    """What takes no time to find, for administrators: of their organisation, and of the installation where it has no
    other organisation. Raises Forbidden.
    """
    of = administrator(session).organisation_id
    organisations = installation.database.read(people.all_organisations, organisation_id=None)
    found = list(_installation(installation)) if len(organisations) == 1 else []
    for organisation in organisations:
        if organisation.id == of:
            found += [_time_zone(organisation), _sign_in(installation, organisation)]
            found.append(_webhooks(installation, organisation))
    return found


def _installation(installation: Installation) -> Generator[Finding, None, bool]:
    """The checks of what all organisations share; whether it makes sense to go on."""
    try:
        _value(installation, "SELECT 1")
    except StoreUnavailable as error:
        yield Finding("E002", "error", f"the database cannot be reached: {error}", "check GENJIN_DATABASE_URL")
        return False
    yield Finding("E002", "ok", f"the database can be reached ({installation.database.engine})")
    try:
        schema.check(installation.database)
    except StoreUnavailable as error:
        yield Finding("E003", "error", str(error), "see above")
        return False
    yield Finding("E003", "ok", f"the schema is at revision {schema.known_revision()}")
    if installation.database.engine == "sqlite":
        yield from _sqlite(installation)
    else:
        yield from _postgres(installation)
        yield from _replicas(installation)
    yield _room(installation)
    yield _ids(installation)
    yield _files(installation)
    return True


def _sqlite(installation: Installation) -> Iterator[Finding]:
    mode = _value(installation, "PRAGMA journal_mode")
    hint = "the file lies where write-ahead logging does not work, such as a network share: move it to a local disk"
    yield _judge("E004", mode == "wal", f"the journal mode is {mode}", hint)
    synchronous = _value(installation, "PRAGMA synchronous")
    hint = "writes may be lost in a power cut"
    yield _judge("W005", synchronous >= 2, f"synchronous is {synchronous} (2 is FULL)", hint)


def _postgres(installation: Installation) -> Iterator[Finding]:
    def setting(name: str) -> str:
        return str(_value(installation, "SELECT current_setting(?)", name))

    version = setting("server_version")
    new_enough = int(setting("server_version_num")) >= OLDEST_POSTGRES
    yield _judge("E004", new_enough, f"PostgreSQL is version {version}", "Genjin needs PostgreSQL 15 or later")
    durable = setting("fsync") == "on" and setting("synchronous_commit") != "off"
    found = f"fsync is {setting('fsync')}, synchronous_commit is {setting('synchronous_commit')}"
    yield _judge("W005", durable, found, "writes may be lost in a power cut: turn both on")


def _replicas(installation: Installation) -> Iterator[Finding]:
    try:
        installation.database.check_replicas()
    except ReplicaRefused as error:
        yield Finding("E013", "error", str(error), "the server does not start with it: correct GENJIN_REPLICA_URLS")
        return
    for report in installation.database.replicas():
        found = f"the replica {report.name} is {f'left out: {report.why}' if report.why else 'used'}"
        if report.lag_bytes is not None and report.lag_seconds is not None:
            found += f"; it is {report.lag_bytes} bytes and {report.lag_seconds:.1f} s behind"
        well = not report.why and (report.lag_seconds or 0) <= MUCH_LAG_SECONDS
        yield _judge("W014", well, found, "the primary answers its reads meanwhile: docs/how-to/run-on-postgresql.md")


def _second_lock(installation: Installation, organisations: int) -> Finding:
    locked = installation.database.read(row_security.is_locked, organisation_id=None)
    role = _value(installation, "SELECT current_user::text")
    if locked:
        return Finding("W012", "ok", f"row level security holds {role} to one organisation at a time")
    found = f"row level security is off for {role}, who owns the tables or is a superuser"
    hint = "give the server a role of its own: `genjin db grant`, docs/how-to/run-on-postgresql.md"
    return _judge("W012", organisations < 2, found, hint)


def _room(installation: Installation) -> Finding:
    why = "" if installation.database.has_room() else ": its disk is full"
    try:
        installation.database.write(schedule.touch, organisation_id=None)
    except StoreUnavailable as error:
        why = f": {error}"
    found = f"the database can{'not' if why else ''} be written to{why}"
    return _judge("E017", not why, found, "servers that run go on reading, and write again as soon as that can be done")


def _ids(installation: Installation) -> Finding:
    left = ids.MAX_ID - installation.database.read(ids.highest, organisation_id=None)
    hint = f"ids are 32-bit numbers; when they run out nothing can be written (the last one is {ids.MAX_ID:,})"
    return _judge("W006", left >= FEW_IDS, f"{left:,} ids are left", hint)


def _files(installation: Installation) -> Finding:
    place, why = installation.blobs.place, ""
    try:
        installation.blobs.try_out()
    except StoreUnavailable as error:
        why = f": {error}"
    found = f"files can{'not' if why else ''} be kept in {place}{why}"
    return _judge("E011", not why, found, "nothing can be uploaded: check GENJIN_FILES_URL, and who may write there")


def _time_zone(organisation: Organisation) -> Finding:
    found = f"{organisation.name}: the time zone is {organisation.time_zone}"
    return _judge(
        "E008",
        is_zone(organisation.time_zone),
        found,
        "no such IANA time zone is known here: install the package tzdata",
    )


def _counters(installation: Installation, organisation: Organisation, recount: Recount, seen: Seen) -> Finding:
    name = organisation.name
    if recount == "later":
        job = submit(installation, organisation.id, RECOUNT.name)
        return Finding("E009", "ok", f"{name}: job {job.id} counts every timeline anew", "see `genjin jobs list`")
    if recount == "mend":
        return _mended(
            name, do_now(installation, organisation.id, RECOUNT, {}, lambda job: seen(name, job.done, job.total))
        )
    wrong = count_wrong(installation, organisation.id, lambda done, total: seen(name, done, total))
    found = f"{name}: {wrong} timeline(s) are counted wrongly" if wrong else f"{name}: {_RIGHT}"
    return _judge("E009", not wrong, found, "run `genjin doctor --recount`")


def _mended(name: str, job: Job) -> Finding:
    if job.state is not JobState.DONE:
        found = f"{name}: job {job.id}, which counts timelines anew, is {job.state}: {job.error or 'by an operator'}"
        return Finding("E009", "error", found, f"run `genjin jobs retry {job.id}`")
    count = mended(job.cursor)
    return Finding("E009", "ok", f"{name}: {count} timeline(s) were counted anew" if count else f"{name}: {_RIGHT}")


def _tallies(installation: Installation, organisation: Organisation, recount: Recount) -> Finding:
    name, of = organisation.name, organisation.id
    if recount == "later":
        installation.database.write(lambda tx: rebuild_tallies(tx, of), of)
        return Finding("E015", "ok", f"{name}: what reports are made of is counted anew by reports.tally")
    wrong = len(wrong_days(installation, of))
    if wrong and recount == "mend":
        installation.database.write(lambda tx: rebuild_tallies(tx, of), of)
        keep_tallies_of(installation, of)
        return Finding("E015", "ok", f"{name}: what reports are made of was counted anew; {wrong} day(s) were wrong")
    found = f"{name}: reports are wrong about {wrong} day(s)" if wrong else f"{name}: what reports are made of is right"
    return _judge("E015", not wrong, found, "run `genjin doctor --recount`")


def _sign_in(installation: Installation, organisation: Organisation) -> Finding:
    def use(tx: Tx) -> int:
        known = people.users_with_password(tx, organisation.id)
        staff = load(tx, organisation.id).users.values()
        return sum(1 for u in staff if u.id in known and (u.login or u.phone) and u.workflow_state != LEFT)

    able = installation.database.read(use, organisation.id)
    found = f"{organisation.name}: {able or 'no'} user(s) can sign in"
    return _judge("W010", able > 0, found, f"run `genjin user add LOGIN --organisation {organisation.corp_id}`")


def _webhooks(installation: Installation, organisation: Organisation) -> Finding:
    some = installation.database.read(lambda tx: webhooks.webhook_list(tx, organisation.id), organisation.id)
    off = [each for each in some if each.removed_at is None and not each.is_on and each.off_why is not Off.BY_HAND]
    found = f"{organisation.name}: {len(off) or 'no'} webhook(s) switched off since nothing came through"
    hint = f"see `genjin webhooks list --organisation {organisation.corp_id}`"
    return _judge("W016", not off, found, hint)


def _value(installation: Installation, sql: str, *parameters: object) -> Any:
    return installation.database.read(lambda tx: tx.rows(sql, parameters), organisation_id=None)[0][0]


def _judge(id_: str, right: bool, found: str, hint: str) -> Finding:
    if right:
        return Finding(id_, "ok", found)
    return Finding(id_, "error" if id_.startswith("E") else "warning", found, hint)
