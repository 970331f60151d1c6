"""`python -m bench.importing`: how fast a table of follow-ups goes into SQLite by `genjin import table`, as a process,
to how fast bare rows of the same columns do.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.servers import Failed
from bench.world import CATEGORIES, SEED, SENTENCES

CUSTOMERS, FIRST, APART = 20_000, datetime(2022, 1, 1), timedelta(seconds=60)
MILLION, SECONDS = 1_000_000, 60
GENJIN = [sys.executable, "-c", "from genjin.cli import main; main()"]
BARE_AT_ONCE = 20_000


def main() -> int:
    """Measure, print; 0 when it could be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.importing", description=__doc__)
    parser.add_argument("--rows", type=int, default=MILLION, help="follow-ups (default 1,000,000)")
    parser.add_argument("--batch", type=int, default=0, help="rows of one transaction (default: the command's own)")
    parser.add_argument("--folder", type=Path, help="where to put the files (default: the temporary folder)")
    asked = parser.parse_args()
    try:
        with TemporaryDirectory(dir=asked.folder) as folder:
            for line in measure(Path(folder), asked.rows, asked.batch):
                print(line, flush=True)
    except Failed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


def measure(folder: Path, rows: int, batch: int) -> Iterator[str]:
    """Lines of what came out. Raises Failed when there is another number of follow-ups in the end."""
    url = f"sqlite:///{folder}/bench.db"
    customers, follow_ups = folder / "customers.csv", folder / "followups.csv"
    customers_to(customers)
    follow_ups_to(follow_ups, rows)
    _genjin(url, "init", "--login", "bench", "--password", "correct horse battery staple")
    took, _ = _genjin(url, "import", "table", str(customers), "--as", "customers", "--by", "bench")
    yield f"{CUSTOMERS:,} customers: {took:.1f} s, {CUSTOMERS / took:,.0f} rows/s"
    more = ["--batch", str(batch)] if batch else []
    took, busy = _genjin(url, "import", "table", str(follow_ups), "--as", "followups", "--by", "bench", *more)
    with closing(sqlite3.connect(f"{folder}/bench.db")) as connection:
        [(kept,)] = connection.execute("SELECT COUNT(*) FROM follow_ups")
    if kept != rows:
        raise Failed(f"{kept} follow-ups of {rows} are there")
    yield f"{rows:,} follow-ups on them: {took:.1f} s, {rows / took:,.0f} rows/s; {busy:.1f} s of processors"
    if rows >= MILLION:
        yield f"a million in under {SECONDS} s: {'yes' if took * MILLION / rows < SECONDS else 'NO'}"
    bare = _bare(folder, rows)
    yield f"bare rows of the same columns: {bare:.1f} s, {rows / bare:,.0f} rows/s"
    yield f"the import to that: {bare / took:.2f}"


def customers_to(path: Path) -> None:
    """Write a table of CUSTOMERS."""
    path.write_text("客户名称,联系电话\n" + "".join(f"{_name(nth)},0215{nth:07}\n" for nth in range(CUSTOMERS)))


def follow_ups_to(path: Path, rows: int) -> None:
    """Write a table of so many follow-ups on them."""
    with path.open("w") as file:
        file.write("客户名称,跟进人,跟进时间,跟进方式,跟进内容\n")
        file.writelines(_lines(rows))


def _name(nth: int) -> str:
    return f"示例科技{nth:05}有限公司"


def _lines(rows: int) -> Iterator[str]:
    """Follow-ups as they happened, each on some customer."""
    rng, at, labels = Random(SEED), FIRST, CATEGORIES[:1]
    for _ in range(rows):
        at += APART
        text = rng.choice(SENTENCES) + rng.choice(SENTENCES)
        yield f"{_name(rng.randrange(CUSTOMERS))},bench,{at:%Y-%m-%d %H:%M},{labels[0]},{text}\n"


def _genjin(url: str, *arguments: str) -> tuple[float, float]:
    """Run a command; the seconds that it took, and those of processors, which others on the machine do not add to.
    Raises Failed.
    """
    settings = {name: value for name, value in os.environ.items() if not name.startswith("GENJIN_")}
    began, before = perf_counter(), os.times()
    done = subprocess.run(
        [*GENJIN, *arguments], env=settings | {"GENJIN_DATABASE_URL": url}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"genjin {arguments[0]}: {done.stdout}{done.stderr}")
    after = os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return perf_counter() - began, busy


def _bare(folder: Path, rows: int) -> float:
    """The seconds for the same rows in a table of the columns of activities, without an index but its key."""
    columns = 17
    with closing(sqlite3.connect(f"{folder}/bare.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        names = ", ".join(f"c{nth}" for nth in range(2, columns))
        connection.execute(f"CREATE TABLE bare (c0, c1, {names}, PRIMARY KEY (c0, c1)) WITHOUT ROWID")
        rng, text = Random(SEED), (SENTENCES[0] + SENTENCES[1]).encode()
        began = perf_counter()
        for start in range(0, rows, BARE_AT_ONCE):
            some = [
                (1, nth, 3, 7, 2, rng.randrange(CUSTOMERS), nth, nth, nth, 0, None, None, 5, text, None, None, 0)
                for nth in range(start, min(start + BARE_AT_ONCE, rows))
            ]
            connection.execute("BEGIN")
            connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * columns)})", some)
            connection.execute("COMMIT")
        return perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
