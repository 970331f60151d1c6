"""The databases of the smaller benches: a file of SQLite and a PostgreSQL of their own."""

import argparse
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import postgres


def add_engines(parser: argparse.ArgumentParser) -> None:
    """The option of which to measure."""
    parser.add_argument("--engines", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])


def print_of_each(engines: Iterable[str], name: str, measure: Callable[[str], Iterable[str]]) -> None:
    """Print the lines that are measured at the URL of an empty database of each engine, as they come."""
    with TemporaryDirectory(prefix="genjin-bench-") as folder, ExitStack() as stack:
        for engine in engines:
            if engine == "postgresql" and (why := postgres.missing()):
                print(f"PostgreSQL: {why}")
                continue
            url = f"sqlite:///{folder}/genjin.db"
            if engine == "postgresql":
                url = postgres.another(stack.enter_context(postgres.running(Path(folder), None)), name)
            for line in measure(url):
                print(line, flush=True)
