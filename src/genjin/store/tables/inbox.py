"""What people should know, and what they want to come back to."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table

from genjin.store.tables.parts import key, metadata, where, where_set

notices = Table(
    "notices",
    metadata,
    key("organisation_id"),
    key("user_id"),
    key("id"),
    Column("kind", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor_id", Integer, nullable=False),
    Column("record_type", SmallInteger),
    Column("record_id", Integer),
    Column("activity_id", Integer),
    Column("comment_id", Integer),
    Column("details", LargeBinary),
    Column("read_at", BigInteger),
    Index(None, "organisation_id", "at"),
    Index(None, "organisation_id", "id"),
    where("read_at IS NULL", "user_id", "id"),
    sqlite_with_rowid=False,
)
"""What people should know (see domain/notice.py), in the order in which they are told of it; `details` is JSON."""

follows = Table(
    "follows",
    metadata,
    key("organisation_id"),
    key("record_type", SmallInteger),
    key("record_id"),
    key("user_id"),
    Column("since", BigInteger, nullable=False),
    Index(None, "organisation_id", "user_id", "since"),
    sqlite_with_rowid=False,
)
"""Who wants to know what happens on a record."""

reminders = Table(
    "reminders",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("user_id", Integer, nullable=False),
    Column("record_type", SmallInteger, nullable=False),
    Column("record_id", Integer, nullable=False),
    Column("activity_id", Integer),
    Column("remind_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("told_at", BigInteger),
    Column("done_at", BigInteger),
    Index(None, "organisation_id", "user_id", "due_at", "id"),
    where("done_at IS NULL", "record_type", "record_id", "due_at"),
    where("done_at IS NULL AND told_at IS NULL", "due_at", "id"),
    where_set("activity_id"),
    sqlite_with_rowid=False,
)
"""When people want to come back to records (see domain/reminder.py)."""

calendar_links = Table(
    "calendar_links",
    metadata,
    key("organisation_id"),
    key("secret_hash", LargeBinary),
    Column("user_id", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "organisation_id", "user_id", unique=True),
    sqlite_with_rowid=False,
)
"""The links to people's calendars, one each; of a secret only its SHA-256 is kept."""
