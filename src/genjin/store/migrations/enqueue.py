"""What a migration leaves to the background: a job of each organisation, put in with the migration itself."""

import sqlalchemy as sa
from alembic import op

from genjin.domain.clock import SystemClock

_ADD = sa.text(
    "INSERT INTO jobs (organisation_id, id, task, arguments, state, created_at, due_at, done, failures, worked_ms)"
    " VALUES (:organisation_id, :id, :task, :arguments, 'waiting', :now, :now, 0, 0, 0)"
)
_NEXT_ID = {
    "sqlite": "UPDATE id_counter SET last_id = last_id + 1 RETURNING last_id",
    "postgresql": "SELECT nextval('genjin_ids')",
}


def enqueue_everywhere(task: str) -> None:
    """Ask for a task in every organisation; the workers begin once the migration is committed."""
    connection, now = op.get_bind(), SystemClock().now()
    next_id = sa.text(_NEXT_ID[connection.dialect.name])
    organisations = connection.execute(sa.text("SELECT organisation_id FROM organisations ORDER BY organisation_id"))
    for organisation_id in organisations.scalars().all():
        job_id = connection.execute(next_id).scalar_one()
        row = {"organisation_id": organisation_id, "id": job_id, "task": task, "arguments": b"{}", "now": now}
        connection.execute(_ADD, row)
