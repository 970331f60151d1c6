"""`python -m bench.everything`: how fast everything of an organisation comes out of SQLite by `genjin export
everything`, and in again by `genjin import everything`, as processes, and how much memory they take.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from bench.importing import GENJIN, customers_to, follow_ups_to
from bench.servers import Failed

ROWS = 100_000


class Ran(NamedTuple):
    """What a command took: seconds, and megabytes at most."""

    seconds: float
    megabytes: float


def main() -> int:
    """Measure, print; 0 when it could be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.everything", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="follow-ups (default 100,000)")
    parser.add_argument("--folder", type=Path, help="where to put the files (default: the temporary folder)")
    asked = parser.parse_args()
    try:
        with TemporaryDirectory(dir=asked.folder) as folder:
            for line in measure(Path(folder), asked.rows):
                print(line, flush=True)
    except Failed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def measure(folder: Path, rows: int) -> Iterator[str]:
    """Lines of what came out. Raises Failed when another export of what was brought in is not the same."""
    url, other = (f"sqlite:///{folder}/{name}.db" for name in ("bench", "other"))
    customers_to(folder / "customers.csv")
    follow_ups_to(folder / "followups.csv", rows)
    _genjin(url, "init", "--login", "bench", "--password", "correct horse battery staple")
    for noun in ("customers", "followups"):
        _genjin(url, "import", "table", f"{folder}/{noun}.csv", "--as", noun, "--by", "bench")
    _genjin(other, "db", "upgrade")
    first, again = folder / "first.tar", folder / "again.tar"
    lines = 0
    for what, at, command in (
        ("out", url, ("export", "everything", str(first))),
        ("in", other, ("import", "everything", str(first))),
        ("out again", other, ("export", "everything", str(again))),
    ):
        ran = _genjin(at, *command)
        lines = lines or sum(part.count(b"\n") for part in _parts(first))
        yield (
            f"{lines:,} lines {what}: {ran.seconds:.1f} s, {lines / ran.seconds:,.0f} lines/s,"
            f" {ran.megabytes:,.0f} MB of memory at most"
        )
    if list(_parts(first)) != list(_parts(again)):
        raise Failed("another export of what was brought in is not the same")
    yield f"the same to the byte: yes, {first.stat().st_size / 1e6:,.0f} MB"


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(1_000_000):
            yield part


def _genjin(url: str, *arguments: str) -> Ran:
    """Run a command. Raises Failed."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("GENJIN_")}
    began = perf_counter()
    with subprocess.Popen(
        [*GENJIN, *arguments], env=settings | {"GENJIN_DATABASE_URL": url}, stdout=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"genjin {' '.join(arguments[:2])} ended with {process.returncode}")
    return Ran(perf_counter() - began, used.ru_maxrss / 1024)


if __name__ == "__main__":
    sys.exit(main())
