"""Every table, for both engines. `store/migrations` builds the same; a test holds the two together.

`organisation_id` leads every primary key. Instants are whole seconds since 1970-01-01 UTC in 64 bits; ids are
positive 32-bit integers. Tables that are read by key alone have no rowid on SQLite: the key is the table.
The last group of tables belongs to the installation, not to an organisation.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    String,
    Table,
    Text,
    event,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    },
)

ID_SEQUENCE = Sequence("genjin_ids", metadata=metadata, minvalue=1, maxvalue=2_147_483_647)
"""The source of ids on PostgreSQL; on SQLite it is the table `id_counter`."""

COMMON_KINDS = (2, 3, 4, 5)
"""The codes of kinds that most activities are of (see domain/kinds.py). The few others have an index of their own."""
RARE = f"kind NOT IN ({', '.join(map(str, COMMON_KINDS))})"
LOUD = "kind NOT IN (1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)"
"""Of kinds by which something happened (see domain/latest.py; a test holds the two together)."""


def _key(name: str, type_: type[TypeEngine[Any]] | TypeEngine[Any] = Integer) -> Column[Any]:
    return Column(name, type_, primary_key=True, autoincrement=False, nullable=False)


def _where_set(name: str) -> Index:
    """An index of the rows in which this column is set; they are few."""
    return _where(f"{name} IS NOT NULL", name)


def _where(condition: str, *names: str, called: str | None = None) -> Index:
    """An index of the rows of which this is true. A query says the same words to use it. It has a name of its own where
    that of its columns would be too long.
    """
    return Index(called, "organisation_id", *names, sqlite_where=text(condition), postgresql_where=text(condition))


organisations = Table(
    "organisations",
    metadata,
    _key("organisation_id"),
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
    _key("organisation_id"),
    _key("id"),
    Column("name", Text, nullable=False),
    Column("parent_id", Integer),
    Column("managers", LargeBinary),
    sqlite_with_rowid=False,
)
"""`managers` is a JSON list of the ids of the users who lead the department."""

roles = Table(
    "roles",
    metadata,
    _key("organisation_id"),
    _key("id"),
    Column("name", Text, nullable=False),
    Column("scope", String(32), nullable=False),
    Column("rights", LargeBinary),
    sqlite_with_rowid=False,
)
"""`rights` is a JSON object of what the role may not see or change of a field (see domain/people.py `Role`)."""

users = Table(
    "users",
    metadata,
    _key("organisation_id"),
    _key("id"),
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
    _key("organisation_id"),
    _key("user_id"),
    Column("language", String(8)),
    Column("time_zone", String(64)),
    Column("theme", String(8), nullable=False),
    sqlite_with_rowid=False,
)
"""What people want of the page for people (see domain/preferences.py); who said nothing has no row."""

audit_log = Table(
    "audit_log",
    metadata,
    _key("organisation_id"),
    _key("id"),
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

tokens = Table(
    "tokens",
    metadata,
    _key("organisation_id"),
    _key("token_hash", LargeBinary),
    Column("id", Integer, nullable=False),
    Column("user_id", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    sqlite_with_rowid=False,
)

options = Table(
    "options",
    metadata,
    _key("organisation_id"),
    _key("id"),
    Column("field", String(64), nullable=False),
    Column("label", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Index(None, "organisation_id", "field", "label", unique=True),
    sqlite_with_rowid=False,
)

records = Table(
    "records",
    metadata,
    _key("organisation_id"),
    _key("type", SmallInteger),
    _key("id"),
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
    _where_set("customer_id"),
    _where_set("pool_id"),
    _where_set("merged_into_id"),
)
"""`amount` is money in hundredths (分). `name_key` is what names are compared by (see domain/duplicates.py)."""

collaborators = Table(
    "collaborators",
    metadata,
    _key("organisation_id"),
    _key("record_type", SmallInteger),
    _key("record_id"),
    _key("user_id"),
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
    _key("organisation_id"),
    _key("record_type", SmallInteger),
    _key("record_id"),
    _key("number", String(32)),
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
    _key("organisation_id"),
    _key("id"),
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
    _key("organisation_id"),
    _key("record_type", SmallInteger),
    _key("record_id"),
    Column("due_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The latest return to a pool that a record's timeline warned of, by when it is due."""

