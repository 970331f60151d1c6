"""Payloads and the schemas that they are held to; both come from tenants."""

from time import monotonic
from typing import Any

import pytest

from genjin.domain.payload import MAX_DEPTH, MAX_PAYLOAD, MAX_SCHEMA, MOST_TOLD, check_payload, check_schema
from genjin.errors import Invalid

INVOICE: dict[str, Any] = {
    "type": "object",
    "required": ["no"],
    "properties": {
        "no": {"type": "string", "maxLength": 5},
        "amount": {"type": "number", "minimum": 0},
        "day": {"type": "string", "format": "date"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
    },
    "additionalProperties": False,
}


def deep(levels: int, leaf: Any = None) -> Any:
    value: Any = leaf if leaf is not None else {"type": "object"}
    for _ in range(levels):
        value = {"properties": {"a": value}} if leaf is None else {"a": value}
    return value | ({"type": "object"} if leaf is None else {})


@pytest.mark.parametrize(
    "schema",
    [INVOICE, {"type": "object"}, {"type": "object", "properties": {"$ref": {"type": "string"}, "id": {}}}],
    ids=["invoice", "any", "odd names"],
)
def test_a_schema_of_an_object_is_taken(schema: dict[str, Any]) -> None:
    check_schema(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "array"},
        {"type": ["object", "null"]},
        {"type": "object", "properties": 5},
        {"type": "object", "properties": {"a": {"type": "text"}}},
        {"type": "object", "properties": {"a": {"pattern": "(?=x)"}}},
        {"type": "object", "properties": {"a": {"pattern": "("}}},
        {"type": "object", "$ref": "#"},
        {"type": "object", "allOf": [{"$ref": "https://192.0.2.1/schema.json"}]},
        {"type": "object", "properties": {"a": {"$dynamicRef": "#a"}}},
        {"type": "object", "$schema": "http://json-schema.org/draft-04/schema#"},
        {"type": "object", "$id": "file:///etc/passwd"},
        {"type": "object", "title": "长" * MAX_SCHEMA},
        deep(MAX_DEPTH),
    ],
    ids=range(14),
)
def test_a_schema_that_is_none_or_may_cost_too_much_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        check_schema(schema)
    assert refused.value.errors.keys() == {"schema"}


def test_a_payload_is_held_to_its_schema_field_by_field() -> None:
    check_payload(INVOICE, {"no": "１２３", "amount": 0.5, "day": "2024-02-29", "lines": [{"sku": "a"}]})
    wrong: Any = {"no": "123456", "amount": -1, "day": "2023-02-29", "lines": [{}, {"sku": 1}], "more": 1}
    with pytest.raises(Invalid) as refused:
        check_payload(INVOICE, wrong)
    assert refused.value.errors.keys() == {"no", "amount", "day", "lines.1.sku", ""}
    with pytest.raises(Invalid) as refused:
        check_payload(INVOICE, {})
    assert refused.value.errors.keys() == {""}


@pytest.mark.parametrize("payload", [{"a": "长" * MAX_PAYLOAD}, deep(MAX_DEPTH, leaf=1), deep(5000, leaf=1)])
def test_a_payload_that_is_too_large_or_too_deep_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        check_payload({"type": "object"}, payload)
    assert refused.value.errors.keys() == {""}


def test_not_more_errors_are_told_than_anybody_reads() -> None:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
    with pytest.raises(Invalid) as refused:
        check_payload(schema, {str(n): n for n in range(1000)})
    assert len(refused.value.errors) == MOST_TOLD


def test_a_pattern_takes_no_time_to_speak_of() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"a": {"pattern": "^(a+)+$"}}}
    check_schema(schema)
    began = monotonic()
    with pytest.raises(Invalid):
        check_payload(schema, {"a": "a" * 30_000 + "b"})
    assert monotonic() - began < 5  # where a matcher that goes back would take longer than there is time
