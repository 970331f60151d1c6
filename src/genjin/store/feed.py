"""Feeds: the entries that a filter asks for and the viewer sees, in order, from any place on.

Each way leads through an index in the feed's order: a record's timeline, what a colleague did, what there is of a rare
kind, or all of the organisation; what says something rare is looked up (feed_texts.py). What else is asked for is
looked at entry by entry, in stretches of the index that grow, and never more than SCANNED of them at once: who asks for
little is told where to go on.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, TextClause, and_, not_, or_, select, text, tuple_

from genjin.domain.activity import Facts
from genjin.domain.feed import FeedFilter, Key, Moment
from genjin.domain.people import SYSTEM_ID
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store import lineage
from genjin.store.feed_conditions import conditions, in_timelines, moment_of, taken_back_of
from genjin.store.feed_texts import few_that_say
from genjin.store.feed_wording import NOW, Said, joined_then, known_at
from genjin.store.refs import is_one_of
from genjin.store.tables import COMMON_KINDS, RARE, activities, timeline
from genjin.store.transaction import Tx
from genjin.store.visible import entry_visible

SCANNED = 20_000
"""The most entries that are looked at for one page."""
FIRST, GROWTH = 200, 8
"""Entries of the first stretch; each next one is so many times longer."""
MOST_WAYS = 8
"""So many colleagues or kinds have a way each; of more, all of the organisation is gone through."""


class Stretch(NamedTuple):
    """Entries in order, after which key to go on (None at the end), and their own keys. There may be fewer than were
    asked for, even none, and more behind them.
    """

    entries: list[Facts]
    end: Key | None
    keys: list[Key]


Placed = tuple[Key, Facts]


@dataclass(frozen=True)
class Span:
    """What lies between two keys, both exclusive."""

    low: Key | None = None
    high: Key | None = None

    def cut(self, key: Key, newest: bool) -> "Span":
        """What is left behind a key."""
        if newest:
            return Span(self.low, key if self.high is None else min(self.high, key))
        return Span(key if self.low is None else max(self.low, key), self.high)


@dataclass(frozen=True)
class Way:
    """How entries are reached: by `moment` and `id` of `keys`, an index in their order, held to `where`.

    `rest` is what else they have to fulfil. `whole` is for what no index has in order: it is sorted.
    """

    moment: ColumnElement[int]
    id: ColumnElement[int]
    keys: FromClause
    source: FromClause
    where: Sequence[ColumnElement[bool] | TextClause]
    rest: Sequence[ColumnElement[bool]] = ()
    whole: bool = False
    columns: Sequence[ColumnElement[Any]] = tuple(NOW.columns.values())


def page(
    tx: Tx, viewer: Viewer, wanted: FeedFilter, limit: int, after: Key | None = None, newest: bool = True
) -> Stretch:
    """At most `limit` entries behind `after`. Who may see the subjects has been asked; the rest is asked here."""
    span = span_of(wanted, after, newest)
    ways = ways_of(tx, viewer, wanted)
    found, stops = list[Placed](), list[Key]()
    for way in ways:
        some, stop = _walk(tx, way, span, newest, limit + 1, SCANNED // len(ways))
        found += some
        stops += [] if stop is None else [stop]
    return _merged(found, stops, newest, limit)


def first_of(stops: Sequence[Key], newest: bool) -> Key | None:
    """Which of the keys comes first in a feed."""
    return max(stops, default=None) if newest else min(stops, default=None)


def talks_on_each(tx: Tx, organisation_id: int, refs: Sequence[Ref], kinds: Collection[int]) -> dict[Ref, list[int]]:
    """When there were talks, calls and visits by people in the timelines of these records; one query, or none."""
    t, a, found = timeline.c, activities.c, dict[Ref, list[int]]()
    if not refs:
        return found
    told = select(t.subject_type, t.subject_id, t.at).join(
        activities, and_(a.organisation_id == organisation_id, a.id == t.activity_id)
    )
    its = is_one_of(t.subject_type, t.subject_id, refs)
    rows = tx.execute(
        told.where(t.organisation_id == organisation_id, its, a.kind.in_(sorted(kinds)), a.actor_id != SYSTEM_ID)
    )
    for type_, id_, at in rows:
        found.setdefault(Ref(RecordType(type_), id_), []).append(at)
    return found


def _merged(found: Iterable[Placed], stops: Sequence[Key], newest: bool, limit: int) -> Stretch:
    """What several ways led to, up to where the first of them stopped."""
    ordered = sorted(found, key=lambda pair: pair[0], reverse=newest)
    stop = first_of(stops, newest)
    if stop is not None:
        ordered = [pair for pair in ordered if (pair[0] >= stop if newest else pair[0] <= stop)]
    if len(ordered) > limit:
        ordered, stop = ordered[:limit], ordered[limit - 1][0]
    return Stretch([facts for _, facts in ordered], stop, [key for key, _ in ordered])


def _walk(tx: Tx, way: Way, span: Span, newest: bool, need: int, most: int) -> tuple[list[Placed], Key | None]:
    """Up to `need` entries of one way, and the last key that was looked at, where it is not known what lies behind."""
    if way.whole or not way.rest:
        return _rows(tx, way, span, None, newest, need), None
    found, looked, length = list[Placed](), 0, min(FIRST, most)
    while True:
        last = nth(tx, way, span, newest, length)
        found += _rows(tx, way, span, last, newest, need - len(found))
        looked += length
        if last is None or len(found) >= need:
            return found, None
        if looked >= most:
            return found, last
        span, length = span.cut(last, newest), min(length * GROWTH, most - looked)


def nth(tx: Tx, way: Way, span: Span, newest: bool, nth: int) -> Key | None:
    """The key of the nth entry of a way, whatever it is; None where there are fewer."""
    keys = select(way.moment, way.id).select_from(way.keys).where(*way.where, *_between(way, span, None, newest))
    row = tx.execute(keys.order_by(*_order(way, newest)).limit(1).offset(nth - 1)).one_or_none()
    return None if row is None else Key(*row)


def _rows(tx: Tx, way: Way, span: Span, last: Key | None, newest: bool, limit: int) -> list[Placed]:
    """The entries of a way up to and with the key `last`."""
    wanted = within(select(way.moment.label("moment"), *way.columns), way, span, last, newest)
    rows = tx.execute(wanted.order_by(*_order(way, newest)).limit(limit))
    return [(Key(row[0], row[1]), Facts._make(row[1:])) for row in rows]


def within(
    told: Select[*tuple[Any, ...]], way: Way, span: Span, last: Key | None, newest: bool
) -> Select[*tuple[Any, ...]]:
    """What is told of the entries of a way up to and with the key `last`."""
    return told.select_from(way.source).where(*way.where, *way.rest, *_between(way, span, last, newest))


def _between(way: Way, span: Span, last: Key | None, newest: bool) -> Iterator[ColumnElement[bool]]:
    """One bound on either side: of two, SQLite would go by the wider one."""
    key = tuple_(way.moment, way.id)
    if last is not None and newest:
        yield key >= tuple_(*last)
    elif span.low is not None:
        yield key > tuple_(*span.low)
    if last is not None and not newest:
        yield key <= tuple_(*last)
    elif span.high is not None:
        yield key < tuple_(*span.high)


def _order(way: Way, newest: bool) -> list[ColumnElement[Any]]:
    return [way.moment.desc(), way.id.desc()] if newest else [way.moment.asc(), way.id.asc()]


def span_of(wanted: FeedFilter, after: Key | None, newest: bool) -> Span:
    """No id is 0, so that a key with it lies before all entries of its moment."""
    span = Span(
        None if wanted.since is None else Key(wanted.since, 0), None if wanted.until is None else Key(wanted.until, 0)
    )
    return span if after is None else span.cut(after, newest)


def ways_of(tx: Tx, viewer: Viewer, wanted: FeedFilter) -> list[Way]:
    """Ways that together lead to all that is wanted, and none of it twice."""
    said = NOW if wanted.as_of is None else known_at(viewer, wanted.as_of)
    ways = list(_ways(tx, viewer, wanted, said))
    if wanted.as_of is None:
        return ways
    columns = [column.label(name) for name, column in said.columns.items()]
    return [replace(way, source=joined_then(viewer, way.source, wanted.as_of), columns=columns) for way in ways]


def _ways(tx: Tx, viewer: Viewer, wanted: FeedFilter, said: Said) -> Iterator[Way]:
    rest, unwanted, a = [*conditions(viewer, wanted, tx.engine, said)], wanted.subjects.unwanted, activities.c
    ours = (a.organisation_id == viewer.organisation_id,)
    if unwanted:
        sources = _sources(tx, viewer, unwanted) if wanted.as_of is not None else []
        rest.append(not_(in_timelines(viewer, unwanted, sources)))
    if wanted.subjects.wanted:
        if wanted.as_of is not None:
            # What was taken back later left the timelines as it was.
            rest.append(said.there)
            sources = _sources(tx, viewer, wanted.subjects.wanted)
            gone = [taken_back_of(sources), a.deleted_at > wanted.as_of, *rest]
            yield Way(moment_of(wanted.clock), a.id, activities, activities, ours, gone, whole=True)
        yield from _timelines(viewer, wanted, rest)
        return
    rest += (said.there, entry_visible(viewer))
    if wanted.texts.wanted and wanted.as_of is None:
        few = few_that_say(tx, viewer.organisation_id, wanted.texts.wanted)
        if few is not None:
            yield Way(moment_of(wanted.clock), a.id, activities, activities, (*ours, a.id.in_(few)), rest, whole=True)
            return
    if wanted.clock is not Moment.AT:
        # Few entries have another moment by this clock than by the usual one: those have an index of their own.
        other = a[wanted.clock.value]
        yield Way(a.at, a.id, activities, activities, ours, [or_(other.is_(None), other == a.at), *rest])
        yield Way(other, a.id, activities, activities, (*ours, other != a.at), rest)
        return
    for narrowed in _narrowings(wanted):
        yield Way(a.at, a.id, activities, activities, (*ours, *narrowed), rest)


def _sources(tx: Tx, viewer: Viewer, subjects: Iterable[Ref]) -> list[Ref]:
    """The records whose entries are in these timelines."""
    found = (lineage.sources_of(tx, viewer.organisation_id, ref) for ref in sorted(subjects))
    return sorted({ref for some in found for ref in some})


def _narrowings(wanted: FeedFilter) -> list[tuple[ColumnElement[bool] | TextClause, ...]]:
    """What there is an index of, in the order of `at`."""
    a, actors, kinds = activities.c, wanted.actors.wanted, wanted.kinds.wanted
    if 0 < len(actors) <= MOST_WAYS:
        return [(a.actor_id == actor,) for actor in sorted(actors)]
    if 0 < len(kinds) <= MOST_WAYS and kinds.isdisjoint(COMMON_KINDS):
        return [(a.kind == kind, text(RARE)) for kind in sorted(kinds)]
    return [()]


def _timelines(viewer: Viewer, wanted: FeedFilter, rest: Sequence[ColumnElement[bool]]) -> Iterator[Way]:
    """A way through each timeline, without what an earlier one leads to."""
    t, a = timeline.c, activities.c
    both = and_(a.organisation_id == viewer.organisation_id, a.id == t.activity_id)
    before = frozenset[Ref]()
    for ref in sorted(wanted.subjects.wanted):
        own = (
            t.organisation_id == viewer.organisation_id,
            t.subject_type == int(ref.type),
            t.subject_id == ref.id,
        )
        fresh = [not_(in_timelines(viewer, before))] if before else []
        by_at = wanted.clock is Moment.AT
        moment = t.at if by_at else moment_of(wanted.clock)
        source = timeline.join(activities, both)
        keys = timeline if by_at else source
        yield Way(moment, t.activity_id, keys, source, own, [*fresh, *rest], whole=not by_at)
        before |= {ref}
