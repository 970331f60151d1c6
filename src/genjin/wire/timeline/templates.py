"""Turns the shape of a kind into a template, once, at import time.

A template is the JSON of the 50 keys with the constant parts literal and a slot for whatever varies. The slots of
a target (its name, its display names, ...) are filled in once a page; the result is one bytes `%` template that an
entry's own values go into.
"""

import re
from collections.abc import Mapping
from dataclasses import fields

import orjson

from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, FOREIGN, RECORD_CREATED, Kind
from genjin.wire.timeline.shapes import CHANGES, SHAPES, Values

OF_TARGET = frozenset(
    {
        *("refer_type", "refer_type_display", "refer_name", "refer_id", "turned", "refers", "created", "saleable"),
        *("record_row", "own_contract", "own_opportunity"),
        *("pooled", "pool", "pool_told", "approval", "of_contacts", "of_contract", "of_opportunity"),
    }
)
"""The values that are the same for all entries of one target."""
NUMBERS = frozenset({"id", "object_id", "mode"})
"""The slots that take an int; every other slot takes ready JSON."""
_SLOT = re.compile(rb'"\\u0001(\w+)\\u0001"')


class Template:
    """A kind's template. `varying` names the values that are slots; the others are in their empty form.

    `order` lists an entry's own slots in the order in which `%` takes their values; one may come twice.
    """

    def __init__(self, kind: Kind, varying: frozenset[str]) -> None:
        slots = {field.name: f"\x01{field.name}\x01" for field in fields(Values) if field.name in varying}
        text = orjson.dumps(SHAPES[kind](Values(**slots)).model_dump(warnings=False))
        # Splitting at a group gives literals and slot names in turn.
        parts = _SLOT.split(text.replace(b"%", b"%%"))
        names = [name.decode() for name in parts[1::2]]
        self.kind = kind
        self.order = tuple(name for name in names if name not in OF_TARGET)
        self._of_target = [(2 * i + 1, name) for i, name in enumerate(names) if name in OF_TARGET]
        parts[1::2] = [b"%d" if name in NUMBERS else b"%b" for name in names]
        self._parts = parts

    def of(self, target: Mapping[str, bytes]) -> bytes:
        """A `%` template for the entries of one target, whose values are ready JSON."""
        parts = self._parts.copy()
        for index, name in self._of_target:
            parts[index] = target[name].replace(b"%", b"%%")
        return b"".join(parts)


_COMMON = OF_TARGET | {"id", "user", "at", "updated_at", "recorded_at"}
_TOLD = _COMMON | {"said_at", "text", "category", "follow_up_display", "object_id", "own"}
_TOLD |= {"remind_at", "remind_at_display"}
FOLLOW_UP_PLAIN = Template(FOLLOW_UP_WRITTEN, _TOLD)
FOLLOW_UP_FULL = Template(
    FOLLOW_UP_WRITTEN,
    _TOLD
    | {"address", "at_users"}
    | {"attachments", "images", "files", "audios"}
    | {"contacts_row", "linked_contacts", "linked_contract", "linked_opportunity"},
)
CALL = Template(CALL_MADE, _COMMON | {"audios", "direction", "dial_type", "mode"})
CHECK_IN_MADE = Template(
    CHECKED_IN,
    _COMMON
    | {"text", "check_in_display", "object_id", "address", "attachments", "images", "files"}
    | {"check_in", "sign_in", "sign_out"},
)
CREATED = Template(RECORD_CREATED, _COMMON)
CAPTURED = Template(FOREIGN, _COMMON | {"said_at"})
CHANGED = {kind.code: Template(kind, _COMMON | {"changed"}) for kind in CHANGES}

# `wire/timeline/page.py` gives its values in these orders. Whoever changes a shape is told here, at import time.
assert FOLLOW_UP_PLAIN.order == (
    *("id", "user", "category", "at", "text", "remind_at", "remind_at_display", "category", "object_id"),
    *("follow_up_display", "said_at", "updated_at", "at", "recorded_at", "text", "object_id", "own", "own"),
), FOLLOW_UP_PLAIN.order
assert FOLLOW_UP_FULL.order == (
    *("id", "user", "category", "at", "text", "attachments", "images", "files", "address", "remind_at"),
    *("remind_at_display", "category", "object_id", "follow_up_display", "audios", "at_users", "said_at"),
    *("linked_contacts", "updated_at", "at", "recorded_at", "text", "object_id", "own", "own"),
    *("contacts_row", "linked_contract", "linked_opportunity"),
), FOLLOW_UP_FULL.order
assert CALL.order == (
    *("id", "user", "at", "dial_type", "audios", "updated_at", "at", "recorded_at", "direction", "mode"),
), CALL.order
assert CHECK_IN_MADE.order == (
    *("id", "user", "check_in_display", "at", "text", "attachments", "images", "files", "address"),
    *("check_in_display", "object_id", "check_in_display", "updated_at", "at", "recorded_at", "text"),
    *("check_in", "sign_in", "sign_out"),
), CHECK_IN_MADE.order
assert CREATED.order == ("id", "user", "at", "updated_at", "at", "recorded_at"), CREATED.order
assert CAPTURED.order == ("id", "user", "at", "said_at", "updated_at", "at", "recorded_at"), CAPTURED.order
for _each in CHANGED.values():
    assert _each.order == ("id", "user", "at", "changed", "updated_at", "at", "recorded_at"), _each.order
