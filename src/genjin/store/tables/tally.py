"""How much was done each day, apart by who sees it (see store/tallies.py)."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table

from genjin.store.tables.parts import key, metadata

tally_states = Table(
    "tally_states",
    metadata,
    key("organisation_id"),
    Column("written_in", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("stale", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""How far the tallies of an organisation have come (see store/tallies.py): up to which line of the log of changes, by
which zone's days, and a JSON list of the days that have to be counted. `version` grows with every change of them.
"""

tally_audiences = Table(
    "tally_audiences",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("told", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Who sees what is counted together; `told` is JSON (see domain/audience.py)."""

tallied_records = Table(
    "tallied_records",
    metadata,
    key("organisation_id"),
    key("type", SmallInteger),
    key("id"),
    Column("audience_id", Integer, nullable=False),
    Index(None, "organisation_id", "audience_id"),
    sqlite_with_rowid=False,
)
"""By which audience what happened on a record is counted."""

daily_tallies = Table(
    "daily_tallies",
    metadata,
    key("organisation_id"),
    key("day"),
    key("audience_id"),
    key("actor_id"),
    Column("calls", Integer, nullable=False),
    Column("connected", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("follow_ups", Integer, nullable=False),
    Column("visits", Integer, nullable=False),
    Column("leads", Integer, nullable=False),
    Column("conversions", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How much a colleague did in a day, of what an audience sees; `day` counts days since 1970-01-01."""

hourly_tallies = Table(
    "hourly_tallies",
    metadata,
    key("organisation_id"),
    key("hour", SmallInteger),
    key("day"),
    key("audience_id"),
    key("actor_id"),
    Column("calls", Integer, nullable=False),
    Column("connected", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The same of calls, by the hour of the day in which they began."""
