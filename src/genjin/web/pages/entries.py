"""The entries that any filter asks for: what is behind a figure of a report, or whatever an address asks for."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from genjin.api.v1.answers import next_path, position
from genjin.domain.feed import Facet, Key
from genjin.errors import Invalid
from genjin.service.feed.reading import read_feed
from genjin.web.calling import Caller, PageCall
from genjin.web.entries import by_day, entries_of
from genjin.web.queries import address_of, query_of
from genjin.web.rendering import page
from genjin.web.told import GROUPS, chips
from genjin.wire.v1.feed import FeedQuery, feed_filter
from genjin.wire.v1.feed_counts import counts_to_wire

SHOWN_DAY = "x-shown-day"
"""The header that tells which day the page that goes on ends with."""


def show(call: Caller) -> Response:
    """The parameters are those of `GET /api/v1/activities`; days are the organisation's, as reports count them."""
    call = call.office
    address = address_of(call.request.scope)
    beside: dict[str, Any] = {"address": address, "asked": chips(call, address)}
    try:
        found = _found(call)
    except Invalid as error:
        return page(call, "pages/entries.html", 422, found=None, errors=error.errors, **beside)
    if call.is_partial:
        return page(call, "parts/entries.html", shown_day=call.request.headers.get(SHOWN_DAY, ""), found=found)
    groups = _groups(found["counts"])
    return page(call, "pages/entries.html", found=found, groups=groups, group_names=GROUPS, shown_day="", **beside)


def _found(call: PageCall) -> dict[str, Any]:
    """Days with their entries, the path of the next page, and on the first page how many there are of what."""
    query = query_of(FeedQuery, call.request.scope)
    after = position(call, query.cursor)
    key = None if after is None else Key(*map(int, after))  # type: ignore[arg-type]
    session = call.session
    wanted = feed_filter(query, session.viewer.user_id, session.directory)
    facets = () if call.is_partial else tuple(Facet)
    newest, fold = query.order == "newest", query.fold == "1"
    found = read_feed(call.installation, session, wanted, query.limit, key, newest, facets, fold)
    counts: Any = found.counts and counts_to_wire(found.counts, session.directory, call.language)
    return {
        "days": by_day(call, entries_of(call, found, wanted.clock), wanted.clock),
        "next": next_path(call, found.end),
        "counts": counts,
        "of_days": {each["date"]: each["count"] for each in counts["day"]} if counts else {},
    }


def _groups(counts: Mapping[str, Any]) -> Mapping[str, int]:
    """How many entries each group of kinds has."""
    found = Counter[str]()
    for each in counts["kind"]:
        found[each["group"]] += each["count"]
    return {name: found[name] for name in GROUPS if found[name]}
