"""Renders a page of a timeline as bytes: the hot path.

Each kind's shape is turned once, at import time, into bytes with a slot for whatever varies; an entry is then
one `%` over its slots. What is bound late comes from a Binder, which keeps ready JSON of people, labels and
names for one version of the organisation. `describe` renders the same entry through the wire type instead;
a property test holds the two together.
"""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import orjson

from genjin.domain.activity import Facts
from genjin.domain.calendar import day_heading
from genjin.domain.call import Direction
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN, KINDS, RECORD_CREATED, Kind
from genjin.domain.people import User
from genjin.domain.records import Record, Ref
from genjin.domain.timeline import Page
from genjin.wire.modules import CLASS_NAMES, FOLLOW_UP, display_name
from genjin.wire.record import address_to_wire, raw_dump
from genjin.wire.sales_activity import SalesActivity
from genjin.wire.shapes import SHAPES, Values
from genjin.wire.user import DEFAULT_AVATAR, user_to_wire

DEFAULT_IMAGE = "/static/attachment_no_permission.svg"
DEFAULT_COLUMNS: Mapping[str, JsonValue] = {"revisit_log": [], "dx_revisit_log": None}
DIRECTIONS = {Direction.UNKNOWN: "", Direction.OUTBOUND: "呼出", Direction.INBOUND: "呼入"}
_DIRECTION_BYTES = {int(direction): orjson.dumps(text) for direction, text in DIRECTIONS.items()}
_MOST_MINUTES = 50_000

Slots = dict[bytes, bytes]


def template_of(kind: Kind, varying: frozenset[str]) -> bytes:
    """A kind's 50 keys as a `%` template; the values in `varying` are slots, the others their empty form."""
    slots = {field.name: f"\x01{field.name}\x01" for field in fields(Values) if field.name in varying}
    text = orjson.dumps(SHAPES[kind](Values(**slots)).model_dump(warnings=False))
    return re.sub(rb'"\\u0001(\w+)\\u0001"', rb"%(\1)b", text.replace(b"%", b"%%"))


_COMMON = frozenset(
    "id user at updated_at recorded_at refer_type refer_type_display refer_name refer_id turned".split()
)
_TOLD = _COMMON | {"said_at", "text", "category", "follow_up_display", "object_id", "own", "refers"}
_TOLD_RARELY = _TOLD | {"remind_at", "remind_at_display", "address", "at_users"}
FOLLOW_UP_PLAIN = template_of(FOLLOW_UP_WRITTEN, _TOLD)
FOLLOW_UP_FULL = template_of(FOLLOW_UP_WRITTEN, _TOLD_RARELY)
CALL = template_of(CALL_MADE, _COMMON | {"audios", "direction", "dial_type", "mode"})
CREATED = template_of(RECORD_CREATED, _COMMON | {"saleable", "created"})
_AUDIO = (
    b'{"id":%d,"file_url":%b,"mp3_file_url":%b,"duration":"%d","duration_seconds":%d,'
    b'"oss_type":%b,"is_convert_to_mp3":%b}'
)


