"""`python -m bench.curves FOLDER`: the plots of docs/performance.md, latency by length of a history and by database.

One client asks and waits for each answer. Genjin keeps no answers here (`GENJIN_KEPT_BYTES=0`): every page is read
and rendered anew.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import filling, machine, postgres, servers
from bench.asking import PAGE_SIZE, Asking, page_path
from bench.contest import Contestant, Results, compete, tell
from bench.filling import Filled
from bench.load import Measured, choose_generator, write_requests
from bench.svg import Line, draw
from bench.world import Size, highest_id, make_history, make_world
from genjin.domain.clock import SystemClock

LENGTHS = (100, 1_000, 10_000, 30_000, 100_000)
SIZES = (10_000, 100_000, 1_000_000)
QUICK_LENGTHS, QUICK_SIZES = (100, 300), (1_000, 2_000)
BESIDE, QUICK_BESIDE = 10_000, 1_000
"""Activities of all others, beside a history whose length is in question."""
HOT = 100
"""Activities of the hot lead, where the size of the database is in question: as many as all others have."""
ENGINES = ("SQLite", "PostgreSQL")
UNKEPT = {"GENJIN_KEPT_BYTES": "0"}


@dataclass(frozen=True)
class Point:
    """Which line of which plot it is on, and where: by the length of the history, or by the database's size."""

    plot: str
    line: str
    x: int
    contestant: Contestant


@dataclass
class _Curves:
    """Databases and servers of one run."""

    folder: Path
    stack: ExitStack
    cores: machine.Cores = field(default_factory=machine.choose_cores)
    points: list[Point] = field(default_factory=list)
    server_url: str = ""
    """Of PostgreSQL; empty where it is left out."""

    def by_length(self, length: int, beside: int) -> None:
        """Page 1, page 1,000 where there is one, and the last full page of a record with so many entries."""
        pages = {"page 1": 1, "page 1,000": 1_000, "the last page": length // PAGE_SIZE}
        for engine, asking, filled, server in self._served(Size(length, beside, beside // HOT, 10)):
            for line, page in pages.items():
                if page <= pages["the last page"]:
                    name = f"{engine}, {length:,} entries, {line}"
                    requests = asking.folder / f"page {page}.requests"
                    write_requests(requests, [("GET", page_path(asking.hot, page), "", "")])
                    contestant = Contestant(name, name, server, requests, filled.token, connections=1)
                    self.points.append(Point(f"history-length {engine}", line, length, contestant))

    def by_size(self, size: int) -> None:
        """First pages of records from all over a database with so many activities."""
        for engine, asking, filled, server in self._served(Size.spread(size, HOT)):
            name = f"{engine}, {size:,} activities, {asking.titles['records']}"
            contestant = Contestant(name, name, server, asking["records"], filled.token, connections=1)
            self.points.append(Point("database-size", engine, size, contestant))

    def _served(self, size: Size) -> Iterator[tuple[str, Asking, Filled, servers.Server]]:
        world = make_world(size)
        for engine in ENGINES if self.server_url else ENGINES[:1]:
            name = f"{engine}_{size.entries}_{size.others}".lower()
            tell(f"filling {engine}: {size.activities:,} activities, {size.entries:,} of them on one lead")
            url = f"{filling.SQLITE}{self.folder}/{name}.db"
            if engine != "SQLite":
                url = postgres.another(self.server_url, name)
            filled = filling.fill(url, world, make_history(world, size), highest_id(world, size))
            running = servers.genjin(name, self.folder, filled.url, self.cores.server, settings=UNKEPT)
            requests = self.folder / f"requests of {name}"
            requests.mkdir()
            yield engine, Asking(requests, world, size), filled, self.stack.enter_context(running)


def main() -> int:
    """Measure, and write the plots into the folder."""
    options = _options()
    lengths, sizes, beside = options.lengths, options.sizes, BESIDE
    if options.quick:
        lengths, sizes, beside = QUICK_LENGTHS, QUICK_SIZES, QUICK_BESIDE
    busy = os.getloadavg()[0]
    try:
        with TemporaryDirectory(prefix="genjin-bench-", dir=options.temporary) as folder, ExitStack() as stack:
            curves = _Curves(Path(folder), stack)
            if options.postgres and not postgres.missing():
                curves.server_url = stack.enter_context(postgres.running(curves.folder, curves.cores.load))
            for length in lengths:
                curves.by_length(length, beside)
            for size in sizes:
                curves.by_size(size)
            generator = choose_generator("python" if options.quick else "auto", curves.cores.load)
            contestants = [point.contestant for point in curves.points]
            rounds, seconds = (1, 0.1) if options.quick else (options.rounds, options.seconds)
            results = compete(contestants, generator, rounds, seconds)
            caption = _caption(generator.name, machine.describe(curves.folder), busy)
    except servers.Failed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, plot in _plots(curves.points, results, caption):
        (options.folder / f"{name}.svg").write_text(plot)
        print(options.folder / f"{name}.svg")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.curves", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to put the plots")
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, help="of the history; at least 15")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the database, in activities")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of turns (default 3)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a turn (default 2)")
    parser.add_argument("--no-postgres", dest="postgres", action="store_false", help="leave PostgreSQL out")
    parser.add_argument("--temporary", type=Path, help="where to put the databases (default: the system's folder)")
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes; the plots mean nothing")
    return parser.parse_args()


def _caption(generator: str, about: dict[str, str], busy: float) -> list[str]:
    day = f"{datetime.fromtimestamp(SystemClock().now(), UTC):%Y-%m-%d}"
    others = f"; others used the machine (load {busy:.1f})" if busy > 0.5 else ""
    return [
        f"{day}, {about['processor']}, {about['cores']} cores, {about['python']}{others}",
        f"One client that waits for each answer, driven by {generator}; every page is read and rendered anew.",
        "Whole lines: half of the answers came in that time; dashed: 99 in 100.",
        f"python -m bench.curves {shlex.join(sys.argv[1:])}",
    ]


def _plots(points: Sequence[Point], results: Results, caption: list[str]) -> Iterator[tuple[str, str]]:
    """The name of each file and what is in it."""
    titles = {"database-size": ("First pages of records from all over the database", "activities in the database")}
    for engine in ENGINES:
        title = f"One record's timeline on {engine}"
        titles[f"history-length {engine}"] = title, "entries of the record's history"
    for plot, (title, x_name) in titles.items():
        some = [point for point in points if point.plot == plot]
        for point in some:
            p50, p99 = (results.of(point.contestant.key, what) for what in (_p50, _p99))
            tell(f"{point.contestant.title}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
        if some:
            lines = list(_lines(some, results))
            yield plot.lower().replace(" ", "-"), draw(title, x_name, "milliseconds an answer", lines, caption)


def _lines(points: Sequence[Point], results: Results) -> Iterator[Line]:
    for name in dict.fromkeys(point.line for point in points):
        at = [(point.x, point.contestant.key) for point in points if point.line == name]
        yield Line(f"{name}, half", [(x, results.of(key, _p50)) for x, key in at])
        yield Line(f"{name}, 99 in 100", [(x, results.of(key, _p99)) for x, key in at], beside=True)


def _p50(measured: Measured) -> float:
    return measured.p50_ms


def _p99(measured: Measured) -> float:
    return measured.p99_ms


if __name__ == "__main__":
    sys.exit(main())
