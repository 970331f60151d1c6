"""Follow-ups acknowledged over HTTP, against how often the disk confirms a block; and writing while others read."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from bench.asking import Asking
from bench.contest import tell
from bench.filling import Filled
from bench.load import CONNECTIONS, Generator, Measured, middle
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
    server: Server,
    filled: Filled,
    asking: Asking,
    generator: Generator,
    rounds: int,
    seconds: float,
    singly: bool = False,
) -> Written:
    """Drive writes: by CONNECTIONS clients, whose writes may share a commit, or by one that waits for each answer.

    Raises Failed when there are fewer follow-ups afterwards than were acknowledged.
    """
    requests, folder = asking["follow-ups"], asking.folder
    connections = 1 if singly else CONNECTIONS
    before = _count(filled.url)
    warm_up = generator.drive(server, requests, filled.token, min(seconds, 1.0), connections)
    done, syncs = [], []
    for number in range(1, rounds + 1):
        syncs.append(syncs_a_second(folder, min(seconds, 1.0)))
        done.append(generator.drive(server, requests, filled.token, seconds, connections))
        tell(f"  round {number} of {rounds}: follow-ups: {done[-1].rate:,.0f}/s; fdatasync: {syncs[-1]:,.0f}/s")
    acknowledged = warm_up.requests + sum(measured.requests for measured in done)
    if (added := _count(filled.url) - before) < acknowledged:
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


def _count(url: str) -> int:
    with closing(open_database(url)) as database:
        found: int = database.read(lambda tx: tx.rows("SELECT COUNT(*) FROM follow_ups", ()))[0][0]
        return found
