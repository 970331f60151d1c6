"""One replica of a PostgreSQL server: whether it has come far enough for a read, and whether it is well.

Why it is done so is in docs/discussions/replicas.md.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import psycopg
import structlog
from psycopg.errors import DeadlockDetected, QueryCanceled, SerializationFailure
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from genjin.store.database import ReplicaReport
from genjin.store.postgres_server import Driver, Limits, PostgresServer
from genjin.store.read_point import ReadPoint
from genjin.store.transaction import Tx

T = TypeVar("T")
STATEMENT_SECONDS = 5
"""A statement that takes longer is ended, and the primary asked."""
SILENT_SECONDS = 6
"""After so long without an answer nobody waits for one."""
CONNECT_SECONDS = 3
FREE_SECONDS = 1.0
"""So long a read waits for a free connection."""
FIRST_PAUSE = 0.001
"""So long a read waits before it looks again how far the replica has come; twice as long each time after."""
BEHIND = (0.05, 1.0)
"""How long a replica is left out that had not come far enough: at first, and at most."""
UNWELL = (1.0, 30.0)
"""The same of one that cannot be reached or is no replica."""
TRIAL_SECONDS = 10.0
"""So long nobody else tries a replica that one read is trying."""
SEVERAL = 10
"""So often in turn it may be behind before that is told."""
_PLACE = (
    "SELECT pg_is_in_recovery(), (SELECT timeline_id FROM pg_control_checkpoint()),"
    " coalesce(pg_last_wal_replay_lsn() - '0/0', 0)::bigint,"
    " coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)::float8"
)
_IDENTITY = (
    "SELECT (SELECT system_identifier FROM pg_control_system()), current_user::text,"
    " (SELECT oid::bigint FROM pg_database WHERE datname = current_database())"
)
_REACHED = "genjin_reached"
"""Under this name a connection keeps how far its server had come when it was asked last; it never goes back."""
_PASSING = (QueryCanceled, SerializationFailure, DeadlockDetected)
"""What ends a statement on a replica that is well: its time is over, or what it reads is being cleared away."""
log = structlog.get_logger("genjin.store")


class Unfit(Exception):
    """Why a replica cannot answer a read."""


class Behind(Unfit):
    """It has not come far enough."""


class Foreign(Unfit):
    """It holds other data, or shows them to another role, and always will."""


class Identity(NamedTuple):
    """What a server and its replicas have in common."""

    system: int
    role: str
    database: int


class Place(NamedTuple):
    """How far a replica has come: as a read point tells it, and how old its last transaction is."""

    history: int
    position: int
    seconds: float


class Replica:
    """A server that follows the primary; who cannot be asked is left out for a while."""

    def __init__(
        self, url: str, limits: Limits, primary: Callable[[], Identity | None], ticks: Callable[[], float]
    ) -> None:
        self.name = _name(url)
        limits = replace(limits, statement=STATEMENT_SECONDS, free_connection=FREE_SECONDS, connect=CONNECT_SECONDS)
        self._server = PostgresServer(url, limits, self._connect)
        self._primary, self._ticks = primary, ticks
        self._lock = threading.Lock()
        self._failures, self._until, self._is_told = 0, 0.0, False
        self._why, self._is_behind = "", False

    def may_be_asked(self) -> bool:
        """Whether it is well. Of one that is left out, one read after the other may find out when the time is over."""
        if not self._failures:
            return True
        with self._lock:
            now = self._ticks()
            if now < self._until:
                return False
            self._until = now + TRIAL_SECONDS
            return True

    def read(self, use: Callable[[Tx], T], told: int | None, since: ReadPoint, wait: float, on_own: bool) -> T:
        """Run a use case once the replica has come to that point, and wait so long for it. Raises Unfit."""

        def use_then(tx: Tx) -> T:
            _reach(tx, since, wait)
            self._take_back()
            since.server = self
            return use(tx)

        try:
            return (self._server.read_on_own if on_own else self._server.read)(use_then, told)
        except (Unfit, DBAPIError, psycopg.Error, PoolTimeoutError) as error:
            self._note(error)
            raise Unfit(_reason(error)) from error

    def report(self, since: ReadPoint) -> ReplicaReport:
        """How it is, and how far behind that point. Raises Foreign."""
        why, is_behind = self._why, self._is_behind
        if not (is_behind or self.may_be_asked()):
            return ReplicaReport(self.name, why)
        try:
            place = self._server.read(_place, None)
            if place.history != since.history:
                raise Behind(_distance(place, since))
        except (Unfit, DBAPIError, psycopg.Error, PoolTimeoutError) as error:
            self._note(error)
            if isinstance(error, Foreign):
                raise
            return ReplicaReport(self.name, _reason(error))
        lag = max(0, since.position - place.position)
        if lag and is_behind:
            return ReplicaReport(self.name, why, lag, place.seconds)
        self._take_back()
        return ReplicaReport(self.name, "", lag, place.seconds if lag else 0.0)

    def forget(self) -> None:
        """Use none of its connections again."""
        self._server.forget()

    def close(self) -> None:
        self._server.close()

    def _connect(self, *args: Any, **given: Any) -> Driver:
        """A connection to it, if it is what it should be. Raises Foreign."""
        driver = _Impatient.connect(*args, **given)
        try:
            found, primary = identity_of(driver), self._primary()
            if primary is not None and found != primary:
                raise Foreign(_difference(found, primary))
        except BaseException:
            driver.close()
            raise
        return driver

    def _note(self, error: Exception) -> None:
        """Leave it out after an error that is not of a single statement."""
        cause = _cause(error)
        if isinstance(error, Behind):
            self._leave_out(error, *BEHIND, SEVERAL)
        elif isinstance(cause, (Unfit, psycopg.OperationalError)) and not isinstance(cause, _PASSING):
            self._server.forget()
            self._leave_out(error, *UNWELL, 1)

    def _leave_out(self, error: Exception, first: float, most: float, tell_at: int) -> None:
        with self._lock:
            self._failures += 1
            self._why, self._is_behind = _reason(error), isinstance(error, Behind)
            self._until = self._ticks() + min(first * 2 ** min(self._failures - 1, 10), most)
            tell = self._failures >= tell_at and not self._is_told
            self._is_told = self._is_told or tell
        if tell:
            log.warning("replica_left_out", replica=self.name, why=self._why)

    def _take_back(self) -> None:
        if not self._failures:
            return
        with self._lock:
            was_told = self._is_told
            self._failures, self._is_told, self._why, self._is_behind = 0, False, "", False
        if was_told:
            log.info("replica_back", replica=self.name)


class _Impatient(psycopg.Connection[Any]):
    """A connection that does not wait for a server that has stopped to answer, but closes itself."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, SILENT_SECONDS)
        except psycopg.OperationalError as error:
            if self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                self.close()
                raise psycopg.OperationalError(f"no answer within {SILENT_SECONDS} seconds") from error
            raise


