"""Kinds of entries that the organisation defined, for what its other programs tell of."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from genjin.domain.custom_kind import CustomKind, Definition
from genjin.domain.kinds import Group
from genjin.errors import Invalid, NotFound
from genjin.service.organisation.custom_kinds import change_kind, define_kind
from genjin.web.calling import Form, PageCall, Posted
from genjin.web.pages.admin.desk import NO_ERRORS, Admin, Errors, Refused, desk, errors_of
from genjin.web.rendering import go
from genjin.web.texts import _
from genjin.web.told import GROUPS
from genjin.wire.v1.shared import Id

_PLAIN = ("name", "icon", "label_zh", "label_en", "says_zh", "says_en")
_FIELDS = (*_PLAIN, "group", "schema", "fills")
_CALLED = {"label.zh": "label_zh", "label.en": "label_en", "sentence.zh": "says_zh", "sentence.en": "says_en"}
"""How the API calls the same, in whose words the service refuses."""


def show(call: Admin) -> Response:
    """All of them, archived ones too."""
    kinds = sorted(call.session.directory.custom_kinds.values(), key=lambda kind: kind.definition.name)
    return desk(call, "kinds", "kinds", kinds=kinds, groups=GROUPS, saved="saved" in call.request.query_params)


def new(call: Admin) -> Response:
    """An empty form."""
    return _form(call, None, {"group": Group.SYSTEM.value, "schema": '{"type": "object"}'})


def add(call: Admin, form: Form) -> Response:
    """Define one."""
    told = _told(form)
    try:
        define_kind(call.installation, call.session, _definition(told))
    except Refused as error:
        return _form(call, None, told, _errors(error), 422)
    return go(call, "/admin/kinds?saved=1")


def edit(call: Admin, code: Id) -> Response:
    """One of them, as a form."""
    kind = _there(call, code)
    said = kind.definition
    told = {name: getattr(said, name) for name in _PLAIN} | {"group": said.group.value}
    return _form(call, kind, told | {"schema": _json(said.schema), "fills": _json(said.fills)})


def change(call: Admin, code: Id, form: Form) -> Response:
    """Say it otherwise; what is there is shown by what is said now."""
    kind = _there(call, code)
    name, told = kind.definition.name, _told(form) | {"name": kind.definition.name}
    try:
        said = _definition(told)
        change_kind(call.installation, call.session, name, lambda _: said)
    except Refused as error:
        return _form(call, kind, told, _errors(error), 422)
    return go(call, "/admin/kinds?saved=1")


def archive(call: Admin, code: Id, form: Form) -> Response:
    """Let no new entry be of it, or bring it back."""
    name = _there(call, code).definition.name
    change_kind(call.installation, call.session, name, lambda told: told, archived=form.text("archived") == "1")
    return go(call, "/admin/kinds?saved=1")


def _told(form: Posted) -> dict[str, str]:
    return {name: form.text(name) for name in _FIELDS}


def _definition(told: Mapping[str, str]) -> Definition:
    if told["group"] not in GROUPS:
        raise Invalid({"group": [_("is none of these")]})
    return Definition(
        **{name: told[name] for name in _PLAIN},
        group=Group(told["group"]),
        schema=_object("schema", told["schema"]),
        fills=_object("fills", told["fills"]) or None,
    )


def _object(field: str, text: str) -> dict[str, Any]:
    try:
        read = orjson.loads(text or b"{}")
    except orjson.JSONDecodeError as error:
        raise Invalid({field: [_("is not JSON")]}) from error
    if not isinstance(read, dict) or (field == "fills" and not all(isinstance(each, str) for each in read.values())):
        raise Invalid({field: [_("is no JSON object of this form")]})
    return read


def _json(value: Mapping[str, object] | None) -> str:
    return orjson.dumps(dict(value), option=orjson.OPT_INDENT_2).decode() if value else ""


def _errors(error: Exception) -> Errors:
    if isinstance(error, Invalid):
        error = Invalid({_CALLED.get(field, field.partition(".")[0]): texts for field, texts in error.errors.items()})
    return errors_of(error, *_FIELDS)


def _there(call: PageCall, code: int) -> CustomKind:
    found = call.session.directory.custom_kinds.get(code)
    if found is None:
        raise NotFound(f"no kind {code}")
    return found


def _form(
    call: PageCall, kind: CustomKind | None, told: Mapping[str, str], errors: Errors = NO_ERRORS, status: int = 200
) -> Response:
    empty = dict.fromkeys(_FIELDS, "")
    return desk(*(call, "kind", "kinds", status), kind=kind, told=empty | dict(told), groups=GROUPS, errors=errors)
