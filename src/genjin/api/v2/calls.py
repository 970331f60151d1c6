"""Calls: the dial log that a telephone writes when it dials and again when the call is over; and who is calling."""

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.domain.json import JsonValue
from genjin.service.entries import calls
from genjin.service.entries.calls import CallView
from genjin.service.records import callers
from genjin.wire.entries.call import call_filter, call_report, call_to_wire, caller_to_wire, hang_up_report
from genjin.wire.envelope import listed
from genjin.wire.params import text
from genjin.wire.scalars import page_of


def log_call(call: SignedIn) -> Response:
    """Log a call that begins; one that is told with a talk time is an activity at once.

    Told again with the same `call_id` by the same user it is the same call.
    """
    return _answer(call, calls.log_call(call.installation, call.session, call_report(call.params)))


def end_call(call: SignedIn) -> Response:
    """Tell that the call is over: it becomes an activity. Told again, it adds what is new, such as a recording."""
    return _answer(call, calls.end_call(call.installation, call.session, call.id, call_report(call.params)))


def hang_up(call: SignedIn) -> Response:
    """Tell that one's own call of this `call_id` is over."""
    return _answer(call, calls.hang_up(call.installation, call.session, hang_up_report(call.params)))


def read_call(call: SignedIn) -> Response:
    """One call."""
    return _answer(call, calls.read_call(call.installation, call.session, call.id))


def list_calls(call: SignedIn) -> Response:
    """Calls to all records that the caller may see, newest first."""
    page = page_of(call.params.get("page"), call.params.get("per_page"))
    wanted = call_filter(call.params, call.session.directory.calendar, call.installation.clock.now())
    found, total = calls.list_calls(call.installation, call.session, wanted, page)
    return answer(listed("dial_logs", [_wire(call, view) for view in found], total, page))


def find_caller(call: SignedIn) -> Response:
    """Who is calling: the contact, customer or lead with this number that the caller may see; empty for a stranger."""
    return answer(caller_to_wire(callers.find_caller(call.installation, call.session, text(call.params, "phone"))))


def _answer(call: Call, view: CallView) -> Response:
    return answer({"dial_log": _wire(call, view)})


def _wire(call: Call, view: CallView) -> dict[str, JsonValue]:
    return call_to_wire(view.call, call.session.directory, view.sight)
