"""Colleagues, and when they did something last."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.answers import listed
from genjin.api.v1.calling import Caller
from genjin.api.v1.records import key_behind
from genjin.service.records.listing import list_people
from genjin.wire.v1.record import silent_since, spans_asked
from genjin.wire.v1.user import UsersQuery, user_to_wire


def list_users(call: Caller, query: Annotated[UsersQuery, Query()]) -> Response:
    """The caller and whom they manage, who have not left, and when each did something last."""
    key = key_behind(call, query.cursor)
    spans, since = spans_asked(query, call.calendar), silent_since(query, call.installation.clock.now())
    sort, descending = query.sort, query.order == "desc"
    found, end = list_people(call.installation, call.session, spans, since, sort, descending, query.limit, key)
    return listed(call, [user_to_wire(*each, call.session.directory) for each in found], end)
