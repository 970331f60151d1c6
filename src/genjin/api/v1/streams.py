"""Open streams of changes and of inboxes: who waits, who is woken, who is cut off. All of it runs in the event loop.

Nothing is queued for a stream but its cursor. A commit wakes all streams of its organisation; the first that asks reads
the log, and the others take what it read, and what was made of it for the same person.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import orjson
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from genjin.api.calling import Door
from genjin.api.links import links_for
from genjin.api.v1.cursors import CHANGES, INBOX, sealed
from genjin.domain.activity_view import ActivityViews
from genjin.domain.change_log import LogCursor, Place, seeing
from genjin.domain.json import JsonValue
from genjin.domain.told import Told
from genjin.errors import CursorGone, StoreUnavailable, Unauthenticated
from genjin.service.context import Installation, Session
from genjin.service.feed.changes import show_changes, told_of
from genjin.service.feed.live import News, alive, news, show
from genjin.service.inbox.live import show_notices, told_by, told_to
from genjin.wire.v1.activity import ActivityForm, Language
from genjin.wire.v1.change import changes_to_wire
from genjin.wire.v1.notice import notice_to_wire

AT_ONCE = 100
"""The most changes that are sent at once."""
GATHER_SECONDS, WAITING_SECONDS, TICK_SECONDS = 0.02, 0.1, 1.0
"""Commits of so short a time wake streams once; how soon what cannot be given out yet is asked for again."""
LOOK_TICKS, BEAT_TICKS, SLOW_TICKS = 3, 15, 10
"""How often tokens are looked at, and the log though nothing was heard; when a silent stream is sent something; how
long a reader may take nothing.
"""
RETRY_MS = 2_000
ABORT = "genjin.abort"
"""The extension of ASGI by which our server lets a connection be cut."""
log = structlog.get_logger("genjin.http")
K = TypeVar("K")
V = TypeVar("V")
Rendered = tuple[bytes, LogCursor, bool]
"""Text to send, where its reader is then, and whether there is more."""


class Streams:
    """All open streams of this process."""

    def __init__(self, door: Door) -> None:
        self._door, self._most = door, door.settings.streams
        self._rooms: dict[int, Room] = {}
        self._stop: Callable[[], None] | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._ended = False
        self.open = 0

    def check(self) -> None:
        """Raises StoreUnavailable when no other stream may be opened."""
        if self._ended or self.open >= self._most:
            raise StoreUnavailable("there are as many open streams as there may be")

    def enter(self, stream: "Stream") -> "Room":
        """Let a stream be woken from now on. Raises StoreUnavailable."""
        self.check()
        self.open += 1
        room = self._rooms.get(stream.organisation_id)
        if room is None:
            room = self._rooms[stream.organisation_id] = Room(self._door, stream.organisation_id)
        room.streams.add(stream)
        if self._ticker is None:
            loop = asyncio.get_running_loop()
            self._ticker = loop.create_task(self._tick())
            self._stop = self._door.installation.database.watch(lambda id_: _call(loop, self._heard, id_)).stop
        return room

    def leave(self, stream: "Stream") -> None:
        """The stream is closed. With the last one, nobody listens any more."""
        self.open -= 1
        room = self._rooms[stream.organisation_id]
        room.streams.discard(stream)
        if not room.streams:
            del self._rooms[stream.organisation_id]
        if not self._rooms and self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
            stop, self._stop = self._stop, None
            if stop is not None:
                asyncio.get_running_loop().run_in_executor(None, stop)

    def end(self) -> None:
        """The server ends: so do all streams, at once."""
        self._ended = True
        for room in self._rooms.values():
            for stream in room.streams:
                stream.close()

    def _heard(self, organisation_id: int | None) -> None:
        if organisation_id is None:
            for room in self._rooms.values():
                room.wake_soon(GATHER_SECONDS)
        elif (there := self._rooms.get(organisation_id)) is not None:
            there.wake_soon(GATHER_SECONDS)

    async def _tick(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            ticks += 1
            for room in list(self._rooms.values()):
                for stream in list(room.streams):
                    stream.tick()
                if ticks % LOOK_TICKS == 0:
                    with suppress(StoreUnavailable):
                        await room.close_dead()
                    room.wake_soon(0)


class Room:
    """The open streams of one organisation, and what was read for them since they were woken last."""

    def __init__(self, door: Door, organisation_id: int) -> None:
        self.streams: set[Stream] = set()
        self._door, self._organisation_id = door, organisation_id
        self._news: dict[Place, asyncio.Task[News]] = {}
        self._recipients: dict[Place, asyncio.Task[set[int]]] = {}
        self._told: dict[tuple[Place, str, Language, str], asyncio.Task[Rendered]] = {}
        self._waking: asyncio.TimerHandle | None = None

    def wake_soon(self, seconds: float) -> None:
        """Let every stream look, unless they are about to."""
        if self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(seconds, self._wake)

    async def next(self, stream: "Stream") -> Rendered:
        """What is behind the cursor of a stream. Raises CursorGone, Unauthenticated, StoreUnavailable."""
        cursor = stream.cursor
        if stream.of == INBOX:
            return await self._next_of_inbox(stream)
        if not stream.checked or cursor.walk is not None:
            return await self._alone(stream)
        found = await _once(self._news, cursor.place, lambda: news(*self._asked, cursor.place))
        if found.batch.waiting:
            self.wake_soon(WAITING_SECONDS)
        session = found.session(stream.user_id)
        if seeing(session.viewer) != cursor.seen_as:
            return await self._alone(stream)
        if not found.batch.lines:
            return b"", cursor, False
        key = cursor.place, cursor.seen_as, stream.language, stream.base
        return await _once(self._told, key, lambda: self._render(found, session, stream))

    async def close_dead(self) -> None:
        """Close the streams of tokens that are dead."""
        hashes = sorted({stream.token_hash for stream in self.streams})
        left = await run_in_threadpool(alive, *self._asked, hashes)
        for stream in self.streams:
            if stream.token_hash not in left:
                stream.close()

    def sealed(self, cursor: LogCursor, of: str = CHANGES) -> str:
        """The cursor as it is given out."""
        return sealed(self._door.secret, self._organisation_id, cursor, of)

    @property
    def _asked(self) -> tuple[Installation, int]:
        return self._door.installation, self._organisation_id

    def _wake(self) -> None:
        self._waking = None
        self._news.clear()
        self._recipients.clear()
        self._told.clear()
        for stream in self.streams:
            stream.event.set()

    async def _next_of_inbox(self, stream: "Stream") -> Rendered:
        """The same of an inbox: few lines are about it, and it is read only by whom one is for."""
        place = stream.cursor.place
        found = await _once(self._news, place, lambda: news(*self._asked, place))
        if found.batch.waiting:
            self.wake_soon(WAITING_SECONDS)
        session = found.session(stream.user_id)
        cursor = replace(stream.cursor, place=found.batch.end)
        ids = told_by(found.batch.lines)
        if not ids or stream.user_id not in await _once(self._recipients, place, lambda: told_to(*self._asked, ids)):
            return b"", cursor, found.batch.more
        shown = await show_notices(self._door.installation, session, ids)
        url = links_for(self._door, stream.scope, self._organisation_id).url
        form = ActivityForm(session.directory, stream.language, url)
        told = self.sealed(cursor, INBOX)
        items = [notice_to_wire(each, shown.views, shown.comments, shown.records, form) for each in shown.notices]
        text = b"".join(_event(told, "notice", item) for item in items)
        return text, cursor, found.batch.more

    async def _render(self, found: News, session: Session, stream: "Stream") -> Rendered:
        page = told_of(found.batch, session.viewer, stream.cursor, AT_ONCE)
        entries = [told.facts for told in page.told if told.facts is not None]
        views = await show(self._door.installation, session, entries) if entries else NOTHING
        return self._text(page.told, views, session, stream), page.cursor, page.more

    async def _alone(self, stream: "Stream") -> Rendered:
        """What only this stream asks for: from where it was opened, and what came into sight."""
        place = stream.cursor.place
        found = await news(*self._asked, place)
        session = found.session(stream.user_id)
        page, views = await run_in_threadpool(show_changes, self._door.installation, session, stream.cursor, AT_ONCE)
        stream.checked = True
        return self._text(page.told, views, session, stream), page.cursor, page.more

    def _text(self, some: list[Told], views: ActivityViews, session: Session, stream: "Stream") -> bytes:
        if not some:
            return b""
        url = links_for(self._door, stream.scope, self._organisation_id).url
        items = changes_to_wire(some, views, ActivityForm(session.directory, stream.language, url), self.sealed)
        return b"".join(_event(str(item["cursor"]), str(item["op"]), item) for item in items)


class Stream:
    """An open stream of changes or an inbox. `checked` is whether what is behind the cursor is known to be kept."""

    def __init__(
        self,
        scope: Scope,
        session: Session,
        token_hash: bytes,
        cursor: LogCursor,
        language: Language,
        base: str,
        of: str = CHANGES,
    ) -> None:
        self.scope, self.token_hash, self.cursor, self.of = scope, token_hash, cursor, of
        self.organisation_id, self.user_id = session.organisation_id, session.viewer.user_id
        self.language, self.base = language, base
        self.event, self.checked = asyncio.Event(), False
        self._over = self._beat = self._sending = False
        self._silent = self._stuck = 0
        self._told = cursor

    def close(self) -> None:
        """End it when what is being sent has been sent."""
        self._over = True
        self.event.set()

    def tick(self) -> None:
        """A second is over."""
        self._silent += 1
        if self._sending:
            self._stuck += 1
            if self._stuck == SLOW_TICKS:
                self._cut_off()
        elif self._silent >= BEAT_TICKS:
            self._beat = True
            self.event.set()

    async def run(self, streams: Streams, receive: Receive, send: Send) -> None:
        """Send what happens until one of both sides ends it."""
        room = streams.enter(self)
        leaving = asyncio.get_running_loop().create_task(self._wait_for_leaving(receive))
        try:
            await self._send(send, b"retry: %d\n\n" % RETRY_MS)
            with suppress(CursorGone, Unauthenticated):
                await self._follow(room, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            leaving.cancel()
            streams.leave(self)

    async def _follow(self, room: Room, send: Send) -> None:
        while not self._over:
            self.event.clear()
            try:
                text, self.cursor, more = await room.next(self)
            except StoreUnavailable:
                text, more = b"", False  # it is asked again after a while
            if text:
                self._told = self.cursor
                await self._send(send, text)
            elif self._beat:
                await self._send(send, self._heartbeat(room))
            if not more and not self._over:
                await self.event.wait()

    def _heartbeat(self, room: Room) -> bytes:
        """A comment; and where the reader is, if nothing was told on the way there."""
        if self._told == self.cursor:
            return b":\n\n"
        self._told = self.cursor
        return b"id: %b\n\n" % room.sealed(self.cursor, self.of).encode()

    async def _send(self, send: Send, text: bytes) -> None:
        self._beat, self._silent, self._stuck, self._sending = False, 0, 0, True
        try:
            await send({"type": "http.response.body", "body": text, "more_body": True})
        finally:
            self._sending = False

    async def _wait_for_leaving(self, receive: Receive) -> None:
        message: Message = {"type": ""}
        while message["type"] != "http.disconnect":
            message = await receive()
        self.close()

    def _cut_off(self) -> None:
        """The reader takes nothing: it may come again with its Last-Event-ID."""
        log.info("slow_reader", request_id=self.scope["request_id"])
        self._over = True
        extension = self.scope.get("extensions", {}).get(ABORT)
        if extension is not None:
            extension["abort"]()


NOTHING = ActivityViews((), {}, {})


def _event(cursor: str, name: str, data: Mapping[str, JsonValue]) -> bytes:
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (cursor.encode(), name.encode(), orjson.dumps(data))


async def _once(kept: dict[K, "asyncio.Task[V]"], key: K, make: Callable[[], Coroutine[Any, Any, V]]) -> V:
    """What is being made of this already, or is made now."""
    task = kept.get(key)
    if task is None:
        task = kept[key] = asyncio.get_running_loop().create_task(make())
    return await asyncio.shield(task)


def _call(loop: asyncio.AbstractEventLoop, heard: Callable[[int | None], object], id_: int | None) -> None:
    with suppress(RuntimeError):  # the loop is closed
        loop.call_soon_threadsafe(heard, id_)
