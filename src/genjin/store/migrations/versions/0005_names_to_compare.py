"""What the names of records are compared by."""

import sqlalchemy as sa
from alembic import op

from genjin.domain.duplicates import name_key

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("records", sa.Column("name_key", sa.Text()))
    op.create_index(
        "ix_records_organisation_id_type_name_key_id", "records", ["organisation_id", "type", "name_key", "id"]
    )
    _find_names()


def _find_names() -> None:
    """The names of the records that are there already."""
    key = ("organisation_id", "type", "id")
    records = sa.table("records", *(sa.column(name) for name in (*key, "name", "name_key")))
    columns = [records.c[name] for name in key]
    read = sa.select(*columns, records.c.name).order_by(*columns).limit(1000)
    its = sa.and_(*(column == sa.bindparam(f"its_{column.name}") for column in columns))
    write = sa.update(records).where(its).values(name_key=sa.bindparam("told"))
    some = op.get_bind().execute(read).all()
    while some:
        told = [
            {f"its_{name}": row[nth] for nth, name in enumerate(key)} | {"told": name_key(row.name)} for row in some
        ]
        op.get_bind().execute(write, told)
        some = op.get_bind().execute(read.where(sa.tuple_(*columns) > sa.tuple_(*some[-1][:3]))).all()


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
