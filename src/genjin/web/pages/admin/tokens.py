"""Tokens of programs and sessions: one's own, and for administrators those of everybody."""

import secrets
from typing import Any

from starlette.responses import Response

from genjin.errors import Invalid
from genjin.service.organisation.signin import issue_token, list_tokens, revoke_token
from genjin.web.calling import Caller, Form, PageCall
from genjin.web.pages.admin.desk import NO_ERRORS, Admin, Errors, desk, errors_of, id_in
from genjin.web.rendering import go, page
from genjin.wire.v1.shared import Id

_PER_PAGE = 50
OWN, EVERYBODYS = "/account/tokens", "/admin/tokens"


def show(call: Admin, before: str = "") -> Response:
    """The tokens of everybody, the latest first."""
    return _shown(call, EVERYBODYS, before=before)


def show_own(call: Caller, before: str = "") -> Response:
    """The tokens of who looks."""
    return _shown(call, OWN, before=before)


def issue(call: Caller, form: Form) -> Response:
    """A token of one's own for a program, which is shown this once."""
    label = form.text("label")
    try:
        token = issue_token(call.installation, call.session, label)
    except Invalid as error:
        return _shown(call, OWN, label=label, errors=errors_of(error, "label"), status=422)
    return _shown(call, OWN, token=token)


def revoke(call: Caller, token_id: Id, form: Form) -> Response:
    """Make a token dead."""
    revoke_token(call.installation, call.session, token_id)
    return go(call, EVERYBODYS if form.text("from") == EVERYBODYS else OWN)


def _shown(
    call: PageCall,
    path: str,
    label: str = "",
    token: str = "",
    before: str = "",
    errors: Errors = NO_ERRORS,
    status: int = 200,
) -> Response:
    of_everybody = path == EVERYBODYS
    found = list_tokens(call.installation, call.session, of_everybody, id_in(before) or None, _PER_PAGE + 1)
    told: dict[str, Any] = {
        "tokens": found[:_PER_PAGE],
        "more": len(found) > _PER_PAGE,
        "label": label,
        "token": token,
        "path": path,
        "users": call.session.directory.users,
        "key": secrets.token_hex(12),
    }
    if of_everybody:
        return desk(call, "tokens", "tokens", status, errors=errors, **told)
    return page(call, "pages/tokens.html", status, errors=errors, **told)
