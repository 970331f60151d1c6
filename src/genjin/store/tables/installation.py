"""What belongs to the installation, not to an organisation."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table

from genjin.store.tables.parts import key, metadata

id_counter = Table(
    "id_counter",
    metadata,
    key("one"),
    Column("last_id", Integer, nullable=False),
    info={"only_on": "sqlite"},
)
"""One row: the last id given out. PostgreSQL has ID_SEQUENCE instead."""

login_failures = Table(
    "login_failures",
    metadata,
    key("login_hash", LargeBinary),
    Column("window_start", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Wrong passwords per login, address, and both; what is stored is a SHA-256 (see service/organisation/attempts.py)."""

schedule = Table(
    "schedule",
    metadata,
    key("job", String(64)),
    Column("due_at", BigInteger, nullable=False),
    Column("ran_at", BigInteger),
    sqlite_with_rowid=False,
)
"""When each job of the installation runs next; the worker that moves `due_at` on runs it."""

unserved_calls = Table(
    "unserved_calls",
    metadata,
    key("method", String(16)),
    key("path", String(255)),
    Column("calls", BigInteger, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Calls of the upstream's API that are not served here; ids in the path are left out."""

secrets = Table(
    "secrets",
    metadata,
    key("name", String(64)),
    Column("value", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What this installation signs its links with."""

INSTALLATION_TABLES = frozenset({"id_counter", "login_failures", "schedule", "unserved_calls", "secrets"})
"""The tables that belong to no organisation."""
