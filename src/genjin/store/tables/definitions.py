"""What organisations define for themselves: choices, fields, kinds."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from genjin.store.tables.parts import key, metadata

options = Table(
    "options",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("field", String(64), nullable=False),
    Column("label", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Index(None, "organisation_id", "field", "label", unique=True),
    sqlite_with_rowid=False,
)

custom_fields = Table(
    "custom_fields",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("record_type", SmallInteger, nullable=False),
    Column("name", String(64), nullable=False),
    Column("label", Text, nullable=False),
    Column("field_type", String(32), nullable=False),
    Column("group_label", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("settings", LargeBinary),
    Index(None, "organisation_id", "record_type", "name", unique=True),
    sqlite_with_rowid=False,
)
"""Fields that the organisation added; `record_type` 0 is the follow-up. Their values lie in a record's details."""

custom_kinds = Table(
    "custom_kinds",
    metadata,
    key("organisation_id"),
    key("code", SmallInteger),
    Column("name", String(64), nullable=False),
    Column("definition", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("archived_at", BigInteger),
    Column("version", Integer, nullable=False),
    Index(None, "organisation_id", "name", unique=True),
    sqlite_with_rowid=False,
)
"""Kinds of activities that the organisation defined; `definition` is JSON (see domain/custom_kind.py)."""
