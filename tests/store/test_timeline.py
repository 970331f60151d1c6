"""Any page of any timeline is what sorting the whole of it would give, however its entries came and went."""

import random
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from genjin.domain.activity import Draft, Facts
from genjin.domain.kinds import CALL_MADE
from genjin.domain.records import RecordType, Ref
from genjin.domain.timeline import Page
from genjin.store import activities, timeline
from genjin.store import timeline_blocks as blocks
from genjin.store.database import Database
from genjin.store.recount import Miscount, recount
from genjin.store.tables import timeline as timeline_table
from genjin.store.tables import timeline_blocks
from genjin.store.timeline import Place
from genjin.store.transaction import Row, Tx
from tests.databases import fresh_organisation, undone

LEAD, CUSTOMER = Ref(RecordType.LEAD, 1), Ref(RecordType.CUSTOMER, 1)
SUBJECTS = ((LEAD,), (CUSTOMER,), (LEAD, CUSTOMER))

Entry: TypeAlias = tuple[int, Sequence[Ref]]


@dataclass(frozen=True)
class Add:
    """Put entries in at these instants, into these timelines, in one go."""

    entries: list[Entry]


@dataclass(frozen=True)
class Remove:
    """Take the entry out that is at this place of all the entries there are, counted around."""

    nth: int


@dataclass(frozen=True)
class RollUp:
    """Let the lead's timeline show in the customer's."""


@dataclass(frozen=True)
class RollBack:
    """Let what is in the lead's timeline no longer show in the customer's."""


Step: TypeAlias = Add | Remove | RollUp | RollBack

instants = st.one_of(st.integers(0, 5), st.integers(-(10**6), 10**6), st.sampled_from([-(2**40), 2**40]))
entries = st.tuples(instants, st.sampled_from(SUBJECTS))
singles = st.builds(Add, st.lists(entries, min_size=1, max_size=4))
bulks = st.builds(Add, st.lists(entries, min_size=5, max_size=25))
removals = st.builds(Remove, st.integers(0, 1000))
histories = st.lists(
    st.one_of(singles, singles, bulks, removals, removals, st.builds(RollUp), st.builds(RollBack)), max_size=40
)


