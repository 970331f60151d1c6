"""Colleagues, and when they did something last."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.answers import listed, position
from genjin.api.v1.calling import Caller
from genjin.domain.record_list import RecordKey
from genjin.service.records.listing import list_people
from genjin.wire.v1.record import silent_since, spans_asked
from genjin.wire.v1.user import UsersQuery, user_to_wire


def list_users(call: Caller, query: Annotated[UsersQuery, Query()]) -> Response:
    """The caller and whom they manage, who have not left, and when each did something last."""
    after = position(call, query.cursor)
    key = None if after is None else RecordKey(None if after[0] is None else int(after[0]), int(str(after[1])))
    spans, since = spans_asked(query, call.calendar), silent_since(query, call.installation.clock.now())
    sort, descending = query.sort, query.order == "desc"
    found, end = list_people(call.installation, call.session, spans, since, sort, descending, query.limit, key)
    return listed(call, [user_to_wire(*each, call.session.directory) for each in found], end)
