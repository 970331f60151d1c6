"""What has changed since the caller looked last."""

from typing import Annotated, Protocol

from fastapi import Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from genjin.api.links import base_url
from genjin.api.tokens import token_in_headers
from genjin.api.v1.activities import form_of
from genjin.api.v1.answers import Listing, page_before
from genjin.api.v1.calling import Caller, Language, OurCall
from genjin.api.v1.cursors import opened, sealed
from genjin.api.v1.streams import Stream, Streams
from genjin.domain.change_log import LogCursor
from genjin.errors import Invalid
from genjin.service.feed.changes import first_cursor, show_changes
from genjin.service.organisation.signin import key_of
from genjin.wire.v1.change import ChangesQuery, StreamQuery, changes_to_wire
from genjin.wire.v1.shared import MAX_CURSOR

LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=MAX_CURSOR, description="The `id` of the event that the reader has last."),
]


def list_changes(call: Caller, query: Annotated[ChangesQuery, Query()]) -> Response:
    """What to do to a copy of the feed, behind a cursor; without one, where the changes end now."""
    secret, organisation_id = call.door.secret, call.session.organisation_id
    cursor, whole = _asked_from(call, query)
    page, views = show_changes(call.installation, call.session, cursor, query.limit, whole)
    items = changes_to_wire(page.told, views, form_of(call), lambda place: sealed(secret, organisation_id, place))
    end = sealed(secret, organisation_id, page.cursor)
    return page_before(call, end if page.more else None, items, {"cursor": end}, ("cursor", "from"))


async def stream_changes(
    call: Caller,
    query: Annotated[StreamQuery, Query()],
    last_event_id: LastEventId = None,
) -> Response:
    """The same as server-sent events, as they happen: an `event` is called as its op, and its `id` is its cursor."""
    streams: Streams = call.request.app.state.streams
    streams.check()
    if last_event_id:
        query = StreamQuery(cursor=last_event_id)
    cursor, whole = _asked_from(call, query)
    return await changes_from(call, streams, token_in_headers(call.request.scope["headers"]), cursor, whole)


class Listener(Listing, Protocol):
    """The same of somebody who wants to hear of changes."""

    @property
    def language(self) -> Language: ...


async def changes_from(
    call: Listener, streams: Streams, token: str, cursor: LogCursor | None, whole: bool = False
) -> Response:
    """The stream behind a cursor; without one from now on, or of everything first. It ends with the token."""
    first = await run_in_threadpool(first_cursor, call.door.installation, call.session, cursor, whole)
    _, token_hash = key_of(token)
    scope = call.request.scope
    stream = Stream(scope, call.session, token_hash, first, call.language, base_url(call.door, scope))
    return EventStream(streams, stream, is_head=call.request.method == "HEAD")


class EventStream(Response):
    """The answer that does not end."""

    media_type = "text/event-stream"

    def __init__(self, streams: Streams, stream: Stream, is_head: bool) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._streams, self._stream, self._is_head = streams, stream, is_head

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if self._is_head:
            await send({"type": "http.response.body", "body": b""})
            return
        await self._stream.run(self._streams, receive, send)


def _asked_from(call: OurCall, query: StreamQuery) -> tuple[LogCursor | None, bool]:
    """Where the caller is, and whether it wants everything first. Raises BadCursor, Invalid."""
    if query.cursor is not None and query.from_ is not None:
        raise Invalid({"from": ["is not given together with a cursor"]})
    told = query.cursor
    cursor = None if told is None else opened(call.door.secret, call.session.organisation_id, told)
    return cursor, query.from_ is not None
