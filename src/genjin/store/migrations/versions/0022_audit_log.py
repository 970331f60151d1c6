"""The audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("subject_id", sa.Integer()),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("changes", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_audit_log"),
        sqlite_with_rowid=False,
    )
    for columns in (("at", "id"), ("actor_id", "at", "id"), ("act", "at", "id")):
        of = ["organisation_id", *columns]
        op.create_index(f"ix_audit_log_{'_'.join(of)}", "audit_log", of)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY")
        op.execute("CREATE POLICY of_organisation ON audit_log USING (organisation_id = genjin_organisation())")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
