"""`make bench`, or `python -m bench`: measure Genjin against its ceilings, its targets and the usual way."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from bench.figures import report_of
from bench.report import keep, lines
from bench.run import KEYS, Options, run
from bench.servers import Failed
from bench.stages import profile
from bench.world import Size

QUICK = Size(entries=1_500, others=1_500, leads=100, customers=10)


def main() -> int:
    """Run what is asked for; 0 when it could be measured, whether the targets are met or not."""
    options = _options()
    signal.signal(signal.SIGTERM, _stop)
    try:
        if options.profile:
            for line in profile(_size(options), 100 if options.quick else 3_000):
                print(line)
            return 0
        report = report_of(run(_run_options(options)))
    except Failed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 130
    for line in lines(report):
        print(line)
    if options.keep:
        print(f"\nKept in {keep(report)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--entries", type=int, default=20_000, help="activities of the hot lead (default 20,000)")
    parser.add_argument("--others", type=int, default=80_000, help="activities of all others (default 80,000)")
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


def _size(options: argparse.Namespace) -> Size:
    return QUICK if options.quick else Size(entries=options.entries, others=options.others)


def _run_options(options: argparse.Namespace) -> Options:
    only = frozenset(options.only)
    if options.quick:
        return Options(QUICK, 1, 0.2, "python", False, options.folder, only)
    return Options(
        size=_size(options),
        rounds=options.rounds,
        seconds=options.seconds,
        generator=options.generator,
        postgres=not options.no_postgres,
        folder=options.folder,
        only=only,
    )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
