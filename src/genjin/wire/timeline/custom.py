"""Which of the 50 keys an entry of a kind that the organisation defined fills: as its definition says."""

from collections.abc import Mapping

import orjson

from genjin.domain.activity import Facts
from genjin.domain.custom_kind import CustomKind
from genjin.domain.json import JsonValue
from genjin.domain.sight import Sight
from genjin.domain.template import filled
from genjin.wire.places import place_told
from genjin.wire.records.parts import address_to_wire


def custom_keys(custom: CustomKind, facts: Facts, actor: str, target: str, sight: Sight) -> dict[str, JsonValue]:
    """The keys that differ from those of an entry of unknown kind. `actor` and `target` are names."""
    told = custom.definition
    text = sight.text(orjson.loads(facts.text)) if facts.text else ""
    payload = payload_shown(facts, sight)
    names = {"actor": actor, "target": target, "text": text}
    said = text or filled(told.says_zh, names, payload)
    keys: dict[str, JsonValue] = {
        "activity_type": told.name,
        "activity_type_display": told.label_zh or told.name,
        "description": said,
        "origin_description": said,
    }
    for key, template in (told.fills or {}).items():
        value = filled(template, names, payload)
        keys[key] = address_to_wire(place_told({"detail": value})) if key == "address" else value
    return keys


def payload_shown(facts: Facts, sight: Sight) -> Mapping[str, JsonValue]:
    """What a program told, as far as the viewer is shown it."""
    payload = orjson.loads(facts.rare or b"{}").get("payload") or {}
    return {name: sight.value(name, value) for name, value in payload.items()}
