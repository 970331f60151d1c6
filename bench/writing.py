"""Follow-ups acknowledged over HTTP, against how often the disk confirms a block; and writing while others read."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.asking import Asking
from bench.contest import tell
from bench.load import Generator, Measured, middle
from bench.machine import syncs_a_second
from bench.servers import Failed, Server
from bench.world import ORGANISATION
from genjin.domain.records import Ref
from genjin.store import timeline
from genjin.store.database import open_database

WRITES_A_SECOND = 50
"""Of a busy team meanwhile."""


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


@contextmanager
def writing_meanwhile(url: str, subject: Ref) -> Iterator[None]:
    """Commit a change of this record's timeline WRITES_A_SECOND times, from a process that is not the server's."""
    ended = threading.Event()

    def write() -> None:
        with closing(open_database(url)) as database:
            while not ended.wait(1 / WRITES_A_SECOND):
                database.write(lambda tx: timeline.touch(tx, ORGANISATION, [subject]))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()


def _count(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        found: int = connection.execute("SELECT COUNT(*) FROM follow_ups").fetchone()[0]
        return found
