"""Who the caller is."""

from starlette.responses import Response

from genjin.api.v1.answers import one
from genjin.api.v1.calling import Caller
from genjin.wire.v1.me import me_to_wire


def read_me(call: Caller) -> Response:
    """Who the caller is: the name, the organisation and its time zone, and what the caller may do."""
    return one(call, me_to_wire(call.session.viewer, call.session.directory))
