"""What people should know, and what they follow."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        *(
            sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)
            for name in ("organisation_id", "user_id")
        ),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.SmallInteger()),
        sa.Column("record_id", sa.Integer()),
        sa.Column("activity_id", sa.Integer()),
        sa.Column("comment_id", sa.Integer()),
        sa.Column("details", sa.LargeBinary()),
        sa.Column("read_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", "id", name="pk_notices"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_notices_organisation_id_at", "notices", ["organisation_id", "at"])
    op.create_index("ix_notices_organisation_id_id", "notices", ["organisation_id", "id"])
    unread = sa.text("read_at IS NULL")
    columns = ["organisation_id", "user_id", "id"]
    name = f"ix_notices_{'_'.join(columns)}"
    op.create_index(name, "notices", columns, sqlite_where=unread, postgresql_where=unread)
    op.create_table(
        "follows",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_type", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "record_type", "record_id", "user_id", name="pk_follows"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_follows_organisation_id_user_id_since", "follows", ["organisation_id", "user_id", "since"])
    if op.get_bind().dialect.name == "postgresql":
        for table in ("notices", "follows"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY of_organisation ON {table} USING (organisation_id = genjin_organisation())")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
