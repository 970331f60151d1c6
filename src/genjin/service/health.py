"""Whether the installation can serve."""

from genjin.service.context import Installation
from genjin.store import schema


def check_ready(installation: Installation) -> None:
    """Raises StoreUnavailable, or one of its kinds for a schema that is not the one this program knows."""
    schema.check(installation.database)


def revision(installation: Installation) -> str | None:
    """The schema's revision; None when there is no schema yet. Raises StoreUnavailable."""
    return schema.current_revision(installation.database)


def upgrade(installation: Installation) -> None:
    """Bring the schema to the newest revision that this program knows. Raises SchemaTooNew, StoreUnavailable."""
    schema.upgrade(installation.database)
