"""What people write and upload, where its own id leads to it."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from genjin.store.tables.parts import key, metadata

follow_ups = Table(
    "follow_ups",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("activity_id", Integer, nullable=False),
    Column("author_id", Integer, nullable=False),
    Column("target_type", SmallInteger, nullable=False),
    Column("target_id", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "organisation_id", "at", "id"),
    Index(None, "organisation_id", "target_type", "target_id", "at"),
    sqlite_with_rowid=False,
)
"""Where a follow-up's own id leads; what it says is in its activity. A deleted one has no row."""

calls = Table(
    "calls",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("caller_id", Integer, nullable=False),
    Column("target_type", SmallInteger, nullable=False),
    Column("target_id", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_type", Text, nullable=False),
    Column("number_type", Text, nullable=False),
    Column("dial_type", Text, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("connected", Boolean, nullable=False),
    Column("activity_id", Integer),
    Index(None, "organisation_id", "caller_id", "external_id"),
    Index(None, "organisation_id", "created_at", "id"),
    sqlite_with_rowid=False,
)

checkins = Table(
    "checkins",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("activity_id", Integer, nullable=False),
    Column("author_id", Integer, nullable=False),
    Column("target_type", SmallInteger, nullable=False),
    Column("target_id", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    Column("signed_out_at", BigInteger),
    Index(None, "organisation_id", "at", "id"),
    sqlite_with_rowid=False,
)
"""Where a check-in's own id leads, and the address that was typed; what else it says is in its activity."""

comments = Table(
    "comments",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("activity_id", Integer, nullable=False),
    Column("parent_id", Integer),
    Column("author_id", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("details", LargeBinary),
    Column("created_at", BigInteger, nullable=False),
    Column("edited_at", BigInteger),
    Column("deleted_at", BigInteger),
    Index(None, "organisation_id", "activity_id", "id"),
    sqlite_with_rowid=False,
)
"""What colleagues said about an activity; `details` is JSON: mentions, voice notes and earlier wordings."""

files = Table(
    "files",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("sha256", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("content_type", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("seconds", Integer),
    Column("note", Text, nullable=False),
    Column("sub_type", String(64), nullable=False),
    Column("uploaded_by", Integer, nullable=False),
    Column("uploaded_at", BigInteger, nullable=False),
    Column("attached_type", SmallInteger),
    Column("attached_id", Integer),
    Column("attached_at", BigInteger),
    Column("waveform", LargeBinary),
    Column("deleted_at", BigInteger),
    Index(None, "organisation_id", "attached_type", "attached_id"),
    Index(None, "organisation_id", "sha256"),
    sqlite_with_rowid=False,
)
"""What was uploaded; the bytes lie elsewhere, by their SHA-256. `attached_type` is a record type, 0 for an activity."""
