"""A column that was added is filled for all rows there are, as docs/how-to/add-a-column.md says, on both engines."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from genjin.domain.duplicates import name_key
from genjin.domain.job import Job, JobState
from genjin.domain.records import Record, RecordType, Ref
from genjin.service.context import Installation
from genjin.service.queue.batches import do_now
from genjin.service.queue.filling import fill_task
from genjin.store import records
from genjin.store.transaction import Row, Tx

LONG = "长江" * 300
NAMES = ("郑老师", " Ａcme（１） 🏖", LONG, "x")
KEYS = "SELECT organisation_id, type, id, name, name_key FROM records WHERE organisation_id IN (1, 2)"


def _values(tx: Tx, organisation_id: int, rows: Sequence[Row]) -> list[Mapping[str, object]]:
    return [{"name_key": name_key(name), "amount": type_ * 100} for type_, _, name in rows]


FILL = fill_task("records.fill_name_key", "finds names again", "records", ["name"], _values)


@pytest.fixture
def filled(installation: Installation) -> Installation:
    """Records of three types, in both organisations, whose column is empty."""
    some = [
        Record(type_, 100 * int(type_) + n, NAMES[n % 4], 1, 1, 1, 1, 1)
        for type_ in (RecordType.LEAD, RecordType.CUSTOMER, RecordType.CONTRACT)
        for n in range(25)
    ]

    def use(tx: Tx) -> None:
        for organisation_id in (1, 2):
            records.put_records(tx, organisation_id, some)
        tx.execute(text("UPDATE records SET name_key = NULL"))

    installation.database.write(use)
    return installation


def keys(installation: Installation) -> list[Row]:
    return installation.database.read(lambda tx: tx.rows(KEYS, ()))


@pytest.mark.parametrize("limit", [1, 7, 29, 5000])
def test_every_row_is_filled_in_batches_of_any_size(filled: Installation, limit: int) -> None:
    seen: list[Job] = []
    task = replace(FILL, first=limit, most=limit)
    job = do_now(filled, 1, task, {}, seen.append)
    count = 12 + 3 * 25
    assert (job.state, job.done, job.total) == (JobState.DONE, count, count)
    assert len(seen) == count // limit + 1
    for organisation_id, _, _, name, key in keys(filled):
        assert key == (name_key(name) if organisation_id == 1 else None)


def test_a_row_that_comes_and_one_that_goes_meanwhile_do_no_harm(filled: Installation) -> None:
    newest = Record(RecordType.CONTRACT, 2_147_483_647, "新", 1, 1, 1, 1, 1)

    def meddle(job: Job) -> None:
        if job.done == 10:
            delete = text("DELETE FROM records WHERE organisation_id = 1 AND id IN (:just_done, 520)")
            filled.database.write(lambda tx: tx.execute(delete, {"just_done": 10}), 1)
            filled.database.write(lambda tx: records.put_records(tx, 1, [newest]), 1)

    job = do_now(filled, 1, replace(FILL, first=10, most=10), {}, meddle)
    assert (job.done, job.total) == (87, 87)
    assert {key is None for of, _, _, _, key in keys(filled) if of == 1} == {False}


def test_an_empty_table_is_filled_at_once(installation: Installation) -> None:
    task = fill_task("pools.fill_x", "is a test", "pools", ["name"], lambda *_: [])
    assert do_now(installation, 1, task, {}, lambda _: None).state is JobState.DONE


def test_other_columns_stay(filled: Installation) -> None:
    ref = Ref(RecordType.CUSTOMER, 201)
    before = filled.database.read(lambda tx: records.find(tx, 1, ref), 1)
    do_now(filled, 1, FILL, {}, lambda _: None)
    assert before is not None
    assert filled.database.read(lambda tx: records.find(tx, 1, ref), 1) == replace(before, amount=200)
