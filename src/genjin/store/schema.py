"""The schema's version: what the database has, what this program knows, and the way from one to the other."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from genjin.errors import SchemaMissing, SchemaTooNew, SchemaTooOld
from genjin.store.database import Database
from genjin.store.transaction import Tx

MIGRATIONS = Path(__file__).parent / "migrations"


def known_revision() -> str:
    """The newest revision that this program knows."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


def current_revision(database: Database) -> str | None:
    """The database's revision; None when there is no schema. Raises StoreUnavailable."""
    return database.read(_revision)


def check(database: Database) -> None:
    """Return when the schema is the one this program knows.

    Raises SchemaMissing, SchemaTooOld or SchemaTooNew, each with what to do about it.
    """
    current, known = current_revision(database), known_revision()
    if current == known:
        return
    if current is None:
        raise SchemaMissing("the database has no Genjin schema yet: run `genjin init`")
    if current not in {script.revision for script in _scripts().walk_revisions()}:
        raise SchemaTooNew(
            f"the database's schema is at revision {current}, which this Genjin (revision {known}) does not know: "
            "it was upgraded by a newer Genjin; install that version or a later one"
        )
    raise SchemaTooOld(f"the database's schema is at revision {current}, not {known}: run `genjin db upgrade`")


def upgrade(database: Database) -> None:
    """Bring the schema to the newest revision, in one transaction. Raises SchemaTooNew."""
    try:
        check(database)
    except (SchemaMissing, SchemaTooOld):
        database.write(_upgrade)


def _upgrade(tx: Tx) -> None:
    if tx.engine == "postgresql":
        tx.execute(text("SET LOCAL statement_timeout = 0"))  # a migration may take its time
        # One program at a time: who comes second finds nothing left to do. On SQLite every write is alone.
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('genjin_schema'))"))
    if not tx.connection.in_transaction():
        tx.connection.begin()  # so that Alembic sees a transaction and leaves the commit to us
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = tx.connection
    command.upgrade(config, "head")


def _revision(tx: Tx) -> str | None:
    return MigrationContext.configure(tx.connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))
