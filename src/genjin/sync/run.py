"""One run: what is brought in which order, and what is told of it."""

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from genjin.client import Client, contract
from genjin.domain.json import JsonValue
from genjin.domain.people import Organisation
from genjin.domain.sync import Unit
from genjin.errors import InFlight, Invalid, StoreUnavailable
from genjin.service.context import Installation
from genjin.service.organisation.organisations import list_organisations, pick_organisation
from genjin.store import ids, people, syncs
from genjin.store.transaction import Tx
from genjin.sync.files import Files
from genjin.sync.follow_ups import bring_the_rest, look_for_timelines
from genjin.sync.keeping import Keeper
from genjin.sync.lists import LISTS, bring_people, bring_records
from genjin.sync.reading import do
from genjin.sync.timelines import bring_timelines
from genjin.sync.totals import Difference, differences
from genjin.sync.verifying import Unlike, verify
from genjin.wire.scalars import MAX_ID, id_or_none

FIRST_OWN_ID = 1_900_000_000
"""What is made here has ids from here on, so that it is not in the way of what will be made there."""
MOST_CHARACTERS = 255
"""Of an organisation's name."""
AT_ONCE = 100
RATE_SECONDS = 30.0
"""Over so long calls are counted for the rate that is shown."""


@dataclass(frozen=True)
class Options:
    """`recheck` are how many timelines are read again though nothing is known to have happened on them; `full` is to
    read everything again; `threads` how many timelines are read at once; `verify` how many are compared in the end;
    `with_files` is to fetch the files and recordings that they show.
    """

    recheck: int = 100
    full: bool = False
    threads: int = 4
    verify: int = 0
    with_files: bool = False
    most_file_bytes: int = 50 << 20


class Progress(NamedTuple):
    """What is being brought, how many of how many have been, and how many seconds the rest of these will take if it
    goes on as it has, as far as that is known. The calls of the run, how many a second lately; its files; `seconds`
    have passed since it began.
    """

    what: str
    done: int
    total: int
    calls: int
    rate: float
    files: int
    remaining: float | None
    seconds: float


@dataclass
class Report:
    """What a run has brought, by noun, and what is not as it should be."""

    organisation: Organisation
    calls: int = 0
    seconds: float = 0.0
    timelines: int = 0
    new: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    misfits: int = 0
    due: int = 0
    strange: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    unlike: list[Unlike] = field(default_factory=list)


class Source(NamedTuple):
    """A server, and as whom we are known there: `me` is what it tells of us."""

    url: str
    client: Client
    me: JsonValue

    @property
    def organisation_id(self) -> int:
        """The organisation there; 0 where that is not told."""
        told = self.me.get("organization_id") if isinstance(self.me, dict) else None
        return id_or_none(told) or 0

    @property
    def name(self) -> str:
        """What it is known by here."""
        return f"{self.url.rstrip('/').lower()} {self.organisation_id}"[:255]


def source_of(url: str, client: Client) -> Source:
    """Signs in, and asks who we are. Raises ClientError."""
    return Source(url, client, do(client, contract.call("GET", "/api/v2/user/info")))


def organisation_for(installation: Installation, source: Source, wanted: str) -> Organisation:
    """Where history is brought to: the organisation that is wanted, or the only one; where there is none, one is made,
    by the id that it has there. Raises NotFound, Invalid.
    """
    if wanted or list_organisations(installation):
        return pick_organisation(installation, wanted)
    id_ = source.organisation_id
    if not 0 < id_ < FIRST_OWN_ID:
        raise Invalid({"organisation": ["the server does not tell its id: run `genjin init` first, then try again"]})
    told = source.me.get("organization_name") if isinstance(source.me, dict) else None
    name = "".join(filter(str.isprintable, told))[:MOST_CHARACTERS] if isinstance(told, str) else ""
    made = Organisation(id_, name or f"企业{id_}", f"org{id_}")

    def use(tx: Tx) -> None:
        ids.raise_floor(tx, FIRST_OWN_ID)
        people.put_organisation(tx, made)

    installation.database.write(use, id_)
    return made


