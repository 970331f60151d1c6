"""Where the time of one request goes: the application in process, and the same request done by hand with a clock.

Beside the median stands what the quickest tenth of the calls stayed below: on a busy machine it is the better
guide. What the HTTP server adds is not here: it is about what the bare application costs over HTTP.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import cycle, repeat
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter_ns
from typing import Any

import uvloop

from bench.asking import IN_TURN, PAGE_SIZE, page_path
from bench.compressing import weigh
from bench.filling import fill
from bench.world import Size, highest_id, make_history, make_world
from genjin.api.calling import Door
from genjin.api.rates import Budgets
from genjin.api.v2.sales_activities import SalesActivities
from genjin.app import build
from genjin.domain.records import Ref
from genjin.domain.timeline import Page
from genjin.logs import configure_logs
from genjin.service.context import Installation, open_installation
from genjin.service.organisation.signin import authenticate, key_of, session_for
from genjin.settings import Settings
from genjin.store import heads, timeline
from genjin.store.transaction import Tx
from genjin.wire.timeline.page import Binder

WARM_UP = 200
KEPT = "the whole application, the same page, which is kept"

Times = defaultdict[str, list[int]]


def profile(size: Size, requests: int) -> Iterator[str]:
    """Lines of a table: microseconds of each stage, for the first page and for one in the middle."""
    world = make_world(size)
    with TemporaryDirectory(prefix="genjin-bench-") as folder, stderr_into(Path(folder) / "log"):
        settings = Settings(database_url=f"sqlite:///{folder}/genjin.db")
        token = fill(settings.database_url, world, make_history(world, size), highest_id(world, size)).token
        configure_logs(settings.log_level, settings.log_format)
        installation = open_installation(settings)
        with closing(installation.database):
            for page in (Page(), Page(size.entries // PAGE_SIZE // 2, PAGE_SIZE)):
                request = _Request(installation, settings, token, world.hot, page)
                times = uvloop.run(request.time(requests))
                title = f"one request for page {page.number:,} of the hot record, microseconds"
                yield f"{title:64}  median  lowest tenth"
                for title, some in times.items():
                    yield f"  {title:62}{median(some) / 1000:8.1f}{sorted(some)[len(some) // 10] / 1000:14.1f}"
                yield from weigh(uvloop.run(request.body()), requests // 5)


class _Request:
    """One request, in every way that is timed."""

    def __init__(self, installation: Installation, settings: Settings, token: str, subject: Ref, page: Page) -> None:
        self.installation, self.token, self.subject, self.page = installation, token, subject, page
        again = page_path(subject, page.number)
        # In turn, and too many to be kept.
        in_turn = cycle([page_path(subject, page.number + n) for n in range(IN_TURN)])
        endpoint = SalesActivities(
            Door(installation, settings, Budgets(None, None, installation.clock), installation.secret)
        )
        whole = build(installation, settings)
        self.ways = {
            "the whole application, another page each time": (whole, in_turn),
            "  without edge and routing": (endpoint, in_turn),
            KEPT: (whole, repeat(again)),
            "  without edge and routing, the same page": (endpoint, repeat(again)),
        }
        self.binder = Binder(authenticate(installation, token).directory)

    async def time(self, requests: int) -> Times:
        """Nanoseconds of each stage, by its title in the table."""
        times: Times = defaultdict(list)
        for title, (app, paths) in self.ways.items():
            for _ in range(WARM_UP):
                await self._ask(app, next(paths), [])
            for _ in range(requests):
                await self._ask(app, next(paths), times[title])
        by_hand = times["by hand: read and render a page"]
        await asyncio.sleep(0)
        for _ in range(requests):
            begun = perf_counter_ns()
            self._by_hand(times)
            by_hand.append(perf_counter_ns() - begun)
        return times

    async def body(self) -> bytes:
        """What it is answered with."""
        app, paths = self.ways[KEPT]
        return await self._ask(app, next(paths), [])

    async def _ask(self, app: Any, path: str, times: list[int]) -> bytes:
        """Ask an ASGI application, which answers without waiting for anything; the body of the answer."""
        sent: dict[str, Any] = {}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent[message["type"]] = message

        scope = scope_of(path, self.token)
        await asyncio.sleep(0)  # a turn of the loop for each request, so that it begins its snapshot itself
        begun = perf_counter_ns()
        await app(scope, receive, send)
        times.append(perf_counter_ns() - begun)
        assert sent["http.response.start"]["status"] == 200
        body: bytes = sent["http.response.body"]["body"]
        assert body.startswith(b'{"code":0')
        return body

    def _by_hand(self, times: Times) -> None:
        """What service/timeline/timeline.py and the endpoint do, step by step."""
        found: list[Any] = []
        clock = [perf_counter_ns()]

        def tick(title: str) -> None:
            now = perf_counter_ns()
            times[f"  {title}"].append(now - clock[0])
            clock[0] = perf_counter_ns()

        def use(tx: Tx) -> None:
            tick("begin the transaction")
            organisation_id, token_hash = key_of(self.token)
            head = heads.find(tx, organisation_id, token_hash, self.subject)
            assert head is not None
            tick("the head: token, record, length")
            session = session_for(tx, self.installation, organisation_id, head.token)
            tick("the session")
            record = head.record
            tick("the record")
            entries, total = timeline.page(tx, organisation_id, self.subject, self.page, head.total)
            tick("the page of facts")
            found.extend((session, record, entries, total))

        self.installation.database.read(use)
        tick("end the transaction")
        session, record, entries, total = found
        self.binder.page(session.viewer, entries, {self.subject: record}, total, self.page)
        tick("render the page")


@contextmanager
def stderr_into(path: Path) -> Iterator[None]:
    """Log lines go into a file, as a server's do, written as they are there."""
    kept = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def scope_of(path: str, token: str) -> dict[str, Any]:
    """What uvicorn hands over for one request of wrk's."""
    raw, _, query = path.partition("?")
    parts = raw.split("/")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50_000),
        "scheme": "http",
        "method": "GET",
        "root_path": "",
        "path": raw,
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8000"), (b"authorization", f"Token token={token}".encode())],
        "state": {},
        "path_params": dict(zip(("entity_type", "entity_id"), parts[3:5], strict=False)),
    }
