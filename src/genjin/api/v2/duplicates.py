"""Duplicates, looked up before somebody creates one."""

from collections.abc import Sequence

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.api.v2.records import shown
from genjin.domain.duplicates import Concealed
from genjin.domain.records import Record, RecordType
from genjin.domain.timeline import Page
from genjin.service.records.duplicates import find_named, find_with_number
from genjin.wire.envelope import listed
from genjin.wire.records.duplicates import NAME, asked_for, concealed_to_wire, fields_to_wire, key_asked, type_asked
from genjin.wire.records.forms import FORMS
from genjin.wire.scalars import page_of


def matching_name(call: SignedIn) -> Response:
    """The customers of exactly this name: those that the caller may see, and of the others whose they are."""
    return _named(call, RecordType.CUSTOMER, asked_for(call.params, "name"))


def search_duplicates(call: SignedIn) -> Response:
    """The same, by `query`."""
    return _named(call, RecordType.CUSTOMER, asked_for(call.params, "query"))


def search(call: SignedIn) -> Response:
    """The records whose field is exactly this. By a number only those are found that the caller is shown it of."""
    type_, wanted = type_asked(call.params), asked_for(call.params, "query")
    if key_asked(call.params, type_, call.session.viewer, call.session.directory) == NAME:
        return _named(call, type_, wanted)
    page = _page(call)
    return _listed(call, type_, page, *find_with_number(call.installation, call.session, type_, wanted, page))


def read_field_setting(call: SignedIn) -> Response:
    """The fields by which records of a type are compared."""
    type_ = type_asked(call.params)
    fields = fields_to_wire(type_, call.session.viewer, call.session.directory)
    return answer({"entity_type": FORMS[type_].singular, "fields": fields})


def _named(call: Call, type_: RecordType, name: str) -> Response:
    page = _page(call)
    return _listed(call, type_, page, *find_named(call.installation, call.session, type_, name, page))


def _listed(call: Call, type_: RecordType, page: Page, found: Sequence[Record | Concealed], total: int) -> Response:
    seen = iter(shown(call, [each for each in found if isinstance(each, Record)]))
    directory = call.session.directory
    rows = [next(seen) if isinstance(each, Record) else concealed_to_wire(each, directory) for each in found]
    return answer(listed(FORMS[type_].plural, rows, total, page))


def _page(call: Call) -> Page:
    return page_of(call.params.get("page"), call.params.get("per_page"))
