"""`make bench` and `make bench-full`, or `python -m bench`: measure Genjin against its ceilings, targets and others."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from bench.figures import across, report_of
from bench.options import KEYS, SHORT, Options
from bench.report import keep, lines, lines_of
from bench.run import Outcome, run
from bench.servers import Failed
from bench.stages import profile
from bench.world import Size

QUICK = Size(entries=1_500, others=1_500, leads=100, customers=10)
SIZES = [2_000_000, 20_000_000]
QUICK_SIZES = [3_000, 4_500]


def main() -> int:
    """Run what is asked for; 0 when it could be measured, whether the targets are met or not."""
    options = _options()
    signal.signal(signal.SIGTERM, _stop)
    try:
        if options.profile:
            for line in profile(_sizes(options)[0], 100 if options.quick else 3_000):
                print(line)
            return 0
        _measure(options)
    except Failed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 130
    return 0


def _measure(options: argparse.Namespace) -> None:
    """Each size is a run of its own; in the end they are compared."""
    outcomes: list[Outcome] = []
    for size in _sizes(options):
        outcomes.append(run(_run_options(options, size, first=not outcomes)))
        report = report_of(outcomes[-1])
        for line in lines(report):
            print(line)
        if options.keep:
            print(f"\nKept in {keep(report)}")
        print(flush=True)
    if compared := across(outcomes):
        for line in lines_of(compared):
            print(line)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="every row, at each of --sizes; takes hours")
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        metavar="ACTIVITIES",
        help="of the databases of --full (default 2 and 20 million)",
    )
    parser.add_argument("--entries", type=int, help="activities of the hot lead (default 20,000; --full: 100,000)")
    parser.add_argument("--others", type=int, default=80_000, help="without --full: of all others (default 80,000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of turns (default 3)")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a turn (default 2)")
    parser.add_argument("--generator", choices=("auto", "wrk", "python"), default="auto")
    parser.add_argument("--no-postgres", action="store_true", help="leave PostgreSQL out")
    parser.add_argument("--only", nargs="+", choices=KEYS, default=(), help="these rows alone, and bare")
    parser.add_argument(
        "--folder", type=Path, help="where to put the databases (default: the system's temporary folder)"
    )
    parser.add_argument("--no-keep", dest="keep", action="store_false", help="write no file into bench/results")
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes; the figures mean nothing")
    parser.add_argument("--profile", action="store_true", help="where the time of one request goes, in process")
    return parser.parse_args()


def _sizes(options: argparse.Namespace) -> list[Size]:
    if options.full:
        entries = options.entries or (QUICK.entries if options.quick else 100_000)
        sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
        return [Size.spread(each, entries) for each in sorted(sizes)]
    if options.quick:
        return [QUICK]
    return [Size(entries=options.entries or 20_000, others=options.others)]


def _run_options(options: argparse.Namespace, size: Size, first: bool) -> Options:
    """The rows of others are measured at the first size alone: they would take days to fill at the next."""
    rows = frozenset(options.only or (KEYS if options.full else SHORT))
    if not first:
        rows = frozenset(key for key in rows if not key.startswith(("usual ", "stream ")))
    return Options(
        size=size,
        rounds=1 if options.quick else options.rounds,
        seconds=0.2 if options.quick else options.seconds,
        generator="python" if options.quick else options.generator,
        postgres=not options.no_postgres and not (options.quick and not options.full),
        folder=options.folder,
        rows=rows,
    )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
