"""One run: fill the databases, start the servers, drive them in turns, hand what was measured to figures.py."""

import os
from contextlib import ExitStack
from dataclasses import dataclass
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
from bench.writing import Written, write_follow_ups


@dataclass(frozen=True)
class Options:
    """What can be asked for on the command line."""

    size: Size
    rounds: int = 3
    seconds: float = 3.0
    generator: str = "auto"
    postgres: bool = True
    folder: Path | None = None


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
    written: Written
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
        tell("writing")
        written = write_follow_ups(
            genjin, database, self.asking, self.generator, sqlite.token, options.rounds, options.seconds
        )
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

    def _contestants(self, genjin: Server, sqlite: Filled) -> list[Contestant]:
        pages, ready = self.asking.pages, self._ready(genjin, sqlite)
        usual, token = self._usual(genjin, sqlite), sqlite.token
        found = [Contestant(name, title, ready[name], self.asking["first"], token) for name, title in READY.items()]
        asked = {
            "first": "Genjin, hot record, page 1",
            "thousandth": f"Genjin, hot record, page {pages['thousandth']:,}",
            "middle": f"Genjin, hot record, middle page ({pages['middle']:,})",
            "last": f"Genjin, hot record, last page ({pages['last']:,})",
            "random": f"Genjin, random records of {len(self.asking.others):,}",
            "refusal": "Genjin, refusal of a missing record",
        }
        found += [Contestant(name, title, genjin, self.asking[name], token) for name, title in asked.items()]
        asked = {
            "first": "the usual way, hot record, page 1",
            "thousandth": f"the usual way, hot record, page {pages['thousandth']:,}",
            "random": "the usual way, random records",
        }
        found += [Contestant(f"usual {name}", title, usual, self.asking[name], token) for name, title in asked.items()]
        return found + self._on_postgres()

    def _ready(self, genjin: Server, sqlite: Filled) -> dict[str, Server]:
        """The servers of ready bytes: those of the hot record's first page."""
        body = self.folder / "page.json"
        body.write_bytes(genjin.get(page_path(self.world.hot), sqlite.token))
        settings = {"BENCH_BODY": str(body)}
        return {name: self._uvicorn(name, f"bench.ready:{name}", settings) for name in READY}

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
        asked = {
            "first": "Genjin on PostgreSQL, hot record, page 1",
            "last": f"Genjin on PostgreSQL, hot record, page {self.asking.pages['last']:,}",
            "random": "Genjin on PostgreSQL, random records",
        }
        return [
            Contestant(f"postgres {name}", title, server, self.asking[name], filled.token)
            for name, title in asked.items()
        ]

    def _fill(self, engine: str, url: str) -> Filled:
        filled = filling.fill(url, self.world, self.drafts, self.last_id)
        self.loaded[engine] = len(self.drafts) / filled.seconds
        tell(f"filled {engine}: {self.loaded[engine]:,.0f} activities a second")
        return filled

    def _bytes_an_activity(self, database: Path) -> float:
        without = filling.bytes_without_activities(self.folder / "without.db", self.world, self.last_id)
        return (filling.bytes_of_sqlite(database) - without) / len(self.drafts)


READY = {"bare": "bare ASGI app, ready bytes", "starlette": "Starlette route, ready bytes"}
"""The factories of ready.py, and what their rows are called."""
