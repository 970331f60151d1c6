"""`python -m bench.reporting`: reports of a year of many entries, on both engines, for who sees all, a department, and
the own records; while the last day is being written. With `--straight`, the tallies of all but the last days go into
their tables straight away: a minute instead of a quarter of an hour, for the reports that they answer.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from random import Random
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import text
from starlette.types import ASGIApp

from bench.engines import add_engines, print_of_each
from bench.filling import bytes_of, in_batches
from bench.searching import TIMES, ask
from genjin.app import build
from genjin.domain.activity import Draft
from genjin.domain.calendar import calendar_of
from genjin.domain.call import Call
from genjin.domain.change import Change, ChangeDetails
from genjin.domain.kinds import (
    CALL_MADE,
    CHECKED_IN,
    FOLLOW_UP_WRITTEN,
    RECORD_CREATED,
    RECORD_EDITED,
    STATUS_CHANGED,
    Kind,
)
from genjin.domain.people import DataScope, Department, Organisation, Role, User
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.report import NOTHING, Tally
from genjin.logs import configure_logs
from genjin.service.activities import record_many
from genjin.service.context import Installation, open_installation
from genjin.service.organisation.signin import create_token
from genjin.service.reports.tallying import keep_tallies
from genjin.settings import Settings
from genjin.store import calls, ids, people, records, schema, tallies
from genjin.store.transaction import Tx

ORGANISATION, FIRST_DAY, DAYS = 1, 1_672_502_400, 365
"""2023-01-01 00:00 in Shanghai."""
SELLERS, DEPARTMENTS, OF_A_RECORD = 200, 10, 50
BATCH, LAST_DAYS = 5_000, 5
OWN = 0.97
"""How many of the entries on a record are its owner's."""
KINDS = (CALL_MADE,) * 9 + (FOLLOW_UP_WRITTEN,) * 8 + (CHECKED_IN,) + (RECORD_EDITED, STATUS_CHANGED)
SPAN = "from=2023-01-01&to=2023-12-31"
TALLIED = {
    "calls by person": f"calls?{SPAN}",
    "calls by department": f"calls?by=department&{SPAN}",
    "calls by day": f"calls?by=day&{SPAN}",
    "calls by hour": f"calls?by=hour&{SPAN}",
    "follow-ups by month": f"follow-ups?by=month&{SPAN}",
    "calls of one department by hour": f"calls?by=hour&department=3&{SPAN}",
    "leads by person": f"leads?{SPAN}",
}
OTHERS = {
    "conversion": f"conversion?{SPAN}",
    "first response": f"first-response?{SPAN}",
    "follow-up rate": f"follow-up-rate?type=leads&{SPAN}",
    "statuses": f"statuses?{SPAN}",
}


