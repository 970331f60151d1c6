"""SQLite: every thread reads on a connection of its own; one thread writes, and commits in groups.

The writer takes all use cases that wait into one transaction, each in a savepoint, commits once and then
answers them: one fsync serves many. Nothing is answered before it is on the disk (`synchronous=FULL`).
"""

import asyncio
import math
import queue
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, OperationalError

from genjin.domain.clock import Clock, SystemClock
from genjin.errors import DiskFull, Overloaded, StoreUnavailable
from genjin.store.database import QUERY_SECONDS, ReplicaReport
from genjin.store.read_point import ReadPoint
from genjin.store.transaction import Row, Tx
from genjin.store.watching import Heard, SqliteWatch, Watch

T = TypeVar("T")
Job = tuple[Callable[[Tx], Any], "Future[Any]"]
Jobs = queue.SimpleQueue["Job | None"]

BUSY_SECONDS = 15
GROUP = 128
"""The most use cases of one commit."""
LOG_BYTES = 16_000_000
"""So long the write-ahead log may grow before the writer waits for readers to begin it anew; SQLite's own 1,000 pages
are 4,000,000.
"""
MANY_LOG_BYTES = 128_000_000
"""The same where very many rows are written; then it is folded in by as many pages."""
_FOR_MANY = ("PRAGMA cache_size = -65536", "PRAGMA wal_autocheckpoint = 30000")
SHORTENING_TRIES = 50
"""So often it tries, for a quarter of a second."""
STEPS = 100_000
"""After so many steps of SQLite's machine, a millisecond or some, a read looks whether its time is over."""
WAITING_WRITES, STUCK_SECONDS = 24, 2.0
"""So many wait at most for a writer that has not moved for so long: the threads of the others are for reading."""
ROOM = 1_000_000
"""With fewer bytes left a disk is full, if an error of it is not told more exactly."""


