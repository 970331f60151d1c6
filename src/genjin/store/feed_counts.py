"""How many entries of a feed there are by kind, actor and day: one query each, of a bounded number of entries."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select

from genjin.domain.calendar import DAY, Calendar
from genjin.domain.feed import Counts, Facet, FeedFilter
from genjin.domain.policy import Viewer
from genjin.store import feed
from genjin.store.feed_conditions import DAYS_BEFORE, local_time
from genjin.store.tables import activities
from genjin.store.transaction import Tx

COUNTED = 20_000
"""The most entries that are looked at."""
MOST_VALUES = 400
"""The most days, or colleagues, that are told: the newest days, and who did most."""


def count(
    tx: Tx, viewer: Viewer, wanted: FeedFilter, facets: Collection[Facet], calendar: Calendar, newest: bool = True
) -> Counts:
    """Count what `feed.page` would list from its beginning on."""
    ways = feed.ways_of(tx, viewer, wanted)
    span = feed.span_of(wanted, None, newest)
    stops = [None if way.whole else feed.nth(tx, way, span, newest, COUNTED // len(ways)) for way in ways]
    reached = feed.first_of([stop for stop in stops if stop is not None], newest)
    total, first, last = 0, [], []
    for way in ways:
        ends = select(func.count(), func.min(way.moment), func.max(way.moment))
        row = tx.execute(feed.within(ends, way, span, reached, newest)).one()
        total += row[0]
        first += [] if row[1] is None else [row[1]]
        last += [] if row[2] is None else [row[2]]
    offsets = calendar.offsets(min(first), max(last)) if first else [(0, 0)]
    by = dict[Facet, dict[int, int]]()
    for facet in facets:
        found = dict[int, int]()
        for way in ways:
            told = select(_value(facet, way, offsets).label("counted_by"), func.count())
            counted = feed.within(told, way, span, reached, newest)
            for key, number in tx.execute(counted.group_by("counted_by")):
                found[key] = found.get(key, 0) + number
        by[facet] = _most(facet, found)
    return Counts(total, reached, by)


def _value(facet: Facet, way: feed.Way, offsets: list[tuple[int, int]]) -> ColumnElement[int]:
    match facet:
        case Facet.KIND:
            return activities.c.kind
        case Facet.ACTOR:
            return activities.c.actor_id
        case Facet.DAY:
            return local_time(way.moment, offsets) // DAY


def _most(facet: Facet, found: dict[int, int]) -> dict[int, int]:
    """Days, the newest first; kinds and colleagues, those of most entries first."""
    if facet is Facet.DAY:
        return {day - DAYS_BEFORE: found[day] for day in sorted(found, reverse=True)[:MOST_VALUES]}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES])