def main() -> int:
    """Measure, print a table for each engine."""
    parser = argparse.ArgumentParser(prog="python -m bench.reporting", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    add_engines(parser)
    parser.add_argument("--straight", action="store_true", help="write no entries but those of the last days")
    asked = parser.parse_args()
    configure_logs("warning", "json")
    print_of_each(asked.engines, "reporting", lambda url: measure(url, asked.entries, asked.straight))
    return 0


def measure(url: str, entries: int, straight: bool) -> Iterator[str]:
    """Lines of a table: milliseconds from the request to the answer, within the process."""
    settings = Settings(database_url=url)
    installation = open_installation(settings)
    with closing(installation.database):
        schema.upgrade(installation.database)
        installation.database.write(partial(_put_people, entries))
        written = entries * LAST_DAYS // DAYS if straight else entries
        _fill(installation, entries, entries - written)
        if installation.database.engine == "postgresql":  # as it would by itself within a minute or so
            installation.database.write(lambda tx: tx.execute(text("ANALYZE")))
        app = build(installation, settings)
        tokens = {
            who: create_token(installation, ORGANISATION, login, "bench")
            for who, login in {"all": "u0", "a department": "u1", "the own": "u2"}.items()
        }
        live, _ = asyncio.run(ask(app, f"/api/v1/reports/{TALLIED['calls by person']}", tokens["all"], 0))
        before, began = bytes_of(url), perf_counter()
        keep_tallies(installation)
        took = perf_counter() - began
        each, more = took / written * 1e6, (bytes_of(url) - before) / written
        yield f"{installation.database.engine}, a year of {entries:,} entries: {each:.0f} us each to tally,"
        yield f"  which adds {more:.1f} bytes; without tallies {live[0]:.0f} ms for {written:,} entries"
        if straight:
            _tally_straight(installation, entries - written)
        installation.database.write(partial(_write_on, Random(3), entries, (DAYS - 1) * 86_400, 20), ORGANISATION)
        yield f"  {'milliseconds':56}{'median':>8}{'longest':>9}{'computed':>10}"
        for who, token in tokens.items():
            for title, path in (TALLIED if straight else TALLIED | OTHERS).items():
                waited, computed = _ask(app, f"/api/v1/reports/{path}", token)
                figures = f"{median(waited):8.1f}{max(waited):9.1f}{median(computed):10.1f}"
                yield f"  {f'who sees {who}, {title}':56}{figures}"


def _ask(app: ASGIApp, path: str, token: str) -> tuple[list[float], list[float]]:
    """Milliseconds of each answer, and how many of them this process computed, which others on the machine hardly
    change; what PostgreSQL computes is not among them.
    """
    took, computed = list[float](), list[float]()
    for _ in range(TIMES + 1):
        began = process_time()
        took += asyncio.run(ask(app, path, token, 0))[0]
        computed.append((process_time() - began) * 1000)
    return took[1:], computed[1:]


def _put_people(entries: int, tx: Tx) -> None:
    """A seller of each department in turn; the first one manages theirs."""
    roles = [Role(1, "管理员", DataScope.ALL), Role(2, "经理", DataScope.DEPARTMENT), Role(3, "销售", DataScope.SELF)]
    users = [
        User(10 + n, f"销售{n}", FIRST_DAY, login=f"u{n}", role_id=min(n, 2) + 1, department_id=_department(n))
        for n in range(SELLERS + 1)
    ]
    people.put_organisation(tx, Organisation(ORGANISATION, "示例公司", "bench"))
    people.put_departments(tx, ORGANISATION, [Department(1 + n, f"部门{n}") for n in range(DEPARTMENTS)])
    people.put_roles(tx, ORGANISATION, roles)
    people.put_users(tx, ORGANISATION, users)
    ids.raise_floor(tx, 1_000)
    for numbers in in_batches(range(entries // OF_A_RECORD), BATCH):
        records.put_records(tx, ORGANISATION, [_lead(n) for n in numbers])
    ids.raise_floor(tx, 1_001 + entries // OF_A_RECORD)


def _lead(n: int) -> Record:
    seller = 1 + n % SELLERS
    owner = (10 + seller, 10 + seller, _department(seller))
    return Record(RecordType.LEAD, 1_000 + n, f"示例线索{n}", *owner, FIRST_DAY, FIRST_DAY)


def _department(seller: int) -> int:
    return 1 + seller % DEPARTMENTS


def _fill(installation: Installation, entries: int, done: int) -> None:
    """Each lead was created on the first day; the first `done` of the entries are left out."""
    rng = Random(1)
    for numbers in in_batches(range(entries // OF_A_RECORD), BATCH):
        made = [Draft(RECORD_CREATED, 11, Ref(RecordType.LEAD, 1_000 + n), FIRST_DAY, FIRST_DAY) for n in numbers]
        installation.database.write(lambda tx, made=made: record_many(tx, ORGANISATION, made), ORGANISATION)  # type: ignore[misc]
    while done < entries:
        count = min(BATCH, entries - done)
        moment = done * DAYS // entries * 86_400
        installation.database.write(partial(_write_on, rng, entries, moment, count), ORGANISATION)
        done += count


def _tally_straight(installation: Installation, entries: int) -> None:
    """The tallies that so many entries would make on all days but the last ones."""
    rng = Random(2)
    audiences = installation.database.read(lambda tx: sorted(tallies.audiences_kept(tx, ORGANISATION)), ORGANISATION)
    calendar, days = calendar_of("Asia/Shanghai"), DAYS - LAST_DAYS
    for nth in range(days):
        daily, hourly = tallies.Daily(), tallies.Hourly()
        for _ in range(entries // days):
            owner, kind = rng.randrange(SELLERS), rng.choice(KINDS)
            seller = owner if rng.random() < OWN else rng.randrange(SELLERS)
            seconds = rng.randrange(600) if kind is CALL_MADE and rng.random() < 0.6 else None
            counts = (
                kind is CALL_MADE,
                seconds is not None,
                seconds or 0,
                kind is FOLLOW_UP_WRITTEN,
                kind is CHECKED_IN,
            )
            key, tally = (audiences[owner % len(audiences)], 11 + seller), Tally(*map(int, counts))
            daily[key] = daily.get(key, NOTHING).plus(tally)
            if tally.calls:
                hour = 9 + rng.randrange(9), *key
                hourly[hour] = hourly.get(hour, NOTHING).plus(tally)
        day = calendar.day(FIRST_DAY) + nth
        installation.database.write(partial(_put_day, day, daily, hourly), ORGANISATION)


def _put_day(day: int, daily: tallies.Daily, hourly: tallies.Hourly, tx: Tx) -> None:
    tallies.put_day(tx, ORGANISATION, day, {key: tally for key, tally in daily.items() if tally != NOTHING}, hourly)


def _write_on(rng: Random, entries: int, moment: int, count: int, tx: Tx) -> None:
    """So many entries within a batch's worth of days, from nine to six, most of them by who owns the record."""
    days = max(1, count * DAYS // entries)
    fresh, drafts, made = iter(ids.allocate(tx, count)), list[Draft](), list[Call]()
    for _ in range(count):
        n = rng.randrange(entries // OF_A_RECORD)
        seller = 1 + (n if rng.random() < OWN else rng.randrange(SELLERS)) % SELLERS
        at = FIRST_DAY + moment + rng.randrange(days) * 86_400 + 9 * 3_600 + rng.randrange(9 * 3_600)
        kind: Kind = rng.choice(KINDS)
        changed = ChangeDetails((Change("status", "1", "2"),)) if kind is STATUS_CHANGED else None
        draft = Draft(kind, 10 + seller, Ref(RecordType.LEAD, 1_000 + n), at, at, next(fresh), details=changed)
        drafts.append(draft)
        if kind is CALL_MADE:
            seconds = rng.randrange(600) if rng.random() < 0.6 else 0
            told = {"seconds": seconds, "connected": seconds > 0}
            made.append(Call(draft.object_id or 0, draft.actor_id, draft.target, "", at, at, **told))  # type: ignore[arg-type]
    record_many(tx, ORGANISATION, drafts)
    calls.put(tx, ORGANISATION, *made)


if __name__ == "__main__":
    sys.exit(main())