class SqliteDatabase:
    """One file, any number of processes."""

    engine = "sqlite"

    def __init__(self, path: str, query_seconds: float = QUERY_SECONDS, clock: Clock | None = None) -> None:
        if path in ("", ":memory:"):
            raise StoreUnavailable("SQLite needs a file: sqlite:///FILE")
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"cannot open {path}: {error}") from error
        self.path, self.full = path, False
        self._query_seconds, self._ticks = query_seconds, (clock or SystemClock()).ticks
        self._pool = sqlalchemy.create_engine(
            f"sqlite:///{path}", isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool, hide_parameters=True
        )
        event.listen(self._pool, "connect", _prepare)
        self._own = threading.local()
        self._opened: list[Connection] = []
        self._lock = threading.Lock()
        self._writer: tuple[threading.Thread, Jobs] | None = None
        self._log_bytes = self._longest_log = LOG_BYTES
        self._moved_at = 0.0
        """When the writer began what it is at."""

    # Whose data it is makes no difference here: SQLite has no roles that it could hold to it, and no replicas.

    def read(
        self,
        use: Callable[[Tx], T],
        organisation_id: int | None = None,  # noqa: ARG002
        since: ReadPoint | None = None,  # noqa: ARG002
    ) -> T:
        reader = self._reader()
        reader.until = self._ticks() + self._query_seconds
        try:
            if reader.snapshot is not None:  # this is the thread of a loop that has one open
                return use(reader.snapshot)
            reader.driver.execute("BEGIN")
            try:
                return use(reader.tx)
            finally:
                reader.driver.execute("COMMIT")
        except (sqlite3.OperationalError, OperationalError) as error:
            raise self._translated(error) from error

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        """Right here, which takes less than a change of threads.

        The first who reads opens a snapshot, which all share whose turn the loop has already put in line; it is closed
        behind them. Whoever comes later, perhaps because of a commit that was made since, finds it closed.
        """
        reader = self._reader()
        reader.until = self._ticks() + self._query_seconds
        try:
            return use(reader.snapshot or self._open_snapshot(reader))
        except (sqlite3.OperationalError, OperationalError) as error:
            raise self._translated(error) from error

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        done: Future[T] = Future()
        self._hand_over((use, done))
        try:
            value = done.result()
        except DiskFull:
            self.full = True
            raise
        if self.full:  # what is small may have found room where something larger was
            self.full = not self.has_room()
        return value

    @contextmanager
    def snapshot(self, organisation_id: int | None = None) -> Iterator[Tx]:  # noqa: ARG002
        connection = self._connect()
        try:
            driver = _driver(connection)
            driver.execute("BEGIN")
            driver.execute("PRAGMA data_version").fetchone()  # to read takes the snapshot
            driver.execute("PRAGMA query_only = ON")
            yield _transaction(connection)
        except (sqlite3.OperationalError, OperationalError) as error:
            raise self._translated(error) from error
        finally:
            connection.close()

    def has_room(self) -> bool:
        try:
            return shutil.disk_usage(Path(self.path).parent).free >= ROOM
        except OSError:
            return True

    def expect_many(self) -> None:
        """What is changed many times in a transaction, or in several, is then written to the disk once."""
        self._log_bytes = self._longest_log = MANY_LOG_BYTES
        self.write(lambda tx: [tx.rows(pragma, ()) for pragma in _FOR_MANY])

    def check_replicas(self) -> None:
        pass

    def replicas(self) -> list[ReplicaReport]:
        return []

    def watch(self, heard: Heard) -> Watch:
        return SqliteWatch(self.path, heard)

    def close(self) -> None:
        with self._lock:
            writer, self._writer = self._writer, None
        if writer is not None:
            thread, jobs = writer
            jobs.put(None)
            thread.join()
        with self._lock:
            opened, self._opened = self._opened, []
            self._own = threading.local()
            for connection in opened:
                connection.close()
        self._pool.dispose()

    def _open_snapshot(self, reader: "_Reader") -> Tx:
        reader.driver.execute("BEGIN")
        try:
            # To read it takes the snapshot. Every commit of another connection changes it, and this one makes none.
            (version,) = reader.driver.execute("PRAGMA data_version").fetchone()
        except BaseException:
            reader.driver.execute("ROLLBACK")
            raise
        asyncio.get_running_loop().call_soon(self._close_snapshot, reader)
        reader.snapshot = snapshot = replace(reader.tx, moment=(reader.driver, version))
        return snapshot

    def _close_snapshot(self, reader: "_Reader") -> None:
        reader.snapshot = None
        # Whoever was answered may have closed the database by now.
        with self._lock, suppress(sqlite3.ProgrammingError):
            if reader.driver.in_transaction:
                reader.driver.execute("COMMIT")

    def _reader(self) -> "_Reader":
        reader: _Reader | None = getattr(self._own, "reader", None)
        if reader is None:
            connection = self._connect()
            with self._lock:
                self._opened.append(connection)
                reader = self._own.reader = _Reader(connection, self._ticks)
        return reader

    def _connect(self) -> Connection:
        try:
            return self._pool.connect()
        except (sqlite3.Error, DBAPIError) as error:
            told = self._translated(error)
            raise (
                told if isinstance(told, DiskFull) else StoreUnavailable(f"cannot open {self.path}: {error}")
            ) from error

    def _hand_over(self, job: Job) -> None:
        """Give the writer a job; after `close` that is another writer, so that none is given to one that has ended.

        Raises Overloaded.
        """
        with self._lock:
            jobs: Jobs
            if self._writer is None:
                jobs = queue.SimpleQueue()
                thread = threading.Thread(target=self._write_all, args=(jobs,), name="genjin-writer", daemon=True)
                self._writer, self._moved_at = (thread, jobs), self._ticks()
                thread.start()
            jobs = self._writer[1]
            if jobs.qsize() >= WAITING_WRITES and self._ticks() - self._moved_at > STUCK_SECONDS:
                raise Overloaded("too many wait already to write")
            jobs.put(job)

    def _write_all(self, jobs: Jobs) -> None:
        connection: Connection | None = None
        while (first := jobs.get()) is not None:
            group = [first]
            try:
                if connection is None:
                    connection = self._connect()
                self._write_group(connection, jobs, group)
            except Exception as error:
                if connection is not None:
                    connection.close()  # which rolls back; the next group opens another
                    connection = None
                for _, done in group:
                    if not done.done():
                        done.set_exception(self._translated(error))
        if connection is not None:
            connection.close()

    def _write_group(self, connection: Connection, jobs: Jobs, group: list[Job]) -> None:
        """Run the job at hand and all that wait, commit, answer."""
        driver, tx = _driver(connection), _transaction(connection)
        self._moved_at = self._ticks()
        driver.execute("BEGIN IMMEDIATE")
        results = [self._run(driver, tx, group[0])]
        while len(group) < GROUP:
            try:
                job = jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                jobs.put(None)  # the end, which `_write_all` shall see too
                break
            group.append(job)
            results.append(self._run(driver, tx, job))
        driver.execute("COMMIT")
        for (_, done), (value, failure) in zip(group, results, strict=True):
            if failure is None:
                done.set_result(value)
            else:
                done.set_exception(failure)
        self._shorten_log(driver)

    def _run(self, driver: sqlite3.Connection, tx: Tx, job: Job) -> tuple[Any, BaseException | None]:
        """Run one use case in a savepoint of the group's transaction."""
        driver.execute("SAVEPOINT use_case")
        try:
            value = job[0](tx)
        except BaseException as error:
            # Where there is no room, SQLite has taken back all of the group: then this fails, and the group with it.
            driver.execute("ROLLBACK TO use_case")
            driver.execute("RELEASE use_case")
            return None, self._translated(error)
        driver.execute("RELEASE use_case")
        return value, None

    def _translated(self, error: BaseException) -> BaseException:
        """What an error is to the caller; what is a mistake in a statement, and no state of the database, stays so."""
        for each in _with_what_led_to_it(error):
            code = each.sqlite_errorcode & 0xFF
            if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and not self.has_room()):
                return DiskFull("the database")
            if code in _TOO_MUCH:
                return Overloaded(_TOO_MUCH[code])
            if code != sqlite3.SQLITE_ERROR:
                return StoreUnavailable(str(each))
        return error

    def _shorten_log(self, driver: sqlite3.Connection) -> None:
        """Begin the log anew once it is long.

        SQLite does so by itself when a commit finds no older snapshot open; loops that read without a pause leave no
        such moment. Then the writer waits until each has closed the one at hand; where a read takes longer than that,
        the log grows on, and is tried again later.
        """
        log = Path(f"{self.path}-wal")
        if log.stat().st_size <= self._longest_log:
            return
        # Asked again and again: while SQLite itself waits, it does not see that a new snapshot has an old one's place.
        driver.execute("PRAGMA busy_timeout = 0")
        for _ in range(SHORTENING_TRIES):
            busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                break
            threading.Event().wait(0.005)
        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        self._longest_log = log.stat().st_size + self._log_bytes


