"""Signing in and out."""

from starlette.responses import Response

from genjin.errors import LoginFailed, OrganisationRequired, TooManyRequests
from genjin.service.organisation.signin import sign_in, sign_out
from genjin.web.calling import AnyVisit, Caller, Form, within
from genjin.web.cookies import SESSION_DAYS, forget, keep
from genjin.web.rendering import go, page
from genjin.web.texts import _

LABEL = "page"
"""What the tokens of browsers are called in lists."""


def show(call: AnyVisit, next: str = "/") -> Response:  # noqa: A002 (as it stands in addresses)
    """The form."""
    return page(call, "pages/sign_in.html", next=within(next), login="", corp_id="", organisations=(), error="")


def enter(call: AnyVisit, form: Form) -> Response:
    """Sign in, and go where the visitor wanted to."""
    login, corp_id, back = form.text("login"), form.text("corp_id"), within(form.text("next"))
    request = call.request
    address = request.client.host if request.client else ""
    organisations: tuple[tuple[str, str], ...] = ()
    try:
        password = form.values.get("password", [""])[-1]
        signed = sign_in(call.installation, login, password, corp_id, address, LABEL, SESSION_DAYS)
        return keep(go(call, back), signed.token, request.scope)
    except OrganisationRequired as error:
        organisations, status = error.organisations, 200
        said = call.say(_("Your account is in several organisations. Which one?"))
    except LoginFailed:
        status, said = 422, call.say(_("There is no such account, or this is not its password."))
    except TooManyRequests as error:
        minutes = -(-error.retry_after // 60)
        status, said = 429, call.say(_("Too many failed tries. Try again in %(minutes)s minutes."), minutes=minutes)
    return page(
        *(call, "pages/sign_in.html", status),
        next=back,
        login=login,
        corp_id=corp_id,
        organisations=organisations,
        error=said,
    )


def leave(call: Caller) -> Response:
    """Sign out: the cookie's token is dead from then on."""
    sign_out(call.installation, call.token)
    return forget(go(call, "/sign-in"))
