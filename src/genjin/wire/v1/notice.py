"""Notices as /api/v1 shows them, and what an inbox is asked for and told."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from genjin.domain.activity_view import ActivityViews
from genjin.domain.comment import Comment
from genjin.domain.json import JsonValue
from genjin.domain.notice import Notice, NoticeKind
from genjin.domain.people import SYSTEM_ID
from genjin.domain.records import Record, Ref
from genjin.domain.sight import Sight
from genjin.domain.template import filled
from genjin.wire.v1.activity import Activity, ActivityForm, Language, activity_to_wire, actor_to_wire
from genjin.wire.v1.comment import CommentObject, comment_to_wire
from genjin.wire.v1.refs import NamedRecord, named_to_wire
from genjin.wire.v1.shared import MAX_CURSOR, Asked, Given, Id, Named, Next, Paged, Shown
from genjin.wire.v1.times import ShownTime, iso_time, iso_time_or_none

KindName = Literal["mention", "reply", "assigned", "followed", "reminder_due", "webhook_off"]
KINDS: Mapping[KindName, NoticeKind] = {
    "mention": NoticeKind.MENTION,
    "reply": NoticeKind.REPLY,
    "assigned": NoticeKind.ASSIGNED,
    "followed": NoticeKind.FOLLOWED,
    "reminder_due": NoticeKind.REMINDER_DUE,
    "webhook_off": NoticeKind.WEBHOOK_OFF,
}
NAMES: Mapping[NoticeKind, KindName] = {kind: name for name, kind in KINDS.items()}
_SAYS: Mapping[Language, Mapping[NoticeKind, str]] = {
    "zh": {
        NoticeKind.MENTION: "{actor}在{target}的动态中提到了您",
        NoticeKind.REPLY: "{actor}评论了您参与的{target}的动态",
        NoticeKind.ASSIGNED: "{actor}将{target}分配给了您",
        NoticeKind.FOLLOWED: "您关注的{target}有新动态",
        NoticeKind.REMINDER_DUE: "该跟进{target}了",
        NoticeKind.WEBHOOK_OFF: "Webhook {name} 已停用",
    },
    "en": {
        NoticeKind.MENTION: "{actor} mentioned you on {target}",
        NoticeKind.REPLY: "{actor} commented on what you wrote on {target}",
        NoticeKind.ASSIGNED: "{actor} gave {target} to you",
        NoticeKind.FOLLOWED: "Something happened on {target}, which you follow",
        NoticeKind.REMINDER_DUE: "It is time to follow up with {target}",
        NoticeKind.WEBHOOK_OFF: "The webhook {name} was switched off",
    },
}
_SYSTEM: Mapping[Language, str] = {"zh": "系统", "en": "The system"}
_HIDDEN = Sight(numbers=False)
Kinds = Annotated[list[KindName], Field(max_length=len(KINDS))]


class InboxQuery(Paged):
    """What of an inbox is asked for."""

    unread: Literal["0", "1"] = Field("0", description="1: only what was not read.")
    kind: Kinds = Field([], description="Only of these kinds; of any if none is told.")


class NoticeObject(Shown):
    """Something that the caller should know."""

    id: int
    kind: KindName
    at: ShownTime
    read_at: ShownTime | None
    actor: Named | None = Field(description="Who did it; null for what Genjin does by itself.")
    sentence: str = Field(description="What it is about, in the caller's language.")
    record: NamedRecord | None
    activity: Activity | None = Field(description="What happened; of a comment what it is on.")
    comment: CommentObject | None
    details: dict[str, Any] | None = Field(description="What else there is to say.")


class Inbox(Shown):
    """Notices, the latest first."""

    items: list[NoticeObject]
    next: Next


class InboxStreamQuery(Asked):
    """Where a reader of an inbox is."""

    cursor: str | None = Field(None, max_length=MAX_CURSOR, description="Where the reader is, as it was told.")


class UnreadCounts(Shown):
    """How many notices are unread."""

    total: int
    complete: bool = Field(description="False where there are more than are counted.")
    kinds: dict[KindName, int] = Field(description="By kind; all kinds are there.")


class NoticeChange(Given):
    """Whether it was read."""

    read: bool


class ReadUpTo(Given):
    """What was read: all, of some kinds, up to a notice."""

    until: Id | None = Field(None, description="The id of the latest notice that was read; all if none is told.")
    kind: Kinds = Field([], description="Only of these kinds; of any if none is told.")


class Marked(Shown):
    """How many were unread."""

    marked: int


def kinds_asked(names: Sequence[KindName]) -> frozenset[NoticeKind]:
    """The kinds of these names; all of none."""
    return frozenset(KINDS[name] for name in names) or frozenset(NoticeKind)


def notice_to_wire(
    notice: Notice,
    views: ActivityViews,
    comments: Mapping[int, Comment],
    records: Mapping[Ref, Record],
    form: ActivityForm,
) -> dict[str, JsonValue]:
    """A notice as NoticeObject, with what it is about among the views, comments and records."""
    directory, calendar = form.directory, form.directory.calendar
    facts = next((facts for facts in views.entries if facts.id == notice.activity_id), None)
    ref = notice.ref if facts is None else facts.target
    record = None if ref is None else views.targets.get(ref) or records.get(ref)
    comment = comments.get(notice.comment_id or 0)
    sight = _HIDDEN if ref is None else views.sights.get(ref, _HIDDEN)
    actor = actor_to_wire(notice.actor_id, directory)
    told = {str(name): str(value) for name, value in (notice.details or {}).items()}
    told |= {
        "actor": _SYSTEM[form.language] if actor is None else str(actor["name"]),
        "target": record.name if record else "",
    }
    return {
        "id": notice.id,
        "kind": NAMES[notice.kind],
        "at": iso_time(notice.at, calendar),
        "read_at": iso_time_or_none(notice.read_at, calendar),
        "actor": None if notice.actor_id == SYSTEM_ID else actor,
        "sentence": filled(_SAYS[form.language][notice.kind], told),
        "record": None if record is None else named_to_wire(record.ref, record.name),
        "activity": None if facts is None else activity_to_wire(facts, views, form),
        "comment": None if comment is None else comment_to_wire(comment, sight, directory),
        "details": None if notice.details is None else dict(notice.details),
    }


def unread_to_wire(counts: Mapping[NoticeKind, int], most: int) -> dict[str, JsonValue]:
    """How many are unread, of the `most` that were counted, as UnreadCounts."""
    total = sum(counts.values())
    by_kind: dict[str, JsonValue] = {name: counts.get(kind, 0) for name, kind in KINDS.items()}
    return {"total": total, "complete": total < most, "kinds": by_kind}
