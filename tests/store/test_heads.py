"""The head of a timeline, on both engines: who asks, which record it is and how long its timeline."""

from collections.abc import Callable

import pytest

from genjin.domain.people import Organisation
from genjin.domain.records import Record, RecordType, Ref
from genjin.store import heads, people, records, timeline, tokens
from genjin.store.database import Database
from genjin.store.heads import Head
from genjin.store.timeline import Place
from genjin.store.tokens import TokenRow
from genjin.store.transaction import Tx

LEAD = Record(
    RecordType.LEAD, 5, "郑老师 😀", 7, 7, None, 100, 200, details={"job": "校长"}, captured={"id": 5, "note": "?%s"}
)
HASH = b"h" * 32
Change = Callable[[Tx], object]


@pytest.fixture
def place(database: Database) -> Database:
    """Two organisations with a lead of one id; the token is the first one's."""

    def use(tx: Tx) -> None:
        for organisation_id in (1, 2):
            people.put_organisation(tx, Organisation(organisation_id, "o", f"corp{organisation_id}", version=4))
            records.put_records(tx, organisation_id, [LEAD])
        tokens.add_token(tx, 1, HASH, TokenRow(1, 7, "笔记本", 100, 900, 800))
        timeline.add(tx, 1, [Place(LEAD.ref, at, at, 1, 1) for at in (10, 20, 30)])

    database.write(use)
    return database


def _head(place: Database, ref: Ref = LEAD.ref, organisation_id: int = 1, token_hash: bytes = HASH) -> Head | None:
    return place.read(lambda tx: heads.find(tx, organisation_id, token_hash, ref))


def test_all_of_it_is_found_at_once_also_for_a_dead_token(place: Database) -> None:
    head = _head(place)
    assert head is not None
    assert head.token == place.read(lambda tx: tokens.find_token(tx, 1, HASH)) == (7, 900, 800, 4, None)
    assert (head.total, head.record) == (3, LEAD)


def test_without_a_token_of_the_organisation_there_is_nothing(place: Database) -> None:
    assert _head(place, token_hash=b"x" * 32) is None
    assert _head(place, organisation_id=2) is None


def test_a_record_that_is_missing_or_deleted_is_none(place: Database) -> None:
    for ref in (Ref(RecordType.CUSTOMER, 5), Ref(RecordType.LEAD, 6), Ref(RecordType.LEAD, 0)):
        head = _head(place, ref)
        assert head is not None
        assert (head.token[0], head.total, head.record) == (7, 0, None)
    place.write(lambda tx: records.change(tx, 1, LEAD.ref, {"deleted_at": 300}))
    head = _head(place)
    assert head is not None
    assert (head.total, head.record) == (3, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda tx: records.change(tx, 1, LEAD.ref, {"name": "郑校长"}),
        lambda tx: records.change(tx, 1, LEAD.ref, {"owner_id": None}),
        lambda tx: records.change(tx, 1, LEAD.ref, {"captured": b'{"id":5}'}),
        lambda tx: records.change(tx, 1, LEAD.ref, {"deleted_at": 300}),
        lambda tx: timeline.add(tx, 1, [Place(LEAD.ref, 5, 40, 1, 1)]),
        lambda tx: timeline.remove(tx, 1, Place(LEAD.ref, 10, 10, 1, 1)),
        lambda tx: timeline.touch(tx, 1, [LEAD.ref]),
    ],
)
def test_what_is_stored_differs_after_a_change_of_the_record_or_its_timeline(place: Database, change: Change) -> None:
    before = _head(place)
    place.write(change)
    after = _head(place)
    assert before is not None
    assert after is not None
    assert before.stored != after.stored


def test_what_is_stored_is_equal_after_a_change_of_another(place: Database) -> None:
    before = _head(place)
    other = Ref(RecordType.CUSTOMER, 5)

    def use(tx: Tx) -> None:
        records.change(tx, 2, LEAD.ref, {"name": "郑校长"})
        timeline.add(tx, 1, [Place(other, 5, 40, 1, 1)])
        timeline.add(tx, 2, [Place(LEAD.ref, 5, 40, 1, 1)])

    place.write(use)
    assert _head(place) == before
