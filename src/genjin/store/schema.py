"""The schema's version: what the database has, what this program knows, and the way from one to the other.

Alembic is imported for the way alone: a server that only compares starts sooner and is smaller without it.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import inspect, text

from genjin.errors import SchemaMissing, SchemaTooNew, SchemaTooOld
from genjin.store import statistics
from genjin.store.database import Database
from genjin.store.transaction import Tx

MIGRATIONS = Path(__file__).parent / "migrations"


def known_revision() -> str:
    """The newest revision that this program knows."""
    return max(_known())


def is_known(revision: str) -> bool:
    """Whether this program can bring a schema of this revision to its own."""
    return revision in _known()


def current_revision(database: Database) -> str | None:
    """The database's revision; None when there is no schema. Raises StoreUnavailable."""
    return database.read(revision, organisation_id=None)


def check(database: Database) -> None:
    """Return when the schema is the one this program knows.

    Raises SchemaMissing, SchemaTooOld or SchemaTooNew, each with what to do about it.
    """
    current, known = current_revision(database), known_revision()
    if current == known:
        return
    if current is None:
        raise SchemaMissing("the database has no Genjin schema yet: run `genjin init`")
    if not is_known(current):
        raise SchemaTooNew(
            f"the database's schema is at revision {current}, which this Genjin (revision {known}) does not know: "
            "it was upgraded by a newer Genjin; install that version or a later one"
        )
    raise SchemaTooOld(f"the database's schema is at revision {current}, not {known}: run `genjin db upgrade`")


def upgrade(database: Database) -> None:
    """Bring the schema to the newest revision, in one transaction, and tell the planner. Raises SchemaTooNew."""
    try:
        check(database)
    except (SchemaMissing, SchemaTooOld):
        database.write(_upgrade, organisation_id=None)
    if database.engine == "sqlite":
        database.write(statistics.renew, organisation_id=None)


def _upgrade(tx: Tx) -> None:
    from alembic import command
    from alembic.config import Config

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


def revision(tx: Tx) -> str | None:
    if not inspect(tx.connection).has_table("alembic_version"):
        return None
    rows = tx.rows("SELECT version_num FROM alembic_version", ())
    return str(rows[0][0]) if rows else None


def _known() -> set[str]:
    """The revisions by the names of their files, which begin with them; they grow with time."""
    return {path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def counts(tx: Tx, names: Iterable[str]) -> dict[str, int]:
    """How many rows these tables have, of all organisations together."""
    return {name: int(tx.rows(f"SELECT COUNT(*) FROM {name}", ())[0][0]) for name in names}


def size(tx: Tx) -> int:
    """How many bytes the database has, of all organisations together."""
    asked = "pg_database_size(current_database())"
    if tx.engine == "sqlite":
        asked = "page_count * page_size FROM pragma_page_count, pragma_page_size"
    return int(tx.rows(f"SELECT {asked}", ())[0][0])
