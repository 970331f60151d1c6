"""Who is measured against whom: several servers, some with several sets of requests, in turns, round by round.

Turns matter: the speed of a machine drifts, so a ratio is taken within a round, and the median of the rounds is it.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from bench.load import CONNECTIONS, Generator, Measured, middle
from bench.servers import Server

WARM_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Contestant:
    """One row of the table: a server and what it is asked."""

    key: str
    title: str
    server: Server
    requests: Path
    token: str
    meanwhile: Callable[[], AbstractContextManager[None]] = nullcontext
    """What goes on during its turns."""
    connections: int = CONNECTIONS


@dataclass
class Results:
    """What was measured, by the contestant's key, a list in the order of the rounds."""

    rounds: dict[str, list[Measured]] = field(default_factory=dict)

    def of(self, key: str, what: Callable[[Measured], float] = lambda measured: measured.rate) -> float:
        """The median over the rounds."""
        return middle([what(measured) for measured in self.rounds[key]])

    def ratio(self, key: str, to: str) -> float | None:
        """The median of the rounds' ratios; None when one of the two was not measured or did not answer in time."""
        if key not in self.rounds or to not in self.rounds:
            return None
        pairs = zip(self.rounds[key], self.rounds[to], strict=True)
        ratios = [one.rate / other.rate for one, other in pairs if other.requests]
        return middle(ratios) if ratios else None


def compete(contestants: Sequence[Contestant], generator: Generator, rounds: int, seconds: float) -> Results:
    """A warm-up of each, then all in turns."""
    results = Results({each.key: [] for each in contestants})
    for each in contestants:
        generator.drive(each.server, each.requests, each.token, min(seconds, WARM_UP_SECONDS), each.connections)
    for number in range(1, rounds + 1):
        for each in contestants:
            with each.meanwhile():
                measured = generator.drive(each.server, each.requests, each.token, seconds, each.connections)
            results.rounds[each.key].append(measured)
            tell(f"  round {number} of {rounds}: {each.title}: {measured.rate:,.0f}/s")
    return results


def tell(message: str) -> None:
    """Say how far we are; the table alone goes to standard output."""
    print(message, file=sys.stderr, flush=True)
