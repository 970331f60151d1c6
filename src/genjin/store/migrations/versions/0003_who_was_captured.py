"""Which users a capture brought, and which were let in here."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("from_capture", sa.Boolean(), nullable=False, server_default=sa.false()))
    users = sa.table("users", sa.column("from_capture", sa.Boolean()), sa.column("login", sa.String()))
    # Until now, who was let in here got a login, and nobody else had one.
    op.execute(sa.update(users).where(users.c.login.is_(None)).values(from_capture=True))


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
