"""A primary and a standby of PostgreSQL for the tests, and what may happen to the standby."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import psycopg
from sqlalchemy import make_url

SECONDS = 60
"""More than any step takes on a busy machine."""


class Pair:
    """Two servers that are run by a program of their own, whatever GENJIN_TEST_POSTGRES_URL says."""

    def __init__(self, keeper: "subprocess.Popen[str]") -> None:
        self._keeper = keeper
        self.primary_url, self.standby_url = self._answer(), self._answer()

    def on_standby(self, url: str) -> str:
        """The URL of the standby's copy of a database, for the same role."""
        there, asked = make_url(self.standby_url), make_url(url)
        return there.set(username=asked.username, password=asked.password, database=asked.database).render_as_string(
            hide_password=False
        )

    def kill(self) -> None:
        """End every process of the standby."""
        self._order("kill")

    def start(self) -> None:
        """Start the standby that was killed."""
        self._order("start")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The standby keeps its connections, and says nothing."""
        self._order("freeze")
        try:
            yield
        finally:
            self._order("thaw")

    @contextmanager
    def promoted(self) -> Iterator[None]:
        """The standby takes writes of its own, and another one has its place in the end."""
        self._order("promote")
        try:
            yield
        finally:
            self._order("rebuild")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The standby receives what is written, and does not show it."""
        self.tell_standby("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            self.resume()

    def resume(self) -> None:
        """Let the standby go on, and wait until it has come to where the primary is."""
        self.tell_standby("SELECT pg_wal_replay_resume()")
        self.catch_up()

    def catch_up(self) -> None:
        """Wait until the standby shows all that the primary has."""
        with psycopg.connect(self.primary_url, autocommit=True) as primary:
            [(position,)] = primary.execute("SELECT pg_current_wal_insert_lsn()::text").fetchall()
            primary.execute("CHECKPOINT")  # so that nothing of it waits to be flushed
        # Each look is a statement of its own: a long one keeps its snapshot, for which replay would wait.
        with psycopg.connect(self.standby_url, autocommit=True) as standby:
            for _ in range(SECONDS * 200):
                if standby.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", (position,)).fetchone() == (True,):
                    return
                threading.Event().wait(0.005)
        raise AssertionError("the standby does not come to where the primary is")

    def tell_standby(self, sql: Any, *given: object, url: str = "") -> list[Any]:
        """Run a statement there as a superuser."""
        with psycopg.connect(url or self.standby_url, autocommit=True) as standby:
            cursor = psycopg.ClientCursor(standby)
            cursor.execute(sql, given)
            return cursor.fetchall() if cursor.description else []

    def _order(self, command: str) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(f"{command}\n")
        self._keeper.stdin.flush()
        assert self._answer() == "done", command

    def _answer(self) -> str:
        assert self._keeper.stdout is not None
        line = self._keeper.stdout.readline().strip()
        if not line:
            raise RuntimeError("the standby of the tests could not be run")
        return line


@contextmanager
def standby_pair() -> Iterator[Pair]:
    """A primary and a standby that streams from it, started and stopped here."""
    keeper = [sys.executable, str(Path(__file__).with_name("standby_keeper.py"))]
    with subprocess.Popen(keeper, stdin=PIPE, stdout=PIPE, text=True, start_new_session=True) as process:
        yield Pair(process)
