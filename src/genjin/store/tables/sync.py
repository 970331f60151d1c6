"""What is brought from other servers."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from genjin.store.tables.parts import key, metadata, where

syncs = Table(
    "syncs",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("source", String(255), nullable=False),
    Column("began_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("lease", String(32)),
    Column("leased_until", BigInteger),
    Index(None, "organisation_id", "source", unique=True),
    sqlite_with_rowid=False,
)
"""Servers that history is brought from (see domain/sync.py), and which run has one."""

sync_units = Table(
    "sync_units",
    metadata,
    key("organisation_id"),
    key("sync_id"),
    key("unit", String(64)),
    Column("listed_at", BigInteger),
    Column("listed", LargeBinary),
    Column("due_at", BigInteger),
    Column("read_at", BigInteger),
    Column("total", Integer),
    Column("state", LargeBinary),
    where("due_at IS NOT NULL", "sync_id", "due_at"),
    Index(None, "organisation_id", "sync_id", "read_at"),
    sqlite_with_rowid=False,
)
"""What is brought from there, one by one: a list, or a record with its timeline. `listed` is a digest of the record as
its list showed it last; `state` is JSON.
"""

sync_misfits = Table(
    "sync_misfits",
    metadata,
    key("organisation_id"),
    key("sync_id"),
    key("unit", String(64)),
    key("place"),
    Column("at", BigInteger, nullable=False),
    Column("path", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What came from there and could not be taken in, as it came; `raw` is JSON."""

sync_ids = Table(
    "sync_ids",
    metadata,
    key("organisation_id"),
    key("sync_id"),
    key("type", String(16)),
    key("upstream_id", BigInteger),
    Column("id", Integer, nullable=False),
    Column("told", LargeBinary),
    Column("gone_at", BigInteger),
    Index(None, "organisation_id", "type", "id"),
    sqlite_with_rowid=False,
)
"""What the ids there are here. `told` is a digest of what was put last; `gone_at` is when it was taken away because it
was not there any more.
"""
