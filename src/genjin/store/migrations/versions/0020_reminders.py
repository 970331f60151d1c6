"""Reminders, of which a job keeps those of what was written before, and links to calendars."""

import sqlalchemy as sa
from alembic import op

from genjin.store.migrations.enqueue import enqueue_everywhere

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.SmallInteger(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer()),
        sa.Column("remind_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger()),
        sa.Column("done_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_reminders"),
        sqlite_with_rowid=False,
    )
    _index("user_id", "due_at", "id")
    _index("record_type", "record_id", "due_at", where="done_at IS NULL")
    _index("due_at", "id", where="done_at IS NULL AND told_at IS NULL")
    _index("activity_id", where="activity_id IS NOT NULL")
    op.create_table(
        "calendar_links",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "secret_hash", name="pk_calendar_links"),
        sqlite_with_rowid=False,
    )
    columns = ["organisation_id", "user_id"]
    op.create_index(f"ix_calendar_links_{'_'.join(columns)}", "calendar_links", columns, unique=True)
    if op.get_bind().dialect.name == "postgresql":
        for table in ("reminders", "calendar_links"):
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY of_organisation ON {table} USING (organisation_id = genjin_organisation())")
    enqueue_everywhere("reminders.fill")


def _index(*columns: str, where: str | None = None) -> None:
    of, condition = ["organisation_id", *columns], None if where is None else sa.text(where)
    name = f"ix_reminders_{'_'.join(of)}"
    op.create_index(name, "reminders", of, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
