"""Whatever is created, followed up, converted, merged, undone, deleted and restored, in whatever order: every timeline
holds exactly what it should, in order, and is counted rightly. On both engines.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from genjin.app import open_installation
from genjin.domain.activity import Draft
from genjin.domain.call import CallReport
from genjin.domain.clock import FixedClock
from genjin.domain.directory import Directory
from genjin.domain.followup import FollowUpInput
from genjin.domain.kinds import RECORD_CREATED
from genjin.domain.latest import latest_of
from genjin.domain.people import DataScope, Organisation, User
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordInput, RecordType, Ref
from genjin.domain.timeline import MAX_SIZE, Page
from genjin.domain.writing import Original
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.entries.calls import end_call, log_call
from genjin.service.entries.followups import delete_follow_up, write_follow_up
from genjin.service.records.conversion import undo_conversion
from genjin.service.records.merging import list_merges, merge_records, undo_merge
from genjin.service.records.records import create_record, delete_record
from genjin.service.records.restoring import restore_record
from genjin.settings import Settings
from genjin.store import ids, record_list, records, timeline, timeline_blocks
from genjin.store.recount import recount
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation

LEAD, CUSTOMER, CONTACT = RecordType.LEAD, RecordType.CUSTOMER, RecordType.CONTACT
nths = st.integers(0, 20)


@pytest.fixture
def short_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few entries make many blocks."""
    monkeypatch.setattr(timeline_blocks, "WHOLE", 8)
    monkeypatch.setattr(timeline_blocks, "BLOCK", 4)
    monkeypatch.setattr(timeline, "FEW", 3)


@pytest.fixture
def installation(database_url: str) -> Iterator[Installation]:
    opened = open_installation(Settings(database_url=database_url), FixedClock(1_700_000_000))
    with closing(opened.database):
        yield opened


def test_every_timeline_holds_what_it_should_whatever_was_done(installation: Installation, short_blocks: None) -> None:
    sqlite = installation.database.engine == "sqlite"
    wanted = settings(max_examples=40 if sqlite else 8, stateful_step_count=30, deadline=None)

    class Here(Histories):
        def __init__(self) -> None:
            super().__init__(installation)

    run_state_machine_as_test(Here, settings=wanted)


def test_a_chain_of_merges_is_undone_from_its_end(installation: Installation) -> None:
    machine = Histories(installation)
    machine.begin()
    for _ in range(3):
        machine.create_customer()
    first, second, third = machine.things
    machine.add_contact(0)
    machine.merge(1, [0])
    machine.follow_up(1)
    machine.merge(1, [0])
    assert [thing.merged for thing in machine.things[:3]] == [third.ref, third.ref, None]
    machine.agree()
    early = machine.merges[0]
    with pytest.raises(Invalid):
        undo_merge(installation, machine.session, second.ref, early.id)
    with pytest.raises(Invalid):
        undo_merge(installation, machine.session, third.ref, early.id)
    machine.undo(1)
    machine.agree()
    machine.undo(0)
    machine.agree()
    assert [thing.merged for thing in machine.things] == [None] * 4
    assert machine.things[3].customer == first.ref


@dataclass
class Thing:
    """What the model knows of a record."""

    ref: Ref
    customer: Ref | None = None
    merged: Ref | None = None
    deleted: bool = False

    @property
    def here(self) -> bool:
        return not self.deleted and self.merged is None


@dataclass
class Merged:
    """A merge that was not undone, and what it moved."""

    id: int
    kept: Thing
    gone: Thing
    moved: list[tuple[Thing, str]]


