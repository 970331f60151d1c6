"""Records that are alike are found on both engines as their plain reading says, and by an index."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from genjin.domain.duplicates import Traits, told_anew
from genjin.domain.records import Record, RecordType, Ref
from genjin.store import duplicates, records
from genjin.store.database import Database
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation, undone

NUMBERS = ("13400002331", "13400002332")

some_records = st.lists(
    st.builds(
        Record,
        type=st.sampled_from([RecordType.LEAD, RecordType.CUSTOMER]),
        id=st.integers(1, 30),
        name=st.sampled_from(["长江贸易", " 长江贸易", "Acme", "ＡＣＭＥ", "acme 2"]),
        owner_id=st.none(),
        creator_id=st.none(),
        department_id=st.none(),
        created_at=st.just(1),
        updated_at=st.just(1),
        deleted_at=st.sampled_from([None, None, 9]),
        merged_into_id=st.sampled_from([None, None, 99]),
        details=st.sampled_from([{}, {"note": NUMBERS[0]}, *({"address": {"tel": number}} for number in NUMBERS)]),
    ),
    min_size=2,
    max_size=12,
    unique_by=lambda record: record.ref,
)


@given(some=some_records)
def test_what_is_alike_is_found_and_nothing_else(database: Database, some: Sequence[Record]) -> None:
    organisation_id = fresh_organisation()
    there = sorted((each for each in some if not each.deleted_at and not each.merged_into_id), key=lambda each: each.id)

    def use(tx: Tx) -> None:
        records.put_records(tx, organisation_id, some)
        for one in some:
            told = told_anew(one, None, ())
            alike = [each for each in there if each.type is one.type]
            named = [each.id for each in alike if told_anew(each, None, ()).name == told.name]
            numbered = [each.id for each in alike if told_anew(each, None, ()).numbers & told.numbers]
            assert duplicates.ids_of_name(tx, organisation_id, one.type, told.name, 0, 50) == (named, len(named))
            assert duplicates.ids_of_name(tx, organisation_id, one.type, told.name, 1, 1) == (named[1:2], len(named))
            others = [id_ for id_ in named if id_ != one.id], [id_ for id_ in numbered if id_ != one.id]
            first = (others[0][0], True) if others[0] else (others[1][0], False) if others[1] else None
            assert duplicates.first_like(tx, organisation_id, one.ref, told) == first
            assert duplicates.first_like(tx, organisation_id, one.ref, Traits()) is None

    undone(database, use)


def test_names_and_numbers_are_found_by_their_indexes(sqlite_database: Database) -> None:
    said: list[tuple[str, Any]] = []

    def use(tx: Tx) -> list[str]:
        def listen(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
            said.append((statement, parameters))

        event.listen(tx.connection, "before_cursor_execute", listen)
        duplicates.first_like(tx, 1, Ref(RecordType.LEAD, 1), Traits("甲", frozenset(NUMBERS)))
        duplicates.ids_of_name(tx, 1, RecordType.LEAD, "甲", 0, 5)
        event.remove(tx.connection, "before_cursor_execute", listen)
        return [
            " ".join(str(row[3]) for row in tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters))
            for sql, parameters in said
        ]

    named, numbered, *page = sqlite_database.read(use)
    assert all("ix_records_organisation_id_type_name_key_id" in plan for plan in (named, *page))
    assert "ix_phones_organisation_id_number" in numbered
    assert "SCAN" not in " ".join((named, numbered, *page))
