"""Check-ins: signing in at a record's, signing out, list, read."""

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.api.links import links_for
from genjin.domain.json import JsonValue
from genjin.service.entries import checkins
from genjin.service.entries.checkins import CheckInView
from genjin.wire.entries.checkin import check_in_filter, check_in_input, check_in_to_wire, sign_out_place, target_of
from genjin.wire.envelope import listed
from genjin.wire.files.entry_files import files_shown
from genjin.wire.scalars import page_of


def sign_in(call: SignedIn) -> Response:
    """Tell that one is at a record's; it is on the timeline when this answers.

    Coordinates are kept as exactly as the organisation allows.
    """
    target, given = target_of(call.params), check_in_input(call.params)
    return answer(_wire(call, checkins.sign_in(call.installation, call.session, target, given)))


def sign_out(call: SignedIn) -> Response:
    """Tell that one leaves, once."""
    place = sign_out_place(call.params)
    return answer(_wire(call, checkins.sign_out(call.installation, call.session, call.id, place)))


def read_checkin(call: SignedIn) -> Response:
    """One check-in."""
    return answer(_wire(call, checkins.read_checkin(call.installation, call.session, call.id)))


def list_checkins(call: SignedIn) -> Response:
    """Check-ins on all records that the caller may see, newest first."""
    page = page_of(call.params.get("page"), call.params.get("per_page"))
    wanted = check_in_filter(call.params, call.session.directory.calendar, call.installation.clock.now())
    found, total = checkins.list_checkins(call.installation, call.session, wanted, page)
    return answer(listed("checkins", [_wire(call, view) for view in found], total, page))


def _wire(call: Call, view: CheckInView) -> dict[str, JsonValue]:
    directory = call.session.directory
    url = links_for(call.door, call.request.scope, call.session.organisation_id).url
    files = files_shown(view.files, frozenset(), url, directory)
    return check_in_to_wire(view.facts, view.target, directory, files, view.sight)
