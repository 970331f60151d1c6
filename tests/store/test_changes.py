"""The log of changes: in the order of commits, told of, trimmed, and known again. On both engines."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from genjin.domain.audience import Audience, held, packed, unpacked
from genjin.domain.change_log import BEGINNING, LogLine, LogOp, Place, PlacedLine
from genjin.domain.people import Organisation
from genjin.domain.records import RecordType, Ref
from genjin.store import changes, people
from genjin.store.database import Database, open_database
from genjin.store.tables import changes as table
from genjin.store.transaction import Tx
from tests.databases import fresh_organisation
from tests.service.following import all_given_out

LEAD = Ref(RecordType.LEAD, 7)
WHO = Audience(
    held(LEAD, (1, 2, 3, (4, 5), False, True)), kept=held(Ref(RecordType.LEAD, 0), (None, None, None, (), True, False))
)
LINES = [
    LogLine(LogOp.CREATED, 1),
    LogLine(LogOp.SIGHT, 7, int(RecordType.LEAD), before=WHO),
    LogLine(LogOp.RANGE, 5, last_id=2_147_483_647),
]


def write(database: Database, id_: int, *lines: LogLine) -> None:
    database.write(lambda tx: changes.add(tx, id_, lines), id_)
    all_given_out(database, id_)


def read(database: Database, id_: int, place: Place = BEGINNING, limit: int = 100) -> list[PlacedLine]:
    return database.read(lambda tx: changes.after(tx, id_, place, limit).lines, id_)


def end(database: Database, id_: int) -> Place:
    return database.read(lambda tx: changes.end(tx, id_), id_)


def is_kept(database: Database, id_: int, place: Place) -> bool:
    return database.read(lambda tx: changes.is_kept(tx, id_, place), id_)


def test_what_is_written_is_read_in_its_order_and_by_its_organisation_alone(database: Database) -> None:
    mine, other = fresh_organisation(), fresh_organisation()
    assert (read(database, mine), end(database, mine)) == ([], BEGINNING)
    write(database, mine, *LINES)
    write(database, other, LogLine(LogOp.REMOVED, 9))
    write(database, mine, LogLine(LogOp.EDITED, 2))

    found = read(database, mine)

    assert [line for _, line in found] == [*LINES, LogLine(LogOp.EDITED, 2)]
    assert [place for place, _ in found] == sorted({place for place, _ in found})
    assert found[-1].place == end(database, mine)
    assert [line.id for _, line in read(database, other)] == [9]
    assert read(database, mine, found[1].place) == found[2:]
    assert read(database, mine, limit=2) == found[:2]


def test_an_audience_comes_back_as_it_was() -> None:
    assert unpacked(LEAD, packed(WHO)) == WHO


def test_nothing_is_written_where_the_use_case_fails(database: Database) -> None:
    id_ = fresh_organisation()

    def use(tx: Tx) -> None:
        changes.add(tx, id_, LINES)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(use, id_)
    assert read(database, id_) == []


def test_what_an_older_transaction_has_yet_to_write_is_waited_for(database_url: str) -> None:
    """On PostgreSQL. On SQLite there is no older one, and nothing is waited for."""
    id_, begun, go_on = fresh_organisation(), threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        changes.add(tx, id_, [LogLine(LogOp.CREATED, 1)])
        begun.set()
        assert go_on.wait(20)

    with closing(open_database(database_url)) as database, closing(open_database(database_url)) as another:
        thread = threading.Thread(target=lambda: another.write(slow, id_))
        thread.start()
        assert begun.wait(20)
        if database.engine == "postgresql":
            database.write(lambda tx: changes.add(tx, id_, [LogLine(LogOp.CREATED, 2)]), id_)
            held_back = database.read(lambda tx: changes.after(tx, id_, BEGINNING, 9), id_)
            assert (held_back.lines, held_back.waiting) == ([], True)
            assert end(database, id_) == BEGINNING
        go_on.set()
        thread.join(20)
        if database.engine == "sqlite":
            write(database, id_, LogLine(LogOp.CREATED, 2))
        all_given_out(database, id_)
        found = database.read(lambda tx: changes.after(tx, id_, BEGINNING, 9), id_)

    assert [line.id for _, line in found.lines] == [1, 2]
    assert not found.waiting


def test_old_lines_go_and_the_last_of_them_is_the_floor(database: Database) -> None:
    id_ = fresh_organisation()
    for n in range(6):
        write(database, id_, LogLine(LogOp.CREATED, n + 1))
    places = [place for place, _ in read(database, id_)]
    database.write(lambda tx: _grow_old(tx, id_, places[:4]), id_)
    old, kept = [place._replace(at=place.at - 1000) for place in places[:4]], places[4:]

    assert database.write(lambda tx: changes.trim(tx, id_, 5000, 100), id_) == 0
    assert is_kept(database, id_, BEGINNING)
    assert database.write(lambda tx: changes.trim(tx, id_, 500, 3), id_) == 2
    assert database.write(lambda tx: changes.trim(tx, id_, 500, 100), id_) == 1
    assert database.write(lambda tx: changes.trim(tx, id_, 500, 100), id_) == 0

    assert [is_kept(database, id_, place) for place in (BEGINNING, *old)] == [False, False, False, False, True]
    assert [is_kept(database, id_, place) for place in kept] == [True, True]
    assert [line.op for _, line in read(database, id_)] == [LogOp.FLOOR, LogOp.CREATED, LogOp.CREATED]


def test_when_all_is_old_the_next_line_comes_behind_what_was_read(database: Database) -> None:
    id_ = fresh_organisation()
    write(database, id_, *LINES)
    last = end(database, id_)
    assert database.write(lambda tx: changes.trim(tx, id_, -1, 100), id_) == 2
    assert is_kept(database, id_, last)
    write(database, id_, LogLine(LogOp.CREATED, 9))
    assert [line.id for _, line in read(database, id_, last)] == [9]


def test_a_place_of_another_life_of_the_database_is_not_known(database: Database) -> None:
    """A backup was restored, and the same number given out again, or none as high."""
    id_ = fresh_organisation()
    write(database, id_, *LINES)
    place = end(database, id_)
    assert not is_kept(database, id_, place._replace(at=place.at - 1))
    assert not is_kept(database, id_, place._replace(number=place.number + 1))
    assert not is_kept(database, id_, place._replace(written_in=2**60))


def test_lines_of_another_servers_transactions_go(database: Database) -> None:
    """A dump was restored into a server that counts transactions anew."""
    if database.engine == "sqlite":
        return
    id_ = fresh_organisation()
    write(database, id_, LogLine(LogOp.CREATED, 1))
    future = {"organisation_id": id_, "written_in": 2**60, "number": 1, "at": 1, "op": 1, "type": 0, "id": 2}
    database.write(lambda tx: tx.execute(table.insert(), future), id_)
    assert [line.id for _, line in database.read(lambda tx: changes.after(tx, id_, BEGINNING, 9), id_).lines] == [1]
    database.write(lambda tx: changes.trim(tx, id_, 3600, 100), id_)
    write(database, id_, LogLine(LogOp.CREATED, 3))
    assert [line.id for _, line in read(database, id_)] == [1, 3]
    assert not database.read(lambda tx: changes.after(tx, id_, BEGINNING, 9), id_).waiting


def test_a_commit_is_heard_of_by_who_has_the_database_open_elsewhere(database_url: str) -> None:
    id_ = fresh_organisation()
    with (
        closing(open_database(database_url)) as listening,
        closing(open_database(database_url)) as writing,
        hearing(listening) as heard,
    ):
        for _ in range(2):
            heard.clear()
            write(writing, id_, *LINES)
            assert heard.wait(20)


def test_that_something_bound_late_has_changed_is_heard_of(database_url: str) -> None:
    with closing(open_database(database_url)) as listening, closing(open_database(database_url)) as writing:
        writing.write(lambda tx: people.put_organisation(tx, Organisation(1, "o", "c")), 1)
        with hearing(listening) as heard:
            heard.clear()
            writing.write(lambda tx: people.bump_version(tx, 1), 1)
            assert heard.wait(20)


@contextmanager
def hearing(database: Database) -> Iterator[threading.Event]:
    """An event that is set whenever something is heard, once listening has begun."""
    heard = threading.Event()
    watch = database.watch(lambda _: heard.set())
    assert heard.wait(20)
    try:
        yield heard
    finally:
        watch.stop()


def _grow_old(tx: Tx, organisation_id: int, places: list[Place]) -> None:
    for place in places:
        key = (
            table.c.organisation_id == organisation_id,
            table.c.written_in == place.written_in,
            table.c.number == place.number,
        )
        tx.execute(table.update().where(*key).values(at=place.at - 1000))
