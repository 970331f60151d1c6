"""What somebody wants of the page: language, time zone, light or dark."""

from collections.abc import Mapping, Sequence
from zoneinfo import available_timezones

from starlette.responses import Response

from genjin.domain.preferences import Preferences
from genjin.errors import Invalid
from genjin.service.organisation.preferences import set_preferences
from genjin.web.calling import Caller, Form, PageCall
from genjin.web.rendering import go, page


def show(call: Caller) -> Response:
    """The form."""
    return _shown(call, call.preferences, {})


def change(call: Caller, form: Form) -> Response:
    """Keep them; the page is shown by them at once."""
    told = Preferences(form.text("language") or None, form.text("time_zone") or None, form.text("theme"))  # type: ignore[arg-type]
    try:
        set_preferences(call.installation, call.session, told)
    except Invalid as error:
        return _shown(call, told, error.errors, 422)
    return go(call, "/account?saved=1")


def _shown(call: PageCall, told: Preferences, errors: Mapping[str, Sequence[str]], status: int = 200) -> Response:
    me = call.session.directory.users[call.viewer.user_id]
    return page(
        *(call, "pages/account.html", status),
        told=told,
        errors=errors,
        me=me,
        zones=sorted(available_timezones()),
        saved=call.request.query_params.get("saved") == "1",
    )
