"""The filters of lists say on both engines what their plain reading says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genjin.domain.activity import Draft, Facts
from genjin.domain.followup import FollowUp, FollowUpFilter
from genjin.domain.json import JsonValue
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.people import DataScope, User
from genjin.domain.phones import phones_of
from genjin.domain.policy import Viewer
from genjin.domain.records import SORTABLE, Record, RecordFilter, RecordType, Ref
from genjin.store import activities, followups, people, records
from genjin.store.database import Database
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation, undone

ME = 1
few = st.integers(1, 3)
labels = st.sampled_from(["a", "b"])
spans = st.tuples(st.integers(0, 4), st.integers(0, 4))
names = st.sampled_from(["郑老师", "Zheng", "50%", "a_b", "a\\b", "ab", "100", "x"])


def everything(organisation_id: int) -> Viewer:
    return Viewer(organisation_id, ME, DataScope.ALL)


some_records = st.lists(
    st.builds(
        Record,
        type=st.sampled_from([RecordType.LEAD, RecordType.LEAD, RecordType.CUSTOMER]),
        id=st.integers(1, 40),
        name=names,
        owner_id=st.none() | few,
        creator_id=st.none(),
        department_id=st.none() | few,
        created_at=st.integers(0, 4),
        updated_at=st.integers(0, 4),
        company_name=st.none() | names,
        status=st.none() | labels,
        source=st.none() | labels,
        category=st.none() | labels,
        said_followed_up_at=st.none() | st.integers(0, 4),
        remind_at=st.none() | st.integers(0, 4),
        pool_id=st.none() | few,
        deleted_at=st.sampled_from([None, None, None, 9]),
        customer_id=st.none() | few,
        approve_status=st.sampled_from([None, "approved", "applying"]),
        amount=st.none() | few,
        called_at=st.none() | st.integers(0, 4),
        details=st.sampled_from(
            [{}, {"note": "13400000001"}, {"address": {"tel": "134-0000-0001"}}, {"note": "老%客户"}]
        ),
        name_pinyin=st.sampled_from(["", "zhenglaoshi"]),
        company_name_pinyin=st.sampled_from(["", "gongsi"]),
    ),
    min_size=2,
    max_size=15,
    unique_by=lambda record: record.ref,
)
conditions: dict[str, st.SearchStrategy[object]] = {
    "tab": st.sampled_from(["my", "sub", "common", "assist", "my_assist", "sub_assist", "deleted"]),
    "query": st.sampled_from(["zheng", "ZHENG", "老", "%", "_", "\\", "gongsi", "0"]),
    "owner_id": few,
    "department_id": few,
    "status": labels,
    "source": labels,
    "category": labels,
    "pool_id": few,
    "created": spans,
    "updated": spans,
    "said_followed_up": spans,
    "approve_status": st.sampled_from(["approved", "applying"]),
    "customer_id": few,
    "has_phone": st.booleans(),
    "phone": st.sampled_from(["13400000001", "13400000002"]),
}


def filters(names: list[str]) -> st.SearchStrategy[RecordFilter]:
    """Filters of leads with these conditions, in any order."""
    orders = {"sort": st.sampled_from(sorted(SORTABLE)), "descending": st.booleans()}
    return st.builds(RecordFilter, st.just(RecordType.LEAD), **orders, **{name: conditions[name] for name in names})


record_filters = st.lists(st.sampled_from(sorted(conditions)), max_size=2).flatmap(filters)


def test_a_list_of_records_holds_what_its_filter_says_in_the_order_it_says(database: Database) -> None:
    @settings(max_examples=80 if database.engine == "sqlite" else 40)
    @given(some=some_records, wanted=record_filters)
    def holds(some: list[Record], wanted: RecordFilter) -> None:
        mine = fresh_organisation()
        expected = _sorted([record for record in some if _matches(wanted, record)], wanted)

        def use(tx: Tx) -> tuple[list[Record], int]:
            records.put_records(tx, mine, some)
            return records.page(tx, everything(mine), wanted, 0, 100)

        assert undone(database, use) == (expected, len(expected))

    holds()


def _matches(wanted: RecordFilter, record: Record) -> bool:
    texts = (record.name, record.company_name or "", record.name_pinyin, record.company_name_pinyin)
    in_tab = {
        "": True,
        "my": record.owner_id == ME,
        "sub": record.owner_id not in (ME, None),
        "common": record.pool_id is not None,
        "assist": False,
        "my_assist": False,
        "sub_assist": False,
        "deleted": True,
    }
    return (
        record.type is wanted.type
        and (record.deleted_at is not None) is (wanted.tab == "deleted")
        and in_tab[wanted.tab]
        and _is_said_followed_up(wanted, record)
        and (wanted.approve_status is None or (record.approve_status or "approved") == wanted.approve_status)
        and wanted.customer_id in (None, record.customer_id)
        and wanted.has_phone in (None, bool(phones_of(record)))
        and (not wanted.phone or wanted.phone in phones_of(record))
        and any(wanted.query.lower() in text.lower() for text in texts)
        and wanted.owner_id in (None, record.owner_id)
        and wanted.department_id in (None, record.department_id)
        and wanted.status in (None, record.status)
        and wanted.source in (None, record.source)
        and wanted.category in (None, record.category)
        and wanted.pool_id in (None, record.pool_id)
        and (wanted.created is None or wanted.created[0] <= record.created_at < wanted.created[1])
        and (wanted.updated is None or wanted.updated[0] <= record.updated_at < wanted.updated[1])
    )


def _is_said_followed_up(wanted: RecordFilter, record: Record) -> bool:
    at, span = record.said_followed_up_at, wanted.said_followed_up
    return span is None or (at is not None and span[0] <= at < span[1])


@pytest.mark.parametrize(
    ("field", "query", "found"),
    [
        ("note", "老%", {"b"}),
        ("note", "%", {"b"}),
        ("note", "客户", {"a", "b"}),
        ("note", '"', {"c"}),
        ("name", "a", {"a"}),
        ("name", "客户", set()),
        ("company_name", "gs", {"c"}),
        ("address.tel", "0371", {"a"}),
        ("text_asset_1f", "👍", {"c"}),
        ("text_asset_ff", "x", set()),
    ],
)
def test_one_field_is_searched_alone(database: Database, field: str, query: str, found: set[str]) -> None:
    mine = fresh_organisation()
    details: dict[str, dict[str, JsonValue]] = {
        "a": {"note": "老客户", "address": {"tel": "0371-100", "phone": "0372"}},
        "b": {"note": "老%客户"},
        "c": {"note": 'a"b', "text_asset_1f": "好👍"},
    }
    some = [
        Record(RecordType.LEAD, nth, name, ME, ME, None, 1, 1, details=told, company_name_pinyin="gs" * (name == "c"))
        for nth, (name, told) in enumerate(details.items(), 1)
    ]

    def use(tx: Tx) -> set[str]:
        records.put_records(tx, mine, some)
        wanted = RecordFilter(RecordType.LEAD, query=query, field=field)
        return {record.name for record in records.page(tx, everything(mine), wanted, 0, 100)[0]}

    assert undone(database, use) == found


def _sorted(some: list[Record], wanted: RecordFilter) -> list[Record]:
    """By the column, ties by id; records that have no such value come last, whichever way the list runs."""
    some = sorted(some, key=lambda record: record.id, reverse=wanted.descending)
    with_value = [record for record in some if getattr(record, wanted.sort) is not None]
    without = [record for record in some if getattr(record, wanted.sort) is None]
    return sorted(with_value, key=lambda r: getattr(r, wanted.sort), reverse=wanted.descending) + without


follow_up_filters = st.builds(
    FollowUpFilter,
    span=st.none() | spans,
    author_id=st.none() | few,
    department_id=st.none() | few,
    target_type=st.none() | st.sampled_from([RecordType.LEAD, RecordType.CUSTOMER]),
    target_id=st.none() | few,
)
refs = st.builds(Ref, st.sampled_from([RecordType.LEAD, RecordType.CUSTOMER]), few)
written = st.lists(st.tuples(few, refs, st.integers(0, 4)), max_size=15)


def test_a_list_of_follow_ups_holds_what_its_filter_says_newest_first(database: Database) -> None:
    @settings(max_examples=40 if database.engine == "sqlite" else 15)
    @given(some=written, wanted=follow_up_filters, department_of=st.dictionaries(few, few))
    def holds(some: list[tuple[int, Ref, int]], wanted: FollowUpFilter, department_of: dict[int, int]) -> None:
        mine = fresh_organisation()
        expected: list[tuple[int, int, Facts]] = []

        def use(tx: Tx) -> tuple[list[Facts], int]:
            people.put_users(tx, mine, [User(i, "u", 1, department_id=department_of.get(i)) for i in (1, 2, 3)])
            records.put_records(
                tx, mine, [Record(*ref, "r", None, None, None, 1, 1) for ref in {ref for _, ref, _ in some}]
            )
            for nth, (author_id, target, at) in enumerate(some, 1):
                draft = Draft(FOLLOW_UP_WRITTEN, author_id, target, at, at, object_id=nth, text="跟进")
                facts = activities.facts_of(draft, 100 + nth)
                activities.add(tx, mine, [facts])
                followups.put(tx, mine, FollowUp(nth, facts.id, author_id, target, at))
                if (
                    (wanted.span is None or wanted.span[0] <= at < wanted.span[1])
                    and wanted.author_id in (None, author_id)
                    and wanted.department_id in (None, department_of.get(author_id))
                    and wanted.target_type in (None, target.type)
                    and wanted.target_id in (None, target.id)
                ):
                    expected.append((at, nth, facts))
            return followups.page(tx, everything(mine), wanted, 0, 100)

        found = undone(database, use)
        newest_first = [facts for _, _, facts in sorted(expected, reverse=True)]
        assert found == (newest_first, len(newest_first))

    holds()
