"""Leads, customers and their kin, and what is known of each beside its fields."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text, text

from genjin.store.tables.parts import key, metadata, where_set

records = Table(
    "records",
    metadata,
    key("organisation_id"),
    key("type", SmallInteger),
    key("id"),
    Column("name", Text, nullable=False),
    Column("owner_id", Integer),
    Column("creator_id", Integer),
    Column("department_id", Integer),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("company_name", Text),
    Column("status", String(64)),
    Column("source", String(64)),
    Column("category", String(64)),
    Column("before_owner_id", Integer),
    Column("before_department_id", Integer),
    Column("customer_id", Integer),
    Column("turned_at", BigInteger),
    Column("followed_up_at", BigInteger),
    Column("said_followed_up_at", BigInteger),
    Column("remind_at", BigInteger),
    Column("deleted_at", BigInteger),
    Column("name_pinyin", Text, nullable=False),
    Column("company_name_pinyin", Text, nullable=False),
    Column("details", LargeBinary),
    Column("captured", LargeBinary),
    Column("pool_id", Integer),
    Column("pooled_at", BigInteger),
    Column("from_pool_id", Integer),
    Column("approve_status", String(16)),
    Column("amount", BigInteger),
    Column("opportunity_id", Integer),
    Column("merged_into_id", Integer),
    Column("called_at", BigInteger),
    Column("name_key", Text),
    Index(None, "organisation_id", "type", "created_at", "id"),
    Index(None, "organisation_id", "type", "owner_id"),
    Index(None, "organisation_id", "type", "name_key", "id"),
    where_set("customer_id"),
    where_set("pool_id"),
    where_set("merged_into_id"),
)
"""`amount` is money in hundredths (分). `name_key` is what names are compared by (see domain/duplicates.py)."""

collaborators = Table(
    "collaborators",
    metadata,
    key("organisation_id"),
    key("record_type", SmallInteger),
    key("record_id"),
    key("user_id"),
    Column("added_at", BigInteger, nullable=False),
    Column("added_by", Integer, nullable=False),
    Index(None, "organisation_id", "user_id", "record_type", "record_id"),
    sqlite_with_rowid=False,
)
"""Who sees and works on a record beside its owner (协作人)."""

NUMBER_ENDING = "substr(number, length(number) - 3)"
"""The last four digits of a number, as both engines write it."""

phones = Table(
    "phones",
    metadata,
    key("organisation_id"),
    key("record_type", SmallInteger),
    key("record_id"),
    key("number", String(32)),
    Index(None, "organisation_id", "number"),
    Index("ix_phones_ending", "organisation_id", text(f"({NUMBER_ENDING})")),
    sqlite_with_rowid=False,
)
"""The telephone numbers of a record, digits only: an incoming call and a search for duplicates look them up, and who
types their last digits.
"""

pools = Table(
    "pools",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("type", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("settings", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Pools of leads and of customers that nobody owns (公海); `settings` is JSON (see domain/pools.py)."""

return_warnings = Table(
    "return_warnings",
    metadata,
    key("organisation_id"),
    key("record_type", SmallInteger),
    key("record_id"),
    Column("due_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The latest return to a pool that a record's timeline warned of, by when it is due."""

merges = Table(
    "merges",
    metadata,
    key("organisation_id"),
    key("id"),
    Column("type", SmallInteger, nullable=False),
    Column("kept_id", Integer, nullable=False),
    Column("merged_id", Integer, nullable=False),
    Column("merged_at", BigInteger, nullable=False),
    Column("merged_by", Integer, nullable=False),
    Column("moved", LargeBinary, nullable=False),
    Column("undone_at", BigInteger),
    Index(None, "organisation_id", "type", "kept_id"),
    sqlite_with_rowid=False,
)
"""What each merging of duplicates changed, so that it can be undone; `moved` is JSON."""
