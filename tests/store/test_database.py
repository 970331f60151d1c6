"""What both engines promise of a transaction: all or nothing, alone or among many, and honest about failure."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, make_url, select
from sqlalchemy.exc import IntegrityError

from genjin.domain.activity import Draft
from genjin.domain.kinds import CALL_MADE
from genjin.domain.people import Department
from genjin.domain.records import RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import NotFound, StoreUnavailable
from genjin.store import activities, ids, people, timeline
from genjin.store.database import Database, Tx, open_database
from genjin.store.tables import departments
from genjin.store.timeline import Place

LEAD, CUSTOMER = Ref(RecordType.LEAD, 1), Ref(RecordType.CUSTOMER, 2)
SECONDS = 60
"""Longer than any of these waits takes; a test that reaches it has found somebody who waits forever."""


class Mistake(Exception):
    """Raised by use cases that go wrong."""


def test_a_read_sees_what_was_written_before(database: Database) -> None:
    for n in range(1, 20):
        database.write(lambda tx, i=n: _put(tx, i))
        assert database.read(_departments) == list(range(1, n + 1))
    with ThreadPoolExecutor(1) as other_thread:
        assert other_thread.submit(database.read, _departments).result(SECONDS) == list(range(1, 20))


def test_a_write_that_raises_leaves_nothing_behind(database: Database) -> None:
    def fail_late(tx: Tx) -> None:
        _put(tx, 1)
        _record(tx, 5)
        raise Mistake("late")

    with pytest.raises(Mistake, match="late"):
        database.write(fail_late)
    assert database.read(_departments) == []
    assert database.read(lambda tx: timeline.page(tx, 1, LEAD, Page())) == ([], 0)
    assert database.read(lambda tx: timeline.recount(tx, 1)) == []


def test_a_write_that_breaks_a_key_leaves_nothing_behind_and_the_next_one_works(database: Database) -> None:
    row = {"organisation_id": 1, "id": 7, "name": "x", "parent_id": None}

    def insert_twice(tx: Tx) -> None:
        _put(tx, 1)
        tx.execute(departments.insert(), row)
        tx.execute(departments.insert(), row)

    with pytest.raises(IntegrityError):
        database.write(insert_twice)
    database.write(lambda tx: _put(tx, 2))
    assert database.read(_departments) == [2]


def test_a_read_that_raises_does_not_hurt_the_next_one(database: Database) -> None:
    database.write(lambda tx: _put(tx, 1))

    def fail(tx: Tx) -> None:
        _departments(tx)
        raise NotFound("nothing")

    for _ in range(3):
        with pytest.raises(NotFound):
            database.read(fail)
        assert database.read(_departments) == [1]


def test_use_cases_that_fail_do_not_hurt_their_neighbours(database: Database) -> None:
    start = threading.Barrier(8)

    def submit(first: int) -> list[int]:
        kept = []
        start.wait(SECONDS)
        for n in range(first, first + 25):
            try:
                database.write(lambda tx, i=n: _put(tx, i, fail=i % 3 == 0))
                kept.append(n)
            except Mistake as error:
                assert str(error) == f"department {n}"
        return kept

    with ThreadPoolExecutor(8) as pool:
        kept = sorted(n for some in pool.map(submit, range(1, 8 * 25, 25)) for n in some)
    assert kept == [n for n in range(1, 201) if n % 3]
    assert database.read(_departments) == kept


def test_concurrent_writers_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        born = list(pool.map(lambda n: database.write(lambda tx: _record(tx, n % 7)), range(160)))
    for subject in (LEAD, CUSTOMER):
        entries, total = database.read(lambda tx, of=subject: timeline.page(tx, 1, of, Page(1, 200)))
        assert total == 160
        assert {entry.id for entry in entries} == set(born)
        assert entries == sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)
    assert database.read(lambda tx: timeline.recount(tx, 1)) == []


def test_two_programs_write_to_one_database_and_lose_nothing(database_url: str) -> None:
    with closing(open_database(database_url)) as one, closing(open_database(database_url)) as other:
        with ThreadPoolExecutor(4) as pool:
            both = [one, other] * 30
            list(pool.map(lambda program: program.write(lambda tx: _record(tx, 1)), both))
        assert one.read(lambda tx: timeline.page(tx, 1, LEAD, Page()))[1] == 60
        assert other.read(lambda tx: timeline.page(tx, 1, LEAD, Page()))[1] == 60


def test_many_threads_open_a_database_at_once(database_url: str) -> None:
    start = threading.Barrier(8)

    def use(program: Database, n: int) -> list[int]:
        start.wait(SECONDS)
        program.write(lambda tx: _put(tx, n))
        return program.read(_departments)

    with closing(open_database(database_url)) as one, closing(open_database(database_url)) as other:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(use, [one, other] * 4, range(1, 9)))
        assert one.read(_departments) == list(range(1, 9))


def test_a_database_that_was_closed_may_be_used_again(database: Database) -> None:
    database.write(lambda tx: _put(tx, 1))
    database.close()
    database.close()
    database.write(lambda tx: _put(tx, 2))
    assert database.read(_departments) == [1, 2]


def test_nobody_waits_forever_when_the_database_is_closed_while_it_is_written_to(database: Database) -> None:
    """Each write is committed or refused, whatever is closed in between."""
    stop = threading.Event()

    def write_on(first: int) -> list[int]:
        done = []
        for n in range(first, first + 100_000):
            if stop.is_set():
                break
            try:
                database.write(lambda tx, i=n: _put(tx, i))
                done.append(n)
            except StoreUnavailable:
                pass
        return done

    with ThreadPoolExecutor(5) as pool:
        writers: list[Future[list[int]]] = [pool.submit(write_on, 1 + n * 100_000) for n in range(4)]
        closer = pool.submit(lambda: [database.close() for _ in range(20)])
        closed, open_ = wait([closer], SECONDS)
        stop.set()
        finished, stuck = wait(writers, SECONDS)
        assert not open_
        assert not stuck
    assert database.read(_departments) == sorted(n for writer in writers for n in writer.result())


def test_an_unreachable_server_is_unavailable() -> None:
    with closing(open_database("postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=2")) as database:
        for act in (database.read, database.write):
            with pytest.raises(StoreUnavailable) as failure:
                act(_departments)
            assert "secret" not in str(failure.value)
            assert "\n" not in str(failure.value)


def test_a_database_that_does_not_exist_is_unavailable(postgres_url: str) -> None:
    missing = make_url(postgres_url).set(database="no_such_database").render_as_string(hide_password=False)
    with closing(open_database(missing)) as database, pytest.raises(StoreUnavailable, match="no_such_database"):
        database.read(_departments)


@pytest.mark.parametrize("kind", ["a folder", "below a file", "not a database", "no name", "memory"])
def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path, kind: str) -> None:
    text = tmp_path / "text.db"
    text.write_text("This is a text and not a database. " * 100)
    path = {
        "a folder": str(tmp_path),
        "below a file": str(text / "genjin.db"),
        "not a database": str(text),
        "no name": "",
        "memory": ":memory:",
    }[kind]
    for use in ("read", "write"):
        with pytest.raises(StoreUnavailable):
            _use(f"sqlite:///{path}", use)


def test_a_read_whose_connection_was_cut_is_done_again(postgres_url: str) -> None:
    with closing(open_database(postgres_url)) as database:
        database.write(lambda tx: _put(tx, 1))
        for use in (_departments, lambda tx: tx.rows("SELECT id FROM departments WHERE organisation_id = ?", (1,))):
            with ThreadPoolExecutor(8) as pool:  # so that several connections lie in the pool
                list(pool.map(lambda _, of=use: database.read(of), range(40)))
            _cut_all_connections(postgres_url)
            for _ in range(10):
                assert database.read(use)


def test_a_write_whose_connection_was_cut_is_unavailable_once(postgres_url: str) -> None:
    def cut_myself(tx: Tx) -> None:
        _put(tx, 1)
        _cut_all_connections(postgres_url)
        _put(tx, 2)

    with closing(open_database(postgres_url)) as database:
        with pytest.raises(StoreUnavailable):
            database.write(cut_myself)
        assert database.read(_departments) == []
        database.write(lambda tx: _put(tx, 3))
        assert database.read(_departments) == [3]


def test_a_deadlock_is_tried_again(postgres_url: str) -> None:
    """Two use cases lock two rows in opposite orders; both succeed in the end."""
    both_hold_one = threading.Barrier(2)

    def lock(first: int, second: int) -> int:
        tries = 0

        def use(tx: Tx) -> None:
            nonlocal tries
            tries += 1
            _put(tx, first)
            if tries == 1:
                both_hold_one.wait(SECONDS)
            _put(tx, second)

        database.write(use)
        return tries

    with closing(open_database(postgres_url)) as database:
        database.write(lambda tx: (_put(tx, 1), _put(tx, 2)))
        with ThreadPoolExecutor(2) as pool:
            tries = list(pool.map(lock, (1, 2), (2, 1)))
    assert sorted(tries) == [1, 2]


def _put(tx: Tx, department_id: int, fail: bool = False) -> None:
    people.put_departments(tx, 1, [Department(department_id, "x")])
    if fail:
        raise Mistake(f"department {department_id}")


def _departments(tx: Tx) -> list[int]:
    return [department.id for department in people.department_list(tx, 1)]


def _record(tx: Tx, at: int) -> int:
    """One activity in the timelines of a lead and a customer; its id."""
    [activity_id] = ids.allocate(tx)
    activities.add(tx, 1, [activities.facts_of(Draft(CALL_MADE, 1, LEAD, at, at), activity_id)])
    timeline.add(tx, 1, [Place(subject, at, activity_id, 1) for subject in (CUSTOMER, LEAD)])
    return activity_id


def _use(url: str, use: str) -> None:
    with closing(open_database(url)) as database:
        (database.read if use == "read" else database.write)(
            lambda tx: tx.execute(select(func.count(departments.c.id)))
        )


def _cut_all_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
