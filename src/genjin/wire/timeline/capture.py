"""Reads an answer of the sales_activities endpoint back into our domain: the other half of page.py.

An activity becomes facts of a known kind. What the kind would not render just so is kept, key by key, as
captured values; what is bound late (people, names, labels) becomes an observation of those. Where two
activities observe different things of one person or record, the newest one is right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from genjin.domain.activity import Draft
from genjin.domain.calendar import Calendar
from genjin.domain.call import CallDetails, Direction, Recording
from genjin.domain.change import ChangeDetails
from genjin.domain.followup import FollowUpDetails
from genjin.domain.json import JsonValue
from genjin.domain.kinds import (
    CALL_MADE,
    FOLLOW_UP_WRITTEN,
    FOREIGN,
    RECORD_CREATED,
    CreatedDetails,
    ForeignDetails,
    Kind,
)
from genjin.domain.people import SYSTEM_ID, User
from genjin.domain.records import Record, RecordType, Ref
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.modules import FOLLOW_UP, STANDARD_NAMES
from genjin.wire.records.raw import record_from_raw
from genjin.wire.sales_activity import KEYS
from genjin.wire.timeline.call_parts import DIRECTIONS
from genjin.wire.timeline.captured_values import captured_values, record_type
from genjin.wire.timeline.shapes import CHANGES
from genjin.wire.told import MAX_INDEXED, MAX_STATE, Told, unkeepable


@dataclass(frozen=True, slots=True)
class CapturedActivity:
    """One activity as read: its draft, and what it lets us know of others.

    `category` is the label of a follow-up's category. `raw` is the record's raw dump where there was one.
    """

    draft: Draft
    user: User
    department: str
    organisation_id: int
    target_name: str
    module_names: Mapping[str, str]
    category: str = ""
    raw: Record | None = None
    extra_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CapturedAnswer:
    """One answer as read."""

    activities: tuple[CapturedActivity, ...]
    default_image_url: str
    user_config_columns: Mapping[str, JsonValue] = field(default_factory=dict)


def answer_from_wire(body: JsonValue, calendar: Calendar) -> CapturedAnswer:
    """Read one answer. Raises Invalid whose keys are the paths of what could not be read, such as
    `data.sales_activities[0].activities[2].timestamp`.
    """
    errors: dict[str, list[str]] = {}
    data = body.get("data") if isinstance(body, Mapping) else None
    if isinstance(body, Mapping) and body.get("code") not in (0, None):
        raise Invalid({"code": [f"is {body.get('code')!r}: this is a refusal, not an answer"]})
    if not isinstance(data, Mapping):
        raise Invalid({"data": ["is missing: this is no answer of sales_activities"]})
    groups = data.get("sales_activities")
    if not isinstance(groups, list):
        raise Invalid({"data.sales_activities": ["is no array"]})
    found: list[CapturedActivity] = []
    for g, group in enumerate(groups):
        path = f"data.sales_activities[{g}]"
        activities = group.get("activities") if isinstance(group, Mapping) else None
        if not isinstance(activities, list):
            errors[f"{path}.activities"] = ["is no array"]
            continue
        for a, activity in enumerate(activities):
            try:
                found.append(activity_from_wire(activity, calendar))
            except Invalid as invalid:
                prefix = f"{path}.activities[{a}]"
                errors |= {f"{prefix}.{key}" if key else prefix: texts for key, texts in invalid.errors.items()}
    told = data.get("user_config_columns")
    columns = told if isinstance(told, Mapping) else {}
    if wrong := unkeepable(columns) or unkeepable(data.get("default_image_url")):
        errors["data"] = [wrong]
    if errors:
        raise Invalid(errors)
    return CapturedAnswer(tuple(found), str(data.get("default_image_url") or ""), columns)


def activity_from_wire(body: JsonValue, calendar: Calendar) -> CapturedActivity:
    """Read one activity. Raises Invalid by key."""
    reader = _Reader(body, calendar)
    body = reader.body
    user, department, organisation_id = reader.user()
    target = reader.target()
    kind = _kind_of(body)
    details, category, raw = reader.details(kind, target)
    at = reader.minute("timestamp") or 0
    edited_at, recorded_at = reader.optional_minute("updated_at"), reader.optional_minute("real_created_at")
    draft = Draft(
        kind=kind,
        actor_id=user.id,
        target=target,
        at=at,
        recorded_at=at if recorded_at is None else recorded_at,
        object_id=scalars.id_or_none(body.get("saleable_id")) if kind is FOLLOW_UP_WRITTEN else None,
        said_at=reader.optional_minute("real_revisit_at"),
        edited_at=None if edited_at == at else edited_at,
        remind_at=reader.optional_minute("remind_at") if kind is FOLLOW_UP_WRITTEN else None,
        text=str(body.get("origin_description") or "") if kind is FOLLOW_UP_WRITTEN else "",
        details=details,
        id=reader.id("id"),
    )
    reader.check()
    return CapturedActivity(
        draft=replace(
            draft, details=replace(details, captured=captured_values(body, draft, details, calendar) or None)
        ),
        user=user,
        department=department,
        organisation_id=organisation_id,
        target_name=str(body.get("refer_name") or ""),
        module_names=_module_names(body),
        category=category,
        raw=raw,
        extra_keys=tuple(key for key in body if key not in KEYS),
    )


def _kind_of(body: Mapping[str, JsonValue]) -> Kind:
    act, saleable, refer = body.get("activity_type"), body.get("saleable_type"), body.get("refer_type")
    saleable_id, refer_id = body.get("saleable_id"), body.get("refer_id")
    if record_type(refer) is None:
        return FOREIGN
    if act == "create" and saleable == FOLLOW_UP and scalars.id_or_none(saleable_id) is not None:
        return FOLLOW_UP_WRITTEN
    if saleable != refer or not (saleable_id == refer_id or isinstance(saleable_id, Mapping)):
        return FOREIGN
    if act == "call_record":
        return CALL_MADE
    if act == "create":
        return RECORD_CREATED
    if saleable_id != refer_id or not body.get("title") == body.get("saleable_name") == body.get("refer_name"):
        return FOREIGN
    told = act, body.get("activity_type_display")
    return next((kind for kind, words in CHANGES.items() if words == told), FOREIGN)


class _Reader(Told):
    """Reads the parts of one activity."""

    def target(self) -> Ref:
        """What it happened on; of a type that we do not have, the customer it is shown with, told by the importer."""
        type_ = record_type(self.body.get("refer_type"))
        if type_ is None:
            return Ref(RecordType.CUSTOMER, 0)
        return Ref(type_, self.id("refer_id"))

    def user(self) -> tuple[User, str, int]:
        body = self.body.get("user")
        if not isinstance(body, Mapping):
            self.errors["user"] = ["is no object"]
            self.check()
            raise AssertionError
        inner = Told(body, self.calendar)
        user = User(
            id=SYSTEM_ID if body.get("id") == SYSTEM_ID and type(body.get("id")) is int else inner.id("id"),
            name=str(body.get("name") or ""),
            created_at=inner.optional_minute("created_at") or 0,
            role_id=scalars.id_or_none(body.get("role_id")) or 0,
            workflow_state=str(body.get("workflow_state") or "organization_staff"),
            third_userid=_text_or_none(body.get("third_userid")),
            third_dept_id=_text_or_none(body.get("third_dept_id")),
            uid=scalars.id_or_none(body.get("uid")) or 0,
            email=str(body.get("email") or ""),
            phone=str(body.get("phone") or ""),
            job=str(body.get("job") or ""),
            tel=str(body.get("tel") or ""),
            avatar_url=str(body.get("avatar_url") or ""),
        )
        organisation_id = inner.id("organization_id")
        for key, text, most in (("workflow_state", user.workflow_state, MAX_STATE), ("phone", user.phone, MAX_INDEXED)):
            if len(text) > most:
                inner.errors[key] = [f"is longer than {most} characters"]
        self.errors |= {f"user.{key}": texts for key, texts in inner.errors.items()}
        return user, str(body.get("department_name") or ""), organisation_id

    def details(
        self, kind: Kind, target: Ref
    ) -> tuple[FollowUpDetails | CallDetails | CreatedDetails | ChangeDetails | ForeignDetails, str, Record | None]:
        """The details without captured values, the category's label, the raw record."""
        if kind is FOLLOW_UP_WRITTEN:
            category = str(self.body.get("title") or "")
            if len(category) > MAX_INDEXED:
                self.errors["title"] = [f"is longer than {MAX_INDEXED} characters"]
            if category == self.body.get("saleable_type_display"):
                category = ""  # without one, it is called by what it is
            return FollowUpDetails(), category, None
        if kind is CALL_MADE:
            return self._call(), "", None
        raw = self.body.get("saleable_id")
        if kind is FOREIGN:
            return ForeignDetails(), "", None
        if kind in CHANGES:
            return ChangeDetails(), "", None
        if not isinstance(raw, Mapping):
            return CreatedDetails(), "", None
        try:
            record = record_from_raw(raw, target.type)
            if record.id != target.id:
                self.errors["saleable_id.id"] = [f"{record.id} is not refer_id {target.id}"]
            return CreatedDetails(), "", record
        except Invalid as invalid:
            self.errors |= {f"saleable_id.{key}": texts for key, texts in invalid.errors.items()}
            return CreatedDetails(), "", None

    def _call(self) -> CallDetails:
        told = self.body.get("call_type_display")
        direction = next((d for d, text in DIRECTIONS.items() if text == told), Direction.UNKNOWN)
        audios = self.body.get("audios")
        return CallDetails(
            direction=direction,
            mode=scalars.integer(self.body.get("call_mode")) or 0,
            dial_type=str(self.body.get("saleable_dial_type") or ""),
            recordings=_recordings(audios if isinstance(audios, list) else []),
        )


