"""What feeds the timeline: collaborators, pools, merges, custom fields, comments, check-ins, files, jobs."""

import orjson
import sqlalchemy as sa
from alembic import op

from genjin.domain.phones import numbers_in

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen_tables()
    _make_tables_of_records()
    _make_tables_of_activities()
    _make_tables_of_the_installation()
    _find_numbers()


def _widen_tables() -> None:
    op.add_column("departments", sa.Column("managers", sa.LargeBinary()))
    op.add_column("roles", sa.Column("rights", sa.LargeBinary()))
    op.add_column("users", sa.Column("gender", sa.String(8)))
    op.add_column("users", sa.Column("superior_id", sa.Integer()))
    op.add_column("users", sa.Column("left_at", sa.BigInteger()))
    op.add_column("activities", sa.Column("comment_count", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_index(
        "ix_calls_organisation_id_caller_id_external_id", "calls", ["organisation_id", "caller_id", "external_id"]
    )
    op.create_index("ix_calls_organisation_id_created_at_id", "calls", ["organisation_id", "created_at", "id"])
    op.create_index(
        "ix_follow_ups_organisation_id_target_type_target_id_at",
        "follow_ups",
        ["organisation_id", "target_type", "target_id", "at"],
    )
    op.drop_index("ix_records_organisation_id_turned_customer_id", "records")
    op.execute("ALTER TABLE records RENAME COLUMN turned_customer_id TO customer_id")
    op.add_column("records", sa.Column("pool_id", sa.Integer()))
    op.add_column("records", sa.Column("pooled_at", sa.BigInteger()))
    op.add_column("records", sa.Column("from_pool_id", sa.Integer()))
    op.add_column("records", sa.Column("approve_status", sa.String(16)))
    op.add_column("records", sa.Column("amount", sa.BigInteger()))
    op.add_column("records", sa.Column("opportunity_id", sa.Integer()))
    op.add_column("records", sa.Column("merged_into_id", sa.Integer()))
    op.add_column("records", sa.Column("called_at", sa.BigInteger()))
    for column in ("customer_id", "pool_id", "merged_into_id"):
        condition = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_records_organisation_id_{column}",
            "records",
            ["organisation_id", column],
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _make_tables_of_records() -> None:
    op.create_table(
        "collaborators",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_type", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "record_type", "record_id", "user_id", name="pk_collaborators"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_collaborators_organisation_id_user_id_record_type_record_id",
        "collaborators",
        ["organisation_id", "user_id", "record_type", "record_id"],
    )
    op.create_table(
        "custom_fields",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_type", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("field_type", sa.String(length=32), nullable=False),
        sa.Column("group_label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_custom_fields"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_custom_fields_organisation_id_record_type_name",
        "custom_fields",
        ["organisation_id", "record_type", "name"],
        unique=True,
    )
    op.create_table(
        "merges",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.BigInteger(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=False),
        sa.Column("moved", sa.LargeBinary(), nullable=False),
        sa.Column("undone_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_merges"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_merges_organisation_id_type_kept_id", "merges", ["organisation_id", "type", "kept_id"])
    op.create_table(
        "phones",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_type", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=32), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "record_type", "record_id", "number", name="pk_phones"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_phones_organisation_id_number", "phones", ["organisation_id", "number"])
    op.create_table(
        "pools",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_pools"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "return_warnings",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_type", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "record_type", "record_id", name="pk_return_warnings"),
        sqlite_with_rowid=False,
    )


def _make_tables_of_activities() -> None:
    op.create_table(
        "checkins",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("target_type", sa.SmallInteger(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("signed_out_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_checkins"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_checkins_organisation_id_at_id", "checkins", ["organisation_id", "at", "id"])
    op.create_table(
        "comments",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.LargeBinary()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger()),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_comments"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_comments_organisation_id_activity_id_id", "comments", ["organisation_id", "activity_id", "id"])
    op.create_table(
        "files",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("seconds", sa.Integer()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sub_type", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.BigInteger(), nullable=False),
        sa.Column("attached_type", sa.SmallInteger()),
        sa.Column("attached_id", sa.Integer()),
        sa.Column("attached_at", sa.BigInteger()),
        sa.Column("waveform", sa.LargeBinary()),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_files"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_files_organisation_id_attached_type_attached_id",
        "files",
        ["organisation_id", "attached_type", "attached_id"],
    )
    op.create_index("ix_files_organisation_id_sha256", "files", ["organisation_id", "sha256"])


def _make_tables_of_the_installation() -> None:
    op.create_table(
        "schedule",
        sa.Column("job", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("ran_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("job", name="pk_schedule"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unserved_calls",
        sa.Column("method", sa.String(length=16), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=255), autoincrement=False, nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("method", "path", name="pk_unserved_calls"),
        sqlite_with_rowid=False,
    )


def _find_numbers() -> None:
    """The telephone numbers of the records that are there already."""
    records = sa.table("records", *(sa.column(name) for name in ("organisation_id", "type", "id", "details")))
    phones = sa.table(
        "phones", *(sa.column(name) for name in ("organisation_id", "record_type", "record_id", "number"))
    )
    found = op.get_bind().execute(sa.select(records).where(records.c.details.is_not(None)))
    for some in found.partitions(1000):
        rows = [
            {"organisation_id": row.organisation_id, "record_type": row.type, "record_id": row.id, "number": number}
            for row in some
            for number in sorted(numbers_in(orjson.loads(row.details)))
        ]
        if rows:
            op.get_bind().execute(phones.insert(), rows)


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
