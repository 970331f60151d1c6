"""The SQL filter of lists says the same thing as the policy, and never shows another organisation's rows."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain.activity import Draft, Facts
from genjin.domain.followup import FollowUp, FollowUpFilter
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer, may_see
from genjin.domain.records import Record, RecordFilter, RecordType, Ref
from genjin.store import activities, followups, records
from genjin.store.database import Database
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation, undone

EVERYTHING = 10_000
few_ids = st.integers(1, 5)


@dataclass(frozen=True)
class Owned:
    """What the policy looks at of a record."""

    type: RecordType
    owner_id: int | None
    department_id: int | None


owned = st.builds(
    Owned,
    st.sampled_from([RecordType.LEAD, RecordType.CUSTOMER]),
    st.none() | few_ids,
    st.none() | few_ids,
)
scopes = st.sampled_from(DataScope)
departments = st.frozensets(few_ids, max_size=4)


def _record(nth: int, what: Owned) -> Record:
    return Record(what.type, nth, f"n{nth}", what.owner_id, 1, what.department_id, nth % 3, 1)


def test_a_list_shows_what_the_policy_allows_and_nothing_of_others(database: Database) -> None:
    @settings(max_examples=50 if database.engine == "sqlite" else 20)
    @given(
        ours=st.lists(owned, max_size=12),
        theirs=st.lists(owned, max_size=4),
        user=few_ids,
        scope=scopes,
        of=departments,
    )
    def holds(ours: list[Owned], theirs: list[Owned], user: int, scope: DataScope, of: frozenset[int]) -> None:
        viewer = Viewer(fresh_organisation(), user, scope, of)
        other = fresh_organisation()
        our_records = [_record(nth, what) for nth, what in enumerate(ours, 1)]

        def use(tx: Tx) -> None:
            records.put_records(tx, viewer.organisation_id, our_records)
            records.put_records(tx, other, [_record(nth, what) for nth, what in enumerate(theirs, 10)])
            for type_ in (RecordType.LEAD, RecordType.CUSTOMER):
                expected = [
                    record
                    for record in sorted(our_records, key=lambda r: (r.created_at, r.id), reverse=True)
                    if record.type is type_ and may_see(viewer, record.owner_id, record.department_id)
                ]
                total = len(expected)
                assert records.page(tx, viewer, RecordFilter(type_), 0, EVERYTHING) == (expected, total)
                assert records.page(tx, viewer, RecordFilter(type_), 1, 2) == (expected[1:3], total)

        undone(database, use)

    holds()


def test_follow_ups_are_listed_of_records_that_may_be_seen(database: Database) -> None:
    @settings(max_examples=40 if database.engine == "sqlite" else 15)
    @given(ours=st.lists(owned, max_size=8), user=few_ids, scope=scopes, of=departments)
    def holds(ours: list[Owned], user: int, scope: DataScope, of: frozenset[int]) -> None:
        viewer = Viewer(fresh_organisation(), user, scope, of)
        other = fresh_organisation()
        our_records = [_record(nth, what) for nth, what in enumerate(ours, 1)]
        written = {r.id: activities.facts_of(_note(r.ref, r.created_at), 100 + r.id) for r in our_records}

        def use(tx: Tx) -> tuple[list[Facts], int]:
            for organisation_id in (viewer.organisation_id, other):
                records.put_records(tx, organisation_id, our_records)
                activities.add(tx, organisation_id, written.values())
                for r in our_records:
                    followups.put(tx, organisation_id, FollowUp(r.id, 100 + r.id, 1, r.ref, r.created_at))
            return followups.page(tx, viewer, FollowUpFilter(), 0, EVERYTHING)

        seen = [r for r in our_records if may_see(viewer, r.owner_id, r.department_id)]
        newest_first = sorted(seen, key=lambda r: (r.created_at, r.id), reverse=True)
        assert undone(database, use) == ([written[r.id] for r in newest_first], len(seen))

    holds()


def _note(target: Ref, at: int) -> Draft:
    return Draft(FOLLOW_UP_WRITTEN, 1, target, at, at, text="跟进")
