"""Deliveries that tell of notices."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("notice_id", sa.Integer()))


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
