"""Searching: what has what is searched for and the viewer sees, best or newest first, from any place on.

What may be found is looked up in order (search_hits.py), and of some at a time it is asked which the viewer sees and
the filter wants, in the query that reads them. Never more than LOOKED_AT are: who sees little is told where to go on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from heapq import merge
from itertools import islice
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from genjin.domain.activity import Facts
from genjin.domain.feed import ANY, FeedFilter
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.domain.search import Order, Phrase, Question, Rank, Source, name_phrases, rank_of_names
from genjin.store.feed_conditions import conditions, in_timelines
from genjin.store.refs import is_in, is_one_of
from genjin.store.search_hits import FIRST_KEY, LAST_KEY, Between, Hit, HitKey, Sought, among, hits
from genjin.store.search_own import own_of
from genjin.store.search_texts import is_waiting, terms_of_forms
from genjin.store.tables import activities, comments, records
from genjin.store.transaction import Tx
from genjin.store.visible import entry_numbers_shown, entry_visible, visible

LOOKED_AT = 20_000
"""The most texts of which it is asked whether the viewer sees them, for one page."""
FIRST, GROWTH, MOST = 64, 4, 2_048
"""Texts of which it is asked at first, how many times more each time, and the most at once."""
NAMES = frozenset({Source.NAME, Source.COMPANY})
EVERYTHING = FeedFilter()
_FACTS = [activities.c[name] for name in Facts._fields]


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, in which sources, and what entries have to fulfil besides. Names of companies are not
    looked at of records of the types `without_company`.
    """

    question: Question
    sources: frozenset[Source]
    wanted: FeedFilter = EVERYTHING
    order: Order = Order.RANK
    types: frozenset[RecordType] = frozenset(RecordType)
    without_company: frozenset[RecordType] = frozenset()


class Place(NamedTuple):
    """Where something found is in the order."""

    rank: Rank
    key: HitKey
    source: Source


class Found(NamedTuple):
    """Something that was found. `entry` is the activity, or the one that the comment is on; `ref` is the record."""

    place: Place
    entry: Facts | None = None
    ref: Ref | None = None


class _Candidate(NamedTuple):
    key: HitKey
    source: Source
    numbers: bool


def page(
    tx: Tx, viewer: Viewer, search: Search, limit: int, after: Place | None = None
) -> tuple[list[Found], Place | None]:
    """At most `limit` things behind `after`, and behind which place to go on; None at the end."""
    found, looked = list[Found](), 0
    is_settled, own = not is_waiting(tx, viewer.organisation_id), own_of(tx, viewer)
    find: Callable[[Sought, Between], Iterator[Hit]] = partial(hits, tx, is_settled=is_settled)
    if own is not None:

        def find(sought: Sought, between: Between) -> Iterator[Hit]:
            return among(tx, sought, between, own(sought.source), is_settled)

    for rank, sought in _in_turn(viewer, search):
        if after is not None and rank < after.rank:
            continue
        candidates = _candidates(find, search, sought, after if after is not None and rank == after.rank else None)
        most = min(FIRST, limit + 1)
        while some := list(islice(candidates, most)):
            found += _seen(tx, viewer, search, rank, some)
            looked += len(some)
            if len(found) > limit:
                return found[:limit], found[limit - 1].place
            if looked >= LOOKED_AT:
                return found, Place(rank, some[-1].key, some[-1].source)
            most = min(most * GROWTH, MOST)
    return found, None


def _in_turn(viewer: Viewer, search: Search) -> Iterator[tuple[Rank, list[Sought]]]:
    """What is looked for, one rank after the other; what has one is not looked for in the next of the same source."""
    organisation_id, question = viewer.organisation_id, search.question
    texts, names = sorted(search.sources - NAMES), sorted(search.sources & NAMES)
    if search.order is not Order.RANK:
        yield Rank.ANY, [Sought(organisation_id, source, question.parts) for source in (*texts, *names)]
        return
    better: tuple[Phrase, ...] = ()
    for rank, phrases in name_phrases(question).items() if names else ():
        yield rank, [Sought(organisation_id, source, phrases, better) for source in names]
        better = phrases
    if texts:
        yield Rank.WHOLE, [Sought(organisation_id, source, (question.whole,)) for source in texts]
        if len(question.parts) > 1:
            yield Rank.PARTS, [Sought(organisation_id, source, question.parts, (question.whole,)) for source in texts]


def _between(search: Search) -> Between:
    since, until = search.wanted.since, search.wanted.until
    low = FIRST_KEY if since is None else HitKey(since, 0)
    return Between(low, LAST_KEY if until is None else HitKey(until, 0), search.order is not Order.OLDEST)


def _candidates(
    find: Callable[[Sought, Between], Iterator[Hit]], search: Search, sought: Iterable[Sought], after: Place | None
) -> Iterator[_Candidate]:
    """What may be found, of all sources in one order, of each record one name."""
    between, last = _between(search), None

    def of(one: Sought) -> Iterator[_Candidate]:
        return (_Candidate(hit.key, Source(one.source), hit.numbers) for hit in find(one, between))

    if after is not None:
        between, last = between.from_(after.key), after.key if after.source in NAMES else None
    for one in merge(*map(of, sought), reverse=between.newest):
        if after is not None and one.key == after.key and _is_passed(one.source, after.source, between.newest):
            continue
        if one.source in NAMES and one.key == last:
            continue
        last = one.key if one.source in NAMES else None
        yield one


