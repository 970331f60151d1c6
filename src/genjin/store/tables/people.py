"""Organisations, who works in them, and what is written down of their administration."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, false

from genjin.store.tables.parts import key, metadata

organisations = Table(
    "organisations",
    metadata,
    key("organisation_id"),
    Column("name", Text, nullable=False),
    Column("corp_id", String(64), nullable=False, unique=True),
    Column("time_zone", String(64), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("settings", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

departments = Table(
    "departments",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("name", Text, nullable=False),
    Column("parent_id", Integer),
    Column("managers", LargeBinary),
    sqlite_with_rowid=False,
)
"""`managers` is a JSON list of the ids of the users who lead the department."""

roles = Table(
    "roles",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("name", Text, nullable=False),
    Column("scope", String(32), nullable=False),
    Column("rights", LargeBinary),
    sqlite_with_rowid=False,
)
"""`rights` is a JSON object of what the role may not see or change of a field (see domain/people.py `Role`)."""

users = Table(
    "users",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("login", String(128)),
    Column("password_hash", Text),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("role_id", Integer, nullable=False),
    Column("department_id", Integer),
    Column("workflow_state", String(64), nullable=False),
    Column("job", Text, nullable=False),
    Column("tel", Text, nullable=False),
    Column("avatar_url", Text, nullable=False),
    Column("third_userid", Text),
    Column("third_dept_id", Text),
    Column("uid", Integer, nullable=False),
    Column("gender", String(8)),
    Column("superior_id", Integer),
    Column("left_at", BigInteger),
    Column("from_capture", Boolean, nullable=False, server_default=false()),
    Index(None, "organisation_id", "login", unique=True),
    Index(None, "login"),
    Index(None, "phone"),
    sqlite_with_rowid=False,
)

preferences = Table(
    "preferences",
    metadata,
    key("organisation_id"),
    key("user_id"),
    Column("language", String(8)),
    Column("time_zone", String(64)),
    Column("theme", String(8), nullable=False),
    sqlite_with_rowid=False,
)
"""What people want of the page for people (see domain/preferences.py); who said nothing has no row."""

tokens = Table(
    "tokens",
    metadata,
    key("organisation_id"),
    key("token_hash", LargeBinary),
    Column("id", Integer, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    sqlite_with_rowid=False,
)

audit_log = Table(
    "audit_log",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("at", BigInteger, nullable=False),
    Column("actor_id", Integer, nullable=False),
    Column("act", String(32), nullable=False),
    Column("subject_id", Integer),
    Column("subject_name", Text, nullable=False),
    Column("changes", LargeBinary),
    Index(None, "organisation_id", "at", "id"),
    Index(None, "organisation_id", "actor_id", "at", "id"),
    Index(None, "organisation_id", "act", "at", "id"),
    sqlite_with_rowid=False,
)
"""Acts of administration (see domain/audit.py), which nobody changes or removes; `changes` is JSON."""

ONLY_GROW = frozenset({"audit_log"})
"""The tables of which the server changes and removes nothing."""
