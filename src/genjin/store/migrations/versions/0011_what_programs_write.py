"""What activities are called in the systems that they came from; kinds of activities that organisations define."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_sources",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(64), autoincrement=False, nullable=False),
        sa.Column("external_id", sa.String(255), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.Integer()),
        sa.PrimaryKeyConstraint("organisation_id", "source", "external_id", name="pk_activity_sources"),
        sqlite_with_rowid=False,
    )
    condition = sa.text("activity_id IS NOT NULL")
    op.create_index(
        "ix_activity_sources_organisation_id_activity_id",
        "activity_sources",
        ["organisation_id", "activity_id"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
    op.create_table(
        "custom_kinds",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("definition", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "code", name="pk_custom_kinds"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_custom_kinds_organisation_id_name", "custom_kinds", ["organisation_id", "name"], unique=True)
    if op.get_bind().dialect.name == "postgresql":
        for table in ("activity_sources", "custom_kinds"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY of_organisation ON {table} USING (organisation_id = genjin_organisation())")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
