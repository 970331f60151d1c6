"""What happened: activities, and the timelines that they are read in."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, text

from genjin.store.tables.parts import key, metadata, where, where_set

COMMON_KINDS = (2, 3, 4, 5)
"""The codes of kinds that most activities are of (see domain/kinds.py). The few others have an index of their own."""

RARE = f"kind NOT IN ({', '.join(map(str, COMMON_KINDS))})"
LOUD = "kind NOT IN (1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)"
"""Of kinds by which something happened (see domain/latest.py; a test holds the two together)."""

activities = Table(
    "activities",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("kind", SmallInteger, nullable=False),
    Column("actor_id", Integer, nullable=False),
    Column("target_type", SmallInteger, nullable=False),
    Column("target_id", Integer, nullable=False),
    Column("object_id", Integer),
    Column("at", BigInteger, nullable=False),
    Column("said_at", BigInteger),
    Column("recorded_at", BigInteger, nullable=False),
    Column("edited_at", BigInteger),
    Column("remind_at", BigInteger),
    Column("category_id", Integer),
    Column("text", LargeBinary),
    Column("rare", LargeBinary),
    Column("deleted_at", BigInteger),
    Column("from_capture", Boolean, nullable=False),
    Column("comment_count", Integer, nullable=False, server_default=text("0")),
    Index(None, "organisation_id", "at", "id"),
    Index(None, "organisation_id", "actor_id", "at", "id"),
    where(RARE, "kind", "at", "id"),
    where("said_at <> at", "said_at", "id"),
    where("recorded_at <> at", "recorded_at", "id"),
    where_set("deleted_at"),
    where(f"deleted_at IS NULL AND {LOUD}", "actor_id", "kind", "at"),
    sqlite_with_rowid=False,
)
"""One row an activity: the columns of domain.activity.Facts, and two that readers never need. By the indexes feeds are
read: of most entries the three clocks say the same, so those of the other two hold what they say otherwise.
"""

activity_sources = Table(
    "activity_sources",
    metadata,
    key("organisation_id"),
    key("source", String(64)),
    key("external_id", String(255)),
    Column("activity_id", Integer),
    where_set("activity_id"),
    sqlite_with_rowid=False,
)
"""What activities are called in the systems that they came from; few have a row. Without an `activity_id`, a name is
claimed by a transaction that is not over.
"""

activity_versions = Table(
    "activity_versions",
    metadata,
    key("organisation_id"),
    key("activity_id"),
    key("version"),
    Column("replaced_at", BigInteger, nullable=False),
    Column("replaced_by", Integer),
    Column("said_at", BigInteger),
    Column("remind_at", BigInteger),
    Column("category_id", Integer),
    Column("text", LargeBinary),
    Column("rare", LargeBinary),
    sqlite_with_rowid=False,
)
"""What an activity said before an edit; version 1 is the first wording."""

timeline = Table(
    "timeline",
    metadata,
    key("organisation_id"),
    key("subject_type", SmallInteger),
    key("subject_id"),
    key("at", BigInteger),
    key("activity_id"),
    Column("via", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The index that a timeline is read from, backwards. `via` is the type of the activity's own target."""

timelines = Table(
    "timelines",
    metadata,
    key("organisation_id"),
    key("subject_type", SmallInteger),
    key("subject_id"),
    Column("total", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("last_activity_at", BigInteger),
    Column("last_follow_up_at", BigInteger),
    Column("last_call_at", BigInteger),
    Column("last_visit_at", BigInteger),
    where(
        *("last_activity_at IS NOT NULL", "subject_type", "last_activity_at", "subject_id"),
        called="ix_timelines_last_activity_at",
    ),
    sqlite_with_rowid=False,
)
"""How many entries a timeline has, and when something happened last (see domain/latest.py); `version` grows with every
change of it.
"""

timeline_blocks = Table(
    "timeline_blocks",
    metadata,
    key("organisation_id"),
    key("subject_type", SmallInteger),
    key("subject_id"),
    key("at", BigInteger),
    key("activity_id"),
    Column("entries", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Skip records of a long timeline: each counts the entries from its own key up to the next block's."""
