"""The caller's inbox."""

from typing import Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from genjin.api.links import base_url
from genjin.api.tokens import token_in_headers
from genjin.api.v1.activities import form_of
from genjin.api.v1.answers import listed, one, plain, position
from genjin.api.v1.calling import Caller, OurCall
from genjin.api.v1.changes import EventStream, LastEventId
from genjin.api.v1.conditions import wanted_states
from genjin.api.v1.cursors import INBOX, opened
from genjin.api.v1.streams import Stream, Streams
from genjin.domain.change_log import LogCursor
from genjin.domain.json import JsonValue
from genjin.domain.notice import MOST_COUNTED
from genjin.service.inbox import reading
from genjin.service.inbox.live import first_place
from genjin.service.inbox.reading import NoticeViews, mark_all, mark_notice, read_inbox, state_of
from genjin.service.organisation.signin import key_of
from genjin.wire.v1.notice import (
    InboxQuery,
    InboxStreamQuery,
    NoticeChange,
    ReadUpTo,
    kinds_asked,
    notice_to_wire,
    unread_to_wire,
)
from genjin.wire.v1.shared import Id


def list_notices(call: Caller, query: Annotated[InboxQuery, Query()]) -> Response:
    """What the caller should know, the latest first, as far as the caller sees by now what it is about."""
    after = position(call, query.cursor)
    key = None if after is None else int(str(after[0]))
    kinds, unread = kinds_asked(query.kind), query.unread == "1"
    found, end = read_inbox(call.installation, call.session, query.limit, key, unread, kinds)
    return listed(call, notices_shown(call, found), None if end is None else [end])


def count_unread(call: Caller) -> Response:
    """How many notices the caller has not read, by kind."""
    return one(call, unread_to_wire(reading.count_unread(call.installation, call.session), MOST_COUNTED))


async def stream_notices(
    call: Caller, query: Annotated[InboxStreamQuery, Query()], last_event_id: LastEventId = None
) -> Response:
    """What the caller should know, as it happens: server-sent events `notice`, whose `id` is a cursor."""
    streams: Streams = call.request.app.state.streams
    streams.check()
    session, told = call.session, last_event_id or query.cursor
    cursor = None if told is None else opened(call.door.secret, session.organisation_id, told, INBOX)
    behind = None if cursor is None else cursor.place
    place = await run_in_threadpool(first_place, call.installation, session, behind)
    scope = call.request.scope
    _, token_hash = key_of(token_in_headers(scope["headers"]))
    first, base = LogCursor(place, ""), base_url(call.door, scope)
    stream = Stream(scope, session, token_hash, first, call.language, base, INBOX)
    return EventStream(streams, stream, is_head=call.request.method == "HEAD")


def read_notice(call: Caller, id: Id) -> Response:  # noqa: A002
    """One notice. Reading it here marks nothing."""
    return _answer(call, reading.read_notice(call.installation, call.session, id))


def update_notice(call: Caller, id: Id, body: NoticeChange) -> Response:  # noqa: A002
    """Mark a notice as read, or as unread again."""
    return _answer(call, mark_notice(call.installation, call.session, id, body.read, wanted_states(call.request)))


def mark_read(call: Caller, body: ReadUpTo) -> Response:
    """Mark as read all that is unread, or only some kinds of it, up to a notice."""
    return plain({"marked": mark_all(call.installation, call.session, body.until, kinds_asked(body.kind))})


def notices_shown(call: OurCall, found: NoticeViews) -> list[JsonValue]:
    """Each as NoticeObject."""
    beside = (found.views, found.comments, found.records, form_of(call))
    return [notice_to_wire(notice, *beside) for notice in found.notices]


def _answer(call: OurCall, found: NoticeViews) -> Response:
    [shown] = notices_shown(call, found)
    return one(call, shown, state_of(found.notices[0]))
