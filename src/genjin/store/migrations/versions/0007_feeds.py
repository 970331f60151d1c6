"""The indexes that feeds are read by: of an organisation, of a colleague, of rare kinds, and by two other clocks."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index("at", "id")
    _index("actor_id", "at", "id")
    _index("kind", "at", "id", where="kind NOT IN (1, 2, 3, 4, 5, 6)")
    _index("said_at", "id", where="said_at <> at")
    _index("recorded_at", "id", where="recorded_at <> at")


def _index(*names: str, where: str | None = None) -> None:
    columns = ["organisation_id", *names]
    condition = None if where is None else sa.text(where)
    name = f"ix_activities_{'_'.join(columns)}"
    op.create_index(name, "activities", columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
