"""Activities."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.links import links_for
from genjin.api.v1.answers import listed, position
from genjin.api.v1.calling import Caller, OurCall
from genjin.domain.feed import Key
from genjin.domain.json import JsonValue
from genjin.domain.records import Ref
from genjin.service.feed.reading import read_feed
from genjin.wire.v1.activity import ActivityForm, activities_to_wire
from genjin.wire.v1.feed import FeedQuery, feed_filter, folded_to_wire
from genjin.wire.v1.feed_counts import counts_to_wire, days_to_wire


def list_activities(call: Caller, query: Annotated[FeedQuery, Query()]) -> Response:
    """What happened: in the whole organisation, to records, by colleagues; as far as the caller sees it."""
    after = position(call, query.cursor)
    wanted = feed_filter(query, call.session.viewer.user_id, call.session.directory)
    key = None if after is None else Key(*map(int, after))  # type: ignore[arg-type]
    newest, directory = query.order == "newest", call.session.directory
    page = read_feed(call.installation, call.session, wanted, query.limit, key, newest, query.facets, query.fold == "1")
    beside: dict[str, JsonValue] = {"days": None, "counts": None}
    if query.group is not None:
        beside["days"] = days_to_wire(page.views.entries, wanted.clock, call.calendar, call.language)
    if page.counts is not None:
        beside["counts"] = counts_to_wire(page.counts, directory, call.language)
    items = [
        {**item, "folded": folded_to_wire(page.folded.get(facts.id, ()), wanted.clock, call.calendar)}
        for facts, item in zip(
            page.views.entries, activities_to_wire(page.views, form_of(call, page.subjects)), strict=True
        )
    ]
    return listed(call, items, page.end, beside)


def form_of(call: OurCall, subjects: frozenset[Ref] = frozenset()) -> ActivityForm:
    """How activities are shown to the caller."""
    session = call.session
    url = links_for(call.door, call.request.scope, session.organisation_id).url
    return ActivityForm(session.directory, call.language, url, subjects)
