"""Compares checkouts of Genjin in turns, by processor time alone: shows a few per cent also on a busy machine.

    python -m bench.versus ../before/src src --ways kept 304 load

Each runs in a process and on a database of its own, both with this checkout's bench. What PostgreSQL itself uses is
not counted.
"""

import argparse
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench import postgres
from bench.servers import ROOT
from bench.turns import WAYS


def main() -> None:
    """Compare what the command line names, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.versus", description=__doc__.splitlines()[0])
    parser.add_argument("sources", nargs="+", type=Path, help="folders that hold the package genjin")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=["kept", "304"])
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--turns", type=int, default=20, help="of each way (default 20)")
    options = parser.parse_args()
    for line in compare(options.sources, options.ways, options.turns, options.postgres):
        print(line)


def compare(sources: list[Path], ways: list[str], turns: int, on_postgres: bool, share: int = 1) -> Iterator[str]:
    """Lines of a table. The ratio is that of the lowest quarters, which what else runs disturbs least. With a `share`
    all is that much smaller; the figures mean nothing then.
    """
    took: dict[tuple[str, int], list[float]] = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="genjin-bench-")))
        server = stack.enter_context(postgres.running(folder, None)) if on_postgres else ""
        running = []
        for n, source in enumerate(sources):
            url = postgres.another(server, f"number{n}") if server else f"sqlite:///{folder}/number{n}.db"
            running.append((n, stack.enter_context(_start(source, url, folder, share))))
        for turn in range(turns + 1):
            for way in ways:
                for n, process in running[:: -1 if turn % 2 else 1]:
                    took[way, n].append(_turn(process, way))
    yield f"{'microseconds of the processor':32}   median  lowest quarter   to first"
    for way in ways:
        quarters = []
        for n, source in enumerate(sources):
            some = sorted(took[way, n][1:])  # without the first, which warms up
            quarters.append(some[len(some) // 4])
            ratio = quarters[-1] / quarters[0]
            yield f"{WAYS[way]:32}{median(some):9.2f}{quarters[-1]:16.2f}{ratio:11.3f}   {source}"


def _start(source: Path, url: str, folder: Path, share: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "bench.turns", url, str(folder), str(share)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(source.resolve())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _turn(process: "subprocess.Popen[str]", way: str) -> float:
    assert process.stdin is not None and process.stdout is not None
    print(way, file=process.stdin, flush=True)
    return float(process.stdout.readline())


if __name__ == "__main__":
    main()
