"""What is to be done, what has changed, and what was answered."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text

from genjin.store.tables.parts import key, metadata, where_set

jobs = Table(
    "jobs",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("task", String(64), nullable=False),
    Column("arguments", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),
    Column("cursor", LargeBinary),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("lease", Text),
    Column("error", Text),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("worked_ms", BigInteger, nullable=False),
    where_set("due_at"),
    where_set("ended_at"),
    sqlite_with_rowid=False,
)
"""The queue (see domain/job.py). `due_at` is set until a job is over; `cursor` and `arguments` are JSON."""

changes = Table(
    "changes",
    metadata,
    key("organisation_id"),
    key("written_in", BigInteger),
    key("number", BigInteger),
    Column("at", BigInteger, nullable=False),
    Column("op", SmallInteger, nullable=False),
    Column("type", SmallInteger, nullable=False),
    Column("id", Integer, nullable=False),
    Column("last_id", Integer),
    Column("before", LargeBinary),
    sqlite_with_rowid=False,
)
"""The log of changes (see domain/change_log.py), in the order of its key. `written_in` is the transaction of
PostgreSQL, 0 on SQLite; `type` is that of the record, 0 for an activity; `before` is JSON.
"""

kept_answers = Table(
    "kept_answers",
    metadata,
    key("organisation_id"),
    key("key_hash", LargeBinary),
    Column("request_hash", LargeBinary, nullable=False),
    Column("answered_at", BigInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index(None, "organisation_id", "answered_at"),
    sqlite_with_rowid=False,
)
"""Answers to requests with an Idempotency-Key, which are given again; the key and the request as their SHA-256."""
