"""A dump of PostgreSQL is what pg_dump writes in its custom format, of the very snapshot that a transaction sees."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from genjin.errors import BackupRefused
from genjin.store import moving, row_security
from genjin.store.database import Database
from genjin.store.distribution import is_on_citus
from genjin.store.dumps import Seen
from genjin.store.transaction import Tx

_VERSION = re.compile(r"\) (\d+)")
_KEPT_BACK = frozenset({"options", "application_name"})
"""Parameters of our connections that are none of the programs' business."""


class PostgresDumps:
    """See Dumps, which says what each of these promises. `programs` is the folder of pg_dump, empty for the path."""

    file_name = "database.pgdump"

    def __init__(self, programs: str) -> None:
        self._programs = programs

    def get_ready(self, database: Database) -> None:
        self._check_version("pg_dump", database.read(_version, organisation_id=None))
        if database.read(row_security.is_locked, organisation_id=None):
            raise BackupRefused(
                "a backup is made as the owner of the tables, who sees all rows: name it in the setting"
            )
        if database.read(is_on_citus, organisation_id=None):
            raise BackupRefused(
                "Citus has nodes that pg_dump does not see at one moment: back them up by its own means"
            )

    def dump(self, tx: Tx, target: Path, seen: Seen) -> None:
        seen("the database", 0, None)
        snapshot = tx.rows("SELECT pg_export_snapshot()", ())[0][0]
        self._run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}", of=tx)

    def look(self, source: Path) -> None:
        self._run("pg_restore", "--list", f"--file={os.devnull}", str(source))

    def check_empty(self, database: Database) -> None:
        self._program("pg_restore")
        if database.read(_table_count, organisation_id=None):
            raise BackupRefused("there are tables in the database already: name one that is empty")

    def restore(self, source: Path, database: Database) -> None:
        with database.snapshot() as tx:  # for its connection: where it leads to, and as whom
            made = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
            self._run("pg_restore", *made, str(source), of=tx)
        database.write(moving.analyse, organisation_id=None)

    def _check_version(self, name: str, server: int) -> None:
        told = subprocess.run([self._program(name), "--version"], capture_output=True, text=True, check=False).stdout
        found = _VERSION.search(told)
        if found is None or int(found[1]) < server:
            of = f"of version {found[1]}" if found else "of no version that it tells"
            raise BackupRefused(f"{name} is {of}, older than the server, which is of version {server}")

    def _program(self, name: str) -> str:
        found = shutil.which(name, path=self._programs or None)
        if found is None:
            where = f"in {self._programs}" if self._programs else "on the path"
            raise BackupRefused(
                f"there is no {name} {where}: install PostgreSQL's client programs (Debian: postgresql-client), or name"
                " their folder by GENJIN_POSTGRES_PROGRAMS"
            )
        return found

    def _run(self, name: str, *arguments: str, of: Tx | None = None) -> None:
        """Run a program, which connects to where a transaction is. The password is nowhere but in its environment."""
        command, environment = [self._program(name), *arguments], dict(os.environ)
        if of is not None:
            info = _driver(of).info
            where = {name: value for name, value in info.get_parameters().items() if name not in _KEPT_BACK}
            where |= {"host": info.host, "port": str(info.port)}  # of several, the one that answered
            command += ["--no-password", f"--dbname={make_conninfo(**where)}"]
            environment["PGPASSWORD"] = info.password
        done = subprocess.run(command, env=environment, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
            raise BackupRefused(said[0] if said else f"{name} ended with exit code {done.returncode}")


def _driver(tx: Tx) -> psycopg.Connection[object]:
    driver = tx.connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _version(tx: Tx) -> int:
    return int(tx.rows("SELECT current_setting('server_version_num')", ())[0][0]) // 10_000


def _table_count(tx: Tx) -> int:
    return int(tx.rows("SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema()", ())[0][0])
