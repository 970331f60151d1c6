"""What all pages of administration have: who may open them, what leads where, and what is said of refusals."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import Depends
from starlette.responses import Response

from genjin.errors import Duplicate, Forbidden, Invalid, NotFound
from genjin.service.audit import administrator
from genjin.web.calling import Caller, PageCall
from genjin.web.navigation import Place
from genjin.web.rendering import go, page
from genjin.web.texts import _
from genjin.wire.scalars import MAX_ID

Errors = Mapping[str, Sequence[str]]
NO_ERRORS: Errors = {}
FORM = "form"
"""Where a refusal stands that is of no single field."""
Refused = (Invalid, Duplicate, Forbidden, NotFound)
PLACES = (
    Place("users", "/admin/users", "users", _("Users")),
    Place("departments", "/admin/departments", "network", _("Departments")),
    Place("roles", "/admin/roles", "shield", _("Roles")),
    Place("modules", "/admin/modules", "languages", _("Names of modules")),
    Place("fields", "/admin/fields", "table", _("Fields")),
    Place("kinds", "/admin/kinds", "tag", _("Kinds of entries")),
    Place("tokens", "/admin/tokens", "key-round", _("Tokens")),
    Place("webhooks", "/admin/webhooks", "webhook", _("Webhooks")),
    Place("jobs", "/admin/jobs", "loader", _("Jobs")),
    Place("storage", "/admin/storage", "hard-drive", _("Storage")),
    Place("audit", "/admin/audit", "scroll-text", _("Audit log")),
    Place("health", "/admin/health", "heart-pulse", _("Health")),
)


def administering(call: Caller) -> PageCall:
    """Raises Forbidden for who is no administrator, whatever of these pages they ask for."""
    administrator(call.session)
    return call


Admin = Annotated[PageCall, Depends(administering)]


def begin(call: Admin) -> Response:
    """The first of these pages."""
    return go(call, PLACES[0].path)


def desk(call: PageCall, template: str, place: str, status: int = 200, /, **context: Any) -> Response:
    """A page of administration; `place` is the one of PLACES that it belongs to."""
    told = {"places": PLACES, "place": place, "errors": NO_ERRORS, "key": secrets.token_hex(12), **context}
    return page(call, f"pages/admin/{template}.html", status, here="admin", **told)


def errors_of(error: Exception, *fields: str) -> Errors:
    """What a refusal says of each of these fields; what it says of others, or of none, stands at FORM."""
    told: dict[str, list[str]] = {}
    for field, text in _texts(error):
        told.setdefault(field if field in fields else FORM, []).append(text)
    return told


def id_in(text: str, most: int = MAX_ID) -> int:
    """The id, or another number up to `most`, that stands in a field; 0 for none."""
    found = int(text) if text.isdecimal() and text.isascii() and len(text) <= 18 else 0
    return found if found <= most else 0


def _texts(error: Exception) -> Iterator[tuple[str, str]]:
    if isinstance(error, Invalid):
        for field, texts in error.errors.items():
            for text in texts:
                yield field, text
    elif isinstance(error, Duplicate):
        yield error.field, _("It is taken already.")
    elif isinstance(error, NotFound):
        yield FORM, _("What was chosen is there no longer: choose again.")
    else:
        yield FORM, str(error)
