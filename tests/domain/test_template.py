"""Sentences with names in braces."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genjin.domain.template import errors_in, filled

SCHEMA: Any = {
    "type": "object",
    "properties": {
        "no": {"type": "string"},
        "amount": {"type": ["number", "null"]},
        "paid": {"type": "boolean"},
        "level": {"enum": ["a", "b"]},
        "buyer": {"type": "object", "properties": {"name": {"type": "string"}, "tags": {"type": "array"}}},
        "any": {},
        "odd": True,
    },
}
KNOWN = {"actor", "target", "text"}


@pytest.mark.parametrize(
    "template",
    [
        *("", "没有名字", "{actor}收到{target}的{no}", "{buyer.name}{amount}{paid}{level}", "100% of {no} %s {no}"),
        *("全角｛actor｝", "{text}😀"),
    ],
)
def test_what_names_only_what_there_is_is_right(template: str) -> None:
    assert errors_in(template, KNOWN, SCHEMA) == []


@pytest.mark.parametrize(
    "template",
    [
        *("{", "}", "{}", "{{no}}", "{no", "no}", "{ no }", "{no!r}", "{no:>10}", "{no.__class__}", "{0}", "{no[0]}"),
        *("{nothing}", "{buyer}", "{buyer.tags}", "{buyer.nothing}", "{any}", "{odd}", "{actor.name}", "{no.x}"),
    ],
)
def test_what_names_something_else_is_told(template: str) -> None:
    assert errors_in(template, KNOWN, SCHEMA) != []


def test_a_template_is_filled_with_what_there_is() -> None:
    told = {"actor": "王{no}", "target": "%s{target}"}
    payload: Any = {"no": "{actor}", "amount": 12.0, "paid": True, "buyer": {"name": "长江"}, "list": [1]}
    assert filled("{actor}|{target}|{no}", told, payload) == "王{no}|%s{target}|{actor}"
    assert filled("{amount}|{paid}|{buyer.name}", told, payload) == "12|true|长江"
    assert filled("{nothing}{buyer.x.y}{list}{buyer}", told, payload) == ""
    assert filled("{amount}", {}, {"amount": 0.1}) == "0.1"


@given(st.text(), st.dictionaries(st.sampled_from(["no", "actor"]), st.text()))
def test_whatever_is_filled_in_no_name_is_left_that_is_right(template: str, payload: dict[str, str]) -> None:
    if errors_in(template, KNOWN, SCHEMA) == []:
        told = {"actor": "", "target": "", "text": ""}
        assert filled(template, told, {}).count("{") == 0
        filled(template, told, payload)
