"""PostgreSQL's row level security, the second lock between organisations (see docs/discussions/storage.md).

A role that does not own the tables sees only rows of the organisation that the setting genjin.organisation_id names,
and without one none. It is set for one transaction at a time, so that a pooled connection never keeps it. The policies
are in the migrations. This file does not import the driver, which SQLite does without.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from genjin.errors import Invalid
from genjin.store.tables import ID_SEQUENCE, ONLY_GROW, metadata
from genjin.store.transaction import Tx

if TYPE_CHECKING:
    import psycopg

ON_TABLES, ON_SEQUENCES = "SELECT, INSERT, UPDATE, DELETE", "USAGE, SELECT, UPDATE"
"""What the server does: it counts ids as well as draws them, and an import raises them. Never TRUNCATE, which no policy
holds back, nor REFERENCES, which would tell what there is.
"""
_NAME_IT = "SELECT set_config('genjin.organisation_id', ?, true)"
_NAME_IT_TO_DRIVER = _NAME_IT.replace("?", "%s")


def is_locked(tx: Tx) -> bool:
    """Whether the role of this connection is held to the policies; the tables' owner and superusers are not."""
    return bool(tx.rows("SELECT row_security_active(to_regclass('organisations'))", ())[0][0])


def turn_to(tx: Tx, organisation_id: int) -> None:
    """Let the rest of a write be of this organisation and no other; on SQLite it is of any."""
    if tx.engine == "postgresql":
        tx.rows(_NAME_IT, (str(organisation_id),))


def execute_as(
    cursor: "psycopg.Cursor[Any]",
    sql: str,
    parameters: Sequence[object] | Mapping[str, object],
    organisation_id: int,
) -> None:
    """Run one statement that is in no transaction, of this organisation: both go to the server together and are one
    transaction there, so that it costs no time on the way.
    """
    with cursor.connection.pipeline():
        cursor.connection.execute(_NAME_IT_TO_DRIVER, (str(organisation_id),))
        cursor.execute(sql, parameters)


def grant(tx: Tx, role: str) -> None:
    """Give a role of PostgreSQL just the rights that the server needs, on all that is there and all that will be.

    It is run by the owner of the tables, again and again if need be. Raises Invalid for a role that row level security
    would not hold.
    """
    if tx.engine != "postgresql":
        raise Invalid({"role": ["SQLite has no roles, and no row level security"]})
    schema, owner = owner_here(tx, "grant rights")
    _check_role(tx, role, owner)
    quote = tx.connection.dialect.identifier_preparer.quote
    to, within = quote(role), quote(schema)
    tables = [table.name for table in metadata.sorted_tables if table.info.get("only_on") != "sqlite"]
    commands = [
        f"GRANT USAGE ON SCHEMA {within} TO {to}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {within} FROM {to}",
        *(f"GRANT {ON_TABLES} ON {table} TO {to}" for table in tables),
        f"REVOKE UPDATE, DELETE ON {', '.join(ONLY_GROW)} FROM {to}",
        f"GRANT SELECT ON alembic_version TO {to}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {within} FROM {to}",
        f"GRANT {ON_SEQUENCES} ON SEQUENCE {ID_SEQUENCE.name} TO {to}",
        f"GRANT EXECUTE ON FUNCTION genjin_organisation(), genjin_sign_in(text), genjin_search TO {to}",
    ]
    later = f"ALTER DEFAULT PRIVILEGES FOR ROLE {quote(owner)} IN SCHEMA {within} GRANT"
    commands += [
        f"{later} {ON_TABLES} ON TABLES TO {to}",
        f"{later} {ON_SEQUENCES} ON SEQUENCES TO {to}",
        f"{later} EXECUTE ON FUNCTIONS TO {to}",
    ]
    for command in commands:
        tx.execute(text(command.replace(":", r"\:")))


def owner_here(tx: Tx, to_do: str) -> tuple[str, str]:
    """The schema of the tables and their owner. Raises Invalid when that is somebody else, who cannot do this."""
    [(schema, owner, is_it)] = tx.rows(
        "SELECT n.nspname, pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE')"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = 'organisations'::regclass",
        (),
    )
    if not is_it:
        raise Invalid({"role": [f"only {owner}, who owns the tables, can {to_do}: connect as {owner}"]})
    return schema, owner


def _check_role(tx: Tx, role: str, owner: str) -> None:
    found = tx.rows(
        "SELECT rolsuper, rolbypassrls, pg_has_role(oid, ?, 'MEMBER') FROM pg_roles WHERE rolname = ?", (owner, role)
    )
    if not found:
        raise Invalid({"role": [f"PostgreSQL has no role {role!r}: make it with createuser"]})
    if any(found[0]):
        why = f"it is {owner}, who owns the tables, may act as {owner}, is a superuser or has BYPASSRLS"
        raise Invalid({"role": [f"row level security would not hold {role!r}: {why}"]})
