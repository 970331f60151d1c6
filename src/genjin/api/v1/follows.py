"""Records that the caller follows."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.answers import listed, plain, position
from genjin.api.v1.calling import Caller
from genjin.domain.follow import FollowKey
from genjin.service.inbox.following import follow, list_followed, unfollow
from genjin.wire.v1.follow import follow_to_wire
from genjin.wire.v1.refs import TypeName, ref_in_path
from genjin.wire.v1.shared import Paged


def list_follows(call: Caller, query: Annotated[Paged, Query()]) -> Response:
    """The records that the caller follows and sees, the latest follow first."""
    after = position(call, query.cursor)
    key = None if after is None else FollowKey(*map(int, after))  # type: ignore[arg-type]
    found, end = list_followed(call.installation, call.session, query.limit, key)
    return listed(call, [follow_to_wire(record, at.since, call.calendar) for at, record in found], end)


def follow_record(call: Caller, type: TypeName, id: str) -> Response:  # noqa: A002
    """Follow a record: what happens on it comes into the caller's inbox. Once more is the same answer."""
    record, since = follow(call.installation, call.session, ref_in_path(type, id))
    return plain(follow_to_wire(record, since, call.calendar))


def unfollow_record(call: Caller, type: TypeName, id: str) -> Response:  # noqa: A002
    """Follow a record no longer."""
    unfollow(call.installation, call.session, ref_in_path(type, id))
    return Response(status_code=204)
