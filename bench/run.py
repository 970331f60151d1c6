"""One run: fill the databases, start the servers, drive them in turns, hand what was measured to figures.py."""

import os
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import filling, machine, postgres, servers
from bench.asking import Asking, activities_a_page, check_genjin, check_same, page_path
from bench.contest import Contestant, Results, compete, tell
from bench.filling import Filled
from bench.load import Generator, choose_generator
from bench.machine import Cores, Memory, memory_of
from bench.servers import Server
from bench.usual import filling as usual_filling
from bench.world import Size, make_history, make_world
from bench.writing import Written, write_follow_ups, writing_meanwhile

READY = {"bare": "bare ASGI app, ready bytes", "starlette": "Starlette route, ready bytes"}
"""The factories of ready.py, and what their rows are called."""
GENJIN = ("first", "disturbed", "unchanged", "newest", "thousandth", "deepest", "records", "refusal")
USUAL = ("first", "thousandth", "records")
POSTGRES = ("first", "deepest", "records")
"""What each is asked, by the names in asking.py."""
KEYS = (
    *READY,
    *GENJIN,
    *(f"usual {asked}" for asked in USUAL),
    *(f"postgres {asked}" for asked in POSTGRES),
    "follow-ups",
)
"""Every row there is."""


@dataclass(frozen=True)
class Options:
    """What can be asked for on the command line."""

    size: Size
    rounds: int = 3
    seconds: float = 2.0
    generator: str = "auto"
    postgres: bool = True
    folder: Path | None = None
    only: frozenset[str] = frozenset()
    """Keys of KEYS; empty for all. Bare is always among them."""

    def wants(self, key: str) -> bool:
        """Whether this is to be measured."""
        return not self.only or key in self.only or key == "bare"


@dataclass(frozen=True)
class Outcome:
    """Everything that one run measured."""

    options: Options
    generator: Generator
    cores: Cores
    machine: dict[str, str]
    contestants: list[Contestant]
    results: Results
    busy: float
    """Processors that others kept busy in the minute before."""
    written: Written | None
    loaded: dict[str, float]
    """Activities a second, by engine."""
    bytes_an_activity: float
    activities_a_page: float
    at_rest: Memory | None
    after: Memory | None
    notes: list[str]


def run(options: Options) -> Outcome:
    """Measure everything; whatever was started is ended and whatever was written is removed, come what may."""
    with TemporaryDirectory(prefix="genjin-bench-", dir=options.folder) as folder, ExitStack() as stack:
        return _Run(options, Path(folder), stack).measure()


