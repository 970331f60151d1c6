"""The activities that were taken back: a feed of what was known before shows them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns, condition = ["organisation_id", "deleted_at"], sa.text("deleted_at IS NOT NULL")
    name = f"ix_activities_{'_'.join(columns)}"
    op.create_index(name, "activities", columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
