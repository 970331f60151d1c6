"""`python -m bench.streams`: open streams of one worker, the time from a write to the last of them, and memory."""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench import servers
from bench.machine import memory_of
from genjin.domain.followup import FollowUpInput
from genjin.domain.records import RecordInput, RecordType
from genjin.service.context import open_installation
from genjin.service.entries.followups import write_follow_up
from genjin.service.organisation.defaults import ADMINISTRATOR
from genjin.service.organisation.organisations import NewUser, add_user, found_organisation
from genjin.service.organisation.signin import authenticate, create_token
from genjin.service.records.records import create_record
from genjin.settings import Settings
from genjin.store import schema
from genjin.store.database import open_database

PEOPLE = 20
"""Colleagues who see everything, with as many streams each."""
STREAM = "/api/v1/changes/stream"
PASSWORD = "made up for the bench"


def main() -> int:
    """Measure, print two lines."""
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=2_000)
    parser.add_argument("--commits", type=int, default=10)
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database (default: SQLite)")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="genjin-bench-") as folder:
        url = asked.database_url or f"sqlite:///{folder}/genjin.db"
        tokens, write = _prepared(url)
        with servers.genjin("genjin", Path(folder), url, None, settings={"GENJIN_LOG_LEVEL": "warning"}) as server:
            before = memory_of(server.pid)
            took = asyncio.run(_measured(server, tokens, asked.streams, asked.commits, write))
            print(f"{asked.streams:,} streams of {PEOPLE} people: from a write to the last stream that has it")
            print(f"  median {statistics.median(took[0]):.0f} ms, longest {max(took[0]):.0f} ms, {len(took[0])} writes")
            if before is not None and took[1] is not None:
                print(f"  {(took[1] - before.pss) / asked.streams / 1000:.1f} KB of the worker's memory a stream")
    return 0


def _prepared(url: str) -> tuple[list[str], Callable[[], None]]:
    """Everybody's tokens, and what writes a follow-up, in this process and not in the server's."""
    with closing(open_database(url)) as database:
        schema.upgrade(database)
    installation = open_installation(Settings(database_url=url))
    boss = NewUser("boss", "Boss", PASSWORD)
    organisation, _ = found_organisation(installation, "Bench", "gjbench", "Asia/Shanghai", boss)
    for nth in range(PEOPLE - 1):
        add_user(installation, organisation.id, NewUser(f"u{nth}", f"U{nth}", PASSWORD, role=ADMINISTRATOR))
    logins = ["boss", *(f"u{nth}" for nth in range(PEOPLE - 1))]
    tokens = [create_token(installation, organisation.id, login, "bench") for login in logins]
    session = authenticate(installation, tokens[0])
    lead = create_record(installation, session, RecordType.LEAD, RecordInput({"name": "郑老师"}))

    def write() -> None:
        write_follow_up(installation, session, lead.ref, FollowUpInput(text="在忙,留了电话"))

    return tokens, write


async def _measured(
    server: servers.Server, tokens: list[str], count: int, commits: int, write: Callable[[], None]
) -> tuple[list[float], int | None]:
    """Milliseconds of each commit, and the bytes that the server holds with all streams open."""
    reading = []
    for nth in range(count):
        reader, writer = await asyncio.open_connection(servers.HOST, server.port)
        token = tokens[nth % len(tokens)]
        writer.write(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        await reader.readuntil(b"retry:")
        reading.append((reader, writer))
    took = []
    for _ in range(commits):
        began = perf_counter()
        waiting = asyncio.gather(*(reader.readuntil(b"data: ") for reader, _ in reading))
        await asyncio.to_thread(write)
        await waiting
        took.append((perf_counter() - began) * 1000)
        await asyncio.sleep(0.2)
    held = memory_of(server.pid)
    for _, writer in reading:
        writer.close()
    return took, None if held is None else held.pss


if __name__ == "__main__":
    sys.exit(main())
