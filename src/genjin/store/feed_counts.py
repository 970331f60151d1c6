"""How many entries of a feed there are by kind, actor and day: one query of a bounded number of entries."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, select

from genjin.domain.calendar import DAY, Calendar
from genjin.domain.feed import Counts, Facet, FeedFilter, Key
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
    offsets = _offsets(tx, ways, span, reached, newest, calendar) if Facet.DAY in facets else [(0, 0)]
    by: dict[Facet, dict[int, int]] = {facet: {} for facet in facets}
    total = 0
    for way in ways:
        values = [_value(facet, way, offsets).label(f"by_{facet}") for facet in by]
        counted = feed.within(select(func.count(), *values), way, span, reached, newest)
        for number, *found in tx.execute(counted.group_by(*(value.name for value in values))):
            total += number
            for facet, value in zip(by, found, strict=True):
                by[facet][value] = by[facet].get(value, 0) + number
    return Counts(total, reached, {facet: _most(facet, found) for facet, found in by.items()})


def _offsets(
    tx: Tx, ways: Sequence[feed.Way], span: feed.Span, reached: Key | None, newest: bool, calendar: Calendar
) -> list[tuple[int, int]]:
    """The offsets of the zone in what is counted, each with the instant from which on it holds."""
    ends = [feed.nth(tx, way, span, side, 1) for way in ways for side in (True, False)]
    moments = sorted(key.moment for key in ends if key is not None)
    if not moments:
        return [(0, 0)]
    if reached is not None:
        moments = sorted((reached.moment, moments[-1] if newest else moments[0]))
    return calendar.offsets(moments[0], moments[-1])


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
