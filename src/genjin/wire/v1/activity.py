"""Activities as /api/v1 shows them, one by one and everywhere alike: in feeds, changes, exports and webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from pydantic import Field

from genjin.domain.activity import Facts
from genjin.domain.activity_view import ActivityViews
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.json import JsonValue
from genjin.domain.kinds import FOREIGN
from genjin.domain.people import SYSTEM_ID
from genjin.domain.records import Ref
from genjin.domain.sight import Sight
from genjin.domain.template import filled
from genjin.wire.files.file import Url
from genjin.wire.timeline.custom import payload_shown
from genjin.wire.v1.activity_details import ActivityDetails, Told, details_to_wire
from genjin.wire.v1.activity_files import ActivityFile, files_to_wire
from genjin.wire.v1.kind import GroupName
from genjin.wire.v1.refs import NamedRecord, RecordRef, named_to_wire, ref_to_wire
from genjin.wire.v1.shared import Named, Shown
from genjin.wire.v1.times import ShownTime, iso_time, iso_time_or_none

Language = Literal["zh", "en"]
_SYSTEM: Mapping[Language, str] = {"zh": "系统", "en": "The system"}
_HIDDEN = Sight(numbers=False)


class CategoryObject(Shown):
    """What a follow-up was filed under; the label is empty where the choice is gone."""

    id: int
    label: str


class Activity(Shown):
    """Something that happened to a record."""

    id: int
    kind: str = Field(description="Such as `follow_up.written`; `GET /kinds` lists them.")
    group: GroupName
    subject: NamedRecord = Field(description="The record that it happened on.")
    actor: Named | None = Field(description="Who did it; null for what Genjin does by itself.")
    at: ShownTime = Field(description="When it happened; timelines are in this order.")
    said_at: ShownTime | None = Field(description="When its writer says it happened.")
    recorded_at: ShownTime = Field(description="When it was written down.")
    edited_at: ShownTime | None
    remind_at: ShownTime | None
    category: CategoryObject | None
    text: str = Field(description="What was written; empty for what has no text.")
    sentence: str = Field(description="Who did what to which record, in the caller's language.")
    details: ActivityDetails | dict[str, Any] = Field(
        description="Of a kind of the organisation's what was told of it."
    )
    files: list[ActivityFile]
    comment_count: int
    version: int = Field(description="1 for the first wording, one more with each edit.")
    deleted: bool
    source: str | None
    external_id: str | None
    via: RecordRef | None = Field(description="In the timeline of another record: the record through which it came.")


@dataclass(frozen=True, slots=True)
class ActivityForm:
    """How activities are shown: late-bound names, the language of sentences, addresses of files. `subjects` are the
    records whose timelines are shown, if it is those.
    """

    directory: Directory
    language: Language
    url: Url
    subjects: frozenset[Ref] = frozenset()


def activities_to_wire(views: ActivityViews, form: ActivityForm) -> list[dict[str, JsonValue]]:
    """Each of the entries as Activity, in their order."""
    return [activity_to_wire(facts, views, form) for facts in views.entries]


def activity_to_wire(facts: Facts, views: ActivityViews, form: ActivityForm) -> dict[str, JsonValue]:
    """One of the entries as Activity."""
    directory, calendar, target = form.directory, form.directory.calendar, facts.target
    kind, sight = directory.kind(facts.kind), views.sights.get(target, _HIDDEN)
    name = views.targets[target].name if target in views.targets else ""
    rare = orjson.loads(facts.rare or b"{}")
    actor = actor_to_wire(facts.actor_id, directory)
    who = _SYSTEM[form.language] if actor is None else str(actor["name"])
    external, call = views.externals.get(facts.id), views.calls.get(facts.object_id or 0)
    says = kind.says_zh if form.language == "zh" else kind.says_en
    text = sight.text(_text(facts, rare))
    return {
        "id": facts.id,
        "kind": kind.event,
        "group": kind.group.value,
        "subject": named_to_wire(target, name),
        "actor": actor,
        "at": iso_time(facts.at, calendar),
        "said_at": iso_time_or_none(facts.said_at, calendar),
        "recorded_at": iso_time(facts.recorded_at, calendar),
        "edited_at": iso_time_or_none(facts.edited_at, calendar),
        "remind_at": iso_time_or_none(facts.remind_at, calendar),
        "category": _category(facts.category_id, directory),
        "text": text,
        "sentence": filled(says, {"actor": who, "target": name, "text": text}, payload_shown(facts, sight)),
        "details": details_to_wire(Told(facts, rare, sight, views.names, directory, call)),
        "files": files_to_wire(rare, views, form.url, calendar),
        "comment_count": facts.comment_count,
        "version": views.wordings.get(facts.id, 1),
        "deleted": facts.id in views.deleted,
        "source": external.source if external else None,
        "external_id": external.id if external else None,
        "via": ref_to_wire(target) if form.subjects and target not in form.subjects else None,
    }


def actor_to_wire(user_id: int, directory: Directory) -> dict[str, JsonValue] | None:
    """Who did something, by id and name; None for what Genjin does by itself."""
    if user_id == SYSTEM_ID:
        return None
    user = directory.users.get(user_id)
    return {"id": user_id, "name": user.name if user else ""}


def _category(category_id: int | None, directory: Directory) -> JsonValue:
    if category_id is None:
        return None
    return {"id": category_id, "label": directory.label(FOLLOW_UP_CATEGORY, category_id)}


def _text(facts: Facts, rare: Mapping[str, JsonValue]) -> str:
    """What was written; of what was captured of another kind, what it was described by."""
    if facts.text is not None:
        return str(orjson.loads(facts.text))
    captured = rare.get("captured")
    described = captured.get("description") if isinstance(captured, Mapping) and facts.kind == FOREIGN.code else None
    return described if isinstance(described, str) else ""