class _Reader:
    """The connection that one thread reads on, and the `snapshot` that its loop has open on it, if it has one. What is
    being read is broken off at `until`.
    """

    def __init__(self, connection: Connection, ticks: Callable[[], float]) -> None:
        self.driver, self.tx = _driver(connection), _transaction(connection)
        self.snapshot: Tx | None = None
        self.until = math.inf
        self.driver.set_progress_handler(lambda: ticks() > self.until, STEPS)


_TOO_MUCH = {
    sqlite3.SQLITE_BUSY: "the database is busy",
    sqlite3.SQLITE_LOCKED: "the database is busy",
    sqlite3.SQLITE_NOMEM: "the database has no more memory",
    sqlite3.SQLITE_INTERRUPT: "it took too long",
}


def _with_what_led_to_it(error: BaseException | None) -> Iterator[sqlite3.OperationalError]:
    """What SQLite complained of, the last first: to take back what it has taken back itself is an error as well."""
    while isinstance(error, (sqlite3.OperationalError, OperationalError)):
        cause = error.orig if isinstance(error, OperationalError) else error
        if isinstance(cause, sqlite3.OperationalError) and hasattr(cause, "sqlite_errorcode"):
            yield cause
        error = cause.__context__ if cause is not None and error.__context__ is cause else error.__context__


def _transaction(connection: Connection) -> Tx:
    driver = _driver(connection)

    def fetch(sql: str, parameters: Sequence[object]) -> list[Row]:
        return driver.execute(sql, parameters).fetchall()

    return Tx(connection, fetch, driver.executemany, "sqlite")


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _prepare(driver: sqlite3.Connection, _record: object) -> None:
    _switch_to_wal(driver)
    driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    driver.execute("PRAGMA synchronous = FULL")
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute("PRAGMA cache_size = -4096")
    driver.execute("PRAGMA mmap_size = 268435456")
    driver.execute("PRAGMA temp_store = MEMORY")


def _switch_to_wal(driver: sqlite3.Connection) -> None:
    """SQLite does not wait where two switch a new file at once, but refuses one of them; so we do."""
    driver.execute("PRAGMA busy_timeout = 0")
    for _ in range(BUSY_SECONDS * 100 - 1):
        try:
            driver.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the rest tells why
                raise
        threading.Event().wait(0.01)
    driver.execute("PRAGMA journal_mode = WAL")
