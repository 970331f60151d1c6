"""Telephone numbers are found by their last digits."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ending = sa.text("(substr(number, length(number) - 3))")
    op.create_index("ix_phones_ending", "phones", ["organisation_id", ending])


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