@dataclass
class Model:
    """What the timelines of one organisation should hold: plain lists, sorted when asked."""

    organisation_id: int
    facts: dict[int, Facts] = field(default_factory=dict)
    members: dict[Ref, set[int]] = field(default_factory=lambda: {LEAD: set(), CUSTOMER: set()})

    def apply(self, tx: Tx, step: Step) -> None:
        match step:
            case Add(new):
                self.add(tx, new)
            case Remove(nth):
                self.remove(tx, nth)
            case RollUp():
                missing = self.members[LEAD] - self.members[CUSTOMER]
                assert timeline.roll_up(tx, self.organisation_id, LEAD, CUSTOMER) == len(missing)
                self.members[CUSTOMER] |= missing
            case RollBack():
                shared = self.members[LEAD] & self.members[CUSTOMER]
                assert timeline.roll_back(tx, self.organisation_id, LEAD, CUSTOMER) == len(shared)
                self.members[CUSTOMER] -= shared

    def add(self, tx: Tx, new: Iterable[Entry]) -> None:
        born, places = [], []
        for at, subjects in new:
            activity_id = 1 + (len(self.facts) * 7919) % 100_003  # unique, and in no order
            facts = activities.facts_of(Draft(CALL_MADE, 1, LEAD, at, 0), activity_id)
            self.facts[activity_id] = facts
            born.append(facts)
            for subject in subjects:
                self.members[subject].add(activity_id)
                places.append(Place(subject, at, activity_id, int(RecordType.LEAD), CALL_MADE.code))
        activities.add(tx, self.organisation_id, born)
        timeline.add(tx, self.organisation_id, places)

    def remove(self, tx: Tx, nth: int) -> None:
        if not self.facts:
            return
        facts = list(self.facts.values())[nth % len(self.facts)]
        for subject in (LEAD, CUSTOMER):
            timeline.remove(
                tx, self.organisation_id, Place(subject, facts.at, facts.id, int(RecordType.LEAD), CALL_MADE.code)
            )
            self.members[subject].discard(facts.id)

    def newest_first(self, subject: Ref) -> list[Facts]:
        some = (self.facts[activity_id] for activity_id in self.members[subject])
        return sorted(some, key=lambda facts: (facts.at, facts.id), reverse=True)

    def check_pages(self, tx: Tx, subject: Ref, sizes: Iterable[int]) -> None:
        """Every page of every size, the one past the end included."""
        expected = self.newest_first(subject)
        for size in sizes:
            for number in range(1, len(expected) // size + 3):
                start = (number - 1) * size
                page = timeline.page(tx, self.organisation_id, subject, Page(number, size))
                assert page == (expected[start : start + size], len(expected)), (number, size)

    def check_counts(self, tx: Tx) -> None:
        """The blocks count what lies in them, and `recount` finds nothing to complain of."""
        assert recount(tx, self.organisation_id) == []
        for subject in (LEAD, CUSTOMER):
            total = len(self.members[subject])
            kept = blocks_of(tx, self.organisation_id, subject)
            if total <= blocks.WHOLE:
                assert kept == []
                continue
            keys = sorted((self.facts[i].at, i) for i in self.members[subject])
            lowers = [(at, activity_id) for at, activity_id, _ in kept]
            assert lowers[0] == blocks.OLDEST
            uppers = [*lowers[1:], (2**62, 0)]
            found = [sum(low <= key < up for key in keys) for low, up in zip(lowers, uppers, strict=True)]
            assert [count for _, _, count in kept] == found
            assert max(found) <= blocks.WHOLE


def blocks_of(tx: Tx, organisation_id: int, subject: Ref) -> list[tuple[int, int, int]]:
    """(at, activity_id, entries) of each block, oldest first."""
    c = timeline_blocks.c
    statement = (
        select(c.at, c.activity_id, c.entries)
        .where(c.organisation_id == organisation_id, c.subject_type == int(subject.type), c.subject_id == subject.id)
        .order_by(c.at, c.activity_id)
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(statement)]


@pytest.fixture
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few entries make many blocks."""
    monkeypatch.setattr(blocks, "WHOLE", 8)
    monkeypatch.setattr(blocks, "BLOCK", 4)
    monkeypatch.setattr(timeline, "FEW", 4)


def test_pages_joined_are_the_whole_timeline(database: Database, short_blocks: None) -> None:
    @settings(max_examples=70 if database.engine == "sqlite" else 15)
    @given(history=histories)
    def holds(history: list[Step]) -> None:
        model, noise = Model(fresh_organisation()), Model(fresh_organisation())

        def use(tx: Tx) -> None:
            noise.add(tx, [(at, (LEAD, CUSTOMER)) for at in range(12)])
            for step in history:
                model.apply(tx, step)
                model.check_counts(tx)
            for subject in (LEAD, CUSTOMER):
                longest = len(model.members[subject]) + 1
                sizes = range(1, longest + 1) if tx.engine == "sqlite" else {1, 2, 5, 15, longest}
                model.check_pages(tx, subject, sizes)

        undone(database, use)

    holds()


def test_entries_added_together_are_counted_like_entries_added_one_by_one(
    database: Database, short_blocks: None
) -> None:
    """The split of a block in the middle of a small batch counts each entry once, on its own side."""
    model = Model(fresh_organisation())

    def use(tx: Tx) -> None:
        for at in range(0, 90, 10):
            model.add(tx, [(at, (LEAD,))])
        for at in range(0, 90, 10):
            model.add(tx, [(at + 1, (LEAD,)), (at + 2, (LEAD,)), (85 - at, (LEAD,))])
            model.check_counts(tx)
        model.check_pages(tx, LEAD, range(1, 40))

    database.write(use)


@pytest.mark.parametrize(("entries", "sizes"), [(9, [4, 4, 1]), (12, [4, 4, 4]), (13, [4, 4, 4, 1])])
def test_blocks_that_are_laid_anew_are_full_but_for_the_newest(
    database: Database, short_blocks: None, entries: int, sizes: list[int]
) -> None:
    """All of them, or those from one on; and none of nothing."""
    model = Model(fresh_organisation())
    of = model.organisation_id
    database.write(lambda tx: model.add(tx, [(at // 2, (LEAD,)) for at in range(entries)]))
    keys = sorted((facts.at, facts.id) for facts in model.facts.values())
    lowers = [blocks.OLDEST, *keys[4::4]]
    expected = [(*lower, size) for lower, size in zip(lowers, sizes, strict=True)]
    for since in (blocks.OLDEST, keys[5], keys[-1], blocks.NEWEST):
        database.write(lambda tx, key=since: blocks.lay(tx, of, LEAD, key))
        assert database.read(lambda tx: blocks_of(tx, of, LEAD)) == expected
    database.write(lambda tx: blocks.lay(tx, of, CUSTOMER))
    assert database.read(lambda tx: blocks_of(tx, of, CUSTOMER)) == []


def test_two_thousand_entries_with_the_blocks_of_production(sqlite_database: Database) -> None:
    dice, model = random.Random(4), Model(fresh_organisation())
    instants = [dice.randrange(10**6) if dice.random() < 0.9 else 500_000 for _ in range(2_000)]

    def use(tx: Tx) -> None:
        model.add(tx, [(at, (LEAD,)) for at in instants[:1_200]])
        for at in instants[1_200:]:
            model.add(tx, [(at, (LEAD,))])
        for _ in range(100):
            model.remove(tx, dice.randrange(2_000))
        model.check_counts(tx)

    sqlite_database.write(use)
    expected = model.newest_first(LEAD)
    total = len(expected)
    assert 1_880 < total <= 1_920
    last = -(-total // 15)

    def check(tx: Tx) -> None:
        for number in (1, 2, 34, 35, last // 2, last // 2 + 1, last - 1, last, last + 1, 10**9):
            page = timeline.page(tx, model.organisation_id, LEAD, Page(number))
            assert page == (expected[(number - 1) * 15 :][:15], total)
        model.check_pages(tx, LEAD, [15, 199, 200])

    sqlite_database.read(check)


def test_the_oldest_and_newest_entries_may_be_taken_out_one_by_one(database: Database, short_blocks: None) -> None:
    model = Model(fresh_organisation())

    def use(tx: Tx) -> None:
        model.add(tx, [(at, (LEAD,)) for at in range(60)])
        for nth in (*range(25), *range(59, 34, -1)):
            model.remove(tx, nth)
            model.check_counts(tx)
            model.check_pages(tx, LEAD, [7])

    database.write(use)


def test_taking_out_what_is_not_there_changes_nothing(database: Database) -> None:
    model = Model(fresh_organisation())

    def use(tx: Tx) -> None:
        model.add(tx, [(at, (LEAD,)) for at in range(5)])
        for place in (Place(LEAD, 404, 1, 1, 3), Place(LEAD, 0, 404, 1, 3), Place(CUSTOMER, 0, 1, 1, 3)):
            timeline.remove(tx, model.organisation_id, place)
        model.check_counts(tx)
        model.check_pages(tx, LEAD, [2])

    database.write(use)


def test_rolling_up_twice_is_the_same_as_once_and_keeps_where_it_happened(database: Database) -> None:
    model = Model(fresh_organisation())

    def use(tx: Tx) -> list[int]:
        model.add(tx, [(at, SUBJECTS[at % 3]) for at in range(30)])
        model.apply(tx, RollUp())
        assert timeline.roll_up(tx, model.organisation_id, LEAD, CUSTOMER) == 0
        model.check_pages(tx, CUSTOMER, [4, 30])
        model.check_pages(tx, LEAD, [4, 30])
        c = timeline_table.c
        return list(tx.execute(select(c.via).where(c.organisation_id == model.organisation_id).distinct()).scalars())

    assert database.write(use) == [RecordType.LEAD]


def test_wrong_counts_are_found_and_mended(database: Database, short_blocks: None) -> None:
    model = Model(fresh_organisation())
    at = model.organisation_id

    def spoil(tx: Tx) -> None:
        model.add(tx, [(n, (LEAD,)) for n in range(20)])
        model.add(tx, [(n, (CUSTOMER,)) for n in range(3)])
        for block, change in (("MIN", "+ 1"), ("MAX", "- 1")):  # so that the sum is right
            tx.connection.exec_driver_sql(
                f"UPDATE timeline_blocks SET entries = entries {change} WHERE organisation_id = {at} AND at ="
                f" (SELECT {block}(at) FROM timeline_blocks WHERE organisation_id = {at})"
            )
        tx.connection.exec_driver_sql(
            f"UPDATE timelines SET total = 40 WHERE organisation_id = {at} AND subject_type = {int(CUSTOMER.type)}"
        )

    database.write(spoil)
    assert sorted(database.read(lambda tx: recount(tx, at))) == [
        Miscount(int(LEAD.type), LEAD.id, 20, 20),
        Miscount(int(CUSTOMER.type), CUSTOMER.id, 40, 3),
    ]
    database.write(lambda tx: timeline.mend(tx, at, CUSTOMER))
    assert database.read(lambda tx: recount(tx, at)) == [Miscount(int(LEAD.type), LEAD.id, 20, 20)]
    database.write(lambda tx: timeline.mend(tx, at, LEAD))
    database.read(model.check_counts)
    database.read(lambda tx: model.check_pages(tx, LEAD, [3]))
    database.read(lambda tx: model.check_pages(tx, CUSTOMER, [2]))


@pytest.mark.parametrize(
    ("number", "bound"),
    [(1, ""), (10, ""), (40, " AND (at,activity_id)<(?,?)"), (90, " AND (at,activity_id)>(?,?)")],
)
def test_a_page_is_searched_by_the_key_and_never_sorted(sqlite_database: Database, number: int, bound: str) -> None:
    model = Model(fresh_organisation())
    sqlite_database.write(lambda tx: model.add(tx, [(at, (LEAD,)) for at in range(1_500)]))

    def plan(tx: Tx) -> list[str]:
        asked = list[tuple[str, Sequence[object]]]()

        def listen(sql: str, parameters: Sequence[object]) -> list[Row]:
            asked.append((sql, parameters))
            return tx.rows(sql, parameters)

        timeline.page(replace(tx, fetch=listen), model.organisation_id, LEAD, Page(number))
        return [row[3] for sql, parameters in asked for row in tx.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]

    steps = sqlite_database.read(plan)
    key = "USING PRIMARY KEY (organisation_id=? AND subject_type=? AND subject_id=?"
    assert f"SEARCH timeline {key}{bound})" in steps
    assert "SEARCH a USING PRIMARY KEY (organisation_id=? AND id=?)" in steps
    assert (f"SEARCH timeline_blocks {key})" in steps) == bool(bound)
    assert not [step for step in steps if "TEMP B-TREE" in step or re.match(r"SCAN (timeline|a\b|activities)", step)]


@pytest.mark.parametrize("ties", [False, True], ids=["one a second", "all at one instant"])
def test_a_page_of_a_timeline_twenty_times_as_long_costs_about_the_same(sqlite_database: Database, ties: bool) -> None:
    """Measured in steps of SQLite's virtual machine, which no other program on the computer can slow down."""
    short, long = Model(fresh_organisation()), Model(fresh_organisation())

    def fill(tx: Tx) -> None:
        short.add(tx, [(0 if ties else at, (LEAD,)) for at in range(1_000)])
        long.add(tx, [(0 if ties else at, (LEAD,)) for at in range(20_000)])

    sqlite_database.write(fill)

    def dearest(tx: Tx) -> tuple[int, int]:
        percents = range(0, 101, 5)
        return max(_cost(tx, short, percent) for percent in percents), max(_cost(tx, long, each) for each in percents)

    of_short, of_long = sqlite_database.read(dearest)
    assert of_long < 3 * of_short


def _cost(tx: Tx, model: Model, percent: int) -> int:
    """The steps that SQLite takes for the page of 15 at so many hundredths of the way down."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    number = 1 + len(model.members[LEAD]) * percent // 100 // 15
    driver = tx.connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(count, 1)
    timeline.page(tx, model.organisation_id, LEAD, Page(number))
    driver.set_progress_handler(None, 1)
    return steps