class Binder:
    """Ready JSON of what is bound late, for one Directory; made anew when the organisation's version moves on.

    `raw_records` is whether a created record's `saleable_id` is its raw dump (decision 4).
    """

    def __init__(self, directory: Directory, raw_records: bool = True) -> None:
        self.directory = directory
        self.raw_records = raw_records
        organisation = directory.organisation
        names = organisation.module_names
        self._users: dict[int, bytes] = {}
        self._minutes: dict[int, bytes] = {}
        self._categories: dict[int | None, bytes] = {}
        self._modules = {
            int(type_): (orjson.dumps(name), orjson.dumps(display_name(names, name))) for type_, name in CLASS_NAMES.items()
        }
        self._created = {
            int(type_): orjson.dumps("新增" + display_name(names, name)) for type_, name in CLASS_NAMES.items()
        }
        self._follow_up = orjson.dumps(display_name(names, FOLLOW_UP))
        self._contacts = orjson.dumps("关联" + display_name(names, "Contact"))
        self._origins = {
            int(type_): orjson.dumps("来自" + display_name(names, name)) for type_, name in CLASS_NAMES.items()
        }
        self._tail = b'],"default_image_url":%b,"user_config_columns":%b,"total_count":%%d,"per_page":%%d,"page":%%d}}' % (
            orjson.dumps(organisation.default_image_url or DEFAULT_IMAGE).replace(b"%", b"%%"),
            orjson.dumps(organisation.user_config_columns or DEFAULT_COLUMNS).replace(b"%", b"%%"),
        )

    def page(
        self, viewer_id: int, entries: list[Facts], targets: Mapping[Ref, Record], total: int, page: Page
    ) -> bytes:
        """The whole answer: entries come newest first and are grouped by day (decisions 1 to 3)."""
        day_of, bound = self.directory.calendar.day, self.bind(targets)
        parts: list[bytes] = []
        last_day: int | None = None
        for facts in entries:
            day = day_of(facts.at)
            if day != last_day:
                parts.append(b']},{"date":"%b","activities":[' % day_heading(day).encode())
                last_day = day
                parts.append(self.entry(viewer_id, facts, bound))
            else:
                parts.append(b",")
                parts.append(self.entry(viewer_id, facts, bound))
        if parts:
            parts[0] = parts[0][3:]
            parts.append(b"]}")
        body = b"".join(parts)
        return b'{"code":0,"data":{"sales_activities":[' + body + self._tail % (total, page.size, page.number)

    def bind(self, targets: Mapping[Ref, Record]) -> dict[tuple[int, int], Slots]:
        """The slots that are the same for all entries of one target."""
        return {(int(ref.type), ref.id): self._target_slots(record) for ref, record in targets.items()}

    def entry(self, viewer_id: int, facts: Facts, bound: Mapping[tuple[int, int], Slots]) -> bytes:
        """One activity as JSON."""
        rare = facts.rare
        kind = facts.kind
        if kind == 0 or (rare is not None and b'"captured":' in rare):
            return self._captured_entry(viewer_id, facts, bound)
        return self._template_entry(viewer_id, facts, bound)

    def describe(self, viewer_id: int, facts: Facts, targets: Mapping[Ref, Record]) -> dict[str, JsonValue]:
        """One activity as a dict, through the wire type; slow, and the measure of what `entry` renders."""
        slots = self._slots(viewer_id, facts, self.bind(targets)[(facts.target_type, facts.target_id)])
        values = {name.decode(): orjson.loads(value) for name, value in slots.items()}
        known = {field.name for field in fields(Values)}
        shape = SHAPES[KINDS[facts.kind]](Values(**{name: value for name, value in values.items() if name in known}))
        described: dict[str, JsonValue] = shape.model_dump(warnings=False)
        if facts.rare is not None:
            described |= _captured(facts.rare)
        return described

    def _template_entry(self, viewer_id: int, facts: Facts, bound: Mapping[tuple[int, int], Slots]) -> bytes:
        kind = facts.kind
        slots = self._slots(viewer_id, facts, bound[(facts.target_type, facts.target_id)])
        if kind == FOLLOW_UP_WRITTEN.code:
            plain = facts.rare is None and facts.remind_at is None
            return (FOLLOW_UP_PLAIN if plain else FOLLOW_UP_FULL) % slots
        return (CALL if kind == CALL_MADE.code else CREATED) % slots

    def _captured_entry(self, viewer_id: int, facts: Facts, bound: Mapping[tuple[int, int], Slots]) -> bytes:
        """An entry with captured values: the computed one, with those put in their places."""
        computed = SHAPES[KINDS[facts.kind]]
        slots = self._slots(viewer_id, facts, bound[(facts.target_type, facts.target_id)])
        fragments: dict[str, Any] = {
            name.decode(): orjson.Fragment(value) for name, value in slots.items() if name.decode() in _VALUE_NAMES
        }
        body = {name: value for name, value in computed(Values(**fragments)).__dict__.items()}
        body |= _captured(facts.rare or b"{}")
        return orjson.dumps(body)

    def _slots(self, viewer_id: int, facts: Facts, of_target: Slots) -> Slots:
        """Everything that varies in one entry, by slot."""
        at = self._minute(facts.at)
        slots = of_target.copy()
        slots[b"id"] = b"%d" % facts.id
        slots[b"user"] = self._users.get(facts.actor_id) or self._user(facts.actor_id)
        slots[b"at"] = at
        slots[b"updated_at"] = at if facts.edited_at is None else self._minute(facts.edited_at)
        slots[b"recorded_at"] = at if facts.recorded_at == facts.at else self._minute(facts.recorded_at)
        slots[b"said_at"] = at if facts.said_at == facts.at else self._minute(facts.said_at)
        if facts.kind == FOLLOW_UP_WRITTEN.code:
            self._follow_up_slots(viewer_id, facts, slots)
        elif facts.kind == CALL_MADE.code:
            _call_slots(facts, slots)
        return slots

    def _follow_up_slots(self, viewer_id: int, facts: Facts, slots: Slots) -> None:
        slots[b"text"] = facts.text or b'""'
        slots[b"category"] = self._categories.get(facts.category_id) or self._category(facts.category_id)
        slots[b"follow_up_display"] = self._follow_up
        slots[b"object_id"] = b"%d" % (facts.object_id or 0)
        slots[b"own"] = b"true" if facts.actor_id == viewer_id else b"false"
        if facts.rare is None and facts.remind_at is None:
            return
        slots[b"remind_at"] = self._minute(facts.remind_at)
        short = "" if facts.remind_at is None else self.directory.calendar.short(facts.remind_at)
        slots[b"remind_at_display"] = orjson.dumps(short)
        rare = orjson.loads(facts.rare or b"{}")
        place, mentions = rare.get("place"), rare.get("mentions") or ()
        slots[b"address"] = b"{}" if place is None else orjson.dumps(place_to_wire(place))
        known = [user for user in mentions if user in self.directory.users]
        slots[b"at_users"] = b"[" + b",".join(self._users.get(user) or self._user(user) for user in known) + b"]"

    def _target_slots(self, record: Record) -> Slots:
        type_, name = int(record.type), orjson.dumps(record.name)
        class_name, display = self._modules[type_]
        refers = b'[{"label":%b,"value":[],"type":"Contact"},{"label":%b,"value":[{"id":%d,"name":%b}],"type":%b}]'
        return {
            b"refer_type": class_name,
            b"refer_type_display": display,
            b"refer_name": name,
            b"refer_id": b"%d" % record.id,
            b"turned": b"true" if record.turned_customer_id is not None else b"false",
            b"refers": refers % (self._contacts, self._origins[type_], record.id, name, class_name),
            b"created": self._created[type_],
            b"saleable": self._saleable(record),
        }

    def _saleable(self, record: Record) -> bytes:
        if not self.raw_records:
            return b"%d" % record.id
        return orjson.dumps(raw_dump(record, self.directory.organisation.id, self.directory.calendar))

    def _minute(self, at: int | None) -> bytes:
        if at is None:
            return b'""'
        minute = at // 60
        text = self._minutes.get(minute)
        if text is None:
            if len(self._minutes) >= _MOST_MINUTES:
                self._minutes.clear()
            text = self._minutes[minute] = b'"%b"' % self.directory.calendar.minute(at).encode()
        return text

    def _user(self, user_id: int) -> bytes:
        user = self.directory.users.get(user_id) or _stranger(user_id)
        text = self._users[user_id] = orjson.dumps(user_to_wire(user, self.directory))
        return text

    def _category(self, category_id: int | None) -> bytes:
        label = self.directory.label(FOLLOW_UP_CATEGORY, category_id)
        text = self._categories[category_id] = orjson.dumps(label) if label else self._follow_up
        return text


