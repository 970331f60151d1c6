"""Webhooks, and what they are told."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("events", sa.SmallInteger(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary()),
        sa.Column("old_until", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.LargeBinary(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("off_at", sa.BigInteger()),
        sa.Column("off_why", sa.String(16)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger()),
        sa.Column("rests_until", sa.BigInteger()),
        sa.Column("removed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_webhooks"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "deliveries",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("webhook_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("activity_id", sa.Integer()),
        sa.Column("type", sa.SmallInteger()),
        sa.Column("id", sa.Integer()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("lease", sa.String(64)),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_since", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("attempts", sa.LargeBinary()),
        sa.Column("replay_id", sa.Integer()),
        sa.PrimaryKeyConstraint("organisation_id", "webhook_id", "number", name="pk_deliveries"),
        sqlite_with_rowid=False,
    )
    for where, *columns in (
        ("due_at IS NOT NULL", "webhook_id", "due_at"),
        ("ended_at IS NULL", "webhook_id", "type", "id", "number"),
        ("state <> 'delivered'", "webhook_id", "state", "number"),
        ("ended_at IS NOT NULL", "ended_at"),
    ):
        names = ["organisation_id", *columns]
        condition = sa.text(where)
        op.create_index(
            f"ix_deliveries_{'_'.join(names)}",
            "deliveries",
            names,
            sqlite_where=condition,
            postgresql_where=condition,
        )
    if op.get_bind().dialect.name == "postgresql":
        for table in ("webhooks", "deliveries"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY of_organisation ON {table} USING (organisation_id = genjin_organisation())")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
