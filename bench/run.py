"""One run: fill the databases, start the servers, drive them in turns, hand what was measured to figures.py."""

import os
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import filling, machine, postgres, servers
from bench.activity_stream import filling as stream_filling
from bench.asking import Asking, activities_a_page, check_genjin, check_same, check_same_list, page_path
from bench.contest import Contestant, Results, compete, tell
from bench.filling import Filled
from bench.load import Generator, choose_generator
from bench.machine import Cores, Memory, memory_of
from bench.options import READY, WRITTEN, Options
from bench.servers import Server
from bench.usual import filling as usual_filling
from bench.world import highest_id, make_history, make_world
from bench.writing import Written, write_follow_ups, writing_meanwhile

TWO = 2
"""Workers, on the cores that there are: they share them with the load generator when these are only two."""


@dataclass
class Outcome:
    """Everything that one run measured."""

    options: Options
    generator: Generator
    cores: Cores
    machine: dict[str, str]
    busy: float
    """Processors that others kept busy in the minute before."""
    contestants: list[Contestant] = field(default_factory=list)
    results: Results = field(default_factory=Results)
    written: dict[str, Written] = field(default_factory=dict)
    """By the keys of WRITTEN."""
    filled: dict[str, Filled] = field(default_factory=dict)
    """By engine."""
    memory: dict[str, Memory] = field(default_factory=dict)
    """By what server it is and when: `SQLite, at rest`."""
    activities_a_page: float = 0.0
    notes: list[str] = field(default_factory=list)


def run(options: Options) -> Outcome:
    """Measure everything; whatever was started is ended and whatever was written is removed, come what may."""
    with TemporaryDirectory(prefix="genjin-bench-", dir=options.folder) as folder, ExitStack() as stack:
        return _Run(options, Path(folder), stack).measure()


