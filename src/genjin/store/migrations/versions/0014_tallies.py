"""What reports are counted from, day by day; what is there already is counted by what is done by itself."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "tally_states": (
        {},
        {
            "written_in": sa.BigInteger(),
            "number": sa.BigInteger(),
            "at": sa.BigInteger(),
            "time_zone": sa.String(64),
            "stale": sa.LargeBinary(),
            "version": sa.BigInteger(),
        },
    ),
    "tally_audiences": ({"id": sa.Integer}, {"told": sa.LargeBinary()}),
    "tallied_records": ({"type": sa.SmallInteger, "id": sa.Integer}, {"audience_id": sa.Integer()}),
    "daily_tallies": (
        {"day": sa.Integer, "audience_id": sa.Integer, "actor_id": sa.Integer},
        {
            name: sa.Integer()
            for name in ("calls", "connected", "seconds", "follow_ups", "visits", "leads", "conversions")
        },
    ),
    "hourly_tallies": (
        {"day": sa.Integer, "hour": sa.SmallInteger, "audience_id": sa.Integer, "actor_id": sa.Integer},
        {name: sa.Integer() for name in ("calls", "connected", "seconds")},
    ),
}


def upgrade() -> None:
    for table, (keys, others) in TABLES.items():
        key = {"organisation_id": sa.Integer, **keys}
        op.create_table(
            table,
            *(sa.Column(name, type_(), autoincrement=False, nullable=False) for name, type_ in key.items()),
            *(sa.Column(name, type_, nullable=False) for name, type_ in others.items()),
            sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
            sqlite_with_rowid=False,
        )
    op.create_index(
        "ix_tallied_records_organisation_id_audience_id", "tallied_records", ["organisation_id", "audience_id"]
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY of_organisation ON {table} USING (organisation_id = genjin_organisation())")


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
