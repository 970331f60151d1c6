"""When something happened last: of timelines, which a job looks up, and of people."""

import sqlalchemy as sa
from alembic import op

from genjin.store.migrations.enqueue import enqueue_everywhere

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_LOUD = "kind NOT IN (1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)"


def upgrade() -> None:
    for name in ("last_activity_at", "last_follow_up_at", "last_call_at", "last_visit_at"):
        op.add_column("timelines", sa.Column(name, sa.BigInteger()))
    columns = ["organisation_id", "subject_type", "last_activity_at", "subject_id"]
    _index("ix_timelines_last_activity_at", "timelines", columns, "last_activity_at IS NOT NULL")
    columns = ["organisation_id", "actor_id", "kind", "at"]
    _index(f"ix_activities_{'_'.join(columns)}", "activities", columns, f"deleted_at IS NULL AND {_LOUD}")
    enqueue_everywhere("timelines.fill_latest")


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    raise NotImplementedError("Genjin migrates forward only; restore a backup instead")
