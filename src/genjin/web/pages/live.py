"""What happens, as it happens, for pages that are open."""

from typing import Annotated

from fastapi import Header
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from genjin.api.links import base_url
from genjin.api.v1.changes import EventStream
from genjin.api.v1.cursors import opened
from genjin.api.v1.streams import Stream, Streams
from genjin.service.feed.changes import first_cursor
from genjin.service.organisation.signin import key_of
from genjin.web.calling import Caller
from genjin.wire.v1.shared import MAX_CURSOR


async def stream(
    call: Caller, last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=MAX_CURSOR)] = None
) -> Response:
    """The changes of /api/v1/changes/stream, for who is signed in by a cookie: from now on, or from where a browser was
    that comes again.
    """
    streams: Streams = call.request.app.state.streams
    streams.check()
    organisation_id, scope = call.session.organisation_id, call.request.scope
    cursor = opened(call.door.secret, organisation_id, last_event_id) if last_event_id else None
    first = await run_in_threadpool(first_cursor, call.installation, call.session, cursor, False)
    _, token_hash = key_of(call.token)
    stream = Stream(scope, call.session, token_hash, first, call.language, base_url(call.door, scope))
    return EventStream(streams, stream, is_head=call.request.method == "HEAD")
