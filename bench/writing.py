"""Follow-ups acknowledged over HTTP, against how often the disk under them confirms a block."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.asking import Asking
from bench.contest import tell
from bench.load import Generator, Measured, middle
from bench.machine import syncs_a_second
from bench.servers import Failed, Server


@dataclass(frozen=True)
class Written:
    """Rounds of writing, and the disk's confirmations a second just before each."""

    rounds: list[Measured]
    syncs: list[float]

    @property
    def rate(self) -> float:
        return middle([measured.rate for measured in self.rounds])

    @property
    def ratio(self) -> float:
        pairs = zip(self.rounds, self.syncs, strict=True)
        return middle([measured.rate / syncs for measured, syncs in pairs])


def write_follow_ups(
    server: Server, database: Path, asking: Asking, generator: Generator, token: str, rounds: int, seconds: float
) -> Written:
    """Drive writes. Raises Failed when there are fewer follow-ups afterwards than were acknowledged."""
    before = _count(database)
    warm_up = generator.drive(server, asking["follow-ups"], token, min(seconds, 1.0))
    done, syncs = [], []
    for number in range(1, rounds + 1):
        syncs.append(syncs_a_second(database.parent, min(seconds, 1.0)))
        done.append(generator.drive(server, asking["follow-ups"], token, seconds))
        tell(f"  round {number} of {rounds}: follow-ups: {done[-1].rate:,.0f}/s; fdatasync: {syncs[-1]:,.0f}/s")
    acknowledged = warm_up.requests + sum(measured.requests for measured in done)
    if (added := _count(database) - before) < acknowledged:
        raise Failed(f"{acknowledged} follow-ups were acknowledged, {added} are in the database")
    return Written(done, syncs)


def _count(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found: int = connection.execute("SELECT COUNT(*) FROM follow_ups").fetchone()[0]
        return found
