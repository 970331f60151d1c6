"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "activities",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("target_type", sa.SmallInteger(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("object_id", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.BigInteger()),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", sa.BigInteger()),
        sa.Column("remind_at", sa.BigInteger()),
        sa.Column("category_id", sa.Integer()),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("rare", sa.LargeBinary()),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.Column("from_capture", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_activities"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "activity_versions",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("replaced_at", sa.BigInteger(), nullable=False),
        sa.Column("replaced_by", sa.Integer()),
        sa.Column("said_at", sa.BigInteger()),
        sa.Column("remind_at", sa.BigInteger()),
        sa.Column("category_id", sa.Integer()),
        sa.Column("text", sa.LargeBinary()),
        sa.Column("rare", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("organisation_id", "activity_id", "version", name="pk_activity_versions"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "calls",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("caller_id", sa.Integer(), nullable=False),
        sa.Column("target_type", sa.SmallInteger(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_type", sa.Text(), nullable=False),
        sa.Column("number_type", sa.Text(), nullable=False),
        sa.Column("dial_type", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("activity_id", sa.Integer()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_calls"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "departments",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer()),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_departments"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "follow_ups",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("target_type", sa.SmallInteger(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_follow_ups"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_follow_ups_organisation_id_at_id", "follow_ups", ["organisation_id", "at", "id"])
    if on_sqlite:
        op.create_table(
            "id_counter",
            sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("last_id", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint("one", name="pk_id_counter"),
        )
    op.create_table(
        "login_failures",
        sa.Column("login_hash", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("window_start", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("login_hash", name="pk_login_failures"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "options",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_options"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_options_organisation_id_field_label", "options", ["organisation_id", "field", "label"], unique=True
    )
    op.create_table(
        "organisations",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("corp_id", sa.String(64), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_organisations"),
        sa.UniqueConstraint("corp_id", name="uq_organisations_corp_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "records",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer()),
        sa.Column("creator_id", sa.Integer()),
        sa.Column("department_id", sa.Integer()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("company_name", sa.Text()),
        sa.Column("status", sa.String(64)),
        sa.Column("source", sa.String(64)),
        sa.Column("category", sa.String(64)),
        sa.Column("before_owner_id", sa.Integer()),
        sa.Column("before_department_id", sa.Integer()),
        sa.Column("turned_customer_id", sa.Integer()),
        sa.Column("turned_at", sa.BigInteger()),
        sa.Column("followed_up_at", sa.BigInteger()),
        sa.Column("said_followed_up_at", sa.BigInteger()),
        sa.Column("remind_at", sa.BigInteger()),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.Column("name_pinyin", sa.Text(), nullable=False),
        sa.Column("company_name_pinyin", sa.Text(), nullable=False),
        sa.Column("details", sa.LargeBinary()),
        sa.Column("captured", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("organisation_id", "type", "id", name="pk_records"),
    )
    op.create_index(
        "ix_records_organisation_id_turned_customer_id",
        "records",
        ["organisation_id", "turned_customer_id"],
        sqlite_where=sa.text("turned_customer_id IS NOT NULL"),
        postgresql_where=sa.text("turned_customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_records_organisation_id_type_created_at_id", "records", ["organisation_id", "type", "created_at", "id"]
    )
    op.create_index("ix_records_organisation_id_type_owner_id", "records", ["organisation_id", "type", "owner_id"])
    op.create_table(
        "roles",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_roles"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "timeline",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_type", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("via", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "subject_type", "subject_id", "at", "activity_id", name="pk_timeline"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "timeline_blocks",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_type", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "subject_type", "subject_id", "at", "activity_id", name="pk_timeline_blocks"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "timelines",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject_type", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "subject_type", "subject_id", name="pk_timelines"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tokens",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("organisation_id", "token_hash", name="pk_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "users",
        sa.Column("organisation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.String(128)),
        sa.Column("password_hash", sa.Text()),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer()),
        sa.Column("workflow_state", sa.String(64), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("tel", sa.Text(), nullable=False),
        sa.Column("avatar_url", sa.Text(), nullable=False),
        sa.Column("third_userid", sa.Text()),
        sa.Column("third_dept_id", sa.Text()),
        sa.Column("uid", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "id", name="pk_users"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_users_login", "users", ["login"])
    op.create_index("ix_users_organisation_id_login", "users", ["organisation_id", "login"], unique=True)
    op.create_index("ix_users_phone", "users", ["phone"])
    if on_sqlite:
        op.execute("INSERT INTO id_counter (one, last_id) VALUES (1, 0)")
    else:
        op.execute("CREATE SEQUENCE genjin_ids AS integer MINVALUE 1 MAXVALUE 2147483647")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