def identity_of(driver: Driver) -> Identity:
    """What tells this server, database and role from others; it leaves no transaction open."""
    with driver.cursor() as cursor:
        row = cursor.execute(_IDENTITY).fetchone()
    driver.rollback()
    assert row is not None
    return Identity(*row)


def _reach(tx: Tx, since: ReadPoint, wait: float) -> None:
    """Return when the server has come to that point. Raises Behind, and Unfit for one that follows nobody."""
    known: Place | None = tx.connection.info.get(_REACHED)
    if known is not None and since.is_reached(known.history, known.position):
        return
    waited, pause = 0.0, FIRST_PAUSE
    while not since.is_reached((place := _place(tx)).history, place.position):
        if waited >= wait:
            raise Behind(_distance(place, since))
        threading.Event().wait(min(pause, wait - waited))
        waited, pause = waited + pause, pause * 2


def _place(tx: Tx) -> Place:
    [(is_standby, *place)] = tx.rows(_PLACE, ())
    if not is_standby:
        raise Unfit("it is no standby: it has been promoted, or is the primary itself")
    found = tx.connection.info[_REACHED] = Place(*place)
    return found


def _distance(place: Place, since: ReadPoint) -> str:
    if place.history != since.history:
        return f"it follows timeline {place.history} of PostgreSQL, and the primary is on {since.history}"
    return f"it is {since.position - place.position} bytes behind"


def _difference(found: Identity, primary: Identity) -> str:
    if found.system != primary.system:
        return "it is not a copy of the primary, but another installation of PostgreSQL"
    if found.database != primary.database:
        return "it is another database of the primary's server"
    return f"it is read as {found.role}, and the primary as {primary.role}: what a role may see is to be the same"


def _cause(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error


def _reason(error: Exception) -> str:
    return (str(_cause(error)) or type(error).__name__).splitlines()[0]


def _name(url: str) -> str:
    """Where a replica is, without who reads there."""
    parts = make_url(url)
    host = parts.host or parts.query.get("host") or "localhost"
    port = f":{parts.port}" if parts.port else ""
    return f"{host if isinstance(host, str) else ','.join(host)}{port}/{parts.database}"
