"""What people want of the page for people."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("time_zone", sa.String(64)),
        sa.Column("theme", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name="pk_preferences"),
        sqlite_with_rowid=False,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE preferences ENABLE ROW LEVEL SECURITY")
        op.execute("CREATE POLICY of_organisation ON preferences USING (organisation_id = genjin_organisation())")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
