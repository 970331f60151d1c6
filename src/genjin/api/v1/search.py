"""Searching."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.activities import form_of
from genjin.api.v1.answers import listed, position
from genjin.api.v1.calling import Caller
from genjin.domain.cursor import Position
from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType
from genjin.domain.search import Order, Question
from genjin.service.search.searching import Asked, SearchPage, end_of, place_of, search_all
from genjin.service.search.suggesting import suggest
from genjin.wire.v1.activity import ActivityForm
from genjin.wire.v1.feed import feed_filter
from genjin.wire.v1.refs import TYPES
from genjin.wire.v1.search import (
    SearchQuery,
    SuggestionQuery,
    comment_found,
    entry_found,
    question_asked,
    record_found,
    sources_asked,
    suggestion_asked,
    suggestion_to_wire,
)


def search(call: Caller, query: Annotated[SearchQuery, Query()]) -> Response:
    """What was written, and whose name it is: the best first, as far as the caller sees it."""
    after: Position | None = position(call, query.cursor)
    wanted = feed_filter(query, call.session.viewer.user_id, call.session.directory)
    asked = Asked(question_asked(query), sources_asked(query), wanted, Order(query.order))
    page = search_all(call.installation, call.session, asked, query.limit, None if after is None else place_of(after))
    form = form_of(call, wanted.subjects.wanted)
    return listed(call, items_found(page, form, asked.question), end_of(page), {"complete": page.whole})


def suggest_records(call: Caller, query: Annotated[SuggestionQuery, Query()]) -> Response:
    """Which record somebody means who types the beginning of its name, of its company's, of their pinyin or its
    initials, any part of a Chinese name, or a telephone number or its last four digits or more.
    """
    question = suggestion_asked(query)
    if question is None:
        return listed(call, [], None)
    types = [TYPES[name] for name in query.type] or list(RecordType)
    found = suggest(call.installation, call.session, question, types, query.limit)
    return listed(call, [suggestion_to_wire(*each, call.session.directory, question) for each in found], None)


def items_found(page: SearchPage, form: ActivityForm, question: Question) -> list[JsonValue]:
    """Each as FoundObject."""
    items = list[JsonValue]()
    for one in page.found:
        if one.ref is not None:
            items.append(record_found(page.records[one.ref], form, question))
        elif one.entry is not None and one.place.key.id in page.comments:
            items.append(comment_found(page.comments[one.place.key.id], one.entry, page.views, form, question))
        elif one.entry is not None:
            items.append(entry_found(one.entry, page.views, form, question))
    return items
