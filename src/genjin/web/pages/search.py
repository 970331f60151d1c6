"""Searching, and what is suggested while one types."""

from starlette.responses import Response

from genjin.domain.records import RecordType
from genjin.service.search.suggesting import suggest
from genjin.web.calling import Caller
from genjin.web.rendering import page
from genjin.wire.v1.search import SuggestionQuery, suggestion_asked, suggestion_to_wire

SUGGESTED = 8
_MOST = 200
"""Characters that are searched for."""


def suggestions(call: Caller, q: str = "") -> Response:
    """Which records somebody means who types this; a part of a page."""
    question = suggestion_asked(SuggestionQuery(q=q[:_MOST])) if q.strip() else None
    found = suggest(call.installation, call.session, question, list(RecordType), SUGGESTED) if question else []
    items = [suggestion_to_wire(*each, call.session.directory, question) for each in found] if question else []
    return page(call, "parts/suggestions.html", items=items, q=q)
