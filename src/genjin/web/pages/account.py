"""What somebody wants of the page: language, time zone, light or dark; and another password."""

from collections.abc import Mapping, Sequence
from zoneinfo import available_timezones

from starlette.responses import Response

from genjin.domain.preferences import Preferences
from genjin.errors import Invalid
from genjin.service.organisation.preferences import set_preferences
from genjin.service.organisation.signin import change_password
from genjin.web.calling import Caller, Form, PageCall
from genjin.web.cookies import SESSION_DAYS, keep
from genjin.web.pages.sign_in import LABEL
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


def change_own_password(call: Caller, form: Form) -> Response:
    """Give oneself another password; every other session of the person is over."""
    old, new = (form.values.get(name, [""])[-1] for name in ("old_password", "password"))
    try:
        token = change_password(call.installation, call.session, old, new, LABEL, SESSION_DAYS)
    except Invalid as error:
        return _shown(call, call.preferences, error.errors, 422)
    return keep(go(call, "/account?saved=1"), token, call.request.scope)


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