def synchronise(
    installation: Installation,
    source: Source,
    organisation: Organisation,
    options: Options,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """Bring what is there, or what has changed since. Raises ClientError when the server is away or does not let us in,
    InFlight when another run is at it; what was brought until then stays, and the next run goes on.
    """
    captures = organisation.id == source.organisation_id and organisation.corp_id == f"org{organisation.id}"
    keeper = Keeper(installation, organisation.id, source.name, captures)
    try:
        report = _Run(keeper, source, options, tell).all(organisation)
    except BaseException:
        with suppress(InFlight, StoreUnavailable):
            keeper.end(finished=False)
        raise
    keeper.end(finished=True)
    return report


class _Run:
    def __init__(self, keeper: Keeper, source: Source, options: Options, tell: Callable[[Progress], None]) -> None:
        self.keeper, self.options, self.tell = keeper, options, tell
        client = self.client = source.client
        self.me = source.me
        self.began, self.calls_before = time.monotonic(), client.sent
        self.what, self.done, self.total, self.timelines = "", 0, 0, 0
        self.since: tuple[float, int] | None = None
        """When it was first known how many of `what` were done, and how many."""
        most = options.most_file_bytes
        self.files = Files(keeper, source.url, most) if options.with_files else None
        self.lately = deque[tuple[float, int]]([(self.began, client.sent)])

    def all(self, organisation: Organisation) -> Report:
        report, keeper = Report(organisation), self.keeper
        self._begin("users")
        report.strange += bring_people(keeper, self.client)
        for name in LISTS:
            self._begin(name)
            report.strange += bring_records(keeper, self.client, name, self.options.full, self._tell)
        self._begin("follow-ups")
        look_for_timelines(keeper, self.client)
        self._begin("timelines")
        self._tell(0, self._count(syncs.count_due))
        how = self.options.threads, self.files, self._done, self._beat
        report.strange += bring_timelines(keeper, self.client, self._units(), *how)
        self._begin("follow-ups")
        bring_the_rest(keeper, self.client, self._tell)
        self._begin("totals")
        report.differences = list(differences(keeper))
        if self.options.verify:
            self._begin("comparing")
            how_many, draw = self.options.verify, random.Random()
            report.unlike = list(verify(keeper, self.client, self.me, how_many, draw, self._tell))
        report.misfits, report.due = self._count(syncs.count_misfits), self._count(syncs.count_due)
        report.timelines, report.calls = self.timelines, self.client.sent - self.calls_before
        report.seconds = time.monotonic() - self.began
        report.new, report.changed, report.gone = keeper.new, keeper.changed, keeper.gone
        return report

    def _units(self) -> Iterator[Unit]:
        """Those that are due, then some of those that were not looked at for long."""
        keeper, began = self.keeper, self.keeper.sync.began_at or 0
        of, after = (keeper.organisation_id, keeper.sync.id), (0, "")
        while some := keeper.read(partial(_due, *of, after)):
            yield from some
            after = some[-1].due_at or 0, some[-1].name
        most = MAX_ID if self.options.full else self.options.recheck
        stale = keeper.read(lambda tx: syncs.stale_units(tx, *of, began, most))
        self.total += len(stale)
        yield from stale

    def _count(self, count: Callable[[Tx, int, int], int]) -> int:
        return self.keeper.read(lambda tx: count(tx, self.keeper.organisation_id, self.keeper.sync.id))

    def _done(self, _: Unit) -> None:
        self.timelines += 1
        self._tell(self.timelines, self.total)

    def _beat(self) -> None:
        self.keeper.touch()
        self._show()

    def _begin(self, what: str) -> None:
        self.what, self.done, self.total, self.since = what, 0, 0, None
        self._show()

    def _tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        self.since = self.since or (time.monotonic(), done)
        self._show()

    def _show(self) -> None:
        now, sent = time.monotonic(), self.client.sent
        self.lately.append((now, sent))
        while now - self.lately[0][0] > RATE_SECONDS and len(self.lately) > 2:
            self.lately.popleft()
        since, before = self.lately[0]
        rate = (sent - before) / (now - since) if now > since else 0.0
        began, first = self.since or (now, 0)
        each = (now - began) / (self.done - first) if self.done > first else None
        remaining = None if each is None else max(0, self.total - self.done) * each
        files, calls = self.files.done if self.files else 0, sent - self.calls_before
        self.tell(Progress(self.what, self.done, self.total, calls, rate, files, remaining, now - self.began))


def _due(organisation_id: int, sync_id: int, after: tuple[int, str], tx: Tx) -> list[Unit]:
    return syncs.due_units(tx, organisation_id, sync_id, AT_ONCE, after)
