"""What has changed since the caller looked last."""

from typing import Annotated

import orjson
from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.activities import form_of
from genjin.api.v1.answers import JSON
from genjin.api.v1.calling import Caller
from genjin.domain.change_log import LogCursor, cursor_of
from genjin.domain.cursor import seal, unseal
from genjin.errors import Invalid
from genjin.service.feed.changes import show_changes
from genjin.wire.v1.change import ChangesQuery, changes_to_wire


def list_changes(call: Caller, query: Annotated[ChangesQuery, Query()]) -> Response:
    """What to do to a copy of the feed, behind a cursor; without one, where the changes end now."""
    secret, organisation_id = call.door.secret, call.session.organisation_id
    if query.cursor is not None and query.from_ is not None:
        raise Invalid({"from": ["is not given together with a cursor"]})
    cursor = None if query.cursor is None else opened(secret, organisation_id, query.cursor)
    whole = query.from_ is not None
    page, views = show_changes(call.installation, call.session, cursor, query.limit, whole)
    items = changes_to_wire(page.told, views, form_of(call), lambda place: sealed(secret, organisation_id, place))
    end = sealed(secret, organisation_id, page.cursor)
    path = f"{call.request.scope['path']}?limit={query.limit}&cursor={end}" if page.more else None
    headers = {} if path is None else {"Link": f'<{path}>; rel="next"'}
    return Response(orjson.dumps({"items": items, "next": path, "cursor": end}), 200, headers, JSON)


def sealed(secret: bytes, organisation_id: int, cursor: LogCursor) -> str:
    """The cursor as it is given out."""
    return seal(secret, _bound(organisation_id), cursor.parts())


def opened(secret: bytes, organisation_id: int, cursor: str) -> LogCursor:
    """The cursor that was given out so. Raises BadCursor."""
    return cursor_of(unseal(secret, _bound(organisation_id), cursor))


def _bound(organisation_id: int) -> str:
    return f"changes {organisation_id}"
