"""Colleagues who are suggested while one writes."""

from starlette.responses import Response

from genjin.service.organisation.people import suggest_users
from genjin.web.calling import Caller
from genjin.web.rendering import page

SUGGESTED = 8
_MOST = 40
"""Characters of a name."""


def suggestions(call: Caller, q: str = "") -> Response:
    """Whom somebody means who types this behind an @; a part of a page."""
    found = suggest_users(call.session, q[:_MOST], SUGGESTED)
    departments = call.session.directory.departments
    items = [(user, departments.get(user.department_id or 0)) for user in found]
    return page(call, "parts/colleagues.html", items=items)
