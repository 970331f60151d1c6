"""Bringing history from other servers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

DUE = "due_at IS NOT NULL"


def upgrade() -> None:
    _create(
        "syncs",
        _key("id", sa.Integer()),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("began_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("lease", sa.String(32)),
        sa.Column("leased_until", sa.BigInteger()),
    )
    op.create_index("ix_syncs_organisation_id_source", "syncs", ["organisation_id", "source"], unique=True)
    _create(
        "sync_units",
        _key("sync_id", sa.Integer()),
        _key("unit", sa.String(64)),
        sa.Column("listed_at", sa.BigInteger()),
        sa.Column("listed", sa.LargeBinary()),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("total", sa.Integer()),
        sa.Column("state", sa.LargeBinary()),
    )
    for column, condition in (("due_at", sa.text(DUE)), ("read_at", None)):
        columns = ["organisation_id", "sync_id", column]
        name = f"ix_sync_units_{'_'.join(columns)}"
        op.create_index(name, "sync_units", columns, sqlite_where=condition, postgresql_where=condition)
    _create(
        "sync_misfits",
        _key("sync_id", sa.Integer()),
        _key("unit", sa.String(64)),
        _key("place", sa.Integer()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
    )
    _create(
        "sync_ids",
        _key("sync_id", sa.Integer()),
        _key("type", sa.String(16)),
        _key("upstream_id", sa.BigInteger()),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("told", sa.LargeBinary()),
        sa.Column("gone_at", sa.BigInteger()),
    )
    columns = ["organisation_id", "type", "id"]
    op.create_index(f"ix_sync_ids_{'_'.join(columns)}", "sync_ids", columns)


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
