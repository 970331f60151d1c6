"""Whether the installation can serve, and what its database needs for that."""

from contextlib import suppress
from typing import NamedTuple

from genjin.errors import StoreUnavailable
from genjin.service.context import Installation
from genjin.store import distribution, row_security, schedule, schema
from genjin.store.database import ReplicaReport


def check_ready(installation: Installation) -> None:
    """Raises StoreUnavailable, or one of its kinds for a schema that is not the one this program knows."""
    schema.check(installation.database)


def can_write(installation: Installation) -> bool:
    """Whether there was room for what was written last; where there was none, that is tried again."""
    if installation.database.full:
        with suppress(StoreUnavailable):
            installation.database.write(schedule.touch, organisation_id=None)
    return not installation.database.full


def check_replicas(installation: Installation) -> None:
    """Raises ReplicaRefused for what is no replica of the database, StoreUnavailable."""
    installation.database.check_replicas()


def replicas(installation: Installation) -> list[ReplicaReport]:
    """How each replica is. Raises StoreUnavailable."""
    return installation.database.replicas()


def revision(installation: Installation) -> str | None:
    """The schema's revision; None when there is no schema yet. Raises StoreUnavailable."""
    return schema.current_revision(installation.database)


def newest_revision() -> str:
    """The newest revision that this program knows."""
    return schema.known_revision()


def upgrade(installation: Installation) -> None:
    """Bring the schema to the newest revision that this program knows. Raises SchemaTooNew, StoreUnavailable."""
    schema.upgrade(installation.database)


def grant(installation: Installation, role: str) -> None:
    """Let a role of PostgreSQL serve that owns nothing, so that row level security holds it to one organisation at a
    time. Raises Invalid, StoreUnavailable.
    """
    installation.database.write(lambda tx: row_security.grant(tx, role), organisation_id=None)


class Distribution(NamedTuple):
    """What is wrong with the tables on Citus, and which of the statements that were heard cannot be routed; `heard` is
    None where nobody listens.
    """

    problems: list[str]
    heard: int | None
    unrouted: list[str]


def distribute(installation: Installation) -> list[str]:
    """Let Citus keep every table on the nodes where it belongs; the names of those that were not yet. Raises Invalid,
    StoreUnavailable.
    """
    return installation.database.write(distribution.distribute, organisation_id=None)


def check_distribution(installation: Installation) -> Distribution:
    """Whether Citus keeps every table where it belongs and can route every statement that the database has heard.
    Raises Invalid, StoreUnavailable.
    """
    found = installation.database.read(distribution.problems, organisation_id=None)
    heard = installation.database.read(distribution.heard, organisation_id=None)
    unrouted = [sql for sql in heard or () if not distribution.is_routed(sql)]
    return Distribution(found, None if heard is None else len(heard), unrouted)
