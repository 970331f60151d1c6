"""The queue of jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task", sa.String(64), nullable=False),
        sa.Column("arguments", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("cursor", sa.LargeBinary()),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("worked_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_jobs"),
        sqlite_with_rowid=False,
    )
    for column in ("due_at", "ended_at"):
        condition = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_jobs_organisation_id_{column}",
            "jobs",
            ["organisation_id", column],
            sqlite_where=condition,
            postgresql_where=condition,
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE jobs ENABLE ROW LEVEL SECURITY")
        op.execute("CREATE POLICY of_organisation ON jobs USING (organisation_id = genjin_organisation())")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
