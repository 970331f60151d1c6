"""What a captured activity says that its kind would not: found by rendering the kind's shape beside it."""

from collections.abc import Mapping

import orjson

from genjin.domain.activity import Draft
from genjin.domain.calendar import Calendar
from genjin.domain.call import CallDetails
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, FOREIGN, RECORD_CREATED, Kind
from genjin.domain.records import RecordType
from genjin.wire import scalars
from genjin.wire.modules import RECORD_TYPES, display_name
from genjin.wire.sales_activity import KEYS
from genjin.wire.timeline.bound_target import target_values
from genjin.wire.timeline.call_parts import DIRECTIONS, recording_to_wire
from genjin.wire.timeline.shapes import SHAPES, Values

LATE = frozenset({"user", "refer_type_display", "saleable_type_display", "refer_name"})
"""Keys that no activity keeps: they are as they are now (decision 6)."""
_ALSO_LATE: Mapping[Kind, frozenset[str]] = {
    FOLLOW_UP_WRITTEN: frozenset({"title", "saleable_name"}),
    CALL_MADE: frozenset({"title", "saleable_name"}),
    RECORD_CREATED: frozenset({"title", "saleable_name", "saleable_id"}),
}
_OF_CHANGES = frozenset({"title", "saleable_name"})


def captured_values(
    body: Mapping[str, JsonValue], draft: Draft, details: object, calendar: Calendar
) -> dict[str, JsonValue]:
    """The keys whose captured value is neither bound late nor what the kind renders."""
    refer_type, refer_name = str(body.get("refer_type")), str(body.get("refer_name") or "")
    if draft.kind is FOREIGN:
        late = _late_of_foreign(body)
        return {key: value for key, value in body.items() if key not in late}
    minute, target = calendar.minute, draft.target
    own = target_values(target.type, target.id, refer_name, refer_type, str(body.get("refer_type_display")), "")
    values = Values(
        id=body.get("id"),
        user=body.get("user"),
        at=minute(draft.at),
        updated_at=minute(draft.at if draft.edited_at is None else draft.edited_at),
        recorded_at=minute(draft.recorded_at),
        turned=False,
        said_at=scalars.minute_or_empty(draft.said_at, calendar),
        text=draft.text,
        category=body.get("title"),
        follow_up_display=body.get("saleable_type_display"),
        object_id=draft.object_id or 0,
        remind_at=scalars.minute_or_empty(draft.remind_at, calendar),
        remind_at_display="" if draft.remind_at is None else calendar.short(draft.remind_at),
        audios=[recording_to_wire(r) for r in details.recordings] if isinstance(details, CallDetails) else None,
        direction=DIRECTIONS[details.direction] if isinstance(details, CallDetails) else "",
        dial_type=details.dial_type if isinstance(details, CallDetails) else "",
        mode=details.mode if isinstance(details, CallDetails) else 0,
        **({} if draft.kind is not CHECKED_IN else _of_check_in(body)),
        **(own | {"refers": _refers(body, refer_type, target.id)}),
    )
    computed = SHAPES[draft.kind](values).model_dump(warnings=False)
    late = LATE | _ALSO_LATE.get(draft.kind, _OF_CHANGES)
    residue = {
        key: body[key]
        for key in KEYS
        if key in body and key not in late and not _same(key, body[key], computed[key], draft.kind)
    }
    return residue | {key: value for key, value in body.items() if key not in KEYS}


def _of_check_in(body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The values that only check-ins have: who reads one has seen that it says what one of ours does."""
    told: dict[str, JsonValue] = {"address": body.get("address"), "check_in_display": body.get("saleable_type_display")}
    return told | {"check_in": body.get("checkin"), "sign_in": body.get("sign_in"), "sign_out": body.get("sign_out")}


def _late_of_foreign(body: Mapping[str, JsonValue]) -> frozenset[str]:
    """The keys of an activity of unknown kind that name what we know: its user, and a record of a type of ours."""
    if record_type(body.get("refer_type")) is None:
        return frozenset({"user"})
    late = {"user", "refer_type_display", "refer_name"}
    if body.get("saleable_type") == body.get("refer_type") and body.get("saleable_id") == body.get("refer_id"):
        late |= {"saleable_name", "saleable_type_display"}
        late |= {"title"} if body.get("title") == body.get("saleable_name") else set()
    return frozenset(late)


def _same(key: str, captured: JsonValue, computed: JsonValue, kind: Kind) -> bool:
    """Whether a captured value is what we would say, to the letter: 0 is not False, and not 0.0."""
    if key == "revisit_log" and kind is FOLLOW_UP_WRITTEN and isinstance(captured, Mapping):
        assert isinstance(computed, Mapping)
        captured = {**captured, **{flag: False for flag in ("is_user_self", "is_creator_self") if flag in captured}}
    return orjson.dumps(captured) == orjson.dumps(computed)


def _refers(body: Mapping[str, JsonValue], refer_type: str, refer_id: int) -> JsonValue:
    """What we render for `refers_display`, with the name and the module names as they were captured."""
    rows = body.get("refers_display")
    if not isinstance(rows, list) or len(rows) != 2 or not all(isinstance(row, Mapping) for row in rows):
        return []
    value = rows[1].get("value")
    name = value[0].get("name") if isinstance(value, list) and value and isinstance(value[0], Mapping) else None
    contacts = str(rows[0].get("label"))
    if not contacts.startswith("关联"):
        contacts = "关联" + display_name({}, "Contact")
    return [
        {"label": contacts, "value": [], "type": "Contact"},
        {
            "label": f"来自{body.get('refer_type_display')}",
            "value": [{"id": refer_id, "name": name}],
            "type": refer_type,
        },
    ]


def record_type(class_name: JsonValue) -> RecordType | None:
    """The record type of a class name such as `Lead`; None for none of ours."""
    return RECORD_TYPES.get(class_name) if isinstance(class_name, str) else None
