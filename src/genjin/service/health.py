"""Whether the installation can serve."""

from genjin.service.context import Installation
from genjin.store import schema


def check_ready(installation: Installation) -> None:
    """Raises StoreUnavailable, or one of its kinds for a schema that is not the one this program knows."""
    schema.check(installation.database)
