"""Describes /api/v1 for the OpenAPI document: what its routes declare, and the refusals that all of them share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi.openapi.utils import get_openapi

from genjin.api.route import ApiRoute
from genjin.api.v1.idempotency import METHODS
from genjin.api.v1.router import router_of
from genjin.exporters.sheets import MEDIA_TYPES
from genjin.wire.v1.problem import MEDIA_TYPE, TYPES, Problem

Schema = dict[str, Any]

TAGS: Mapping[str, tuple[str, str]] = {
    "me": ("v1: caller", "Who the caller is."),
    "kinds": ("v1: kinds", "What can happen to a record."),
    "activities": ("v1: activities", "What happened."),
    "timelines": ("v1: timelines", "What a record's timeline has as a whole."),
    "changes": ("v1: changes", "What has changed since one looked last."),
    "reports": ("v1: reports", "How much was done, and what came of it."),
    "exports": ("v1: exports", "What happened, as files."),
    "search": ("v1: search", "What was written, and names."),
    "records": ("v1: records", "Records, and when something happened on them last."),
    "users": ("v1: users", "Colleagues, and when they did something last."),
    "inbox": ("v1: inbox", "What the caller should know."),
    "notices": ("v1: inbox", "What the caller should know."),
    "reminders": ("v1: reminders", "When the caller wants to come back to records."),
    "calendar": ("v1: calendar", "The caller's reminders and visits, for programs that show calendars."),
    "follows": ("v1: follows", "Records that the caller follows."),
    "audit": ("v1: audit", "Acts of administration."),
    "webhooks": ("v1: webhooks", "Addresses that are told what happens."),
}
"""By the first part of the path behind /api/v1."""
ABOUT = """\
Paths under `/api/v1` are our own API, whose conventions are plain HTTP's: real statuses, problem details (RFC 9457),
`ETag`, cursors. `docs/reference/api.md` tells them.
"""
SECURITY: Mapping[str, Schema] = {
    "Bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <user_token>`"}
}
RETRY_AFTER: Schema = {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 1}}
ETAG: Schema = {"description": "Names the state of what is shown.", "schema": {"type": "string"}}
LINK: Schema = {"description": 'The next page, as `rel="next"`, where there is one.', "schema": {"type": "string"}}
IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an answer that the caller has.",
    "schema": {"type": "string"},
}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what the caller has read; refused when it has changed since.",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A text of the caller's choice: the request is carried out once, however often it is sent with it.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
REPLAYED: Schema = {
    "description": "`true` when the request was carried out before, and this is the answer that it was given.",
    "schema": {"const": "true"},
}
EXPORTED: Schema = {
    "Genjin-Rows": {"description": "How many entries the file has.", "schema": {"type": "integer", "minimum": 0}},
    "Genjin-More": {"description": "`1` where more were asked for than `limit`.", "schema": {"enum": ["0", "1"]}},
}
_SCHEMAS = "#/components/schemas/"
ALWAYS = (401, 422, 429, 500, 503)


def paths_of_v1(rows: Sequence[ApiRoute], headers: Schema) -> tuple[Schema, Schema]:
    """The paths of /api/v1's routes and the schemas that they refer to; `headers` are those of every answer."""
    told = tuple(replace(row, methods=tuple(m for m in row.methods if m != "HEAD")) for row in rows)
    found = get_openapi(title="", version="", routes=router_of(told).routes)
    schemas = found.get("components", {}).get("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema(ref_template=_SCHEMAS + "{model}")
    schemas |= schemas["Problem"].pop("$defs")
    paths: Schema = {}
    for row in told:
        for method in row.methods:
            generated = found["paths"][row.path][method.lower()]
            paths.setdefault(row.path, {})[method.lower()] = _operation(row, method, generated, headers)
    return _tidied(paths), {f"v1.{name}": _tidied(schema) for name, schema in schemas.items()}


def shared_responses(headers: Schema) -> Schema:
    """The refusals, by status."""
    told = {}
    for status in sorted({type_.status for type_ in TYPES}):
        codes = [type_.code for type_ in TYPES if type_.status == status]
        more = {"Retry-After": RETRY_AFTER} if status in (429, 503) else {}
        schema = {"$ref": f"{_SCHEMAS}v1.Problem"}
        told[f"Problem{status}"] = {
            "description": "; ".join(f"`{type_.code}`: {type_.title}" for type_ in TYPES if type_.status == status),
            "headers": headers | more,
            "content": {MEDIA_TYPE: {"schema": {"allOf": [schema], "properties": {"code": {"enum": codes}}}}},
        }
    return told


def _operation(row: ApiRoute, method: str, generated: Schema, headers: Schema) -> Schema:
    is_page = ("items" in row.answer.model_fields or row.stream) and method == "GET" and not row.export
    parameters = generated.get("parameters", [])
    told: Schema = {
        "tags": [TAGS[row.path.split("/")[3]][0]],
        "operationId": _operation_id(row.name),
        "summary": row.name.capitalize(),
        "description": generated["description"],
        "parameters": [
            *parameters,
            *([IF_NONE_MATCH] if method == "GET" and not is_page and not row.export else []),
            *([IDEMPOTENCY_KEY] if method in METHODS else []),
            *([IF_MATCH] if method in ("PATCH", "DELETE") and 204 not in row.successes else []),
        ],
        "security": [] if row.calendar else [{name: []} for name in SECURITY],
    }
    if "requestBody" in generated:
        told["requestBody"] = generated["requestBody"]
    more = EXPORTED if row.export else {} if row.stream else {"Link": LINK} if is_page else {"ETag": ETAG}
    more |= {"Idempotency-Replayed": REPLAYED} if method in METHODS else {}
    media_type = "text/event-stream" if row.stream else "application/json"
    schema = {"type": "string"} if row.stream else {"$ref": _SCHEMAS + row.answer.__name__}
    content = {media_type: {"schema": schema}}
    if row.calendar:
        content = {"text/calendar": {"schema": {"type": "string"}}}
    if row.report:
        content["text/csv"] = {"schema": {"type": "string"}}
    if row.export:
        content = {name: {"schema": {"type": "string", "format": "binary"}} for name in MEDIA_TYPES.values()}
    answer = {"description": "The answer.", "headers": headers | more, "content": content}
    unchanged = {"description": "The caller has the answer.", "headers": headers | more}
    gone = {"description": "It is done.", "headers": headers}
    responses = {str(status): gone if status == 204 else answer for status in row.successes}
    if method == "GET" and not is_page and not row.export:
        responses["304"] = unchanged
    problems = {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in _refused(row, told)}
    return told | {"responses": responses | problems}


def _refused(row: ApiRoute, operation: Schema) -> Iterator[int]:
    """The statuses of an operation's problems."""
    names = {parameter["name"] for parameter in operation["parameters"]}
    writes = "GET" not in row.methods
    statuses = {*ALWAYS} | ({404} if "{" in row.path or "subject" in names else set())
    statuses |= {400} if "cursor" in names else set()
    statuses |= {403} if row.report or "record_source" in names else set()
    statuses |= {409} if row.export else set()
    statuses |= {410} if "cursor" in row.answer.model_fields else set()
    if writes:
        statuses |= {400, 403, 404, 409, 412}
    if "requestBody" in operation:
        statuses |= {413, 415}
    return iter(sorted(statuses))


def _operation_id(name: str) -> str:
    """`readActivityVersions` of `read activity versions`."""
    first, *others = name.replace("-", " ").split()
    return first + "".join(word.capitalize() for word in others)


def _tidied(schema: Any) -> Any:
    """Without titles that only repeat names (a property may be called so); types are named apart from /api/v2's."""
    if isinstance(schema, dict):
        return {
            key: value.replace(_SCHEMAS, f"{_SCHEMAS}v1.") if key == "$ref" else _tidied(value)
            for key, value in schema.items()
            if key != "title" or not isinstance(value, str)
        }
    return [_tidied(each) for each in schema] if isinstance(schema, list) else schema
