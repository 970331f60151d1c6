"""PostgreSQL: reads in autocommit, writes in a transaction that is tried again on a conflict."""

import functools
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg.errors import DeadlockDetected, InsufficientPrivilege, SerializationFailure
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from genjin.errors import StoreUnavailable
from genjin.store.postgres_readers import READERS, Readers
from genjin.store.postgres_server import Limits, PostgresServer
from genjin.store.transaction import Tx

T = TypeVar("T")
TRIES = 5
STATEMENT_SECONDS = 30
CONNECTIONS = 40
"""The most that one process has open to a server."""
KEPT = 16
"""Connections that the pool of all others does not close."""


class PostgresDatabase:
    """A PostgreSQL database of version 15 or later."""

    engine = "postgresql"

    def __init__(self, url: str) -> None:
        self._server = PostgresServer(url, Limits(KEPT, CONNECTIONS - READERS - KEPT, STATEMENT_SECONDS))
        self._readers = Readers()

    def read(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        return _tried_again(lambda: self._server.read(use, self._to_tell(organisation_id)), when_cut_off=True)

    async def read_soon(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        """In a thread that has a connection of its own: taking one from the pool costs more than the read."""
        act = functools.partial(self._read_on_own, use, organisation_id)
        return await self._readers.run(functools.partial(_tried_again, act, when_cut_off=True))

    def write(self, use: Callable[[Tx], T], organisation_id: int | None = None) -> T:
        return _tried_again(lambda: self._write_once(use, organisation_id), when_cut_off=False)

    def close(self) -> None:
        self._readers.close()
        self._server.close()

    def _read_on_own(self, use: Callable[[Tx], T], organisation_id: int | None) -> T:
        return self._server.read_on_own(use, self._to_tell(organisation_id))

    def _write_once(self, use: Callable[[Tx], T], organisation_id: int | None) -> T:
        told = self._to_tell(organisation_id)
        return self._server.write(use, told, by_copy=told is None and organisation_id is not None)

    def _to_tell(self, organisation_id: int | None) -> int | None:
        """The organisation that the server has to be told; none where nothing there asks for it."""
        return organisation_id if organisation_id is not None and self._server.is_locked else None


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
