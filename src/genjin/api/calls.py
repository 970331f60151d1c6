"""Calls: the dial log that a telephone writes when it dials and again when the call is over."""

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import SignedIn
from genjin.service import calls
from genjin.wire.call import call_report, call_to_wire


def log_call(call: SignedIn) -> Response:
    """Log a call that begins; one that is told with a talk time is an activity at once."""
    logged = calls.log_call(call.installation, call.session, call_report(call.params))
    return answer({"dial_log": call_to_wire(logged, call.session.directory)})


def end_call(call: SignedIn) -> Response:
    """Tell that the call is over: it becomes an activity. Told again, it adds what is new, such as a recording."""
    ended = calls.end_call(call.installation, call.session, call.id, call_report(call.params))
    return answer({"dial_log": call_to_wire(ended, call.session.directory)})
