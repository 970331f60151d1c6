"""THE registry of nouns: of every table and column, how an export tells it and an import reads it, or why it does not.

A test compares it with the tables, so that a new column cannot be forgotten: it gets a line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from genjin.domain.attachment import FileKind
from genjin.domain.audit import Act
from genjin.domain.change import Change
from genjin.domain.comment import Wording
from genjin.domain.custom_field import Choice
from genjin.domain.custom_kind import Definition
from genjin.domain.notice import NoticeKind
from genjin.domain.people import DataScope
from genjin.domain.records import RecordType, Ref
from genjin.domain.webhook import Event
from genjin.nouns.noun import (
    BYTES,
    DETAILS,
    DIGEST,
    HOLDER,
    ID,
    INSTANT,
    KIND,
    MONEY,
    NUMBER,
    OBJECT,
    RECORD,
    TEXT,
    TRUTH,
    TYPED_TEXT,
    Field,
    Noun,
    Part,
    members,
    same,
    stored,
    type_or,
    with_instants,
    word,
)
from genjin.store import tables


@dataclass(frozen=True, slots=True)
class _FieldSettings:
    """What is stored of a field that was added, beside its columns."""

    placeholder: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class _CommentDetails:
    """What is stored of a comment beside its columns."""

    mentions: tuple[int, ...] = ()
    earlier: tuple[Wording, ...] = ()


_ITS_OWN = "the line is of the organisation of the header"
_ITS_RECORD = (Field("record", RECORD, ("record_type", "record_id")),)
_TARGET = (Field("target", RECORD, ("target_type", "target_id")),)
_SAID = (
    *same(INSTANT, "said_at", "remind_at"),
    *same(ID, "category_id"),
    Field("text", TYPED_TEXT, ("text",)),
    Field("details", DETAILS, ("rare",)),
)
"""What an activity and its earlier wordings say."""

ORGANISATION = Noun(
    "organisation",
    tables.organisations,
    (
        Field("id", ID, ("organisation_id",)),
        *same(TEXT, "name", "corp_id", "time_zone"),
        Field("settings", OBJECT, ("settings",)),
    ),
    derived={"version": "begins anew: it counts the changes that servers have to hear of"},
)
DEPARTMENT = Noun(
    "department",
    tables.departments,
    (
        *same(ID, "id"),
        *same(TEXT, "name"),
        *same(ID, "parent_id"),
        Field("managers", stored(tuple[int, ...]), ("managers",)),
    ),
)
ROLE = Noun(
    "role",
    tables.roles,
    (*same(ID, "id"), *same(TEXT, "name"), Field("scope", word(DataScope), ("scope",)), *same(OBJECT, "rights")),
)
USER = Noun(
    "user",
    tables.users,
    (
        *same(ID, "id"),
        *same(TEXT, "name"),
        *same(INSTANT, "created_at"),
        *same(TEXT, "login"),
        *same(TEXT, "email", "phone", missing=""),
        *same(ID, "role_id", missing=0),
        *same(ID, "department_id"),
        *same(TEXT, "workflow_state", missing="organization_staff"),
        *same(TEXT, "job", "tel", "avatar_url", missing=""),
        *same(TEXT, "third_userid", "third_dept_id"),
        *same(NUMBER, "uid", missing=0),
        *same(TEXT, "gender"),
        *same(ID, "superior_id"),
        *same(INSTANT, "left_at"),
        *same(TRUTH, "from_capture", missing=False),
        *same(TEXT, "password_hash", secret=True),
    ),
)
PREFERENCES = Noun(
    "preferences", tables.preferences, (*same(ID, "user_id"), *same(TEXT, "language", "time_zone", "theme"))
)
OPTION = Noun(
    "option",
    tables.options,
    (*same(ID, "id"), *same(TEXT, "field", "label"), *same(NUMBER, "position", missing=0)),
)
CUSTOM_FIELD = Noun(
    "custom_field",
    tables.custom_fields,
    (
        *same(ID, "id"),
        Field("of", type_or("follow_up"), ("record_type",)),
        *same(TEXT, "name", "label", "field_type"),
        *same(TEXT, "group_label", missing=""),
        *same(NUMBER, "position", missing=0),
        *same(TRUTH, "required", missing=False),
        *same(TRUTH, "enabled", missing=True),
        Field("settings", stored(_FieldSettings), ("settings",)),
    ),
)
CUSTOM_KIND = Noun(
    "custom_kind",
    tables.custom_kinds,
    (
        *same(TEXT, "name"),
        Field("definition", stored(Definition), ("definition",)),
        *same(INSTANT, "created_at", "archived_at"),
        *same(NUMBER, "version", missing=1),
    ),
    derived={"code": "is given anew, in the order of the lines: elsewhere a kind goes by its name"},
)
POOL = Noun(
    "pool",
    tables.pools,
    (
        *same(ID, "id"),
        Field("of", word(RecordType), ("type",)),
        *same(TEXT, "name"),
        *same(INSTANT, "created_at", "updated_at"),
        Field("settings", with_instants("enabled_at", "limited_at"), ("settings",)),
    ),
)
RECORD_ = Noun(
    "record",
    tables.records,
    (
        Field("type", word(RecordType), ("type",)),
        *same(ID, "id"),
        *same(TEXT, "name"),
        *same(ID, "owner_id", "creator_id", "department_id"),
        *same(INSTANT, "created_at", "updated_at"),
        *same(TEXT, "company_name", "status", "source", "category"),
        *same(ID, "before_owner_id", "before_department_id", "customer_id"),
        *same(INSTANT, "turned_at", "followed_up_at", "said_followed_up_at", "called_at", "remind_at", "deleted_at"),
        *same(TEXT, "name_pinyin", "company_name_pinyin", optional=True),
        *same(OBJECT, "details", "captured"),
        *same(ID, "pool_id"),
        *same(INSTANT, "pooled_at"),
        *same(ID, "from_pool_id"),
        *same(TEXT, "approve_status"),
        *same(MONEY, "amount"),
        *same(ID, "opportunity_id", "merged_into_id"),
    ),
    derived={"name_key": "is made of the name"},
    parts=(Part("sources", tables.record_sources, ("type", "record_id"), same(TEXT, "source", "external_id")),),
)
COLLABORATOR = Noun(
    "collaborator",
    tables.collaborators,
    (*_ITS_RECORD, *same(ID, "user_id"), *same(INSTANT, "added_at"), *same(ID, "added_by")),
)
RETURN_WARNING = Noun("return_warning", tables.return_warnings, (*_ITS_RECORD, *same(INSTANT, "due_at")))
ACTIVITY = Noun(
    "activity",
    tables.activities,
    (
        *same(ID, "id"),
        Field("kind", KIND, ("kind",)),
        *same(ID, "actor_id"),
        *_TARGET,
        *same(ID, "object_id"),
        *same(INSTANT, "at", "recorded_at", "edited_at", "deleted_at"),
        *same(TRUTH, "from_capture", missing=False),
        *_SAID,
    ),
    derived={"comment_count": "is counted"},
    parts=(
        Part(
            "earlier",
            tables.activity_versions,
            ("activity_id",),
            (*same(NUMBER, "version"), *same(INSTANT, "replaced_at"), *same(ID, "replaced_by"), *_SAID),
        ),
        Part("sources", tables.activity_sources, ("activity_id",), same(TEXT, "source", "external_id")),
    ),
)
CALL = Noun(
    "call",
    tables.calls,
    (
        *same(ID, "id", "caller_id"),
        *_TARGET,
        *same(TEXT, "number"),
        *same(INSTANT, "created_at", "updated_at"),
        *same(TEXT, "external_id", "name", "name_type", "number_type", "dial_type", missing=""),
        *same(NUMBER, "seconds", missing=0),
        *same(TRUTH, "connected", missing=False),
        *same(ID, "activity_id"),
    ),
)
CHECK_IN = Noun(
    "check_in",
    tables.checkins,
    (
        *same(ID, "id", "activity_id", "author_id"),
        *_TARGET,
        *same(INSTANT, "at"),
        *same(TEXT, "detail", missing=""),
        *same(INSTANT, "signed_out_at"),
    ),
)
COMMENT = Noun(
    "comment",
    tables.comments,
    (
        *same(ID, "id", "activity_id", "parent_id", "author_id"),
        *same(TEXT, "text", missing=""),
        Field("details", stored(_CommentDetails), ("details",)),
        *same(INSTANT, "created_at", "edited_at", "deleted_at"),
    ),
)
MERGE = Noun(
    "merge",
    tables.merges,
    (
        *same(ID, "id"),
        Field("of", word(RecordType), ("type",)),
        *same(ID, "kept_id", "merged_id"),
        *same(INSTANT, "merged_at"),
        *same(ID, "merged_by"),
        Field("moved", stored(Mapping[str, tuple[Ref, ...]]), ("moved",)),
        *same(INSTANT, "undone_at"),
    ),
)
FOLLOW = Noun("follow", tables.follows, (*_ITS_RECORD, *same(ID, "user_id"), *same(INSTANT, "since")))
REMINDER = Noun(
    "reminder",
    tables.reminders,
    (
        *same(ID, "id", "user_id"),
        *_ITS_RECORD,
        *same(ID, "activity_id"),
        *same(INSTANT, "remind_at", "due_at", "changed_at", "told_at", "done_at"),
    ),
)
NOTICE = Noun(
    "notice",
    tables.notices,
    (
        *same(ID, "user_id", "id"),
        Field("of", word(NoticeKind), ("kind",)),
        *same(INSTANT, "at"),
        *same(ID, "actor_id"),
        *_ITS_RECORD,
        *same(ID, "activity_id", "comment_id"),
        *same(OBJECT, "details"),
        *same(INSTANT, "read_at"),
    ),
)
FILE = Noun(
    "file",
    tables.files,
    (
        *same(ID, "id"),
        *same(DIGEST, "sha256"),
        *same(TEXT, "name", "content_type"),
        *same(NUMBER, "size"),
        Field("of", word(FileKind), ("kind",)),
        *same(NUMBER, "seconds"),
        *same(TEXT, "note", "sub_type", missing=""),
        *same(ID, "uploaded_by"),
        *same(INSTANT, "uploaded_at"),
        Field("attached_to", HOLDER, ("attached_type", "attached_id")),
        *same(INSTANT, "attached_at"),
        *same(BYTES, "waveform"),
    ),
    left_out={"deleted_at": "a file that was deleted is not told"},
    only=tables.files.c.deleted_at.is_(None),
    marks=("missing",),
)
WEBHOOK = Noun(
    "webhook",
    tables.webhooks,
    (
        *same(ID, "id", "owner_id"),
        *same(TEXT, "url"),
        *same(TEXT, "description", missing=""),
        Field("events", members(Event), ("events",)),
        Field("filter", OBJECT, ("asked",)),
        *same(TEXT, "language", missing="zh"),
        *same(INSTANT, "created_at"),
    ),
    derived={
        **dict.fromkeys(("secret", "version", "cursor", "last_number", "failures"), "begins anew"),
        **dict.fromkeys(("off_at", "off_why"), "an import switches it off: the one that was exported may be on still"),
    },
    left_out={
        **dict.fromkeys(("old_secret", "old_until", "failing_since", "rests_until"), "of the secret and of deliveries"),
        "removed_at": "one that was removed is not told",
    },
    only=tables.webhooks.c.removed_at.is_(None),
    secret=True,
)
AUDIT = Noun(
    "audit",
    tables.audit_log,
    (
        *same(ID, "id"),
        *same(INSTANT, "at"),
        *same(ID, "actor_id"),
        *same(TEXT, "act"),
        *same(ID, "subject_id"),
        *same(TEXT, "subject_name", missing=""),
        Field("changes", stored(tuple[Change, ...]), ("changes",)),
    ),
    only=tables.audit_log.c.act.not_in([act.value for act in Act if act.group == "data"]),
)
"""Not told are acts on all data, such as this export: they are of a database, not of the organisation."""

NOUNS: Mapping[str, Noun] = {
    noun.name: noun
    for noun in (
        *(ORGANISATION, DEPARTMENT, ROLE, USER, PREFERENCES, OPTION, CUSTOM_FIELD, CUSTOM_KIND, POOL, RECORD_),
        *(COLLABORATOR, RETURN_WARNING, ACTIVITY, CALL, CHECK_IN, COMMENT, MERGE, FOLLOW, REMINDER, NOTICE, FILE),
        *(WEBHOOK, AUDIT),
    )
}
"""In the order of their lines: what others need comes before these."""

NOT_TOLD: Mapping[str, str] = {
    "phones": "derived: the numbers in records",
    "follow_ups": "derived: the activities of follow-ups",
    **dict.fromkeys(("timeline", "timelines", "timeline_blocks"), "derived: indexes of activities"),
    **dict.fromkeys(("search_texts", "search_backlog"), "derived: what activities, comments and names are found by"),
    **dict.fromkeys(
        ("tally_states", "tally_audiences", "tallied_records", "daily_tallies", "hourly_tallies"),
        "derived: counted of activities",
    ),
    "changes": "derived: an import logs what it brings",
    "tokens": "secret: people make new ones",
    "calendar_links": "secret: people make new ones",
    "deliveries": "of this installation: what it has sent to webhooks",
    "kept_answers": "of this installation: answers to requests of the last hours",
    "jobs": "of this installation: what it has to do still",
    **dict.fromkeys(
        ("syncs", "sync_units", "sync_misfits", "sync_ids"),
        "of this installation: how far it has come with the server that it brings history from",
    ),
    **dict.fromkeys(
        ("imports", "import_rejects"), "of this installation: tables that it imported, and rows that failed"
    ),
    **dict.fromkeys(
        ("id_counter", "login_failures", "schedule", "unserved_calls", "secrets"),
        "of this installation, and of no organisation",
    ),
}
"""The tables that no line tells of, each with why."""