def _is_passed(source: Source, last: Source, newest: bool) -> bool:
    return source >= last if newest else source <= last


def _seen(tx: Tx, viewer: Viewer, search: Search, rank: Rank, some: Sequence[_Candidate]) -> Iterator[Found]:
    """Those of them that the viewer sees and the filter wants, in their order."""
    of = {source: [one for one in some if one.source is source] for source in Source}
    entries = _entries(tx, viewer, search, of[Source.TEXT]) | _commented(tx, viewer, search, of[Source.COMMENT])
    ranks = _records(tx, viewer, search, [*of[Source.NAME], *of[Source.COMPANY]])
    for one in some:
        place = Place(rank, one.key, one.source)
        if one.source not in NAMES:
            if (one.source, one.key.id) in entries:
                yield Found(place, entries[one.source, one.key.id])
        elif ranks.get(ref := _ref_of(one)) in ((rank,) if rank is not Rank.ANY else tuple(Rank)):
            yield Found(place, ref=ref)


def _entries(tx: Tx, viewer: Viewer, search: Search, some: Sequence[_Candidate]) -> dict[tuple[Source, int], Facts]:
    if not some:
        return {}
    a = activities.c
    its = _ids(tx, a.id, viewer, search.question, some)
    wanted = select(*_FACTS).where(a.organisation_id == viewer.organisation_id, its, *_asked(tx, viewer, search.wanted))
    return {(Source.TEXT, row[0]): Facts._make(row) for row in tx.execute(wanted)}


def _commented(tx: Tx, viewer: Viewer, search: Search, some: Sequence[_Candidate]) -> dict[tuple[Source, int], Facts]:
    """The entries that comments are on, by the comments' ids. The actor who is asked for is who wrote the comment."""
    if not some:
        return {}
    a, c, actors = activities.c, comments.c, search.wanted.actors
    by = [c.author_id.in_(sorted(actors.wanted))] if actors.wanted else []
    by += [c.author_id.not_in(sorted(actors.unwanted))] if actors.unwanted else []
    its = _ids(tx, c.id, viewer, search.question, some)
    wanted = select(c.id, *_FACTS).where(
        c.organisation_id == viewer.organisation_id,
        a.organisation_id == viewer.organisation_id,
        a.id == c.activity_id,
        c.deleted_at.is_(None),
        its,
        *by,
        *_asked(tx, viewer, replace(search.wanted, actors=ANY)),
    )
    return {(Source.COMMENT, row[0]): Facts._make(row[1:]) for row in tx.execute(wanted)}


def _records(tx: Tx, viewer: Viewer, search: Search, some: Sequence[_Candidate]) -> dict[Ref, Rank | None]:
    """How well each of these records that the viewer sees answers, by the names that they may know."""
    refs = {ref for one in some if (ref := _ref_of(one)).type in search.types}
    if not refs:
        return {}
    r = records.c
    wanted = select(r.type, r.id, r.name, r.name_pinyin, r.company_name, r.company_name_pinyin).where(
        visible(viewer), is_one_of(r.type, r.id, refs, tx.engine), r.deleted_at.is_(None), r.merged_into_id.is_(None)
    )
    found = dict[Ref, Rank | None]()
    for type_, id_, name, pinyin, company, company_pinyin in tx.execute(wanted):
        ref, forms = Ref(RecordType(type_), id_), [terms_of_forms(name, pinyin)]
        if company and ref.type not in search.without_company and Source.COMPANY in search.sources:
            forms.append(terms_of_forms(company, company_pinyin))
        found[ref] = rank_of_names(forms, search.question)
    return found


def _asked(tx: Tx, viewer: Viewer, wanted: FeedFilter) -> Iterator[ColumnElement[bool]]:
    """All that entries fulfil but for the time, by which they are reached."""
    yield activities.c.deleted_at.is_(None)
    yield entry_visible(viewer)
    if wanted.subjects.wanted:
        yield in_timelines(viewer, wanted.subjects.wanted)
    if wanted.subjects.unwanted:
        yield ~in_timelines(viewer, wanted.subjects.unwanted)
    yield from conditions(viewer, wanted, tx.engine)


def _ids(
    tx: Tx, column: ColumnElement[int], viewer: Viewer, question: Question, some: Sequence[_Candidate]
) -> ColumnElement[bool]:
    """By their ids. Who is shown masked numbers finds no digits where there is one: not its own, nor others beside."""
    if not question.digits:
        return is_in(column, [one.key.id for one in some], tx.engine)
    plain = is_in(column, [one.key.id for one in some if not one.numbers], tx.engine)
    telling = is_in(column, [one.key.id for one in some if one.numbers], tx.engine)
    return or_(plain, and_(telling, entry_numbers_shown(viewer)))


def _ref_of(one: _Candidate) -> Ref:
    return Ref(RecordType(one.key.type), one.key.id)
