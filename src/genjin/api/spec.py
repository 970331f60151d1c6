"""Describes the API as an OpenAPI 3.1 document, made from the route table, the handlers' docstrings and the wire types.

The document tells what this very server does: the statuses of its answers depend on how it sends refusals (decision 8).
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core.core_schema import WithDefaultSchema

from genjin import __version__
from genjin.api.route import ApiRoute
from genjin.api.routes import OURS, TIMELINE, UPSTREAM, V1
from genjin.api.v1.spec import ABOUT as ABOUT_OURS
from genjin.api.v1.spec import SECURITY as OWN_SECURITY
from genjin.api.v1.spec import TAGS as OWN_TAGS
from genjin.api.v1.spec import paths_of_v1, shared_responses
from genjin.wire.envelope import Bare, Flat
from genjin.wire.errors import INTERNAL, TABLE, WireError
from genjin.wire.modules import PATHS, RECORD_TYPES
from genjin.wire.records.field_groups import BY_SINGULAR, FOLLOW_UP_FORM
from genjin.wire.scalars import MAX_ID
from genjin.wire.schemas.answers import DialLogAnswer, LoginAnswer, Readiness, Refusal, Unready

Schema = dict[str, Any]

ABOUT = """\
Everything that happens to a lead or customer, over the wire contract that its clients know.

- **Answers** are `{"code": 0, "data": ...}`; a refusal has another code, a message and a key for programs.
- **Parameters** of the query, of a form (names with brackets such as `lead[name]`), of multipart and of JSON are read
  alike and may be mixed. What is not described here is ignored.
