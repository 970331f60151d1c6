"""One server of PostgreSQL, the primary or a replica: its connections, and what a transaction is on one of them.

Where the role does not own the tables, the server is told whose data each transaction may see (see row_security.py).
"""

import functools
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import psycopg
import sqlalchemy
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from genjin.store import row_security
from genjin.store.postgres_copy import copier
from genjin.store.transaction import Row, Tx

T = TypeVar("T")
Driver = psycopg.Connection[Any]
_AGE = "genjin_age"
"""Under this name the pool keeps how often all connections had been forgotten when one was opened."""
_TOLD = "genjin_organisation_id"
"""The option of a Core statement that says which organisation the server is told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections are kept and how many opened beside them, and how long things may take, in seconds."""

    kept: int
    more: int
    statement: float
    free_connection: float = 10.0
    connect: int = 0


class PostgresServer:
    """A pool of connections, and one for each thread that reads for an event loop: taking one from the pool costs more
    than such a read.

    `connect` opens a connection with the driver's parameters.
    """

    def __init__(self, url: str, limits: Limits, connect: Callable[..., Driver] = psycopg.Connection.connect) -> None:
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                url = "postgresql+psycopg://" + url.removeprefix(prefix)
        pool = {"pool_size": limits.kept, "max_overflow": limits.more, "pool_timeout": limits.free_connection}
        self._pool = _engine(url, limits, connect, **pool)
        self._reads = self._pool.execution_options(isolation_level="AUTOCOMMIT")
        self._unpooled = _engine(url, limits, connect, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
        self._own = threading.local()
        self._owned: list[Connection] = []
        self._age = 0
        event.listen(self._pool, "connect", self._date)
        event.listen(self._pool, "checkout", self._refuse_old)

    def read(self, use: Callable[[Tx], T], told: int | None) -> T:
        """Run a use case on a connection of the pool; each of its statements tells the server its organisation."""
        with self._reads.connect() as connection:
            return use(_transaction(connection, self.forget, told))

    def read_on_own(self, use: Callable[[Tx], T], told: int | None) -> T:
        """Run a use case on the connection that this thread has to itself."""
        tx = self._own_transaction()
        try:
            return use(tx if told is None else _transaction(tx.connection, self.forget, told))
        except (DBAPIError, psycopg.Error):
            self._let_go(tx)
            raise
        finally:
            if tx.connection.in_transaction():  # which it is after a statement of Core's
                tx.connection.rollback()

    def write(self, use: Callable[[Tx], T], told: int | None, by_copy: bool) -> T:
        """Run a use case and commit it; many new rows go there by COPY if they may."""
        with self._pool.begin() as connection:
            tx = _transaction(connection, self.forget)
            if told is not None:
                row_security.turn_to(tx, told)
            if by_copy:
                tx = replace(tx, load=copier(_driver(connection)))
            return use(tx)

    @contextmanager
    def snapshot(self, told: int | None) -> Iterator[Tx]:
        """A transaction that sees one moment and only reads; nothing ends it for taking long."""
        with self._unpooled.connect() as fresh:
            connection = fresh.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                tx = _transaction(connection, self.forget)
                for timeout in ("statement_timeout", "idle_in_transaction_session_timeout"):
                    tx.execute(text(f"SET LOCAL {timeout} = 0"))
                if told is not None:
                    row_security.turn_to(tx, told)
                tx.rows("SELECT 1", ())  # the first statement takes the snapshot
                yield tx

    def connect_alone(self) -> Driver:
        """A connection in autocommit for one thread, which closes it."""
        raw = self._unpooled.raw_connection()
        driver = raw.driver_connection
        raw.detach()
        assert isinstance(driver, psycopg.Connection)
        driver.autocommit = True
        return driver

    @functools.cached_property
    def is_locked(self) -> bool:
        """Whether the server has to be told an organisation."""
        with self._reads.connect() as connection:
            return row_security.is_locked(_transaction(connection, self.forget))

    def forget(self) -> None:
        """Use none of the connections again that are open now, whoever has them."""
        self._age += 1

    def close(self) -> None:
        """Let go of every connection; nobody may be reading."""
        self._own, owned, self._owned = threading.local(), self._owned, []
        for connection in owned:
            connection.close()
        self._pool.dispose()

    def _date(self, _driver: object, record: ConnectionPoolEntry) -> None:
        record.info[_AGE] = self._age

    def _refuse_old(self, _driver: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        """The pool opens another one in its place."""
        if record.info[_AGE] != self._age:
            raise DisconnectionError

    def _own_transaction(self) -> Tx:
        tx: Tx | None = getattr(self._own, "tx", None)
        if tx is not None and self._own.age != self._age:
            self._let_go(tx)
            tx = None
        if tx is None:
            self._own.age = self._age
            connection = self._unpooled.connect()
            self._owned.append(connection)
            tx = self._own.tx = _transaction(connection, self.forget)
        return tx

    def _let_go(self, tx: Tx) -> None:
        self._own.tx = None
        self._owned.remove(tx.connection)
        tx.connection.close()


def _engine(url: str, limits: Limits, connect: Callable[..., Driver], **options: Any) -> Engine:
    patience = {"connect_timeout": limits.connect} if limits.connect else {}
    engine = sqlalchemy.create_engine(
        url,
        hide_parameters=True,
        connect_args={
            "options": f"-c statement_timeout={math.ceil(limits.statement * 1000)} -c synchronous_commit=on",
            "application_name": "genjin",
            "prepare_threshold": 2,
            **patience,
        },
        **options,
    )
    event.listen(engine, "do_connect", lambda _dialect, _record, args, given: connect(*args, **given))
    event.listen(engine, "do_execute", _execute_told)
    return engine


def _execute_told(cursor: Any, sql: str, parameters: Any, context: ExecutionContext) -> bool:
    """Run a Core statement that has an organisation to tell; True when that was done."""
    told = context.execution_options.get(_TOLD)
    if told is None:
        return False
    row_security.execute_as(cursor, sql, parameters, told)
    return True


def _transaction(connection: Connection, forget: Callable[[], None], told: int | None = None) -> Tx:
    """`told` is the organisation that each statement tells the server, because they are in no transaction; `forget` is
    called when the server is gone.
    """
    driver = _driver(connection)

    @functools.lru_cache(maxsize=16)
    def runner(sql: str) -> tuple[psycopg.Cursor[Any], str]:
        """A cursor that ran this last, and the very object that it was given, does not look at it again."""
        return driver.cursor(binary=True), sql.replace("?", "%s")

    def fetch(sql: str, parameters: Sequence[object]) -> list[Row]:
        cursor, sql = runner(sql)
        try:
            if told is None:
                cursor.execute(sql, parameters)
            else:
                row_security.execute_as(cursor, sql, parameters, told)
            return cursor.fetchall()
        except psycopg.OperationalError as error:
            if not driver.closed:
                raise
            # The pool has not seen that the server is gone: it shall drop what else it holds of it.
            connection.invalidate(error)
            forget()
            raise OperationalError(sql, None, error, connection_invalidated=True) from error

    def each(sql: str, rows: Sequence[Row]) -> None:
        driver.cursor().executemany(sql.replace("?", "%s"), rows)

    return Tx(connection, fetch, each, "postgresql", options=None if told is None else {_TOLD: told})


def _driver(connection: Connection) -> Driver:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
