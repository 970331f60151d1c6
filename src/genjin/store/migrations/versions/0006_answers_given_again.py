"""Answers to requests with an Idempotency-Key."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "key_hash", name="pk_kept_answers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_kept_answers_organisation_id_answered_at", "kept_answers", ["organisation_id", "answered_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE kept_answers ENABLE ROW LEVEL SECURITY")
        op.execute("CREATE POLICY of_organisation ON kept_answers USING (organisation_id = genjin_organisation())")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
