"""Holds docs/reference/api.md true: it tells of every route of /api/v1, of what each takes, and of every problem."""

import re
from functools import cache
from typing import Any

import orjson
import pytest

from genjin.api.docs import document
from genjin.api.routes import V1
from genjin.wire.v1.problem import TYPES
from tests.documents import HEADING, ROOT, read, rows, section

PAGE = ROOT / "docs/reference/api.md"
ROUTES = [f"{method} {row.path}" for row in V1 for method in row.methods if method != "HEAD"]
TOLD_ONCE = {"lang", "If-None-Match", "If-Match", "Idempotency-Key"}
"""Parameters of many routes, told at the head of the page."""


@cache
def described() -> dict[str, Any]:
    return orjson.loads(document(strict=True))  # type: ignore[no-any-return]


def test_every_route_has_a_section_in_the_order_of_the_table_and_no_other_has() -> None:
    headings = [heading for heading in HEADING.findall(read(PAGE)) if re.match("[A-Z]+ /", heading)]
    assert sorted(headings) == sorted(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_a_section_lists_what_its_route_takes(route: str) -> None:
    method, path = route.split(" ")
    operation = described()["paths"][path][method.lower()]
    taken = {each["name"] for each in operation["parameters"] if each["in"] != "path"} - TOLD_ONCE
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    listed = rows(section(read(PAGE), route), "parameter")
    assert {name for row in listed for name in re.findall(r"`([\w.-]+)`", row[0])} == taken | keys_of(body)


def test_every_problem_is_listed_and_no_other() -> None:
    assert rows(section(read(PAGE), "Problems"), "code") == [
        [f"`{type_.code}`", str(type_.status), type_.title] for type_ in TYPES
    ]


def keys_of(schema: Any) -> set[str]:
    """The keys of a body, of whichever of its forms."""
    if "$ref" in schema:
        schema = described()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    forms = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    return set(schema.get("properties", ())) | {key for form in forms for key in keys_of(form)}
