"""PostgreSQL: a pool of connections; reads in autocommit, writes in a transaction that is tried again on a conflict.

Where the role does not own the tables, the server is told whose data each transaction may see (see row_security.py).
"""

import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import psycopg
import sqlalchemy
from psycopg.errors import DeadlockDetected, InsufficientPrivilege, SerializationFailure
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import ExecutionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from genjin.errors import StoreUnavailable
from genjin.store import row_security
from genjin.store.postgres_copy import copier
from genjin.store.postgres_readers import READERS, Readers
from genjin.store.transaction import Row, Tx

T = TypeVar("T")
TRIES = 5
STATEMENT_SECONDS = 30
CONNECTIONS = 40
"""The most that one process has open."""
KEPT = 16
"""Connections that the pool of all others does not close."""
_TOLD = "genjin_organisation_id"
"""The option of a Core statement that says which organisation the server is told."""


class PostgresDatabase:
    """A PostgreSQL database of version 15 or later."""

    engine = "postgresql"

    def __init__(self, url: str) -> None:
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                url = "postgresql+psycopg://" + url.removeprefix(prefix)
        self._pool = _engine(url, pool_size=KEPT, max_overflow=CONNECTIONS - READERS - KEPT)
        self._reads = self._pool.execution_options(isolation_level="AUTOCOMMIT")
        self._unpooled = _engine(url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
        self._readers = Readers()
        self._own = threading.local()
        self._owned: list[Connection] = []

    def read(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        return _tried_again(lambda: self._read_once(use, organisation_id), when_cut_off=True)

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        """In a thread that has a connection of its own: taking one from the pool costs more than the read."""
        act = functools.partial(self._read_on_own, use, organisation_id)
        return await self._readers.run(functools.partial(_tried_again, act, when_cut_off=True))

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        return _tried_again(lambda: self._write_once(use, organisation_id), when_cut_off=False)

    def close(self) -> None:
        self._readers.close()
        self._own, owned, self._owned = threading.local(), self._owned, []
        for connection in owned:
            connection.close()
        self._pool.dispose()

    def _read_once(self, use: Callable[[Tx], T], organisation_id: int | None) -> T:
        told = self._to_tell(organisation_id)
        with self._reads.connect() as connection:
            return use(_transaction(connection, told))

    def _read_on_own(self, use: Callable[[Tx], T], organisation_id: int | None) -> T:
        told = self._to_tell(organisation_id)
        tx: Tx | None = getattr(self._own, "tx", None)
        if tx is None:
            connection = self._unpooled.connect()
            self._owned.append(connection)
            tx = self._own.tx = _transaction(connection)
        try:
            return use(tx if told is None else _transaction(tx.connection, told))
        except (DBAPIError, psycopg.Error):
            self._own.tx = None
            self._owned.remove(tx.connection)
            tx.connection.close()
            raise
        finally:
            if tx.connection.in_transaction():  # which it is after a statement of Core's
                tx.connection.rollback()

    def _write_once(self, use: Callable[[Tx], T], organisation_id: int | None) -> T:
        told = self._to_tell(organisation_id)
        with self._pool.begin() as connection:
            tx = _transaction(connection)
            if told is not None:
                row_security.turn_to(tx, told)
            elif organisation_id is not None:
                tx = replace(tx, load=copier(_driver(connection)))
            return use(tx)

    def _to_tell(self, organisation_id: int | None) -> int | None:
        """The organisation that the server has to be told; none where nothing there asks for it."""
        return organisation_id if organisation_id is not None and self._locked else None

    @functools.cached_property
    def _locked(self) -> bool:
        with self._reads.connect() as connection:
            return row_security.is_locked(_transaction(connection))


def _engine(url: str, **options: Any) -> Engine:
    engine = sqlalchemy.create_engine(
        url,
        hide_parameters=True,
        connect_args={
            "options": f"-c statement_timeout={STATEMENT_SECONDS * 1000} -c synchronous_commit=on",
            "application_name": "genjin",
            "prepare_threshold": 2,
        },
        **options,
    )
    event.listen(engine, "do_execute", _execute_told)
    return engine


def _execute_told(cursor: Any, sql: str, parameters: Any, context: ExecutionContext) -> bool:
    """Run a Core statement that has an organisation to tell; True when that was done."""
    told = context.execution_options.get(_TOLD)
    if told is None:
        return False
    row_security.execute_as(cursor, sql, parameters, told)
    return True


def _tried_again(act: Callable[[], T], when_cut_off: bool) -> T:
    """Run `act` again after a deadlock or a lost race, and after a cut connection if that can do no harm.

    A write whose connection is cut may have been committed, so it is not repeated.
    """
    for left in range(TRIES - 1, -1, -1):
        try:
            return act()
        except PoolTimeoutError as error:
            raise StoreUnavailable("every connection to PostgreSQL is in use") from error
        except (DBAPIError, psycopg.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            cut_off = when_cut_off and isinstance(error, DBAPIError) and error.connection_invalidated
            if left and (cut_off or isinstance(cause, (DeadlockDetected, SerializationFailure))):
                continue
            why = (str(cause) or "PostgreSQL").splitlines()[0]
            if isinstance(cause, psycopg.OperationalError):
                raise StoreUnavailable(why) from error
            if _is_ungranted(cause):
                raise StoreUnavailable(f"{why}: the owner of the tables gives rights by `genjin db grant`") from error
            raise
    raise AssertionError("unreachable")


def _is_ungranted(cause: BaseException | None) -> bool:
    """Whether the role lacks a right that it was not granted; a row that a policy refuses is a mistake of ours."""
    return isinstance(cause, InsufficientPrivilege) and cause.diag.source_function == "aclcheck_error"


def _transaction(connection: Connection, told: int | None = None) -> Tx:
    """`told` is the organisation that each statement tells the server, because they are in no transaction."""
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
            connection.engine.dispose()
            raise OperationalError(sql, None, error, connection_invalidated=True) from error

    def each(sql: str, rows: Sequence[Row]) -> None:
        driver.cursor().executemany(sql.replace("?", "%s"), rows)

    return Tx(connection, fetch, each, "postgresql", options=None if told is None else {_TOLD: told})


def _driver(connection: Connection) -> "psycopg.Connection[Any]":
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