- **Lists** are paged by `page` and `per_page`.
- **Times** are `YYYY-MM-DD HH:MM` in the organisation's zone.
- **The token** may also be sent as `user_token` in a body.
"""
TAGS: Mapping[str, tuple[str, str]] = {
    "sales_activities": ("timeline", "What happened to a lead or customer, grouped by day."),
    "auth": ("sign-in", "Exchange a login and password for a token."),
    "leads": ("leads", "Leads (线索)."),
    "transfers": ("transfers", "Many records handed over at once (ours)."),
    "customers": ("customers", "Customers (客户)."),
    "duplicates": ("duplicates", "Records that are alike, looked up before another one is created (查重)."),
    "common_leads": ("lead pools", "Leads that nobody owns (线索池)."),
    "common_customers": ("customer pools", "Customers that nobody owns (公海)."),
    "contacts": ("contacts", "Contacts of customers (联系人)."),
    "opportunities": ("opportunities", "Opportunities (商机)."),
    "contracts": ("contracts", "Contracts (合同)."),
    "revisit_logs": ("follow-ups", "What colleagues wrote about a record (跟进)."),
    "custom_fields": ("fields", "The fields of forms, and their choices (自定义字段)."),
    "field_maps": ("fields", "The fields of forms, and their choices (自定义字段)."),
    "comments": ("comments", "What colleagues said about an activity (评论; the paths are ours)."),
    "attachments": ("files", "What was uploaded: pictures, recordings and other files (附件)."),
    "qiniu": ("tickets", "Uploads as the upstream's own programs make them, with a ticket."),
    "user": ("users", "Colleagues and departments."),
    "permissions": ("permissions", "What the caller may do."),
    "approve": ("approval", "Approval of customers and contracts, as the old web client asks for it."),
    "deny": ("approval", "Approval of customers and contracts, as the old web client asks for it."),
    "interface": ("call center", "What partners ask for that run a call centre."),
    "checkins": ("check-ins", "Visits to customers, from signing in to signing out (拜访签到)."),
    "dial_logs": ("calls", "What telephones tell of calls (电销)."),
    "dial_centers": ("calls", "What telephones tell of calls (电销)."),
    "": ("service", "Whether the server lives and can serve; these answers lie in no envelope."),
}
SECURITY: Mapping[str, Schema] = {
    "Authorization": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Token token=<user_token>, device=open_api, version_code=9.9.9`; only the token is looked at.",
    },
    "access-token": {"type": "apiKey", "in": "header", "name": "access-token", "description": "`<user_token>`"},
    "user_token": {"type": "apiKey", "in": "query", "name": "user_token", "description": "`<user_token>`"},
}
ID: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
IN_PATH: Mapping[str, Schema] = {
    "id": ID,
    "entity_id": ID,
    "field": {"type": "string"},
    "form": {"type": "string", "enum": [*BY_SINGULAR, FOLLOW_UP_FORM]},
    "entity_type": {"type": "string", "enum": [*PATHS]},
    "klass": {"type": "string", "enum": [name.lower() for name in RECORD_TYPES]},
}
HEADERS: Schema = {
    "X-Request-Id": {
        "description": "Names the request in the log: the caller's X-Request-Id, or a fresh one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    }
}
RETRY_AFTER: Schema = {"description": "Seconds.", "required": True, "schema": {"type": "integer", "minimum": 1}}
ALWAYS = (429, 503)
"""What is no refusal of the request has its own status whatever the setting."""
IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETags of answers that the caller has.",
    "schema": {"type": "string"},
}
UNCHANGED: Schema = {
    "description": "The caller has the answer: nothing that it shows has changed.",
    "headers": HEADERS | {"ETag": {"description": "Names the answer.", "required": True, "schema": {"type": "string"}}},
}
ABOUT_ONE: Mapping[str, tuple[int, ...]] = {"entity_id": (404,), "corp_id": (403, 404), "lead_id": (403, 404, 409)}
"""Query parameters that name what a call is about, and the statuses of its refusals because of that."""
FORM = "application/x-www-form-urlencoded"


def describe(strict: bool) -> Schema:
    """The document of a server that sends refusals with HTTP 200 or, if `strict`, with telling statuses."""
    routes = (TIMELINE, *UPSTREAM, *OURS)
    schemas = _schemas(routes)
    paths: dict[str, Schema] = {}
    for route in routes:
        at_path = paths.setdefault(route.path, {})
        for method in route.methods:
            if method != "HEAD":  # goes without saying
                at_path[method.lower()] = _operation(route, method, schemas, strict)
    own_paths, own_schemas = paths_of_v1(V1, HEADERS)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Genjin",
            "version": __version__,
            "summary": "The timeline of everything that happens to a lead or customer.",
            "description": ABOUT + "\n" + ABOUT_OURS,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": name, "description": text} for name, text in dict.fromkeys([*OWN_TAGS.values(), *TAGS.values()])
        ],
        "paths": own_paths | paths,
        "components": {
            "schemas": own_schemas | schemas,
            "responses": shared_responses(HEADERS) | _shared_responses(strict),
            "securitySchemes": {**OWN_SECURITY, **SECURITY},
        },
    }


def _operation(route: ApiRoute, method: str, schemas: Schema, strict: bool) -> Schema:
    nouns = [part for part in route.path.split("/")[3:] if not part.startswith("{")]
    operation: Schema = {
        "tags": [TAGS[nouns[0] if nouns else ""][0]],
        "operationId": _operation_id(route, method),
        "summary": route.name.capitalize() + ("" if method == route.methods[0] else f" (by {method})"),
        "description": inspect.cleandoc(route.handler.__doc__ or ""),
        "parameters": [
            *_in_path(route),
            *(_in_query(route.takes) if route.takes and method == "GET" else ()),
            *([IF_NONE_MATCH] if route is TIMELINE else ()),
        ],
        "responses": _responses(route, method, strict),
        "security": [] if route.public else [{name: []} for name in SECURITY],
    }
    if route.takes and method != "GET":
        operation["requestBody"] = _file_body(route.takes) if route.upload else _body(route.takes, schemas)
    return operation


def _body(takes: type[BaseModel], schemas: Schema) -> Schema:
    schema = schemas[takes.__name__]
    form = _form(schema, schemas)
    json = {"schema": _ref(takes), "example": _sample(schema, schemas)}
    if any(_is_list_of_objects(schema["properties"][key], schemas) for key in schema.get("required", ())):
        return {"required": True, "content": {"application/json": json}}  # a form cannot be described that needs one
    return {"required": "required" in form, "content": {"application/json": json, FORM: {"schema": form}}}


def _file_body(takes: type[BaseModel]) -> Schema:
    return {"required": True, "content": {"multipart/form-data": {"schema": _ref(takes)}}}


def _operation_id(route: ApiRoute, method: str) -> str:
    """`updateLead`, and for the other methods of the same handler `updateLeadByPatch`."""
    first, *others = route.name.replace("-", " ").split()
    others += [] if method == route.methods[0] else ["by", method]
    return first + "".join(word.capitalize() for word in others)


def _in_path(route: ApiRoute) -> Iterator[Schema]:
    for part in route.path.split("/"):
        if part.startswith("{"):
            name = part[1:-1]
            yield {"name": name, "in": "path", "required": True, "schema": IN_PATH[name]}


def _in_query(takes: type[BaseModel]) -> Iterator[Schema]:
    whole = takes.model_json_schema(schema_generator=_Plain)
    for name, schema in whole["properties"].items():
        about = {"description": schema.pop("description")} if "description" in schema else {}
        needed = {"required": True} if name in whole.get("required", ()) else {}
        yield {"name": name, "in": "query", **needed, **about, "schema": schema}


def _form(schema: Schema, schemas: Schema) -> Schema:
    """The body's schema as a form says it: one level, names with brackets, all values texts."""
    fields = dict(_form_fields(schema, schemas, ""))
    required = [name for name, (_, needed) in fields.items() if needed]
    properties = {name: field for name, (field, _) in fields.items()}
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def _form_fields(schema: Schema, schemas: Schema, prefix: str) -> Iterator[tuple[str, tuple[Schema, bool]]]:
    for key, declared in schema["properties"].items():
        name = f"{prefix}[{key}]" if prefix else key
        field = _resolved(declared, schemas)
        if "properties" in field:
            yield from _form_fields(field, schemas, name)
        elif field.get("type") != "array":
            yield name, (_as_text(field), key in schema.get("required", ()))
        elif not _is_list_of_objects(declared, schemas):
            one = _as_text(_resolved(field["items"], schemas))
            some = {bound: field[bound] for bound in ("minItems", "maxItems") if bound in field}
            needed = key in schema.get("required", ())
            least = {"minItems": 1} if needed else {}  # an array of nothing is not sent at all
            yield name + "[]", ({"anyOf": [{"type": "array", "items": one} | least | some, one]}, needed)


