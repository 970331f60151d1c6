"""Searching, and what is suggested while one types."""

from typing import Any

from starlette.responses import Response

from genjin.api.v1.answers import next_path, position
from genjin.api.v1.search import items_found
from genjin.domain.records import RecordType
from genjin.domain.search import Order
from genjin.errors import Invalid
from genjin.service.search.searching import Asked, end_of, place_of, search_all
from genjin.service.search.suggesting import suggest
from genjin.web.calling import Caller, PageCall
from genjin.web.queries import address_of, query_of
from genjin.web.rendering import page
from genjin.web.texts import _
from genjin.web.told import GROUPS, chips
from genjin.wire.v1.feed import feed_filter
from genjin.wire.v1.search import (
    SearchQuery,
    SuggestionQuery,
    question_asked,
    sources_asked,
    suggestion_asked,
    suggestion_to_wire,
)

SUGGESTED = 8
_MOST = 200
"""Characters that are searched for."""
WHERE = {"record": _("Names"), "text": _("What was written"), "comment": _("Comments")}
ORDERS = {"rank": _("The best first"), "newest": _("The newest first"), "oldest": _("The oldest first")}
_CHOSEN = ("q", "in", "order")
"""Parameters that the page shows as choices of their own."""


def show(call: Caller, q: str = "") -> Response:
    """The parameters are those of `GET /api/v1/search`."""
    address = address_of(call.request.scope)
    beside: dict[str, Any] = {
        "address": address,
        "asked": chips(call, address.without(*_CHOSEN, "kind", "from", "to")),
        "where": WHERE,
        "orders": ORDERS,
        "groups": GROUPS,
        "find_text": q,
        "people": sorted(
            (user for user in call.session.directory.users.values() if call.session.directory.is_here(user.id)),
            key=lambda user: user.name,
        ),
    }
    if not q.strip():
        return page(call, "pages/search.html", found=None, errors={}, **beside)
    try:
        found = _found(call)
    except Invalid as error:
        return page(call, "pages/search.html", 422, found=None, errors=error.errors, **beside)
    return page(call, "parts/found.html" if call.is_partial else "pages/search.html", found=found, errors={}, **beside)


def suggestions(call: Caller, q: str = "") -> Response:
    """Which records somebody means who types this; a part of a page."""
    question = suggestion_asked(SuggestionQuery(q=q[:_MOST])) if q.strip() else None
    found = suggest(call.installation, call.session, question, list(RecordType), SUGGESTED) if question else []
    items = [suggestion_to_wire(*each, call.session.directory, question) for each in found] if question else []
    return page(call, "parts/suggestions.html", items=items, q=q)


def _found(call: PageCall) -> dict[str, Any]:
    """A page of what was found, as FoundObject, and the path of the next one. Raises Invalid."""
    query = query_of(SearchQuery, call.request.scope)
    after = position(call, query.cursor)
    wanted = feed_filter(query, call.session.viewer.user_id, call.session.directory)
    asked = Asked(question_asked(query), sources_asked(query), wanted, Order(query.order))
    found = search_all(call.installation, call.session, asked, query.limit, None if after is None else place_of(after))
    return {
        "items": items_found(found, call.form, asked.question),
        "next": next_path(call, end_of(found)),
        "whole": found.whole,
        "begins": after is None,
    }
