"""Whether the installation can serve, and what its database needs for that."""

from genjin.service.context import Installation
from genjin.store import row_security, schema


def check_ready(installation: Installation) -> None:
    """Raises StoreUnavailable, or one of its kinds for a schema that is not the one this program knows."""
    schema.check(installation.database)


def revision(installation: Installation) -> str | None:
    """The schema's revision; None when there is no schema yet. Raises StoreUnavailable."""
    return schema.current_revision(installation.database)


def upgrade(installation: Installation) -> None:
    """Bring the schema to the newest revision that this program knows. Raises SchemaTooNew, StoreUnavailable."""
    schema.upgrade(installation.database)


def grant(installation: Installation, role: str) -> None:
    """Let a role of PostgreSQL serve that owns nothing, so that row level security holds it to one organisation at a
    time. Raises Invalid, StoreUnavailable.
    """
    installation.database.write(lambda tx: row_security.grant(tx, role), organisation_id=None)