def _is_list_of_objects(declared: Schema, schemas: Schema) -> bool:
    field = _resolved(declared, schemas)
    return field.get("type") == "array" and "properties" in _resolved(field["items"], schemas)


def _sample(schema: Schema, schemas: Schema) -> Schema:
    """An example made of the examples of its parts."""
    sample: Schema = {}
    for key, declared in schema["properties"].items():
        field = _resolved(declared, schemas)
        if "examples" in field:
            sample[key] = field["examples"][0]
        elif "properties" in field and (inner := _sample(field, schemas)):
            sample[key] = inner
    return sample


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    """The first alternative; its schema itself where it is referred to."""
    chosen: Schema = schema["anyOf"][0] if "anyOf" in schema else schema
    about = {key: schema[key] for key in ("description", "examples") if key in schema}
    if "$ref" in chosen:
        chosen = schemas[chosen["$ref"].rpartition("/")[2]]
    return chosen | about


def _as_text(schema: Schema) -> Schema:
    if "enum" in schema:
        return schema | {"enum": [value for value in schema["enum"] if isinstance(value, str)]}
    if "string" not in schema.get("type", "string"):
        return schema
    return {key: value for key, value in schema.items() if key not in ("minimum", "maximum")} | {"type": "string"}


def _responses(route: ApiRoute, method: str, strict: bool) -> Schema:
    if issubclass(route.answer, Bare):
        cannot = _json("It cannot serve.", {"anyOf": [_ref(Unready), _ref(Refusal)]})
        unready = {"503": cannot} if route.answer is Readiness else {}
        return {"200": _json("It is well.", _ref(route.answer))} | unready
    flat = issubclass(route.answer, Flat)
    answer, links = _ref(route.answer) if flat else _envelope(route.answer), _links(route, method)
    unchanged = {"304": UNCHANGED} if route is TIMELINE else {}
    if not strict:
        either = _json("The answer, or a refusal with another code than 0.", {"anyOf": [answer, _ref(Refusal)]})
        return (
            {"200": either | links}
            | unchanged
            | {str(status): {"$ref": f"#/components/responses/{status}"} for status in ALWAYS}
        )
    refused = {str(status): {"$ref": f"#/components/responses/{status}"} for status in _refused(route, method)}
    return {"200": _json("The answer.", answer) | links} | unchanged | refused


