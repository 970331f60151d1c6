"""The ids in what was captured of an activity, in other numbers."""

from collections.abc import Callable, Mapping, Sequence

from genjin.domain.json import JsonValue
from genjin.wire import scalars
from genjin.wire.modules import CHECK_IN, FOLLOW_UP

Translate = Callable[[str, int], int]
"""Our id of an object by its class name, such as `Lead` or `RevisitLog`, and its id; the same for one not known."""
_CLASSES = {
    "revisit_log": FOLLOW_UP,
    "revisit_log_contacts": "Contact",
    "contacts": "Contact",
    "contract": "Contract",
    "revisit_log_contract": "Contract",
    "opportunity": "Opportunity",
    "revisit_log_opportunity": "Opportunity",
    "checkin": CHECK_IN,
}


def translated(
    captured: Mapping[str, JsonValue], body: Mapping[str, JsonValue], translate: Translate
) -> dict[str, JsonValue]:
    """The captured values with our ids; `body` is the activity as it came, which says of what classes they are."""
    refer, saleable = str(body.get("refer_type")), str(body.get("saleable_type"))
    found: dict[str, JsonValue] = {}
    for key, value in captured.items():
        match key:
            case "refer_id":
                found[key] = _id(refer, value, translate)
            case "saleable_id":
                found[key] = _id(saleable, value, translate)
            case "refer_info":
                found[key] = _object(refer, value, translate)
            case "refers_display":
                found[key] = [_row(row, translate) for row in value] if isinstance(value, list) else value
            case _ if key in _CLASSES:
                found[key] = _object(_CLASSES[key], value, translate)
            case _:
                found[key] = value
    return found


def _row(row: JsonValue, translate: Translate) -> JsonValue:
    if not isinstance(row, Mapping):
        return row
    return {**row, "value": _object(str(row.get("type")), row.get("value"), translate)}


def _object(class_name: str, value: JsonValue, translate: Translate) -> JsonValue:
    """An object with an id, or a list of such."""
    if isinstance(value, Mapping):
        return {key: _id(class_name, each, translate) if key == "id" else each for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_object(class_name, each, translate) for each in value]
    return value


def _id(class_name: str, value: JsonValue, translate: Translate) -> JsonValue:
    found = scalars.id_or_none(value) if isinstance(value, int) else None
    return value if found is None else translate(class_name, found)