class _Run:
    def __init__(self, options: Options, folder: Path, stack: ExitStack) -> None:
        self.options, self.folder, self.stack = options, folder, stack
        self.cores = machine.choose_cores()
        self.generator = choose_generator(options.generator, self.cores.load)
        self.loaded: dict[str, float] = {}
        self.notes: list[str] = []
        self.busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        size = options.size
        tell(f"making up {size.activities:,} activities, {size.entries:,} of them on one lead")
        self.world = make_world(size)
        self.drafts, self.last_id = make_history(self.world, size)
        self.asking = Asking(folder, self.world, size)

    def measure(self) -> Outcome:
        sqlite, database = self._fill("SQLite", f"sqlite:///{self.folder}/genjin.db"), self.folder / "genjin.db"
        weight = self._bytes_an_activity(database)
        genjin = self.stack.enter_context(servers.genjin("genjin", self.folder, sqlite.url, self.cores.server))
        check_genjin(genjin, self.asking, sqlite.token)
        at_rest = memory_of(genjin.pid)
        contestants = self._contestants(genjin, sqlite)
        options = self.options
        tell(f"reading: {len(contestants)} contestants in turns, driven by {self.generator.name}")
        results = compete(contestants, self.generator, options.rounds, options.seconds)
        written = self._write(genjin, database, sqlite) if options.wants("follow-ups") else None
        return Outcome(
            options=options,
            generator=self.generator,
            cores=self.cores,
            machine=machine.describe(self.folder),
            contestants=contestants,
            results=results,
            busy=self.busy,
            written=written,
            loaded=self.loaded,
            bytes_an_activity=weight,
            activities_a_page=activities_a_page(genjin, self.asking, sqlite.token),
            at_rest=at_rest,
            after=memory_of(genjin.pid),
            notes=self.notes,
        )

    def _write(self, genjin: Server, database: Path, sqlite: Filled) -> Written:
        tell("writing")
        rounds, seconds = self.options.rounds, self.options.seconds
        return write_follow_ups(genjin, database, self.asking, self.generator, sqlite.token, rounds, seconds)

    def _contestants(self, genjin: Server, sqlite: Filled) -> list[Contestant]:
        found = self._on_ready_bytes(genjin, sqlite)
        self.asking.write_unchanged(genjin.tag(page_path(self.world.hot), sqlite.token))
        found += self._rows("", "Genjin", genjin, sqlite, GENJIN)
        if any(self.options.wants(f"usual {asked}") for asked in USUAL):
            found += self._rows("usual ", "the usual way", self._usual(genjin, sqlite), sqlite, USUAL)
        if any(self.options.wants(f"postgres {asked}") for asked in POSTGRES):
            found += self._on_postgres()
        return found

    def _rows(self, prefix: str, name: str, server: Server, filled: Filled, some: Sequence[str]) -> list[Contestant]:
        asking, token = self.asking, filled.token
        meanwhile = {"disturbed": partial(writing_meanwhile, filled.url, asking.others[0])}
        return [
            Contestant(
                f"{prefix}{asked}",
                f"{name}, {asking.titles[asked]}",
                server,
                asking[asked],
                token,
                meanwhile.get(asked, nullcontext),
            )
            for asked in some
            if self.options.wants(f"{prefix}{asked}")
        ]

    def _on_ready_bytes(self, genjin: Server, sqlite: Filled) -> list[Contestant]:
        """The ceilings: servers of the hot record's first page."""
        body = self.folder / "page.json"
        body.write_bytes(genjin.get(page_path(self.world.hot), sqlite.token))
        return [
            Contestant(
                name,
                title,
                self._uvicorn(name, f"bench.ready:{name}", {"BENCH_BODY": str(body)}),
                self.asking["first"],
                sqlite.token,
            )
            for name, title in READY.items()
            if self.options.wants(name)
        ]

    def _usual(self, genjin: Server, sqlite: Filled) -> Server:
        tell("filling the database of the usual way")
        url = f"sqlite:///{self.folder}/usual.db"
        usual_filling.fill(url, self.world, self.drafts, sqlite.ids, sqlite.token)
        usual = self._uvicorn("usual", "bench.usual.app:create_app", {"BENCH_DATABASE": url})
        check_same(genjin, usual, self.asking, sqlite.token)
        return usual

    def _uvicorn(self, name: str, factory: str, settings: dict[str, str]) -> Server:
        return self.stack.enter_context(servers.uvicorn(name, self.folder, factory, settings, self.cores.server))

    def _on_postgres(self) -> list[Contestant]:
        why = postgres.missing() if self.options.postgres else "left out as asked"
        if why:
            self.notes.append(f"PostgreSQL was not measured: {why}.")
            return []
        filled = self._fill("PostgreSQL", self.stack.enter_context(postgres.running(self.folder, self.cores.load)))
        postgres.settle(filled.url)
        server = self.stack.enter_context(servers.genjin("postgres", self.folder, filled.url, self.cores.server))
        check_genjin(server, self.asking, filled.token)
        return self._rows("postgres ", "Genjin on PostgreSQL", server, filled, POSTGRES)

    def _fill(self, engine: str, url: str) -> Filled:
        filled = filling.fill(url, self.world, self.drafts, self.last_id)
        self.loaded[engine] = len(self.drafts) / filled.seconds
        tell(f"filled {engine}: {self.loaded[engine]:,.0f} activities a second")
        return filled

    def _bytes_an_activity(self, database: Path) -> float:
        without = filling.bytes_without_activities(self.folder / "without.db", self.world, self.last_id)
        return (filling.bytes_of_sqlite(database) - without) / len(self.drafts)
