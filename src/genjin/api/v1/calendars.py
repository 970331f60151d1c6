"""The caller's calendar: its link, and what the link leads to."""

from starlette.responses import Response

from genjin.api.links import base_url
from genjin.api.v1.activities import form_of
from genjin.api.v1.answers import one, plain, tagged
from genjin.api.v1.calling import Caller
from genjin.service.inbox.calendars import link_since, read_calendar, renew_link, revoke_link
from genjin.wire.v1.calendar import MEDIA_TYPE, calendar_to_wire, icalendar_of


def read_link(call: Caller) -> Response:
    """Whether the caller's calendar has a link. Its address is not told again."""
    return one(call, calendar_to_wire(link_since(call.installation, call.session), None, form_of(call)))


def renew(call: Caller) -> Response:
    """Make a link to the caller's calendar. The one before leads nowhere from then on."""
    secret, at = renew_link(call.installation, call.session)
    url = f"{base_url(call.door, call.request.scope)}/api/v1/calendar/{secret}.ics"
    return plain(calendar_to_wire(at, url, form_of(call)))


def revoke(call: Caller) -> Response:
    """The link to the caller's calendar leads nowhere from now on."""
    revoke_link(call.installation, call.session)
    return Response(status_code=204)


def read_feed(call: Caller, secret: str) -> Response:  # noqa: ARG001 (whose call it is was told by it)
    """The open reminders and the visits of whose link it is, as iCalendar, as far as they see them now."""
    found = read_calendar(call.installation, call.session)
    asked = found.reminders
    content = icalendar_of(asked.reminders, asked.views, asked.records, found.visits, form_of(call))
    return tagged(call, content, MEDIA_TYPE, {"Cache-Control": "private, no-cache"})
