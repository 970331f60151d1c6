"""Lists of records: filtered, sorted, page by page."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from babel.numbers import format_decimal
from starlette.responses import Response

from genjin.domain.directory import STATUS_LISTS
from genjin.domain.people import Department, User
from genjin.domain.record_list import Worked
from genjin.domain.records import RecordType
from genjin.errors import Invalid
from genjin.service.pools.pools import POOLED_TYPES
from genjin.service.records.listing import list_worked
from genjin.web.calling import Caller, Form, PageCall, within
from genjin.web.columns import columns_for
from genjin.web.navigation import PLACES
from genjin.web.pages.list_view import BACK, COLUMNS, PAGE, SELECT, ListView, cookie_of, view_asked
from genjin.web.queries import Address
from genjin.web.rendering import go, page
from genjin.web.texts import LOCALES, _
from genjin.wire.modules import CLASS_NAMES
from genjin.wire.v1.record import record_to_wire
from genjin.wire.v1.refs import TYPE_NAMES, TYPES, TypeName

KEPT_DAYS = 365
_ONE: Mapping[RecordType, str] = {
    RecordType.LEAD: _("lead"),
    RecordType.CUSTOMER: _("customer"),
    RecordType.CONTACT: _("contact"),
    RecordType.OPPORTUNITY: _("opportunity"),
    RecordType.CONTRACT: _("contract"),
}


def show(call: Caller, type: TypeName) -> Response:  # noqa: A002
    """The records of a type that somebody sees."""
    view = view_asked(call, TYPES[type])
    return shown(view, "pages/list.html", here=type)


def keep_columns(call: Caller, form: Form, type: TypeName) -> Response:  # noqa: A002
    """Keep which columns somebody wants of a type, in this browser; none for the main ones again."""
    offered = columns_for(TYPES[type], call.viewer, call.session.directory)
    chosen = [name for name in form.texts(COLUMNS) if name in offered] if not form.text("reset") else []
    response = go(call, _with_columns(within(form.text("back")), chosen))
    name = cookie_of(call, type)
    if chosen:
        value = ".".join(chosen)
        response.set_cookie(name, value, max_age=KEPT_DAYS * 86_400, path="/", httponly=True, samesite="lax")
    else:
        response.delete_cookie(name, path="/")
    return response


def shown(view: ListView, template: str, **context: Any) -> Response:
    """A page of the list, or the part of it that htmx asks for: more rows, or all but the head."""
    call, status = view.call, 200
    found, end = list[Worked](), None
    errors = view.errors
    try:
        if not errors:
            found, end = list_worked(call.installation, call.session, view.asked, PAGE, view.key())
    except Invalid as error:
        errors = error.errors
    if errors:
        status = 422
    told: dict[str, Any] = {
        "view": view,
        "errors": errors,
        "rows": [(each, record_to_wire(each, call.session.directory)) for each in found],
        "next_page": None if end is None else view.behind(end),
        "all_selected": view.call.request.query_params.get(SELECT) == "all",
        "people": people_of(call),
        "departments": departments_of(call),
        "statuses": _statuses(view),
        "poolable": view.type in POOLED_TYPES,
        "leads_pool": False,
        "title": plural_of(call, view.type),
        "new_title": call.say(_("New %(name)s"), name=singular_of(call, view.type)),
        "number": lambda value: format_decimal(value, locale=LOCALES[call.language]),
        **context,
    }
    if not call.is_partial:
        return page(call, template, status, **told)
    if call.request.headers.get("hx-target") == "list":
        return page(call, "parts/list.html", status, {"HX-Push-Url": str(view.here)}, **told)
    return page(call, "parts/list_rows.html", status, **told)


def plural_of(call: PageCall, type_: RecordType) -> str:
    """What the organisation calls the records of a type."""
    own = call.session.directory.organisation.module_names.get(CLASS_NAMES[type_])
    return own or call.say(next(place.label for place in PLACES if place.name == TYPE_NAMES[type_]))


def singular_of(call: PageCall, type_: RecordType) -> str:
    """What it calls one of them."""
    return call.session.directory.organisation.module_names.get(CLASS_NAMES[type_]) or call.say(_ONE[type_])


def people_of(call: PageCall) -> list[User]:
    """The colleagues who have not left, by name."""
    here = [user for user in call.session.directory.users.values() if call.session.directory.is_here(user.id)]
    return sorted(here, key=lambda user: (user.id != call.viewer.user_id, user.name))


def departments_of(call: PageCall) -> list[tuple[Department, int]]:
    """The departments as a tree, and how deep each lies."""
    directory = call.session.directory
    return [(each, directory.depth(each.id)) for each in directory.tree()]


def _statuses(view: ListView) -> list[tuple[str, str]]:
    if "status" not in view.offered or view.type not in STATUS_LISTS:
        return []
    return [(str(option.id), option.label) for option in view.call.session.directory.choices(STATUS_LISTS[view.type])]


def _with_columns(path: str, chosen: Sequence[str]) -> str:
    """The address with these columns, at its first page."""
    parts = urlsplit(path)
    address = Address(parts.path, parse_qsl(parts.query)).without(BACK, "cursor")
    return str(address.setting(COLUMNS, ".".join(chosen) or None))