def _recordings(audios: Sequence[JsonValue]) -> tuple[Recording, ...]:
    """The recordings, if each is of the known form; none otherwise, and the captured values keep them all."""
    found = []
    for audio in audios:
        id_ = scalars.id_or_none(audio.get("id")) if isinstance(audio, Mapping) else None
        if not isinstance(audio, Mapping) or id_ is None:
            return ()
        seconds, store = scalars.integer(audio.get("duration_seconds")), audio.get("oss_type")
        if seconds is None or not (store is None or type(store) is int):
            return ()
        url, mp3_url = str(audio.get("file_url") or ""), str(audio.get("mp3_file_url") or "")
        other = None if mp3_url == url else mp3_url
        found.append(Recording(id_, url, other, seconds, store, bool(audio.get("is_convert_to_mp3"))))
    return tuple(found)


def _module_names(body: Mapping[str, JsonValue]) -> dict[str, str]:
    """The display names that differ from the standard ones, and the standard ones seen (as empty)."""
    seen: dict[str, str] = {}
    for class_key, display_key in (("refer_type", "refer_type_display"), ("saleable_type", "saleable_type_display")):
        class_name, display = body.get(class_key), body.get(display_key)
        if isinstance(class_name, str) and class_name in STANDARD_NAMES and isinstance(display, str) and display:
            seen[class_name] = "" if display == STANDARD_NAMES[class_name] else display
    return seen


def _text_or_none(value: JsonValue) -> str | None:
    return None if value is None else str(value)
