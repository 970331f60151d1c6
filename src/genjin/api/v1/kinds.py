"""Kinds of activities: those that there are, and those that an organisation defines."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.answers import listed, one, position
from genjin.api.v1.calling import Caller, OurCall
from genjin.api.v1.conditions import wanted_states
from genjin.domain.custom_kind import CustomKind
from genjin.domain.json import JsonValue
from genjin.errors import NotFound
from genjin.service.organisation.custom_kinds import change_kind, define_kind
from genjin.wire.v1.activity_input import WRITTEN
from genjin.wire.v1.kind import KindChange, NewKind, changed, custom_kind_to_wire, definition_of, kind_to_wire
from genjin.wire.v1.shared import Paged


def list_kinds(call: Caller, query: Annotated[Paged, Query()]) -> Response:
    """Every kind that there is, by name; the organisation's own too, also archived ones."""
    after = position(call, query.cursor)
    names = sorted(name for name in call.session.directory.kinds if after is None or name > str(after[0]))
    page = names[: query.limit]
    return listed(call, [_shown(call, name) for name in page], [page[-1]] if len(names) > len(page) else None)


def read_kind(call: Caller, name: str) -> Response:
    """One kind."""
    return one(call, _shown(call, name), _state(call, name))


def create_kind(call: Caller, body: NewKind) -> Response:
    """Define a kind, as an administrator. Activities may be of it at once, and it may be filtered by."""
    custom = define_kind(call.installation, call.session, definition_of(body))
    location = {"Location": f"/api/v1/kinds/{custom.definition.name}"}
    return one(call, custom_kind_to_wire(custom), str(custom.version), 201, location)


def update_kind(call: Caller, name: str, body: KindChange) -> Response:
    """Say a kind otherwise, archive it or bring it back, as an administrator. Activities that are there are shown by
    what is said now.
    """
    archived = body.archived if "archived" in body.model_fields_set else None
    return _told(call, change_kind(call.installation, call.session, name, changed(body), archived, _wanted(call)))


def archive_kind(call: Caller, name: str) -> Response:
    """Archive a kind, as an administrator: no new activity is of it; those that are there stay as they are."""
    kept = change_kind(call.installation, call.session, name, lambda told: told, archived=True, wanted=_wanted(call))
    return _told(call, kept)


def _told(call: OurCall, custom: CustomKind) -> Response:
    return one(call, custom_kind_to_wire(custom), str(custom.version))


def _wanted(call: OurCall) -> frozenset[str] | None:
    return wanted_states(call.request)


def _shown(call: OurCall, name: str) -> JsonValue:
    kind = call.session.directory.kinds.get(name)
    if kind is None:
        raise NotFound(f"no kind {name!r}")
    custom = call.session.directory.custom_kinds.get(kind.code)
    return kind_to_wire(kind, kind in WRITTEN) if custom is None else custom_kind_to_wire(custom)


def _state(call: OurCall, name: str) -> str:
    kind = call.session.directory.kinds[name]
    custom = call.session.directory.custom_kinds.get(kind.code)
    return "1" if custom is None else str(custom.version)