def _links(route: ApiRoute, method: str) -> Schema:
    """What can be done with the object that a call made."""
    made_id = "$response.body#/data/dial_log/id" if route.answer is DialLogAnswer else "$response.body#/data/id"
    links = {}
    for next_ in UPSTREAM if method == "POST" else ():
        if next_.path == route.path + "/{id}":
            id_ = _operation_id(next_, next_.methods[0])
            links[id_] = {"operationId": id_, "parameters": {"id": made_id}}
    if links and (entity_type := route.path.rpartition("/")[2]) in PATHS:
        id_ = _operation_id(TIMELINE, "GET")
        links[id_] = {"operationId": id_, "parameters": {"entity_type": entity_type, "entity_id": made_id}}
    return {"links": links} if links else {}


def _refused(route: ApiRoute, method: str) -> tuple[int, ...]:
    if route.answer is LoginAnswer:
        return 401, 422, *ALWAYS, 500
    if method != "GET":
        return 401, 403, 404, 409, 422, *ALWAYS, 500
    named = [name for name in ABOUT_ONE if route.takes and name in route.takes.model_fields]
    if "{" in route.path:
        named.append("entity_id")
    return tuple(sorted({401, 403, 422, *ALWAYS, 500}.union(*(ABOUT_ONE[name] for name in named))))


def _shared_responses(strict: bool) -> Schema:
    limited = {
        "description": "Too many calls.",
        "headers": HEADERS | {"Retry-After": RETRY_AFTER},
        "content": {"text/plain": {"schema": {"const": "Retry later\n"}}},
    }
    told: Schema = {"429": limited}
    for row in [row for row in _rows() if strict or row.always]:
        response = told.setdefault(str(row.status), _json("A refusal.", _ref(Refusal) | {"examples": []}))
        if row.always:
            response["headers"] = HEADERS | {"Retry-After": RETRY_AFTER}
        response["content"]["application/json"]["schema"]["examples"].append(_example(row))
    return told


def _rows() -> list[WireError]:
    return list(dict.fromkeys([*TABLE.values(), INTERNAL]))


def _example(row: WireError) -> Schema:
    return {"code": row.code, "message": row.message, "error": row.key, "data": None}


def _json(about: str, schema: Schema) -> Schema:
    return {"description": about, "headers": HEADERS, "content": {"application/json": {"schema": schema}}}


def _envelope(answer: type[BaseModel]) -> Schema:
    properties = {"code": {"const": 0}, "data": _ref(answer), "message": {"type": "string"}}
    return {"type": "object", "required": ["code", "data"], "properties": properties, "additionalProperties": False}


def _ref(model: type[BaseModel]) -> Schema:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _schemas(routes: tuple[ApiRoute, ...]) -> Schema:
    """The schemas of all answers and bodies, by the names of their types."""
    bodies = [route.takes for route in routes if route.takes and "GET" not in route.methods]
    models: dict[type[BaseModel], None] = dict.fromkeys(
        [*(route.answer for route in routes), *bodies, Refusal, Unready]
    )
    template = "#/components/schemas/{model}"
    _, found = models_json_schema([(m, "validation") for m in models], ref_template=template, schema_generator=_Plain)
    schemas: Schema = found["$defs"]
    return schemas


class _Plain(GenerateJsonSchema):
    """No titles that only repeat names, no default null."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def default_schema(self, schema: WithDefaultSchema) -> Schema:
        told = super().default_schema(schema)
        return {key: value for key, value in told.items() if (key, value) != ("default", None)}
