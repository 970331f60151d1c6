"""Hearing of commits, whoever made them: what an open stream of changes waits for.

SQLite counts the commits of other connections (`PRAGMA data_version`), which costs less than a question. PostgreSQL has
LISTEN and NOTIFY. There, who has committed tells of it afterwards, from a connection of its own: a NOTIFY within the
transaction would make all transactions of the server commit one by one. What is told may so be lost with its process;
who waits looks by itself now and then, too.
"""

import sqlite3
import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

Heard = Callable[[int | None], object]
"""Called, in any thread, with the organisation in which something was committed; with None it may be any."""
CHANNEL = "genjin_changes"
_POLL_SECONDS = 0.02
"""How often SQLite is asked whether something was committed."""
_PATIENCE_SECONDS = 0.5
"""How long a thread may need to see that it shall stop."""
_NOTIFY = f"SELECT pg_notify('{CHANNEL}', told::text) FROM unnest(%s::integer[]) AS told"


class Watch:
    """A thread that hears of commits from now on until `stop`."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="genjin-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Hear nothing more."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._watch()
            except Exception:  # the database is away: it is asked again
                self._ending.wait(_PATIENCE_SECONDS)
            if not self._ending.is_set():
                self._heard(None)

    def _watch(self) -> None:
        raise NotImplementedError


class SqliteWatch(Watch):
    """Asks one connection again and again."""

    def __init__(self, path: str, heard: Heard) -> None:
        self._path = path
        super().__init__(heard)

    def _watch(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            before = _commits(connection)
            self._heard(None)
            while not self._ending.wait(_POLL_SECONDS):
                if (now := _commits(connection)) != before:
                    before = now
                    self._heard(None)
        finally:
            connection.close()


class PostgresWatch(Watch):
    """Has one connection that listens."""

    def __init__(self, connect: Callable[[], "psycopg.Connection[Any]"], heard: Heard) -> None:
        self._connect = connect
        super().__init__(heard)

    def _watch(self) -> None:
        with self._connect() as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._heard(None)
            while not self._ending.is_set():
                for told in connection.notifies(timeout=_PATIENCE_SECONDS):
                    self._heard(int(told.payload))
                    if self._ending.is_set():
                        break


class PostgresTeller:
    """A thread that tells of what was committed here; as much at once as has come together."""

    def __init__(self, connect: Callable[[], "psycopg.Connection[Any]"]) -> None:
        self._connect = connect
        self._changed = threading.Condition()
        self._waiting: set[int] = set()
        self._ended = False
        self._thread: threading.Thread | None = None

    def tell(self, organisation_ids: Collection[int]) -> None:
        """Something of these organisations was committed."""
        with self._changed:
            if self._ended:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="genjin-teller", daemon=True)
                self._thread.start()
            self._waiting.update(organisation_ids)
            self._changed.notify()

    def close(self) -> None:
        """Tell what is left, and end."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while some := self._next():
            try:
                if connection is None:
                    connection = self._connect()
                connection.execute(_NOTIFY, (some,))
            except Exception:  # those who wait look by themselves after a while
                if connection is not None:
                    with suppress(Exception):
                        connection.close()
                connection = None
        if connection is not None:
            connection.close()

    def _next(self) -> list[int]:
        with self._changed:
            while not self._waiting and not self._ended:
                self._changed.wait()
            some, self._waiting = sorted(self._waiting), set()
            return some


def _commits(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])
