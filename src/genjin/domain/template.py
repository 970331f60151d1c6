"""Sentences with names in braces, such as `{actor}收到{target}的付款{payment.amount}元`, and what may be named in them.

A name with dots is a property of a payload. Nothing in a template is ever run: it is no format of Python's.
"""

import re
from collections.abc import Collection, Mapping

from genjin.domain.json import JsonValue

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NAMES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
SCALARS = frozenset({"string", "number", "integer", "boolean"})


def filled(template: str, told: Mapping[str, str], payload: Mapping[str, JsonValue] | None = None) -> str:
    """The template with what is told, and the payload's properties, in their places; empty for what there is not."""

    def put(found: re.Match[str]) -> str:
        name = found[1]
        return told[name] if name in told else _shown(_at(payload or {}, name))

    return _PLACEHOLDER.sub(put, template)


def errors_in(template: str, known: Collection[str], schema: Mapping[str, JsonValue]) -> list[str]:
    """What is wrong with a template: braces that are none of a name, and names that nothing has.

    A property of the payload has to be declared by the schema, as one text, number or truth value.
    """
    names = [found[1] for found in _PLACEHOLDER.finditer(template)]
    wrong = [] if template.count("{") == template.count("}") == len(names) else ["has a brace that belongs to no name"]
    for name in dict.fromkeys(names):
        if not _NAMES.fullmatch(name):
            wrong.append(f"{{{name}}} is no name")
        elif name not in known and not _is_scalar(_declared(schema, name)):
            wrong.append(f"{{{name}}} is no text, number or truth value that the schema declares")
    return wrong


def _at(payload: Mapping[str, JsonValue], path: str) -> JsonValue:
    value: JsonValue = payload
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _declared(schema: Mapping[str, JsonValue], path: str) -> JsonValue:
    value: JsonValue = schema
    for part in path.split("."):
        properties = value.get("properties") if isinstance(value, Mapping) else None
        value = properties.get(part) if isinstance(properties, Mapping) else None
    return value


def _is_scalar(declared: JsonValue) -> bool:
    if not isinstance(declared, Mapping):
        return False
    types, choices = declared.get("type"), declared.get("enum")
    if isinstance(types, list):
        return bool(types) and all(each in SCALARS or each == "null" for each in types)
    return types in SCALARS or (types is None and isinstance(choices, list))


def _shown(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else ""
