"""Tables that are imported."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create(
        "imports",
        _key("id", sa.Integer()),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(96), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_index("ix_imports_organisation_id_digest", "imports", ["organisation_id", "digest"], unique=True)
    _create(
        "import_rejects",
        _key("import_id", sa.Integer()),
        _key("position", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    _create(
        "record_sources",
        _key("source", sa.String(64)),
        _key("type", sa.SmallInteger()),
        _key("external_id", sa.String(255)),
        sa.Column("record_id", sa.Integer(), nullable=False),
    )
    columns = ["organisation_id", "type", "record_id"]
    op.create_index(f"ix_record_sources_{'_'.join(columns)}", "record_sources", columns)


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")


def _create(name: str, *columns: sa.Column[Any]) -> None:
    keys = ["organisation_id", *(column.name for column in columns if column.info.get("key"))]
    primary = sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}")
    op.create_table(name, _key("organisation_id", sa.Integer()), *columns, primary, sqlite_with_rowid=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY of_organisation ON {name} USING (organisation_id = genjin_organisation())")


def _key(name: str, type_: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, type_, autoincrement=False, nullable=False, info={"key": True})
