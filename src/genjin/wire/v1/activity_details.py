"""What is particular to each kind of activity, as /api/v1 shows it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import Field

from genjin.domain.activity import Facts
from genjin.domain.call import Call, Direction
from genjin.domain.change import Change, ChangeDetails
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, KINDS
from genjin.domain.records import RecordType, Ref
from genjin.domain.sight import Sight
from genjin.wire.entries.linked import refs_in
from genjin.wire.records.change import Names, change_text, field_label, value_text
from genjin.wire.timeline.custom import payload_shown
from genjin.wire.v1.refs import NamedRecord, named_to_wire
from genjin.wire.v1.shared import Named, Shown
from genjin.wire.v1.times import ShownTime, iso_time

Parts = dict[str, JsonValue]


class ShownPlace(Shown):
    """Where it was."""

    detail: str
    lat: float
    lng: float


class SignedOut(Shown):
    """The end of a visit."""

    at: ShownTime
    place: ShownPlace | None
    metres: int | None


class ShownChange(Shown):
    """A field that was changed; values are ids where ids are what is kept, and their texts what people read."""

    field: str
    label: str
    before: Any
    after: Any
    before_text: str = Field(description="As people read it, by the names of now; empty for no value.")
    after_text: str


class ActivityDetails(Shown):
    """What is particular to a kind; only the keys of that kind are there."""

    place: ShownPlace | None = Field(None, description="Of a follow-up or a visit.")
    mentions: list[Named] = Field([], description="Of a follow-up: colleagues.")
    records: list[NamedRecord] = Field(
        [],
        description="Of a follow-up what it is linked to; of a change what it speaks of. Those that the caller sees.",
    )
    custom: dict[str, Any] = Field({}, description="Of a follow-up: fields that the organisation added.")
    direction: str = Field("", description="Of a call: inbound, outbound or unknown.")
    mode: int = Field(0, description="Of a call: how it was placed.")
    dial_type: str = Field("", description="Of a call: the dialler's word.")
    number: str = Field("", description="Of a call: the other side's.")
    name: str = Field("", description="Of a call: who was called, in the telephone's words.")
    seconds: int = Field(0, description="Of a call: of talk.")
    connected: bool = Field(False, description="Of a call: whether anybody answered.")
    metres: int | None = Field(None, description="Of a visit: how far from the record's address.")
    signed_out: SignedOut | None = Field(None, description="Of a visit.")
    changes: list[ShownChange] = Field([], description="Of a change.")
    note: str = Field("", description="Of a change: a reason.")
    summary: str = Field("", description="Of a change: all of it in words.")
    captured: dict[str, Any] = Field({}, description="What an import told that the kind does not say.")


class Told(NamedTuple):
    """An entry's facts with its details as they are stored, and what of them is shown by which names."""

    facts: Facts
    rare: Mapping[str, JsonValue]
    sight: Sight
    names: Names
    directory: Directory
    call: Call | None = None


def details_to_wire(told: Told) -> Parts:
    """As ActivityDetails."""
    if told.facts.kind in told.directory.custom_kinds:
        return dict(payload_shown(told.facts, told.sight))
    parts = _DETAILS.get(told.facts.kind, _none)(told)
    if captured := _mapping(told.rare.get("captured")):
        parts["captured"] = {key: told.sight.value(key, value) for key, value in captured.items()}
    return parts


def _follow_up(told: Told) -> Parts:
    users, mentions, rare = told.directory.users, told.rare.get("mentions"), told.rare
    colleagues = [users[id_] for id_ in mentions if id_ in users] if isinstance(mentions, list) else []
    custom = {name: told.sight.value(name, value) for name, value in _mapping(rare.get("custom")).items()}
    return {
        "place": _place(rare.get("place"), told.sight),
        "mentions": [{"id": user.id, "name": user.name} for user in colleagues],
        "records": _named(refs_in(rare), told.names),
        "custom": custom,
    }


def _call(told: Told) -> Parts:
    direction, rare, call = told.rare.get("direction"), told.rare, told.call
    return {
        "direction": Direction(direction if isinstance(direction, int) else 0).name.lower(),
        "mode": rare.get("mode", 0),
        "dial_type": rare.get("dial_type", ""),
        "number": told.sight.number(call.number) if call else "",
        "name": told.sight.text(call.name) if call else "",
        "seconds": call.seconds if call else 0,
        "connected": call.connected if call else False,
    }


def _visit(told: Told) -> Parts:
    out, left = _mapping(told.rare.get("sign_out")), None
    if out:
        at = iso_time(int(str(out["at"])), told.directory.calendar)
        left = {"at": at, "place": _place(out.get("place"), told.sight), "metres": out.get("metres")}
    return {
        "place": _place(told.rare.get("place"), told.sight),
        "metres": told.rare.get("metres"),
        "signed_out": left,
    }


def _change(told: Told) -> Parts:
    type_, given, note = RecordType(told.facts.target_type), told.rare.get("changes"), told.rare.get("note")
    changes = told.sight.changes(type_, [Change(*each) for each in given] if isinstance(given, list) else [])
    return {
        "changes": [
            {
                "field": field,
                "label": field_label(field, type_, told.directory),
                "before": before,
                "after": after,
                "before_text": value_text(field, before, type_, told.directory, told.names),
                "after_text": value_text(field, after, type_, told.directory, told.names),
            }
            for field, before, after in changes
        ],
        "note": told.sight.text(note) if isinstance(note, str) else "",
        "summary": change_text(told.facts, told.directory, told.names, told.sight),
        "records": _named(refs_in(told.rare), told.names),
    }


def _none(_: Told) -> Parts:
    return {}


_DETAILS: Mapping[int, Callable[[Told], Parts]] = {
    FOLLOW_UP_WRITTEN.code: _follow_up,
    CALL_MADE.code: _call,
    CHECKED_IN.code: _visit,
    **{code: _change for code, kind in KINDS.items() if kind.details is ChangeDetails},
}


def _place(place: JsonValue, sight: Sight) -> JsonValue:
    told = _mapping(place)
    if not told:
        return None
    return {"detail": sight.value("", told.get("detail", "")), "lat": told.get("lat", 0.0), "lng": told.get("lng", 0.0)}


def _named(refs: Iterable[Ref], names: Names) -> list[JsonValue]:
    return [named_to_wire(ref, names[ref]) for ref in refs if ref in names]


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, Mapping) else {}
