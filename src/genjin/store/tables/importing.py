"""Tables that were imported, and what records are called where they came from."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from genjin.store.tables.parts import key, metadata

imports = Table(
    "imports",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("user_id", Integer, nullable=False),
    Column("digest", String(96), nullable=False),
    Column("asked", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("moved_at", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("ended_at", BigInteger),
    Index(None, "organisation_id", "digest", unique=True),
    sqlite_with_rowid=False,
)
"""How far each is (see domain/table_import.py); `asked` is JSON."""

import_rejects = Table(
    "import_rejects",
    metadata,
    key("organisation_id"),
    key("import_id"),
    key("position"),
    Column("reason", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""The rows that were not imported, by where in the file they stand, and why."""

record_sources = Table(
    "record_sources",
    metadata,
    key("organisation_id"),
    key("source", String(64)),
    key("type", SmallInteger),
    key("external_id", String(255)),
    Column("record_id", Integer, nullable=False),
    Index(None, "organisation_id", "type", "record_id"),
    sqlite_with_rowid=False,
)
"""What records are called in the systems that they came from; few have a row."""
