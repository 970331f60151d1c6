"""PostgreSQL: a pool of connections; reads in autocommit, writes in a transaction that is tried again on a conflict."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg
import sqlalchemy
from psycopg.errors import DeadlockDetected, SerializationFailure
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from genjin.errors import StoreUnavailable
from genjin.store.transaction import Row, Tx

T = TypeVar("T")
TRIES = 5
STATEMENT_SECONDS = 30


class PostgresDatabase:
    """A PostgreSQL database of version 15 or later."""

    engine = "postgresql"
    reads_inline = False

    def __init__(self, url: str) -> None:
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                url = "postgresql+psycopg://" + url.removeprefix(prefix)
        self._pool = sqlalchemy.create_engine(
            url,
            pool_size=16,
            max_overflow=24,
            pool_pre_ping=False,
            hide_parameters=True,
            connect_args={
                "options": f"-c statement_timeout={STATEMENT_SECONDS * 1000} -c synchronous_commit=on",
                "application_name": "genjin",
                "prepare_threshold": 2,
            },
        )
        self._reads = self._pool.execution_options(isolation_level="AUTOCOMMIT")

    def read(self, use: Callable[[Tx], T]) -> T:
        return _tried_again(lambda: self._read_once(use), when_cut_off=True)

    def write(self, use: Callable[[Tx], T]) -> T:
        return _tried_again(lambda: self._write_once(use), when_cut_off=False)

    def close(self) -> None:
        self._pool.dispose()

    def _read_once(self, use: Callable[[Tx], T]) -> T:
        with self._reads.connect() as connection:
            return use(_transaction(connection))

    def _write_once(self, use: Callable[[Tx], T]) -> T:
        with self._pool.begin() as connection:
            return use(_transaction(connection))


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
            if isinstance(cause, psycopg.OperationalError):
                raise StoreUnavailable((str(cause) or "PostgreSQL").splitlines()[0]) from error
            raise
    raise AssertionError("unreachable")


def _transaction(connection: Connection) -> Tx:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)

    def fetch(sql: str, parameters: Sequence[object]) -> list[Row]:
        cursor: psycopg.Cursor[Any] = driver.cursor(binary=True)
        try:
            return cursor.execute(sql.replace("?", "%s"), parameters).fetchall()
        except psycopg.OperationalError as error:
            if not driver.closed:
                raise
            # The pool has not seen that the server is gone: it shall drop what else it holds of it.
            connection.invalidate(error)
            connection.engine.dispose()
            raise OperationalError(sql, None, error, connection_invalidated=True) from error

    return Tx(connection, fetch, "postgresql")
