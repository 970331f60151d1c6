"""The OpenAPI document is valid, describes every route and no other, and is shown by the page that we serve."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import jsonschema_rs
import orjson
import pytest
import schemathesis
from pydantic import BaseModel

from genjin.api.docs import document
from genjin.api.routes import OURS, TIMELINE, UPSTREAM, V1
from genjin.api.spec import SECURITY
from genjin.api.v1.server import is_ours
from genjin.app import build, open_installation
from genjin.settings import Settings
from genjin.wire.errors import INTERNAL, TABLE
from genjin.wire.sales_activity import KEYS

Json = Any


@pytest.fixture(params=["documented", "strict"])
def described(request: pytest.FixtureRequest) -> Json:
    """The document of each way of refusing."""
    return orjson.loads(document(request.param == "strict"))


def operations(described: Json) -> Iterator[tuple[str, str, Json]]:
    """Method, path, operation."""
    for path, at_path in described["paths"].items():
        for method, operation in at_path.items():
            yield method.upper(), path, operation


def test_the_document_fits_the_openapi_3_1_schema(described: Json) -> None:
    assert described["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(described).validate()


def test_a_document_that_does_not_fit_is_found_out(described: Json) -> None:
    del described["info"]["title"]
    with pytest.raises(jsonschema_rs.ValidationError):
        schemathesis.openapi.from_dict(described).validate()


def test_every_schema_is_a_json_schema_and_refers_to_one_that_is_there(described: Json) -> None:
    schemas = described["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate(schema | {"$schema": "https://json-schema.org/draft/2020-12/schema"})
    text = orjson.dumps(described).decode()
    referred = set(re.findall(r"#/components/(\w+)/([\w.-]+)", text))
    assert {("schemas", name) for name in schemas} == {ref for ref in referred if ref[0] == "schemas"}
    assert all(name in described["components"][kind] for kind, name in referred)


def test_every_route_is_described_and_no_other(described: Json) -> None:
    told = {(method, path) for method, path, _ in operations(described)}
    routed = {(method, route.path) for route in (TIMELINE, *UPSTREAM, *OURS, *V1) for method in route.methods}
    assert told == {(method, path) for method, path in routed if method != "HEAD"}


def test_every_operation_says_what_it_does_under_a_name_of_its_own(described: Json) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(set(names)) == len(names)
    assert {"listSalesActivities", "signIn", "updateLead", "updateLeadByPatch", "writeFollowUp", "endCall"} < set(names)
    for _, _, operation in operations(described):
        assert operation["summary"][0].isupper()
        assert len(operation["description"]) > 5
        assert operation["tags"][0] in {tag["name"] for tag in described["tags"]}


def test_every_call_but_sign_in_and_health_needs_a_token_in_one_of_three_places(described: Json) -> None:
    open_to_all = {path for _, path, operation in operations(described) if operation["security"] == []}
    assert open_to_all == {
        *("/api/v2/auth/login", "/api/v2/auth/login_app", "/api/v2/qiniu/upload", "/healthz", "/readyz"),
        "/api/v1/calendar/{secret}.ics",
    }
    asked = {path: operation["security"] for _, path, operation in operations(described) if path not in open_to_all}
    assert all(asked[path] == [{name: []} for name in SECURITY] for path in asked if not is_ours(path))
    assert all(asked[path] == [{"Bearer": []}] for path in asked if is_ours(path))


def test_the_timeline_is_described_by_the_types_that_it_is_made_from(described: Json) -> None:
    schemas = described["components"]["schemas"]
    assert tuple(schemas["SalesActivity"]["properties"]) == KEYS
    assert schemas["SalesActivity"]["required"] == [*KEYS]
    parameters = described["paths"][TIMELINE.path]["get"]["parameters"]
    named = ["entity_type", "entity_id", "page", "per_page", "If-None-Match"]
    assert [parameter["name"] for parameter in parameters] == named


def test_refusals_are_told_with_the_statuses_that_the_server_sends() -> None:
    statuses = {row.status for row in (*TABLE.values(), INTERNAL)} | {200, 304, 429}
    strict, documented = orjson.loads(document(strict=True)), orjson.loads(document(strict=False))
    assert {int(s) for _, p, o in operations(strict) for s in o["responses"] if is_upstreams(p)} == statuses
    assert {int(s) for _, p, o in operations(documented) for s in o["responses"] if is_upstreams(p)} == {
        200,
        304,
        429,
        503,
    }


def test_problems_of_our_own_api_have_their_statuses_however_the_upstreams_are_told() -> None:
    strict, documented = orjson.loads(document(strict=True)), orjson.loads(document(strict=False))
    for path in strict["paths"]:
        if is_ours(path):
            assert strict["paths"][path] == documented["paths"][path]
            for operation in strict["paths"][path].values():
                assert {"401", "422", "429", "500", "503"} < operation["responses"].keys()


def is_upstreams(path: str) -> bool:
    return path != "/readyz" and not is_ours(path)


def test_a_form_names_nested_fields_with_brackets(described: Json) -> None:
    body = described["paths"]["/api/v2/revisit_logs"]["post"]["requestBody"]
    form = body["content"]["application/x-www-form-urlencoded"]["schema"]
    assert {"revisit_log[content]", "revisit_log[loggable_attributes][status]", "at_user_ids[]"} < form[
        "properties"
    ].keys()
    assert form["required"] == ["revisit_log[loggable_type]", "revisit_log[loggable_id]"]
    assert body["required"]


def test_a_filter_by_days_is_an_array_with_brackets_in_its_name(described: Json) -> None:
    parameters = {p["name"]: p for p in described["paths"]["/api/v2/leads"]["get"]["parameters"]}
    assert {"page", "per_page", "query", "tab_type", "sort", "order", "user_id", "status"} < parameters.keys()
    assert parameters["created_at[]"]["schema"]["type"] == "array"


@pytest.fixture
def get(sqlite_url: str) -> Iterator[Callable[[str], httpx.Response]]:
    """Asks a server without a token."""
    settings = Settings(database_url=sqlite_url)
    installation = open_installation(settings)
    transport = httpx.ASGITransport(build(installation, settings))

    async def ask(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    with closing(installation.database):
        yield lambda path: asyncio.run(ask(path))


def test_the_document_is_served_to_anybody(get: Callable[[str], httpx.Response]) -> None:
    served = get("/openapi.json")
    assert served.status_code == 200
    assert served.headers["content-type"] == "application/json; charset=utf-8"
    assert served.content == document(strict=False)


def test_the_page_runs_nothing_but_our_own_files(get: Callable[[str], httpx.Response]) -> None:
    page = get("/docs")
    policy = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in page.headers["content-security-policy"]
    scripts = re.findall(r"<script([^>]*)>([^<]*)", page.text)
    assert scripts
    assert all('src="/static/' in attributes and not inline.strip() for attributes, inline in scripts)
    assert "<style" not in page.text
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert get(path).status_code == 200, path


def test_the_table_has_a_type_for_every_answer() -> None:
    for route in (TIMELINE, *UPSTREAM, *OURS):
        assert issubclass(route.answer, BaseModel), route.path
        assert route.takes is not None or route.methods in (("GET", "HEAD"), ("DELETE",)), route.path
