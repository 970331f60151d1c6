"""What happens, as it happens, for pages that are open."""

from starlette.responses import Response

from genjin.api.v1.changes import LastEventId, changes_from
from genjin.api.v1.cursors import opened
from genjin.api.v1.streams import Streams
from genjin.web.calling import Caller


async def stream(call: Caller, last_event_id: LastEventId = None) -> Response:
    """The changes of /api/v1/changes/stream, for who is signed in by a cookie: from now on, or from where a browser was
    that comes again.
    """
    streams: Streams = call.request.app.state.streams
    streams.check()
    cursor = opened(call.door.secret, call.session.organisation_id, last_event_id) if last_event_id else None
    return await changes_from(call, streams, call.token, cursor)
