"""What both engines promise of a transaction: all or nothing, alone or among many, and honest about failure."""

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import anyio.from_thread
import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from genjin.domain.activity import Draft
from genjin.domain.kinds import CALL_MADE
from genjin.domain.people import Department
from genjin.domain.records import RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import DiskFull, NotFound, Overloaded, StoreUnavailable
from genjin.store import activities, ids, people, postgres, sqlite, timeline
from genjin.store.database import Database, Joined, open_database
from genjin.store.recount import recount
from genjin.store.tables import departments
from genjin.store.timeline import Place
from genjin.store.transaction import Tx
from tests.databases import as_role

LEAD, CUSTOMER = Ref(RecordType.LEAD, 1), Ref(RecordType.CUSTOMER, 2)
SECONDS = 60
"""Longer than any of these waits takes; a test that reaches it has found somebody who waits forever."""


DEPARTMENT = {"organisation_id": 1, "id": 2, "name": "销售部"}


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


class Mistake(Exception):
    """Raised by use cases that go wrong."""


def test_a_read_sees_what_was_written_before(database: Database) -> None:
    for n in range(1, 20):
        _write(database, n)
        assert database.read(_departments) == list(range(1, n + 1))
    with ThreadPoolExecutor(1) as other_thread:
        assert other_thread.submit(database.read, _departments).result(SECONDS) == list(range(1, 20))


def test_a_read_on_sqlite_sees_one_moment_and_none_of_what_is_written_meanwhile(sqlite_database: Database) -> None:
    _write(sqlite_database, 1)

    def use(tx: Tx) -> list[list[int]]:
        before = _departments(tx)
        _write(sqlite_database, 2)
        return [before, _departments(tx)]

    assert sqlite_database.read(use) == [[1], [1]]
    assert sqlite_database.read(_departments) == [1, 2]


def test_a_snapshot_sees_one_moment_however_much_is_written_meanwhile_and_writes_nothing(database: Database) -> None:
    _write(database, 1)
    with database.snapshot(1) as tx:
        _write(database, 2)
        assert [_departments(tx), database.read(_departments)] == [[1], [1, 2]]
        _write(database, 3)
        assert _departments(tx) == [1]
    with pytest.raises(Exception, match=r"(?i)read-?only"), database.snapshot(1) as tx:
        tx.execute(departments.delete().where(departments.c.organisation_id == 1))
    assert database.read(_departments) == [1, 2, 3]


def test_a_snapshot_is_not_broken_off_for_taking_long(database_url: str) -> None:
    with closing(open_database(database_url, query_seconds=0.2)) as database:
        endless = ENDLESS.replace("FROM n)", "FROM n WHERE x < 2000000)")
        with pytest.raises(Overloaded):
            database.read(lambda tx: tx.rows(endless, ()))
        with database.snapshot() as tx:
            assert tx.rows(endless, ()) == [(2_000_000,)]


def test_who_asks_after_a_write_was_done_sees_it_however_many_ask_at_once(database: Database) -> None:
    async def write_and_look(first: int) -> None:
        for n in range(first, first + 20):
            await asyncio.to_thread(_write, database, n)
            assert n in await database.read_soon(_departments)

    async def all_at_once() -> list[int]:
        await asyncio.gather(*(write_and_look(n * 100) for n in range(1, 9)))
        return await database.read_soon(_departments)

    assert len(asyncio.run(all_at_once())) == 160


def test_all_that_waits_in_a_loop_on_sqlite_sees_one_moment(sqlite_database: Database) -> None:
    database = sqlite_database
    _write(database, 1)

    async def look() -> list[list[int]]:
        seen = [await database.read_soon(_departments)]
        _write(database, 2)
        seen += [await database.read_soon(_departments), database.read(_departments)]
        await asyncio.sleep(0)
        return [*seen, await database.read_soon(_departments)]

    assert asyncio.run(look()) == [[1], [1], [1], [1, 2]]


def test_a_moment_on_sqlite_is_the_same_only_while_nobody_writes(sqlite_url: str) -> None:
    def moment(tx: Tx) -> object:
        return tx.moment

    async def moments(database: Database, other: Database) -> list[object]:
        seen = [await database.read_soon(moment)]
        for number, writer in enumerate((None, database, other, None)):
            if writer is not None:
                _write(writer, number)
            await asyncio.sleep(0)
            seen.append(await database.read_soon(moment))
        return seen

    with closing(open_database(sqlite_url)) as database, closing(open_database(sqlite_url)) as other:
        first, second, third, fourth, fifth = asyncio.run(moments(database, other))
        assert first == second
        assert fourth == fifth
        assert second != third != fourth != second
        assert database.read(moment) is None
        database.close()
        assert asyncio.run(database.read_soon(moment)) != fifth  # of another connection, whose numbers are its own


