"""Webhooks and what they are told."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, SmallInteger, String, Table, Text

from genjin.store.tables.parts import key, metadata, where, where_set

webhooks = Table(
    "webhooks",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("owner_id", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("events", SmallInteger, nullable=False),
    Column("asked", LargeBinary, nullable=False),
    Column("language", String(8), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("old_secret", LargeBinary),
    Column("old_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("cursor", LargeBinary, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    Column("off_at", BigInteger),
    Column("off_why", String(16)),
    Column("failures", Integer, nullable=False),
    Column("failing_since", BigInteger),
    Column("rests_until", BigInteger),
    Column("removed_at", BigInteger),
    sqlite_with_rowid=False,
)
"""Addresses that are told what happens (see domain/webhook.py). `events` has a bit for each; `asked` and `cursor` are
JSON. The secrets are as they are: who signs needs them so.
"""

NOT_DELIVERED = "state <> 'delivered'"

deliveries = Table(
    "deliveries",
    metadata,
    key("organisation_id"),
    key("webhook_id"),
    key("number", BigInteger),
    Column("event", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("activity_id", Integer),
    Column("type", SmallInteger),
    Column("id", Integer),
    Column("state", String(16), nullable=False),
    Column("due_at", BigInteger),
    Column("lease", String(64)),
    Column("tries", Integer, nullable=False),
    Column("tried_since", BigInteger),
    Column("ended_at", BigInteger),
    Column("attempts", LargeBinary),
    Column("replay_id", Integer),
    Column("notice_id", Integer),
    where("due_at IS NOT NULL", "webhook_id", "due_at"),
    where("ended_at IS NULL", "webhook_id", "type", "id", "number"),
    where(NOT_DELIVERED, "webhook_id", "state", "number"),
    where_set("ended_at"),
    sqlite_with_rowid=False,
)
"""What webhooks are told, one row a thing; `type` and `id` are the record's, `attempts` is JSON. What is sent is made
when it is sent.
"""
