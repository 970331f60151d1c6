"""A feed holds what its filter says and the policy allows, in order, each entry once, on both engines; its pages, laid
end to end, are the whole of it, whatever comes and goes meanwhile.
"""

from collections import Counter
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain import feed_fold
from genjin.domain.activity import Facts
from genjin.domain.comment import Comment
from genjin.domain.feed import ANY, Choice, Facet, FeedFilter, Key, Moment
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.errors import NotFound
from genjin.service import activities
from genjin.service.context import Session
from genjin.service.feed import folding
from genjin.service.feed.matching import entries_of
from genjin.service.visibility import seen_entry, seen_many
from genjin.store import comments, feed, feed_counts, ids
from genjin.store.activities import pack_text
from genjin.store.database import Database
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation, undone
from tests.service.feed_worlds import (
    Act,
    Held,
    acts,
    filters,
    put_acts,
    settle,
    some_acts,
    some_held,
    viewers,
    watched,
    watchers,
)

EVERYTHING = 10_000
_places = st.integers(0, 5)
subjects = st.just(ANY) | st.builds(Choice, st.frozensets(_places, max_size=2), st.frozensets(_places, max_size=1))


@pytest.fixture(params=[False, True], ids=["at once", "in short stretches"])
def stretches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a page gives up after a few entries."""
    if request.param:
        monkeypatch.setattr(feed, "FIRST", 1)
        monkeypatch.setattr(feed, "GROWTH", 2)
        monkeypatch.setattr(feed, "SCANNED", 4)
        monkeypatch.setattr(feed_counts, "COUNTED", 6)
    return bool(request.param)


@pytest.mark.parametrize(
    ("records", "looking", "asking"),
    [
        (some_held, viewers, st.just(FeedFilter())),
        (watched, watchers, filters),
        (some_held, viewers, filters),
    ],
    ids=["by who looks", "by what is asked", "by both"],
)
def test_a_feed_is_what_its_filter_and_the_policy_say(
    database: Database,
    stretches: bool,
    records: st.SearchStrategy[list[Held]],
    looking: st.SearchStrategy[Viewer],
    asking: st.SearchStrategy[FeedFilter],
) -> None:
    @settings(max_examples=40 if database.engine == "sqlite" else 12)
    @given(records, some_acts, looking, asking, subjects, st.booleans(), st.integers(1, 4))
    def holds(
        held: list[Held],
        done: list[Act],
        viewer: Viewer,
        wanted: FeedFilter,
        of: Choice[int],
        newest: bool,
        limit: int,
    ) -> None:
        def use(tx: Tx) -> None:
            session, some = settle(tx, viewer, held)
            left = put_acts(tx, viewer.organisation_id, some, done)
            asked = _with_subjects(tx, session, wanted, [record.ref for record in some], of)
            if asked is not None:
                expected = _expected(tx, session, asked, left, newest)
                assert _pages(tx, viewer, asked, limit, newest) == expected
                _check_counts(tx, session, asked, expected, newest)

        undone(database, use)

    holds()


def _held(type_: RecordType, owner: int | None = None, customer: int | None = None, merged: int | None = None) -> Held:
    return Held(type_, owner, None, 1, frozenset(), customer, False, merged)


LEAD, CUSTOMER, CONTACT = RecordType.LEAD, RecordType.CUSTOMER, RecordType.CONTACT
WAYS_UP = {
    "its own": [_held(LEAD, 1)],
    "its customer": [_held(CONTACT, customer=1), _held(CUSTOMER, 1)],
    "what a lead became": [_held(LEAD, customer=1), _held(CUSTOMER, 1)],
    "what took its place": [_held(LEAD, merged=1), _held(LEAD, 1)],
    "the customer of what took its place": [_held(LEAD, merged=1), _held(LEAD, customer=2), _held(CUSTOMER, 1)],
}
"""Records of which the first user owns the last one, and what happens on the first one shows in its timeline."""
CALLED = Act(0, 2, FOLLOW_UP_WRITTEN.code, 5, None, 5, "回电13400000031", *(False,) * 5)


@pytest.mark.parametrize("way", WAYS_UP)
def test_an_entry_is_seen_through_whatever_timeline_it_is_in(database: Database, way: str) -> None:
    """And a number in it is found by who is shown it: by what is beside its record, and not by what is beside that."""

    def found(tx: Tx, viewer: Viewer, *parts: str) -> list[Facts]:
        return _pages(tx, viewer, FeedFilter(texts=Choice(frozenset(parts))), 5, newest=True)

    def use(tx: Tx) -> None:
        owner = Viewer(fresh_organisation(), 1, DataScope.SELF)
        _, some = settle(tx, owner, WAYS_UP[way])
        done = put_acts(tx, owner.organisation_id, some, [CALLED])
        assert found(tx, owner) == found(tx, owner, "回电") == done
        assert found(tx, replace(owner, user_id=3)) == []
        onlooker = replace(owner, user_id=3, pools=frozenset({1}))
        assert found(tx, onlooker) == found(tx, onlooker, "回电") == done
        assert found(tx, onlooker, "1340") == []
        assert found(tx, replace(onlooker, led_pools=onlooker.pools), "1340") == done
        assert found(tx, owner, "1340") == ([] if way == "the customer of what took its place" else done)

    undone(database, use)


def _check_counts(tx: Tx, session: Session, asked: FeedFilter, expected: list[Facts], newest: bool) -> None:
    calendar = session.directory.calendar
    total, reached, by = feed_counts.count(tx, session.viewer, asked, list(Facet), calendar, newest)
    counted = expected
    if reached is not None:
        keys = [Key(asked.clock.of(facts), facts.id) for facts in expected]
        counted = [f for f, key in zip(expected, keys, strict=True) if (key >= reached if newest else key <= reached)]
    assert total == len(counted)
    assert by[Facet.KIND] == Counter(facts.kind for facts in counted)
    assert by[Facet.ACTOR] == Counter(facts.actor_id for facts in counted)
    assert by[Facet.DAY] == Counter(calendar.day(asked.clock.of(facts)) for facts in counted)


def test_a_reader_of_pages_meets_once_whatever_was_there_all_the_time(database: Database) -> None:
    @settings(max_examples=40 if database.engine == "sqlite" else 12)
    @given(
        some_held, some_acts, viewers, filters, st.booleans(), st.lists(acts, max_size=6), st.lists(st.integers(0, 20))
    )
    def holds(
        held: list[Held],
        done: list[Act],
        viewer: Viewer,
        wanted: FeedFilter,
        newest: bool,
        later: list[Act],
        taken: list[int],
    ) -> None:
        def use(tx: Tx) -> None:
            session, some = settle(tx, viewer, held)
            left = put_acts(tx, viewer.organisation_id, some, done)
            before = _expected(tx, session, wanted, left, newest)
            met, after, gone = list[int](), None, set[int]()
            while True:
                stretch = feed.page(tx, viewer, wanted, 2, after, newest)
                met += [facts.id for facts in stretch.entries]
                if stretch.end is None:
                    break
                after = stretch.end
                if later:
                    put_acts(tx, viewer.organisation_id, some, [later.pop()])
                if left and taken:
                    facts = left.pop(taken.pop() % len(left))
                    activities.take_back(tx, viewer.organisation_id, facts, 10)
                    gone.add(facts.id)
            assert len(set(met)) == len(met)
            assert {facts.id for facts in before} - gone <= set(met)

        undone(database, use)

    holds()


def test_folded_pages_are_the_whole_feed_folded(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "AT_ONCE", 8)
    monkeypatch.setattr(feed_fold, "MOST_FOLDED", 4)
    monkeypatch.setattr(feed_fold, "FOLDED_SECONDS", 1)
    edits = st.lists(st.builds(replace, acts, kind=st.sampled_from([5, 5, 6, 2]), actor_id=st.just(1)), max_size=25)

    @settings(max_examples=60 if database.engine == "sqlite" else 10)
    @given(watched, edits, watchers, st.booleans(), st.integers(1, 4))
    def holds(held: list[Held], done: list[Act], viewer: Viewer, newest: bool, limit: int) -> None:
        def use(tx: Tx) -> None:
            _, some = settle(tx, viewer, held[:1])
            put_acts(tx, viewer.organisation_id, some, done)
            whole = list[feed_fold.Run]()
            feed_fold.extend(whole, feed.page(tx, viewer, FeedFilter(), 100, None, newest).entries, Moment.AT)
            found, after = list[feed_fold.Run](), None
            while True:
                runs, after = folding.folded_page(tx, viewer, FeedFilter(), limit, after, newest)
                assert 0 < len(runs) <= limit or after is None
                found += runs
                if after is None:
                    break
            assert found == whole

        undone(database, use)

    holds()


@dataclass(frozen=True)
class Later:
    """What became of an entry: the instants at which it was edited, commented on and taken back."""

    edits: frozenset[int]
    comments: frozenset[int]
    gone: int | None


laters = st.builds(
    Later,
    st.frozensets(st.integers(2, 5), max_size=2),
    st.frozensets(st.integers(2, 5), max_size=2),
    st.none() | st.integers(2, 6),
)


def test_a_feed_as_of_a_moment_is_what_was_known_then(database: Database) -> None:
    histories = st.lists(st.tuples(acts, laters), max_size=8)

    @settings(max_examples=80 if database.engine == "sqlite" else 15)
    @given(some_held, histories, viewers, filters, subjects, st.integers(1, 6), st.booleans())
    def holds(
        held: list[Held],
        done: list[tuple[Act, Later]],
        viewer: Viewer,
        wanted: FeedFilter,
        of: Choice[int],
        as_of: int,
        newest: bool,
    ) -> None:
        def use(tx: Tx) -> None:
            session, some = settle(tx, viewer, held)
            known = list[Facts]()
            for act, later in done:
                plain = replace(act, commented=False, deleted=False)
                [facts] = put_acts(tx, viewer.organisation_id, some, [plain])
                if (wording := _live(tx, session, facts, later, as_of)) is not None:
                    known.append(wording)
            then = entries_of(tx, session, wanted, known)
            clock = Moment.AT if wanted.clock is Moment.SAID_AT else wanted.clock
            asked = _with_subjects(tx, session, replace(wanted, clock=clock), [record.ref for record in some], of)
            if asked is None:
                return
            seen = [each.facts for each in then if asked.matches(each) and seen_many(tx, session, each.timelines)]
            expected = sorted(seen, key=lambda facts: Key(clock.of(facts), facts.id), reverse=newest)
            assert _pages(tx, viewer, replace(asked, as_of=as_of), 3, newest) == expected

        undone(database, use)

    holds()


def _live(tx: Tx, session: Session, facts: Facts, later: Later, as_of: int) -> Facts | None:
    """Let it become what it became; the facts as they were known then."""
    organisation_id, known = session.organisation_id, facts
    for at in sorted(later.edits):
        values: dict[str, object] = {
            "text": pack_text(f"{at}改"),
            "said_at": at,
            "rare": None if at % 2 else facts.rare,
        }
        facts = activities.edit(tx, organisation_id, facts, values, at, 1)
        known = facts if at <= as_of else known
    for at in sorted(later.comments):
        fresh = Comment(ids.allocate(tx)[0], facts.id, 1, "好", at, deleted_at=at + 3)
        comments.put(tx, organisation_id, fresh)
    if later.gone is not None:
        activities.take_back(tx, organisation_id, facts, later.gone)
    there = sum(at <= as_of < at + 3 for at in later.comments)
    was_there = facts.recorded_at <= as_of and (later.gone is None or later.gone > as_of)
    return known._replace(comment_count=there) if was_there else None


def _with_subjects(tx: Tx, session: Session, wanted: FeedFilter, refs: list[Ref], of: Choice[int]) -> FeedFilter | None:
    """The filter for some of the records that the viewer sees; None where they see none of those that are wanted."""
    seen = seen_many(tx, session, refs)
    places = [frozenset(refs[nth] for nth in some if nth < len(refs)) for some in (of.wanted, of.unwanted)]
    asked = Choice(*(frozenset(ref for ref in some if ref in seen) for some in places))
    return replace(wanted, subjects=asked) if asked.wanted or not places[0] else None


def _expected(tx: Tx, session: Session, wanted: FeedFilter, left: list[Facts], newest: bool) -> list[Facts]:
    entries = [entry.facts for entry in entries_of(tx, session, wanted, left) if wanted.matches(entry)]
    seen = [facts for facts in entries if _is_seen(tx, session, facts.id)]
    return sorted(seen, key=lambda facts: Key(wanted.clock.of(facts), facts.id), reverse=newest)


def _is_seen(tx: Tx, session: Session, activity_id: int) -> bool:
    try:
        return bool(seen_entry(tx, session, activity_id))
    except NotFound:
        return False


def _pages(tx: Tx, viewer: Viewer, wanted: FeedFilter, limit: int, newest: bool) -> list[Facts]:
    found, after = list[Facts](), None
    for _ in range(EVERYTHING):
        stretch = feed.page(tx, viewer, wanted, limit, after, newest)
        assert len(stretch.entries) <= limit
        found += stretch.entries
        if stretch.end is None:
            return found
        assert stretch.end != after
        after = stretch.end
    raise AssertionError("a feed without an end")
