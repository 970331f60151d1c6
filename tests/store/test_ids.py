"""Ids (decision 11): positive 32-bit integers, unique over object types, growing with time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from genjin.errors import StoreUnavailable
from genjin.store import ids
from genjin.store.database import Database
from genjin.store.ids import MAX_ID
from genjin.store.transaction import Tx


def test_the_first_ids_are_small_and_each_is_greater_than_those_before(database: Database) -> None:
    given = _allocate(database, 1) + _allocate(database, 3) + _allocate(database, 1) + _allocate(database, 200)
    assert given == list(range(1, 206))


def test_no_ids_are_asked_for_and_none_are_given(database: Database) -> None:
    assert _allocate(database, 0) == []
    assert _allocate(database, 1) == [1]


def test_the_highest_id_is_known(database: Database) -> None:
    assert database.read(ids.highest) == 0
    _allocate(database, 3)
    assert database.read(ids.highest) == 3
    database.write(lambda tx: ids.raise_floor(tx, 70_000))
    assert 70_000 <= database.read(ids.highest) < _allocate(database, 1)[0]


@pytest.mark.parametrize("last_id", [1, 2, 30_000, 27_431_977])
def test_after_an_import_only_greater_ids_are_given_out(database: Database, last_id: int) -> None:
    database.write(lambda tx: ids.raise_floor(tx, last_id))
    given = _allocate(database, 3)
    assert last_id < given[0] < given[1] < given[2] <= last_id + 2 * ids.RACE_MARGIN


@pytest.mark.parametrize("last_id", [1, 9, 10])
def test_a_floor_below_what_was_given_out_changes_nothing(database: Database, last_id: int) -> None:
    _allocate(database, 10)
    database.write(lambda tx: ids.raise_floor(tx, last_id))
    assert _allocate(database, 1) == [11]


def test_ids_end_at_32_bits(database: Database) -> None:
    """The few just below the end may be lost, but none above it is given out."""
    database.write(lambda tx: ids.raise_floor(tx, MAX_ID - ids.RACE_MARGIN - 200))
    given = list[int]()

    def draw_all() -> None:
        for _ in range(ids.RACE_MARGIN):
            given.extend(_allocate(database, 11))

    with pytest.raises(StoreUnavailable, match="no ids left"):
        draw_all()
    assert MAX_ID - 11 <= max(given) <= MAX_ID


def test_concurrent_sessions_never_get_the_same_id(database: Database) -> None:
    def draw(_: int) -> list[list[int]]:
        return [_allocate(database, 3) for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        sessions = list(pool.map(draw, range(8)))
    for given in sessions:
        flat = [i for three in given for i in three]
        assert flat == sorted(flat)
    everything = [i for given in sessions for three in given for i in three]
    assert len(set(everything)) == len(everything) == 8 * 20 * 3


def test_concurrent_imports_and_sessions_never_get_an_id_that_is_taken(database: Database) -> None:
    """Every session draws one id and then declares a block of foreign ids, some far up, some far down."""
    floors = [(n * 7919) % 100_000 for n in range(120)]

    def import_and_draw(last_id: int) -> list[int]:
        def use(tx: Tx) -> list[int]:
            ids.raise_floor(tx, last_id)
            return ids.allocate(tx, 2)

        given = database.write(use)
        assert given[0] > last_id
        return given

    with ThreadPoolExecutor(8) as pool:
        everything = [i for given in pool.map(import_and_draw, floors) for i in given]
    assert len(set(everything)) == len(everything)


def _allocate(database: Database, count: int) -> list[int]:
    return database.write(lambda tx: ids.allocate(tx, count))