class _Run:
    def __init__(self, options: Options, folder: Path, stack: ExitStack) -> None:
        self.options, self.folder, self.stack = options, folder, stack
        busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        self.cores = machine.choose_cores()
        generator = choose_generator(options.generator, self.cores.load)
        self.outcome = Outcome(options, generator, self.cores, machine.describe(folder), busy)
        self.world = make_world(options.size)
        self.asking = Asking(folder, self.world, options.size)
        self.genjin: dict[str, Server] = {}

    def measure(self) -> Outcome:
        outcome, options = self.outcome, self.options
        sqlite = self._fill("SQLite", f"{filling.SQLITE}{self.folder}/genjin.db")
        genjin = self._genjin("SQLite", sqlite)
        outcome.contestants = [*self._on_ready_bytes(genjin, sqlite), *self._rows("", "Genjin", genjin, sqlite)]
        self._other_contestants(genjin, sqlite)
        tell(f"reading: {len(outcome.contestants)} contestants in turns, driven by {outcome.generator.name}")
        outcome.results = compete(outcome.contestants, outcome.generator, options.rounds, options.seconds)
        self._write()
        outcome.activities_a_page = activities_a_page(genjin, self.asking, sqlite.token)
        for name, server in self.genjin.items():
            self._weigh(name, "after all load", server)
        return outcome

    def _other_contestants(self, genjin: Server, sqlite: Filled) -> None:
        found, options = self.outcome.contestants, self.options
        if options.asked("usual "):
            found += self._rows("usual ", "the usual way", self._usual(genjin, sqlite), sqlite)
        if options.asked("two "):
            two = self._genjin("SQLite, 2 workers", sqlite, TWO)
            found += self._rows("two ", "Genjin, 2 workers", two, sqlite)
        if options.on_postgres():
            self._on_postgres()

    def _on_postgres(self) -> None:
        why = postgres.missing() if self.options.postgres else "left out as asked"
        if why:
            self.outcome.notes.append(f"PostgreSQL was not measured: {why}.")
            return
        found, name = self.outcome.contestants, "Genjin on PostgreSQL"
        url = self.stack.enter_context(postgres.running(self.folder, self.cores.load))
        filled = self._fill("PostgreSQL", url)
        server = self._genjin("PostgreSQL", filled)
        found += self._rows("postgres ", name, server, filled)
        if self.options.asked("two postgres "):
            two = self._genjin("PostgreSQL, 2 workers", filled, TWO)
            found += self._rows("two postgres ", f"{name}, 2 workers", two, filled)
        if self.options.asked("stream "):
            self._on_activity_stream(server, filled)

    def _on_activity_stream(self, genjin: Server, filled: Filled) -> None:
        if why := stream_filling.missing():
            self.outcome.notes.append(f"django-activity-stream was not measured: {why}.")
            return
        name = "django-activity-stream"
        tell(f"filling the database of {name}")
        url = stream_filling.fill(filled.url, self.world, make_history(self.world, self.options.size))
        settings, core = stream_filling.settings_of(url), self.cores.server
        application = "bench.activity_stream.app:application"
        server = self.stack.enter_context(servers.gunicorn(name, self.folder, application, settings, core))
        check_same_list(genjin, server, self.asking, filled.token)
        rows = self._rows("stream ", name, server, filled)
        self.outcome.contestants += [replace(row, connections=servers.THREADS) for row in rows]

    def _rows(self, prefix: str, name: str, server: Server, filled: Filled) -> list[Contestant]:
        asking, token = self.asking, filled.token
        meanwhile = {"disturbed": partial(writing_meanwhile, filled.url, asking.others[0])}
        return [
            Contestant(
                f"{prefix}{asked}",
                f"{name}, {asking.titles[asked]}",
                server,
                asking.unchanged(server, token) if asked == "unchanged" else asking[asked],
                token,
                meanwhile.get(asked, nullcontext),
            )
            for asked in self.options.asked(prefix)
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
        url = f"{filling.SQLITE}{self.folder}/usual.db"
        history = make_history(self.world, self.options.size)
        usual_filling.fill(url, self.world, history, sqlite.ids, sqlite.token)
        usual = self._uvicorn("usual", "bench.usual.app:create_app", {"BENCH_DATABASE": url})
        check_same(genjin, usual, self.asking, sqlite.token)
        return usual

    def _write(self) -> None:
        rounds, seconds = self.options.rounds, self.options.seconds
        engines = {"": "SQLite", "postgres ": "PostgreSQL"}
        for key in filter(self.options.wants, WRITTEN):
            engine = engines[key.partition("follow-ups")[0]]
            if engine in self.genjin:
                tell(f"writing: {key}")
                self.outcome.written[key] = write_follow_ups(
                    self.genjin[engine],
                    self.outcome.filled[engine],
                    self.asking,
                    self.outcome.generator,
                    rounds,
                    seconds,
                    singly=key.endswith("singly"),
                )

    def _uvicorn(self, name: str, factory: str, settings: dict[str, str]) -> Server:
        return self.stack.enter_context(servers.uvicorn(name, self.folder, factory, settings, self.cores.server))

    def _genjin(self, name: str, filled: Filled, workers: int = 1) -> Server:
        core = self.cores.server if workers == 1 else None
        server = self.stack.enter_context(servers.genjin(name, self.folder, filled.url, core, workers))
        check_genjin(server, self.asking, filled.token)
        self._weigh(name, "at rest", server)
        self.genjin[name] = server
        return server

    def _weigh(self, name: str, when: str, server: Server) -> None:
        if (memory := memory_of(server.pid)) is not None:
            self.outcome.memory[f"{name}, {when}"] = memory

    def _fill(self, engine: str, url: str) -> Filled:
        size = self.options.size
        tell(f"filling {engine}: {size.activities:,} activities, {size.entries:,} of them on one lead")
        filled = filling.fill(url, self.world, make_history(self.world, size), highest_id(self.world, size))
        self.outcome.filled[engine] = filled
        tell(f"filled {engine}: {filled.rate:,.0f} activities a second")
        return filled
