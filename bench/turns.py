"""What a checkout does in a comparison (versus.py): it waits for its turns, and tells how long each took.

`python -m bench.turns URL FOLDER` fills an empty database. Each line that comes then names one of WAYS; it is answered
with the microseconds of the processor that the process needed for one of what it names. With a last argument SHARE all
of it is that much smaller; the figures mean nothing then.
"""

import asyncio
import os
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path
from time import process_time_ns

import uvloop
from starlette.types import ASGIApp, Message, Scope

from bench.asking import page_path
from bench.filling import BATCH, fill, record
from bench.stages import scope_of, stderr_into
from bench.world import Size, highest_id, make_history, make_world
from genjin import tracing
from genjin.app import build
from genjin.logs import configure_logs
from genjin.service.context import open_installation
from genjin.settings import Settings

WAYS = {"kept": "a kept page", "304": "304", "anew": "a page that is not kept", "load": "bulk load, an activity"}
SIZE = Size(entries=100_000, others=900_000)
"""Of a history most of which is never made: the first FIRST are put in at the start, and each load takes the next."""
FIRST = 20_000
REQUESTS = 1_000
"""Of a turn."""
AT_ONCE = 32
"""Requests that wait at the same time."""


class Turns:
    """A database, and the application over it. `share` makes it smaller, and what is done in a turn."""

    def __init__(self, url: str, share: int = 1) -> None:
        self._requests, self._batch = REQUESTS // share, BATCH // share
        self._hot = (world := make_world(SIZE)).hot
        self._history = make_history(world, SIZE)
        self._token = fill(url, world, islice(self._history, FIRST // share), highest_id(world, SIZE)).token
        settings = Settings(database_url=url)
        configure_logs(settings.log_level, settings.log_format)
        if settings.traces != "off":
            tracing.start()
        self._installation = open_installation(settings)
        self.database = self._installation.database
        self._keeping = build(self._installation, settings)
        self._keeping_nothing = build(self._installation, Settings(database_url=url, kept_bytes=0))

    async def take(self, way: str) -> float:
        """Microseconds of the processor for one request, or for one activity that is put in."""
        if way == "load":
            drafts = list(islice(self._history, self._batch))
            begun = process_time_ns()
            record(self.database, drafts)
            return (process_time_ns() - begun) / self._batch / 1000
        app = self._keeping_nothing if way == "anew" else self._keeping
        scopes = [scope_of(page_path(self._hot), self._token) for _ in range(self._requests)]
        if way == "304":
            [start, _] = await _ask(app, scopes.pop())
            tag = next(value for name, value in start["headers"] if name == b"etag")
            for scope in scopes:
                scope["headers"].append((b"if-none-match", tag))
        left = iter(scopes)

        async def ask() -> None:
            for scope in left:
                await asyncio.sleep(0)  # all who wait have their turn of the loop
                [start, _] = await _ask(app, scope)
                assert start["status"] == (304 if way == "304" else 200)

        begun = process_time_ns()
        await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
        return (process_time_ns() - begun) / self._requests / 1000


async def _ask(app: ASGIApp, scope: Scope) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def _serve(url: str, *share: str) -> None:
    turns = Turns(url, *map(int, share))
    with closing(turns.database):
        for line in sys.stdin:
            print(await turns.take(line.strip()), flush=True)


if __name__ == "__main__":
    with stderr_into(Path(sys.argv[2]) / f"{os.getpid()}.log"):
        uvloop.run(_serve(sys.argv[1], *sys.argv[3:]))