def place_to_wire(place: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """A follow-up's place as the contract's address object."""
    return address_to_wire(
        {"detail_address": place.get("detail", ""), "lat": place.get("lat", 0.0), "lng": place.get("lng", 0.0)}
    )


def _captured(rare: bytes) -> dict[str, JsonValue]:
    """The captured values of the 50 keys; other keys that were captured are kept, but are not of the contract."""
    captured = orjson.loads(rare).get("captured") or {}
    return {key: value for key, value in captured.items() if key in SalesActivity.model_fields}


def _call_slots(facts: Facts, slots: Slots) -> None:
    rare = orjson.loads(facts.rare or b"{}")
    slots[b"direction"] = _DIRECTION_BYTES[rare.get("direction", 0)]
    slots[b"dial_type"] = orjson.dumps(rare.get("dial_type", ""))
    slots[b"mode"] = b"%d" % rare.get("mode", 0)
    slots[b"audios"] = b"[%b]" % b",".join([_audio(*recording) for recording in rare.get("recordings", ())])


def _audio(id_: int, url: str, mp3_url: str, seconds: int, store: int | None, converted: bool) -> bytes:
    address = orjson.dumps(url)
    mp3_address = address if mp3_url == url else orjson.dumps(mp3_url)
    kept_in = b"null" if store is None else b"%d" % store
    return _AUDIO % (id_, address, mp3_address, seconds, seconds, kept_in, b"true" if converted else b"false")


def _stranger(user_id: int) -> User:
    """Somebody who did something here and is in no directory any more."""
    return User(id=user_id, name="", created_at=0, avatar_url=DEFAULT_AVATAR)


_VALUE_NAMES = {field.name for field in fields(Values)}
