"""Timelines as a whole."""

from starlette.responses import Response

from genjin.api.v1.answers import listed, one
from genjin.api.v1.calling import Caller
from genjin.service.feed.timelines import read_head, read_months
from genjin.wire.v1.refs import TypeName, ref_in_path
from genjin.wire.v1.timeline import months_to_wire, timeline_to_wire


def read_timeline(call: Caller, type: TypeName, id: str) -> Response:  # noqa: A002 (as they stand in the path)
    """What happened to a record and to what rolls up to it, as a whole: how much of what, from when to when."""
    head = read_head(call.installation, call.session, ref_in_path(type, id))
    return one(call, timeline_to_wire(head, call.session.directory))


def list_months(call: Caller, type: TypeName, id: str) -> Response:  # noqa: A002
    """In which months something happened to a record and to what rolls up to it, the newest first."""
    subject, months = read_months(call.installation, call.session, ref_in_path(type, id))
    return listed(call, list(months_to_wire(subject, months, call.calendar)), None)
