"""Signing in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from genjin.errors import LoginFailed, OrganisationRequired, TooManyRequests
from genjin.service.organisation.signin import sign_in, sign_out
from genjin.web.calling import AnyVisit, Caller, Form, Posted, Visit, within
from genjin.web.cookies import FIELD, SESSION_DAYS, csrf_token, forget, keep
from genjin.web.rendering import go, page
from genjin.web.texts import _

LABEL = "page"
"""What the tokens of browsers are called in lists."""


@dataclass(frozen=True)
class Kept:
    """A form that was sent when its session was over: where to, and what it said."""

    path: str
    fields: Sequence[tuple[str, str]]

    def text(self) -> str:
        """As the form of signing in carries it."""
        return orjson.dumps([self.path, self.fields]).decode()


def show(call: AnyVisit, next: str = "/") -> Response:  # noqa: A002 (as it stands in addresses)
    """The form."""
    return _shown(call, within(next))


def is_worth_keeping(form: Posted) -> bool:
    """Whether a form has anything in it; one with a password is not kept in a page."""
    return bool(form.values.keys() - {FIELD}) and "password" not in form.values


def ask_again(call: Visit, form: Posted) -> Response:
    """For who sent something when their session was over: it is kept, and can be sent again after signing in."""
    fields = [(name, text) for name, texts in form.values.items() if name != FIELD for text in texts]
    kept = Kept(call.request.url.path, fields)
    said = call.say(_("You were signed out meanwhile. What you wrote is kept: sign in, and send it again."))
    return _shown(call, call.came_from or "/", 401, error=said, kept=kept.text())


def enter(call: AnyVisit, form: Form) -> Response:
    """Sign in, and go where the visitor wanted to, or send what was kept."""
    login, corp_id, back = form.text("login"), form.text("corp_id"), within(form.text("next"))
    request = call.request
    address = request.client.host if request.client else ""
    organisations: tuple[tuple[str, str], ...] = ()
    try:
        password = form.values.get("password", [""])[-1]
        signed = sign_in(call.installation, login, password, corp_id, address, LABEL, SESSION_DAYS)
        kept = _kept(form.text("kept"))
        csrf = csrf_token(call.door.secret, signed.token)
        answer = page(call, "pages/send_again.html", kept=kept, csrf=csrf, back=back) if kept else go(call, back)
        return keep(answer, signed.token, request.scope)
    except OrganisationRequired as error:
        organisations, status = error.organisations, 200
        said = call.say(_("Your account is in several organisations. Which one?"))
    except LoginFailed:
        status, said = 422, call.say(_("There is no such account, or this is not its password."))
    except TooManyRequests as error:
        minutes = -(-error.retry_after // 60)
        status, said = 429, call.say(_("Too many failed tries. Try again in %(minutes)s minutes."), minutes=minutes)
    return _shown(call, back, status, login, corp_id, organisations, said, form.text("kept"))


def leave(call: Caller) -> Response:
    """Sign out: the cookie's token is dead from then on."""
    sign_out(call.installation, call.token)
    return forget(go(call, "/sign-in"))


def _shown(
    call: Visit,
    back: str,
    status: int = 200,
    login: str = "",
    corp_id: str = "",
    organisations: Sequence[tuple[str, str]] = (),
    error: str = "",
    kept: str = "",
) -> Response:
    told: dict[str, Any] = {"next": back, "login": login, "corp_id": corp_id, "organisations": organisations}
    return page(call, "pages/sign_in.html", status, error=error, kept=kept, **told)


def _kept(text: str) -> Kept | None:
    """What the form of signing in carries; None for nothing, and for what is none of ours."""
    try:
        path, fields = orjson.loads(text)
        return Kept(within(path), [(str(name), str(value)) for name, value in fields])
    except (ValueError, TypeError, AttributeError):
        return None