class Histories(RuleBasedStateMachine):
    """Drives the use cases, and knows of each record only whom it points at."""

    def __init__(self, installation: Installation) -> None:
        super().__init__()
        self.installation = installation
        self.clock = installation.clock

    @initialize()
    def begin(self) -> None:
        id_ = fresh_organisation()
        directory = Directory(Organisation(id_, "o", str(id_)), {1: User(1, "u", 1)})
        self.session = Session(Viewer(id_, 1, DataScope.ALL), directory)
        self.things: list[Thing] = []
        self.merges: list[Merged] = []
        self.calls: list[int] = []
        self.written: list[tuple[int, Thing]] = []

    @rule(seconds=st.integers(0, 50))
    def wait(self, seconds: int) -> None:
        assert isinstance(self.clock, FixedClock)
        self.clock.at += seconds

    @rule()
    def create_lead(self) -> None:
        self._create(LEAD)

    @rule()
    def create_customer(self) -> None:
        self._create(CUSTOMER)

    @rule(nth=nths)
    def add_contact(self, nth: int) -> None:
        if customer := self._pick(nth, CUSTOMER):
            made = self.installation.database.write(lambda tx: self._put_contact(tx, customer))
            self.things.append(Thing(made, customer.ref))

    @rule(nth=nths, ago=st.sampled_from([0, 0, 7, 70]))
    def follow_up(self, nth: int, ago: int = 0) -> None:
        """On any id that is not deleted: a merged one stands for what took its place."""
        some = [thing for thing in self.things if not thing.deleted]
        if some:
            thing = some[nth % len(some)]
            stands_for = self._thing(thing.merged or thing.ref)
            if stands_for.deleted:
                self._refused(NotFound, lambda: self._write(thing, ago))
            else:
                view = self._write(thing, ago)
                assert view[1] == stands_for.ref
                self.written.append((view[0], stands_for))

    @precondition(lambda self: self.written)
    @rule(nth=nths)
    def take_back(self, nth: int) -> None:
        id_, thing = self.written[nth % len(self.written)]
        if self._alive(thing):
            delete_follow_up(self.installation, self.session, id_)
            self.written.remove((id_, thing))

    @rule(nth=nths)
    def dial(self, nth: int) -> None:
        if thing := self._pick(nth):
            self.calls.append(log_call(self.installation, self.session, CallReport(target=thing.ref)).call.id)

    @precondition(lambda self: self.calls)
    @rule(nth=nths)
    def hang_up(self, nth: int) -> None:
        """The call may have begun before its record was merged."""
        id_ = self.calls[nth % len(self.calls)]
        report = CallReport(frozenset({"seconds"}), seconds=9)
        try:
            end_call(self.installation, self.session, id_, report)
        except NotFound:
            return
        self.calls.remove(id_)

    @rule(nth=nths)
    def convert(self, nth: int) -> None:
        if lead := self._pick(nth, LEAD):
            given = RecordInput({"name": "客户"})

            def act() -> Record:
                return create_record(self.installation, self.session, CUSTOMER, given, lead.ref.id)

            if lead.customer:
                self._refused(Duplicate, act)
            else:
                lead.customer = act().ref
                self.things.append(Thing(lead.customer))

    @rule(nth=nths)
    def undo_turn(self, nth: int) -> None:
        if lead := self._pick(nth, LEAD):
            undo_conversion(self.installation, self.session, lead.ref)
            lead.customer = None

    @rule(nth=nths, others=st.lists(nths, min_size=1, max_size=3))
    def merge(self, nth: int, others: list[int]) -> None:
        kept = self._pick(nth, LEAD, CUSTOMER)
        if kept is None:
            return
        duplicates = [thing for thing in self._here(kept.ref.type) if thing is not kept]
        gone = {thing.ref: thing for each in others if duplicates for thing in [duplicates[each % len(duplicates)]]}

        def act() -> Record:
            return merge_records(self.installation, self.session, kept.ref, [ref.id for ref in gone])

        converted = [t for t in gone.values() if t.ref.type is LEAD and t.customer not in (None, kept.customer)]
        if not gone or converted:
            self._refused(Invalid, act)
            return
        act()
        told, _ = list_merges(self.installation, self.session, kept.ref, Page(1, len(gone)))
        for (merge, _), thing in zip(reversed(told), sorted(gone.values(), key=lambda t: t.ref), strict=True):
            moved = [(t, "customer") for t in self.things if t.customer == thing.ref]
            moved += [(t, "merged") for t in self.things if t.merged == thing.ref]
            for each, way in moved:
                setattr(each, way, kept.ref)
            thing.merged = kept.ref
            self.merges.append(Merged(merge.id, kept, thing, moved))

    @precondition(lambda self: self.merges)
    @rule(nth=nths)
    def undo(self, nth: int) -> None:
        merge = self.merges[nth % len(self.merges)]

        def act() -> Record:
            return undo_merge(self.installation, self.session, merge.kept.ref, merge.id)

        if not self._alive(merge.kept):
            self._refused(NotFound, act)
        elif merge.kept.merged:
            self._refused(Invalid, act)
        else:
            assert act().ref == merge.gone.ref
            merge.gone.merged = None
            for each, way in merge.moved:
                if getattr(each, way) == merge.kept.ref:
                    setattr(each, way, merge.gone.ref)
            self.merges.remove(merge)

    @rule(nth=nths)
    def delete(self, nth: int) -> None:
        if thing := self._pick(nth):
            delete_record(self.installation, self.session, thing.ref)
            thing.deleted = True

    @rule(nth=nths)
    def restore(self, nth: int) -> None:
        if gone := [thing for thing in self.things if thing.deleted]:
            thing = gone[nth % len(gone)]
            restore_record(self.installation, self.session, thing.ref)
            thing.deleted = False

    @invariant()
    def agree(self) -> None:
        def use(tx: Tx) -> None:
            organisation_id = self.session.organisation_id
            rows = tx.rows(
                "SELECT at, id, kind, target_type, target_id FROM activities"
                " WHERE organisation_id = ? AND deleted_at IS NULL",
                (organisation_id,),
            )
            facts = sorted((row[:3], Ref(RecordType(row[3]), row[4])) for row in rows)
            for thing in self.things:
                wanted = [key[1] for key, target in reversed(facts) if thing.ref in self._shown_in(target)]
                found, total = timeline.page(tx, organisation_id, thing.ref, Page(1, MAX_SIZE))
                assert ([entry.id for entry in found], total) == (wanted[:MAX_SIZE], len(wanted)), thing
                by_kind = {kind: at for (at, _, kind), target in facts if thing.ref in self._shown_in(target)}
                assert record_list.latest_of(tx, organisation_id, thing.ref) == latest_of(by_kind), thing
            assert recount(tx, organisation_id) == []

        if hasattr(self, "session"):
            self.installation.database.read(use)

    def _create(self, type_: RecordType) -> None:
        made = create_record(self.installation, self.session, type_, RecordInput({"name": "郑老师"}))
        self.things.append(Thing(made.ref))

    def _put_contact(self, tx: Tx, customer: Thing) -> Ref:
        organisation_id, now = self.session.organisation_id, self.clock.now()
        ref = Ref(CONTACT, ids.allocate(tx)[0])
        contact = replace(Record(CONTACT, ref.id, "联系人", 1, 1, None, now, now), customer_id=customer.ref.id)
        records.put_records(tx, organisation_id, [contact])
        activities.record(tx, organisation_id, Draft(RECORD_CREATED, 1, ref, now, now))
        return ref

    def _write(self, thing: Thing, ago: int) -> tuple[int, Ref]:
        before = Original(at=self.clock.now() - ago)
        view = write_follow_up(self.installation, self.session, thing.ref, FollowUpInput(text="跟进"), before)
        assert view.facts.object_id is not None
        return view.facts.object_id, view.facts.target

    def _shown_in(self, ref: Ref) -> set[Ref]:
        thing = self._thing(ref)
        ways = [way for way in (thing.customer, thing.merged) if way]
        return {ref}.union(*(self._shown_in(way) for way in ways))

    def _alive(self, thing: Thing) -> bool:
        """Whether its entries may be changed: it is not deleted, nor what took its place."""
        return not thing.deleted and (thing.merged is None or not self._thing(thing.merged).deleted)

    def _thing(self, ref: Ref) -> Thing:
        return next(thing for thing in self.things if thing.ref == ref)

    def _here(self, *types: RecordType) -> list[Thing]:
        return [thing for thing in self.things if thing.here and (not types or thing.ref.type in types)]

    def _pick(self, nth: int, *types: RecordType) -> Thing | None:
        some = self._here(*types)
        return some[nth % len(some)] if some else None

    def _refused(self, error: type[Exception], act: Callable[[], object]) -> None:
        with pytest.raises(error):
            act()
