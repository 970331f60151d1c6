"""The SQL filter of lists says the same thing as the policy, and never shows another organisation's rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain.activity import Draft
from genjin.domain.followup import FollowUp, FollowUpFilter
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer, may_see
from genjin.domain.records import MERGEABLE, Record, RecordFilter, RecordType, Ref
from genjin.store import activities, followups, records
from genjin.store.database import Database
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation, undone

EVERYTHING = 10_000
few_ids = st.integers(1, 5)
some_ids = st.frozensets(few_ids, max_size=2)


@dataclass(frozen=True)
class Held:
    """What the policy looks at of a record; `customer` and `merged_into` are places in the list."""

    type: RecordType
    owner_id: int | None
    department_id: int | None
    pool_id: int | None
    collaborators: frozenset[int]
    customer: int | None
    deleted: bool
    merged_into: int | None


held = st.builds(
    Held,
    st.sampled_from(RecordType),
    st.none() | few_ids,
    st.none() | few_ids,
    st.none() | few_ids,
    some_ids,
    st.none() | st.integers(1, 12),
    st.booleans(),
    st.none() | st.none() | st.integers(1, 12),
)
viewers = st.builds(
    lambda *told: Viewer(fresh_organisation(), *told),
    few_ids,
    st.sampled_from(DataScope),
    st.frozensets(few_ids, max_size=4),
    some_ids,
)


def _records(some: list[Held]) -> list[Record]:
    return [
        Record(
            *(what.type, nth, f"n{nth}", what.owner_id, 1, what.department_id, nth % 3, 1),
            customer_id=what.customer,
            pool_id=what.pool_id,
            collaborators=what.collaborators,
            deleted_at=9 if what.deleted else None,
            merged_into_id=what.merged_into if what.type in MERGEABLE else None,
        )
        for nth, what in enumerate(some, 1)
    ]


def _put(tx: Tx, organisation_id: int, some: list[Record]) -> None:
    records.put_records(tx, organisation_id, some)
    for record in some:
        records.add_collaborators(tx, organisation_id, record.ref, record.collaborators, 1, 1)


def _allowed(viewer: Viewer, some: list[Record]) -> list[Record]:
    """What the policy lets the viewer see of these, newest first."""
    by_ref: Mapping[Ref, Record] = {record.ref: record for record in some if record.deleted_at is None}
    ordered = sorted(some, key=lambda r: (r.created_at, r.id), reverse=True)

    def allowed(record: Record) -> bool:
        kept = record if record.merged_into_id is None else by_ref.get(Ref(record.type, record.merged_into_id))
        if kept is None:
            return viewer.scope is DataScope.ALL
        return may_see(viewer, kept, by_ref.get(Ref(RecordType.CUSTOMER, kept.customer_id or 0)))

    return [record for record in ordered if allowed(record)]


def test_a_list_shows_what_the_policy_allows_and_nothing_of_others(database: Database) -> None:
    @settings(max_examples=60 if database.engine == "sqlite" else 25)
    @given(ours=st.lists(held, max_size=12), theirs=st.lists(held, max_size=4), viewer=viewers)
    def holds(ours: list[Held], theirs: list[Held], viewer: Viewer) -> None:
        our_records = _records(ours)

        def use(tx: Tx) -> None:
            _put(tx, viewer.organisation_id, our_records)
            _put(tx, fresh_organisation(), _records(theirs))
            for type_ in RecordType:
                visible = [r for r in _allowed(viewer, our_records) if r.type is type_ and r.deleted_at is None]
                expected = [r for r in visible if r.merged_into_id is None]
                total = len(expected)
                assert records.page(tx, viewer, RecordFilter(type_), 0, EVERYTHING) == (expected, total)
                assert records.page(tx, viewer, RecordFilter(type_), 1, 2) == (expected[1:3], total)

        undone(database, use)

    holds()


def test_follow_ups_are_listed_of_records_that_may_be_seen(database: Database) -> None:
    @settings(max_examples=40 if database.engine == "sqlite" else 15)
    @given(ours=st.lists(held, max_size=8), viewer=viewers)
    def holds(ours: list[Held], viewer: Viewer) -> None:
        our_records = _records(ours)
        written = {r.id: activities.facts_of(_note(r.ref, r.created_at), 100 + r.id) for r in our_records}

        def use(tx: Tx) -> None:
            for organisation_id in (viewer.organisation_id, fresh_organisation()):
                _put(tx, organisation_id, our_records)
                activities.add(tx, organisation_id, written.values())
                for r in our_records:
                    followups.put(tx, organisation_id, FollowUp(r.id, 100 + r.id, 1, r.ref, r.created_at))
            seen = [r for r in _allowed(viewer, our_records) if r.deleted_at is None]
            found = followups.page(tx, viewer, FollowUpFilter(), 0, EVERYTHING)
            assert found == ([written[r.id] for r in seen], len(seen))

        undone(database, use)

    holds()


def _note(target: Ref, at: int) -> Draft:
    return Draft(FOLLOW_UP_WRITTEN, 1, target, at, at, text="跟进")
