"""SQLite: every thread reads on a connection of its own; one thread writes, and commits in groups.

The writer takes all use cases that wait into one transaction, each in a savepoint, commits once and then
answers them: one fsync serves many. Nothing is answered before it is on the disk (`synchronous=FULL`).
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, OperationalError

from genjin.errors import StoreUnavailable
from genjin.store.database import ReplicaReport
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
SHORTENING_TRIES = 50
"""So often it tries, for a quarter of a second."""


class SqliteDatabase:
    """One file, any number of processes."""

    engine = "sqlite"

    def __init__(self, path: str) -> None:
        if path in ("", ":memory:"):
            raise StoreUnavailable("SQLite needs a file: sqlite:///FILE")
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"cannot open {path}: {error}") from error
        self.path = path
        self._pool = sqlalchemy.create_engine(
            f"sqlite:///{path}", isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool, hide_parameters=True
        )
        event.listen(self._pool, "connect", _prepare)
        self._own = threading.local()
        self._opened: list[Connection] = []
        self._lock = threading.Lock()
        self._writer: tuple[threading.Thread, Jobs] | None = None
        self._longest_log = LOG_BYTES

    # Whose data it is makes no difference here: SQLite has no roles that it could hold to it, and no replicas.

    def read(
        self,
        use: Callable[[Tx], T],
        organisation_id: int | None = None,  # noqa: ARG002
        since: ReadPoint | None = None,  # noqa: ARG002
    ) -> T:
        reader = self._reader()
        try:
            if reader.snapshot is not None:  # this is the thread of a loop that has one open
                return use(reader.snapshot)
            reader.driver.execute("BEGIN")
            try:
                return use(reader.tx)
            finally:
                reader.driver.execute("COMMIT")
        except (sqlite3.OperationalError, OperationalError) as error:
            raise StoreUnavailable(str(error)) from error

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        """Right here, which takes less than a change of threads.

        The first who reads opens a snapshot, which all share whose turn the loop has already put in line; it is closed
        behind them. Whoever comes later, perhaps because of a commit that was made since, finds it closed.
        """
        reader = self._reader()
        try:
            return use(reader.snapshot or self._open_snapshot(reader))
        except (sqlite3.OperationalError, OperationalError) as error:
            raise StoreUnavailable(str(error)) from error

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:  # noqa: ARG002
        done: Future[T] = Future()
        self._hand_over((use, done))
        return done.result()

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
                reader = self._own.reader = _Reader(connection)
        return reader

    def _connect(self) -> Connection:
        try:
            return self._pool.connect()
        except (sqlite3.Error, DBAPIError) as error:
            raise StoreUnavailable(f"cannot open {self.path}: {error}") from error

    def _hand_over(self, job: Job) -> None:
        """Give the writer a job; after `close` that is another writer, so that none is given to one that has ended."""
        with self._lock:
            if self._writer is None:
                jobs: Jobs = queue.SimpleQueue()
                thread = threading.Thread(target=self._write_all, args=(jobs,), name="genjin-writer", daemon=True)
                self._writer = thread, jobs
                thread.start()
            self._writer[1].put(job)

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
                        done.set_exception(_translated(error))
        if connection is not None:
            connection.close()

    def _write_group(self, connection: Connection, jobs: Jobs, group: list[Job]) -> None:
        """Run the job at hand and all that wait, commit, answer."""
        driver, tx = _driver(connection), _transaction(connection)
        driver.execute("BEGIN IMMEDIATE")
        results = [_run(driver, tx, group[0])]
        while len(group) < GROUP:
            try:
                job = jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                jobs.put(None)  # the end, which `_write_all` shall see too
                break
            group.append(job)
            results.append(_run(driver, tx, job))
        driver.execute("COMMIT")
        for (_, done), (value, failure) in zip(group, results, strict=True):
            if failure is None:
                done.set_result(value)
            else:
                done.set_exception(failure)
        self._shorten_log(driver)

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
        self._longest_log = log.stat().st_size + LOG_BYTES


class _Reader:
    """The connection that one thread reads on, and the `snapshot` that its loop has open on it, if it has one."""

    def __init__(self, connection: Connection) -> None:
        self.driver, self.tx = _driver(connection), _transaction(connection)
        self.snapshot: Tx | None = None


def _run(driver: sqlite3.Connection, tx: Tx, job: Job) -> tuple[Any, BaseException | None]:
    """Run one use case in a savepoint of the group's transaction."""
    driver.execute("SAVEPOINT use_case")
    try:
        value = job[0](tx)
    except BaseException as error:
        driver.execute("ROLLBACK TO use_case")
        driver.execute("RELEASE use_case")
        return None, _translated(error)
    driver.execute("RELEASE use_case")
    return value, None


def _translated(error: BaseException) -> BaseException:
    if isinstance(error, (sqlite3.OperationalError, OperationalError)):
        return StoreUnavailable(str(error))
    return error


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
