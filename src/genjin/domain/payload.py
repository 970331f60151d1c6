"""Payloads of kinds that organisations define, and the JSON Schemas that they are held to.

A schema comes from a tenant, so it is bounded: it refers to nothing, which keeps what it costs in proportion to its
size, and its patterns are matched in linear time. The library is loaded by the first who needs it: it is large.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from genjin.domain.json import JsonValue
from genjin.errors import Invalid

if TYPE_CHECKING:
    import jsonschema_rs

MAX_SCHEMA, MAX_PAYLOAD = 32_000, 32_000
"""Bytes of JSON."""
MAX_DEPTH = 20
"""How deep a schema or a payload may be nested."""
MOST_TOLD = 20
"""Errors that are told of one payload."""
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef", "$schema", "$id", "$vocabulary"})


_NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
"""Keywords whose values are schemas by names that are the tenant's."""


def check_schema(schema: Mapping[str, JsonValue]) -> None:
    """Raises Invalid for what is no JSON Schema (2020-12) of an object, or not one that may be used here."""
    if wrong := _wrong_with(schema):
        raise Invalid({"schema": [wrong]})


def check_payload(schema: Mapping[str, JsonValue], payload: Mapping[str, JsonValue]) -> None:
    """Raises Invalid, by the paths of the payload's fields; the payload's own is empty."""
    if _depth(payload) > MAX_DEPTH:
        raise Invalid({"": [f"is nested more than {MAX_DEPTH} deep"]})
    if len(orjson.dumps(payload)) > MAX_PAYLOAD:
        raise Invalid({"": [f"has more than {MAX_PAYLOAD} bytes"]})
    errors: dict[str, list[str]] = {}
    for _, error in zip(range(MOST_TOLD), _compiled(orjson.dumps(schema)).iter_errors(payload), strict=False):
        errors.setdefault(".".join(map(str, error.instance_path)), []).append(error.message[:500])
    if errors:
        raise Invalid(errors)


def _wrong_with(schema: Mapping[str, JsonValue]) -> str:
    if _depth(schema) > MAX_DEPTH:
        return f"is nested more than {MAX_DEPTH} deep"
    if len(packed := orjson.dumps(schema)) > MAX_SCHEMA:
        return f"has more than {MAX_SCHEMA} bytes"
    if schema.get("type") != "object":
        return 'has to be that of an object: "type": "object"'
    if used := sorted(_REFERENCES.intersection(_keys(schema))):
        return f"may not use {', '.join(used)}: write out what it refers to"
    from jsonschema_rs import ValidationError

    try:
        _compiled(packed)
    except ValidationError as error:
        return f"is no JSON Schema of 2020-12: {error.message[:500]}"
    return ""


@lru_cache(maxsize=256)
def _compiled(schema: bytes) -> "jsonschema_rs.Draft202012Validator":
    from jsonschema_rs import Draft202012Validator, RegexOptions

    return Draft202012Validator(
        orjson.loads(schema), validate_formats=True, retriever=_nothing, pattern_options=RegexOptions()
    )


def _nothing(uri: str) -> Any:
    raise ValueError(f"nothing is fetched: {uri}")


def _keys(value: JsonValue) -> Iterator[str]:
    """The keywords of a schema; what properties are called is none."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield key
            for inner in part.values() if key in _NAMED and isinstance(part, Mapping) else [part]:
                yield from _keys(inner)
    elif isinstance(value, list):
        for part in value:
            yield from _keys(part)


def _depth(value: JsonValue) -> int:
    """How deep a value is nested, counted no further than one beyond MAX_DEPTH."""
    level, deep = [value], 0
    while level and deep <= MAX_DEPTH:
        parts = [list(each.values()) if isinstance(each, Mapping) else each for each in level if _is_nested(each)]
        level, deep = [part for each in parts for part in each], deep + 1  # type: ignore[union-attr]
    return deep


def _is_nested(value: JsonValue) -> bool:
    return isinstance(value, Mapping | list)