merges = Table(
    "merges",
    metadata,
    _key("organisation_id"),
    _key("id"),
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

custom_fields = Table(
    "custom_fields",
    metadata,
    _key("organisation_id"),
    _key("id"),
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
    _key("organisation_id"),
    _key("code", SmallInteger),
    Column("name", String(64), nullable=False),
    Column("definition", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("archived_at", BigInteger),
    Column("version", Integer, nullable=False),
    Index(None, "organisation_id", "name", unique=True),
    sqlite_with_rowid=False,
)
"""Kinds of activities that the organisation defined; `definition` is JSON (see domain/custom_kind.py)."""

activities = Table(
    "activities",
    metadata,
    _key("organisation_id"),
    _key("id"),
    Column("kind", SmallInteger, nullable=False),
    Column("actor_id", Integer, nullable=False),
    Column("target_type", SmallInteger, nullable=False),
    Column("target_id", Integer, nullable=False),
    Column("object_id", Integer),
    Column("at", BigInteger, nullable=False),
    Column("said_at", BigInteger),
    Column("recorded_at", BigInteger, nullable=False),
    Column("edited_at", BigInteger),
    Column("remind_at", BigInteger),
    Column("category_id", Integer),
    Column("text", LargeBinary),
    Column("rare", LargeBinary),
    Column("deleted_at", BigInteger),
    Column("from_capture", Boolean, nullable=False),
    Column("comment_count", Integer, nullable=False, server_default=text("0")),
    Index(None, "organisation_id", "at", "id"),
    Index(None, "organisation_id", "actor_id", "at", "id"),
    _where(RARE, "kind", "at", "id"),
    _where("said_at <> at", "said_at", "id"),
    _where("recorded_at <> at", "recorded_at", "id"),
    _where_set("deleted_at"),
    _where(f"deleted_at IS NULL AND {LOUD}", "actor_id", "kind", "at"),
    sqlite_with_rowid=False,
)
"""One row an activity: the columns of domain.activity.Facts, and two that readers never need. By the indexes feeds are
read: of most entries the three clocks say the same, so those of the other two hold what they say otherwise.
"""

activity_sources = Table(
    "activity_sources",
    metadata,
    _key("organisation_id"),
    _key("source", String(64)),
    _key("external_id", String(255)),
    Column("activity_id", Integer),
    _where_set("activity_id"),
    sqlite_with_rowid=False,
)
"""What activities are called in the systems that they came from; few have a row. Without an `activity_id`, a name is
claimed by a transaction that is not over.
"""

activity_versions = Table(
    "activity_versions",
    metadata,
    _key("organisation_id"),
    _key("activity_id"),
    _key("version"),
    Column("replaced_at", BigInteger, nullable=False),
    Column("replaced_by", Integer),
    Column("said_at", BigInteger),
    Column("remind_at", BigInteger),
    Column("category_id", Integer),
    Column("text", LargeBinary),
    Column("rare", LargeBinary),
    sqlite_with_rowid=False,
)
"""What an activity said before an edit; version 1 is the first wording."""

timeline = Table(
    "timeline",
    metadata,
    _key("organisation_id"),
    _key("subject_type", SmallInteger),
    _key("subject_id"),
    _key("at", BigInteger),
    _key("activity_id"),
    Column("via", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The index that a timeline is read from, backwards. `via` is the type of the activity's own target."""

timelines = Table(
    "timelines",
    metadata,
    _key("organisation_id"),
    _key("subject_type", SmallInteger),
    _key("subject_id"),
    Column("total", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("last_activity_at", BigInteger),
    Column("last_follow_up_at", BigInteger),
    Column("last_call_at", BigInteger),
    Column("last_visit_at", BigInteger),
    _where(
        *("last_activity_at IS NOT NULL", "subject_type", "last_activity_at", "subject_id"),
        called="ix_timelines_last_activity_at",
    ),
    sqlite_with_rowid=False,
)
"""How many entries a timeline has, and when something happened last (see domain/latest.py); `version` grows with every
change of it.
"""

timeline_blocks = Table(
    "timeline_blocks",
    metadata,
    _key("organisation_id"),
    _key("subject_type", SmallInteger),
    _key("subject_id"),
    _key("at", BigInteger),
    _key("activity_id"),
    Column("entries", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Skip records of a long timeline: each counts the entries from its own key up to the next block's."""

follow_ups = Table(
    "follow_ups",
    metadata,
    _key("organisation_id"),
    _key("id"),
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

comments = Table(
    "comments",
    metadata,
    _key("organisation_id"),
    _key("id"),
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

checkins = Table(
    "checkins",
    metadata,
    _key("organisation_id"),
    _key("id"),
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

notices = Table(
    "notices",
    metadata,
    _key("organisation_id"),
    _key("user_id"),
    _key("id"),
    Column("kind", SmallInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor_id", Integer, nullable=False),
    Column("record_type", SmallInteger),
    Column("record_id", Integer),
    Column("activity_id", Integer),
    Column("comment_id", Integer),
    Column("details", LargeBinary),
    Column("read_at", BigInteger),
    Index(None, "organisation_id", "at"),
    Index(None, "organisation_id", "id"),
    _where("read_at IS NULL", "user_id", "id"),
    sqlite_with_rowid=False,
)
"""What people should know (see domain/notice.py), in the order in which they are told of it; `details` is JSON."""

follows = Table(
    "follows",
    metadata,
    _key("organisation_id"),
    _key("record_type", SmallInteger),
    _key("record_id"),
    _key("user_id"),
    Column("since", BigInteger, nullable=False),
    Index(None, "organisation_id", "user_id", "since"),
    sqlite_with_rowid=False,
)
"""Who wants to know what happens on a record."""

reminders = Table(
    "reminders",
    metadata,
    _key("organisation_id"),
    _key("id"),
    Column("user_id", Integer, nullable=False),
    Column("record_type", SmallInteger, nullable=False),
    Column("record_id", Integer, nullable=False),
    Column("activity_id", Integer),
    Column("remind_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("told_at", BigInteger),
    Column("done_at", BigInteger),
    Index(None, "organisation_id", "user_id", "due_at", "id"),
    _where("done_at IS NULL", "record_type", "record_id", "due_at"),
    _where("done_at IS NULL AND told_at IS NULL", "due_at", "id"),
    _where_set("activity_id"),
    sqlite_with_rowid=False,
)
"""When people want to come back to records (see domain/reminder.py)."""

calendar_links = Table(
    "calendar_links",
    metadata,
    _key("organisation_id"),
    _key("secret_hash", LargeBinary),
    Column("user_id", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "organisation_id", "user_id", unique=True),
    sqlite_with_rowid=False,
)
"""The links to people's calendars, one each; of a secret only its SHA-256 is kept."""

files = Table(
    "files",
    metadata,
    _key("organisation_id"),
    _key("id"),
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

calls = Table(
    "calls",
    metadata,
    _key("organisation_id"),
    _key("id"),
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

SEARCHED_BY = (
    "array_to_tsvector(string_to_array(ltrim(replace(terms, ' ', ' ' || organisation_id::text || 'x' || source::text ||"
    " 'x')) || ' ' || organisation_id::text || 'x' || source::text || 'x~' || (at >> 22)::text, ' '))"
)
SEARCH_INDEX = {
    "sqlite": "CREATE VIRTUAL TABLE search_index"
    " USING fts5(terms, content='', columnsize=0, detail='none', tokenize='ascii')",
    "postgresql": f"CREATE INDEX search_index ON search_texts USING gin ({SEARCHED_BY})"
    " WITH (gin_pending_list_limit = 512)",
}
"""What texts are found by, on each engine: each term behind its organisation and source, on PostgreSQL also the stretch
of time that the text lies in (see store/search_hits.py).
"""


def _texts(name: str, terms: Column[str]) -> Table:
    return Table(
        name,
        metadata,
        _key("organisation_id"),
        _key("source", SmallInteger),
        _key("at", BigInteger),
        _key("id"),
        _key("type", SmallInteger),
        Column("numbers", Boolean, nullable=False),
        terms,
        sqlite_with_rowid=False,
    )


search_texts = _texts("search_texts", Column("terms", Text, nullable=False))
"""What is searched: the terms of a text (see domain/search.py), and whether a telephone number is in it. `source` says
what it is of (see store/search_texts.py), `type` of which type where that is a record, else 0.
"""


@event.listens_for(search_texts, "after_create")
def _make_search_index(_table: Table, connection: Connection, **_: object) -> None:
    connection.exec_driver_sql(SEARCH_INDEX[connection.dialect.name])


search_backlog = _texts("search_backlog", Column("terms", Text))
"""The same, of texts that no index knows yet; a job moves them over. Without terms it is only told that there is a text
to look at.
"""

kept_answers = Table(
    "kept_answers",
    metadata,
    _key("organisation_id"),
    _key("key_hash", LargeBinary),
    Column("request_hash", LargeBinary, nullable=False),
    Column("answered_at", BigInteger, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("headers", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index(None, "organisation_id", "answered_at"),
    sqlite_with_rowid=False,
)
"""Answers to requests with an Idempotency-Key, which are given again; the key and the request as their SHA-256."""

jobs = Table(
    "jobs",
    metadata,
    _key("organisation_id"),
    _key("id"),
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
    _where_set("due_at"),
    _where_set("ended_at"),
    sqlite_with_rowid=False,
)
"""The queue (see domain/job.py). `due_at` is set until a job is over; `cursor` and `arguments` are JSON."""

changes = Table(
    "changes",
    metadata,
    _key("organisation_id"),
    _key("written_in", BigInteger),
    _key("number", BigInteger),
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

tally_states = Table(
    "tally_states",
    metadata,
    _key("organisation_id"),
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
    _key("organisation_id"),
    _key("id"),
    Column("told", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Who sees what is counted together; `told` is JSON (see domain/audience.py)."""

tallied_records = Table(
    "tallied_records",
    metadata,
    _key("organisation_id"),
    _key("type", SmallInteger),
    _key("id"),
    Column("audience_id", Integer, nullable=False),
    Index(None, "organisation_id", "audience_id"),
    sqlite_with_rowid=False,
)
"""By which audience what happened on a record is counted."""

daily_tallies = Table(
    "daily_tallies",
    metadata,
    _key("organisation_id"),
    _key("day"),
    _key("audience_id"),
    _key("actor_id"),
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
    _key("organisation_id"),
    _key("hour", SmallInteger),
    _key("day"),
    _key("audience_id"),
    _key("actor_id"),
    Column("calls", Integer, nullable=False),
    Column("connected", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The same of calls, by the hour of the day in which they began."""

webhooks = Table(
    "webhooks",
    metadata,
    _key("organisation_id"),
    _key("id"),
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
    _key("organisation_id"),
    _key("webhook_id"),
    _key("number", BigInteger),
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
    _where("due_at IS NOT NULL", "webhook_id", "due_at"),
    _where("ended_at IS NULL", "webhook_id", "type", "id", "number"),
    _where(NOT_DELIVERED, "webhook_id", "state", "number"),
    _where_set("ended_at"),
    sqlite_with_rowid=False,
)
"""What webhooks are told, one row a thing; `type` and `id` are the record's, `attempts` is JSON. What is sent is made
when it is sent.
"""

id_counter = Table(
    "id_counter",
    metadata,
    _key("one"),
    Column("last_id", Integer, nullable=False),
    info={"only_on": "sqlite"},
)
"""One row: the last id given out. PostgreSQL has ID_SEQUENCE instead."""

login_failures = Table(
    "login_failures",
    metadata,
    _key("login_hash", LargeBinary),
    Column("window_start", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Wrong passwords per login, address, and both; what is stored is a SHA-256 (see service/organisation/attempts.py)."""

schedule = Table(
    "schedule",
    metadata,
    _key("job", String(64)),
    Column("due_at", BigInteger, nullable=False),
    Column("ran_at", BigInteger),
    sqlite_with_rowid=False,
)
"""When each job of the installation runs next; the worker that moves `due_at` on runs it."""

unserved_calls = Table(
    "unserved_calls",
    metadata,
    _key("method", String(16)),
    _key("path", String(255)),
    Column("calls", BigInteger, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Calls of the upstream's API that are not served here; ids in the path are left out."""

secrets = Table(
    "secrets",
    metadata,
    _key("name", String(64)),
    Column("value", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""What this installation signs its links with."""

INSTALLATION_TABLES = frozenset({"id_counter", "login_failures", "schedule", "unserved_calls", "secrets"})
"""The tables that belong to no organisation."""
ONLY_GROW = frozenset({"audit_log"})
"""The tables of which the server changes and removes nothing."""