def test_the_log_of_sqlite_stays_short_while_a_loop_reads_and_a_program_writes_without_a_pause(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself begins its log anew only where no older snapshot is open, and a busy loop always has one open."""
    monkeypatch.setattr(sqlite, "LOG_BYTES", 400_000)
    stop = threading.Event()

    async def read_on(database: Database) -> None:
        async def ask() -> None:
            while not stop.is_set():
                await database.read_soon(_departments)
                await asyncio.sleep(0)

        await asyncio.gather(*(ask() for _ in range(8)))

    with closing(open_database(sqlite_url)) as database, closing(open_database(sqlite_url)) as other:
        reads = threading.Thread(target=lambda: asyncio.run(read_on(database)))
        reads.start()
        lengths = [_write_much(other, sqlite_url, nth) for nth in range(250)]
        stop.set()
        reads.join(SECONDS)
    assert max(lengths) < sum(later - earlier for earlier, later in pairwise(lengths) if later > earlier) / 4


def test_who_reads_for_long_holds_up_no_writer_and_the_log_is_begun_anew_afterwards(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOG_BYTES", 400_000)
    monkeypatch.setattr(sqlite, "SHORTENING_TRIES", 2)
    begun, end = threading.Event(), threading.Event()

    def read_for_long(tx: Tx) -> list[int]:
        before = _departments(tx)
        begun.set()
        assert end.wait(SECONDS)
        assert _departments(tx) == before
        return before

    with closing(open_database(sqlite_url)) as database, ThreadPoolExecutor(1) as pool:
        _write(database, 7)
        long_read = pool.submit(database.read, read_for_long)
        assert begun.wait(SECONDS)
        meanwhile = [_write_much(database, sqlite_url, nth) for nth in range(100)]
        end.set()
        assert long_read.result(SECONDS) == [7]
        afterwards = [_write_much(database, sqlite_url, nth) for nth in range(100)]
    assert meanwhile[-1] > 3 * sqlite.LOG_BYTES
    assert min(afterwards) < sqlite.LOG_BYTES


def test_a_moment_on_postgresql_is_not_known(postgres_url: str) -> None:
    with closing(open_database(postgres_url)) as database:
        assert asyncio.run(database.read_soon(lambda tx: tx.moment)) is None


def test_a_write_that_raises_leaves_nothing_behind(database: Database) -> None:
    def fail_late(tx: Tx) -> None:
        _put(tx, 1)
        _record(tx, 5)
        raise Mistake("late")

    with pytest.raises(Mistake, match="late"):
        database.write(fail_late)
    assert database.read(_departments) == []
    assert database.read(lambda tx: timeline.page(tx, 1, LEAD, Page())) == ([], 0)
    assert database.read(lambda tx: recount(tx, 1)) == []


def test_a_write_that_breaks_a_key_leaves_nothing_behind_and_the_next_one_works(database: Database) -> None:
    row = {"organisation_id": 1, "id": 7, "name": "x", "parent_id": None}

    def insert_twice(tx: Tx) -> None:
        _put(tx, 1)
        tx.execute(departments.insert(), row)
        tx.execute(departments.insert(), row)

    with pytest.raises(IntegrityError):
        database.write(insert_twice)
    _write(database, 2)
    assert database.read(_departments) == [2]


def test_a_read_of_a_loop_that_raises_does_not_hurt_the_next_one(database: Database) -> None:
    _write(database, 1)

    def fail(tx: Tx) -> None:
        raise Mistake(_departments(tx))

    async def look() -> list[int]:
        with pytest.raises(Mistake):
            await database.read_soon(fail)
        return await database.read_soon(_departments)

    assert asyncio.run(look()) == [1]


def test_a_read_that_raises_does_not_hurt_the_next_one(database: Database) -> None:
    _write(database, 1)

    def fail(tx: Tx) -> None:
        _departments(tx)
        raise NotFound("nothing")

    for _ in range(3):
        with pytest.raises(NotFound):
            database.read(fail)
        assert database.read(_departments) == [1]


def test_parts_of_a_transaction_that_fail_are_undone_and_the_others_are_committed_together(database: Database) -> None:
    def use(tx: Tx) -> list[int]:
        joined = Joined(tx)
        _write(joined, 1)
        with pytest.raises(IntegrityError):  # which on PostgreSQL is the end of a transaction without parts
            joined.write(lambda tx: tx.execute(departments.insert(), [DEPARTMENT, DEPARTMENT]))

        def nested(tx: Tx) -> None:
            _write(Joined(tx), 3)
            raise Mistake

        with pytest.raises(Mistake):
            joined.write(nested)
        _write(joined, 4)
        return joined.read(_departments)

    assert database.write(use) == [1, 4]
    assert database.read(_departments) == [1, 4]


def test_parts_of_a_transaction_that_fails_leave_nothing_behind(database: Database) -> None:
    def use(tx: Tx) -> None:
        _write(Joined(tx), 1)
        raise Mistake

    with pytest.raises(Mistake):
        database.write(use)
    assert database.read(_departments) == []


def test_use_cases_that_fail_do_not_hurt_their_neighbours(database: Database) -> None:
    start = threading.Barrier(8)

    def submit(first: int) -> list[tuple[int, str]]:
        start.wait(SECONDS)
        outcomes = []
        for n in range(first, first + 25):
            try:
                _write(database, n, fail=n % 3 == 0)
                outcomes.append((n, "kept"))
            except Mistake as error:
                outcomes.append((n, str(error)))
        return outcomes

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(outcome for some in pool.map(submit, range(1, 201, 25)) for outcome in some)
    assert outcomes == [(n, "kept" if n % 3 else f"department {n}") for n in range(1, 201)]
    assert database.read(_departments) == [n for n in range(1, 201) if n % 3]


def test_concurrent_writers_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        born = list(pool.map(lambda n: database.write(lambda tx: _record(tx, n % 7)), range(160)))
    lead = database.read(lambda tx: timeline.page(tx, 1, LEAD, Page(1, 200)))
    customer = database.read(lambda tx: timeline.page(tx, 1, CUSTOMER, Page(1, 200)))
    assert lead == customer
    entries, total = lead
    assert total == 160
    assert {entry.id for entry in entries} == set(born)
    assert entries == sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)
    assert database.read(lambda tx: recount(tx, 1)) == []


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


def test_programs_that_open_a_new_file_at_once_all_get_it(tmp_path: Path) -> None:
    """SQLite refuses all but one of those who switch it to WAL at the same moment."""
    for round_ in range(20):
        opened = [open_database(f"sqlite:///{tmp_path}/{round_}.db") for _ in range(4)]
        start = threading.Barrier(len(opened))

        def look(database: Database, start: threading.Barrier = start) -> list[tuple[object, ...]]:
            start.wait(SECONDS)
            return database.read(lambda tx: tx.rows("SELECT name FROM sqlite_master", ()))

        with ThreadPoolExecutor(len(opened)) as pool:
            assert list(pool.map(look, opened)) == [[]] * len(opened)
        for database in opened:
            database.close()


def test_a_database_that_was_closed_may_be_used_again(database: Database) -> None:
    _write(database, 1)
    database.close()
    database.close()
    _write(database, 2)
    assert database.read(_departments) == [1, 2]
    for _ in range(2):
        assert asyncio.run(database.read_soon(_departments)) == [1, 2]
        database.close()


def test_whoever_was_answered_by_a_loop_may_close_the_database(sqlite_database: Database) -> None:
    """Many times, for it is a race with the loop, which ends its snapshot after the answer."""
    with anyio.from_thread.start_blocking_portal() as portal:
        for _ in range(1000):
            assert portal.call(sqlite_database.read_soon, _departments) == []
            sqlite_database.close()


def test_nobody_waits_forever_when_the_database_is_closed_while_it_is_written_to(sqlite_database: Database) -> None:
    """Each write is committed or refused, whatever is closed in between."""
    database = sqlite_database
    stop, done = threading.Event(), list[int]()

    def write_on(first: int) -> None:
        for n in range(first, first + 100_000):
            if stop.is_set():
                break
            try:
                _write(database, n)
                done.append(n)
            except StoreUnavailable:
                pass

    def close_often() -> None:
        for _ in range(20):
            database.close()

    writers = [threading.Thread(target=write_on, args=(1 + n * 100_000,), daemon=True) for n in range(4)]
    closer = threading.Thread(target=close_often, daemon=True)
    for thread in (*writers, closer):
        thread.start()
    closer.join(SECONDS)
    stop.set()
    for thread in writers:
        thread.join(SECONDS)
    assert not [thread for thread in (*writers, closer) if thread.is_alive()]
    assert database.read(_departments) == sorted(done)


@pytest.mark.parametrize("by_hand", [False, True], ids=["statement", "hand-written"])
def test_a_read_that_does_not_end_is_broken_off_and_the_next_ones_are_answered(
    database_url: str, by_hand: bool
) -> None:
    def endless(tx: Tx) -> object:
        return tx.rows(ENDLESS, ()) if by_hand else tx.execute(text(ENDLESS)).all()

    with closing(open_database(database_url, query_seconds=0.2)) as database:
        _write(database, 1)
        for _ in range(2):
            with pytest.raises(Overloaded, match="too long"):
                database.read(endless, 1)
            with pytest.raises(Overloaded, match="too long"):
                asyncio.run(database.read_soon(endless, 1))
            assert database.read(_departments, 1) == [1]
            assert asyncio.run(database.read_soon(_departments, 1)) == [1]


def test_a_write_that_is_broken_off_on_postgresql_does_nothing_and_one_on_sqlite_is_not(database_url: str) -> None:
    long = ENDLESS.replace("FROM n)", "FROM n WHERE x < 300000)")

    def use(tx: Tx) -> None:
        _put(tx, 1)
        tx.rows(long, ())

    with closing(open_database(database_url, query_seconds=0.02)) as database:
        if database.engine == "sqlite":
            database.write(use, 1)
        else:
            with pytest.raises(Overloaded):
                database.write(use, 1)
        assert database.read(_departments, 1) == ([1] if database.engine == "sqlite" else [])


def test_too_many_do_not_wait_for_a_writer_that_is_stuck(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "WAITING_WRITES", 3)
    monkeypatch.setattr(sqlite, "STUCK_SECONDS", 0.0)
    begun, go_on = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        begun.set()
        assert go_on.wait(SECONDS)
        _put(tx, 1)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(sqlite_database.write, hold)
        assert begun.wait(SECONDS)
        others = [pool.submit(_write, sqlite_database, nth) for nth in range(2, 9)]
        refused = [other for other in others if _was_refused(other)]
        go_on.set()
        first.result(SECONDS)
    assert len(refused) == 4
    assert len(sqlite_database.read(_departments)) == 4


@pytest.mark.parametrize("kind", ["at the end", "in the middle", "in a part"])
def test_without_room_on_sqlite_nothing_is_half_done_and_writing_goes_on_when_there_is_some(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """What is larger than the cache is written to the disk before its end, which then takes back all of the group."""
    prepare, size = sqlite._prepare, 3_500 if kind == "at the end" else 8_000
    monkeypatch.setattr(
        sqlite, "_prepare", lambda driver, _: (prepare(driver, _), driver.execute("PRAGMA max_page_count = 700"))
    )

    def much(tx: Tx) -> None:
        if kind == "in a part":
            Joined(tx).write(fill)
        else:
            fill(tx)

    def fill(tx: Tx) -> None:
        people.put_departments(tx, 1, [Department(nth, "字" * 300) for nth in range(2, size)])

    with closing(open_database(sqlite_url)) as database:
        _write(database, 1)
        for _ in range(2):
            with pytest.raises(DiskFull, match="disk of the database is full"):
                database.write(much)
            assert database.full
            assert database.read(_departments) == [1]
        _write(database, 2)
        assert not database.full
        assert database.read(_departments) == [1, 2]


@pytest.mark.parametrize(
    ("state", "error"), [("disk_full", DiskFull), ("too_many_connections", Overloaded), ("out_of_memory", Overloaded)]
)
def test_what_postgresql_lacks_is_told(
    postgres_url: str, state: str, error: type[StoreUnavailable], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lack(tx: Tx) -> None:
        _put(tx, 1)
        tx.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$"))

    with closing(open_database(postgres_url)) as database:
        with pytest.raises(error):
            database.write(lack, 1)
        assert database.full == (error is DiskFull)
        _write(database, 2)
        assert database.full == (error is DiskFull)  # for a while
        monkeypatch.setattr(postgres, "FULL_SECONDS", 0)
        _write(database, 2)
        assert not database.full
        assert database.read(_departments, 1) == [2]


def test_an_unreachable_server_is_unavailable() -> None:
    with closing(open_database("postgresql://nobody:secret@127.0.0.1:1/none?connect_timeout=2")) as database:
        for act in (database.read, database.write):
            with pytest.raises(StoreUnavailable) as failure:
                act(_departments)
            assert "secret" not in str(failure.value)
            assert "\n" not in str(failure.value)
        with pytest.raises(StoreUnavailable):
            asyncio.run(database.read_soon(_departments))


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

    def read() -> None:
        with closing(open_database(f"sqlite:///{path}")) as database:
            database.read(_departments)

    def write() -> None:
        with closing(open_database(f"sqlite:///{path}")) as database:
            database.write(_departments)

    def read_soon() -> None:
        with closing(open_database(f"sqlite:///{path}")) as database:
            asyncio.run(database.read_soon(_departments))

    for use in (read, write, read_soon):
        with pytest.raises(StoreUnavailable):
            use()


@pytest.fixture(params=["owner", "application role"])
def served_url(request: pytest.FixtureRequest, postgres_url: str, application_role: str) -> str:
    """The database as each kind of role connects to it."""
    return postgres_url if request.param == "owner" else as_role(postgres_url, application_role)


@pytest.mark.parametrize("by_hand", [False, True], ids=["statement", "hand-written"])
def test_a_read_whose_connection_was_cut_is_done_again(served_url: str, postgres_url: str, by_hand: bool) -> None:
    start = threading.Barrier(8)

    def use(tx: Tx) -> list[int]:
        sql = "SELECT id FROM departments WHERE organisation_id = ?"
        return [row[0] for row in tx.rows(sql, (1,))] if by_hand else _departments(tx)

    def wait_and_use(tx: Tx) -> list[int]:
        start.wait(SECONDS)  # so that as many connections lie in the pool afterwards
        return use(tx)

    with closing(open_database(served_url)) as database:
        _write(database, 7)
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(database.read, [wait_and_use] * 8, [1] * 8)) == [[7]] * 8
        _cut_all_connections(postgres_url)
        assert [database.read(use, 1) for _ in range(10)] == [[7]] * 10


@pytest.mark.parametrize("by_hand", [False, True], ids=["statement", "hand-written"])
def test_a_read_of_a_loop_whose_connection_was_cut_is_done_again(
    served_url: str, postgres_url: str, by_hand: bool
) -> None:
    def use(tx: Tx) -> list[int]:
        sql = "SELECT id FROM departments WHERE organisation_id = ?"
        return [row[0] for row in tx.rows(sql, (1,))] if by_hand else _departments(tx)

    async def look(database: Database) -> list[list[int]]:
        return await asyncio.gather(*(database.read_soon(use, 1) for _ in range(40)))

    with closing(open_database(served_url)) as database:
        _write(database, 7)
        for _ in range(3):
            assert asyncio.run(look(database)) == [[7]] * 40
            _cut_all_connections(postgres_url)


def test_a_write_whose_connection_was_cut_is_unavailable_once(postgres_url: str) -> None:
    def cut_myself(tx: Tx) -> None:
        _put(tx, 1)
        _cut_all_connections(postgres_url)
        _put(tx, 2)

    with closing(open_database(postgres_url)) as database:
        with pytest.raises(StoreUnavailable):
            database.write(cut_myself)
        assert database.read(_departments) == []
        _write(database, 3)
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
        _write(database, 1)
        _write(database, 2)
        with ThreadPoolExecutor(2) as pool:
            tries = list(pool.map(lock, (1, 2), (2, 1)))
    assert max(tries) > 1


def _write(database: Database, department_id: int, fail: bool = False) -> None:
    database.write(lambda tx: _put(tx, department_id, fail), 1)


def _was_refused(write: "Future[None]") -> bool:
    """Whether it was Overloaded; False while it waits."""
    try:
        write.result(0.2)
    except Overloaded:
        return True
    except TimeoutError:
        pass
    return False


def _write_much(database: Database, url: str, nth: int) -> int:
    """Write a few pages, other ones each time; how long the log is then, in bytes."""
    database.write(lambda tx: people.put_departments(tx, 1, [Department(7, chr(0x4E00 + nth) * 10_000)]))
    return Path(f"{make_url(url).database}-wal").stat().st_size


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
    timeline.add(tx, 1, [Place(subject, at, activity_id, 1, CALL_MADE.code) for subject in (CUSTOMER, LEAD)])
    return activity_id


def _cut_all_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
