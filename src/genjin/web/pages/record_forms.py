"""The forms of records: new ones, the customer that a lead becomes, ones that are there; what is told while typing."""

from collections.abc import Callable, Mapping, Sequence

import orjson
from starlette.responses import Response

from genjin.domain.duplicates import Concealed
from genjin.domain.json import JsonValue
from genjin.domain.policy import may_assign
from genjin.domain.record_list import RecordsAsked
from genjin.domain.record_view import RecordView
from genjin.domain.records import MERGEABLE, Record, RecordInput, RecordType
from genjin.domain.timeline import Page
from genjin.errors import Duplicate, Forbidden, Invalid, NotFound
from genjin.service.records.conversion import offer_customer
from genjin.service.records.duplicates import find_named, find_with_number
from genjin.service.records.listing import list_worked
from genjin.service.records.records import create_record, read_record, update_record
from genjin.service.records.views import show_records
from genjin.service.search.suggesting import suggest
from genjin.web.calling import Caller, Form, PageCall, Posted
from genjin.web.forms import new_key
from genjin.web.once import done_once
from genjin.web.pages.form_fields import (
    FieldGroup,
    contact_group,
    filled,
    groups_for,
    owner_field,
    shown_values,
    typed_params,
)
from genjin.web.pages.lists import people_of, singular_of
from genjin.web.rendering import go, page
from genjin.web.texts import _
from genjin.wire.params import Params
from genjin.wire.records.forms import FORMS
from genjin.wire.records.input import record_input
from genjin.wire.v1.refs import TYPE_NAMES, TYPES, TypeName, read_id, ref_in_path
from genjin.wire.v1.search import SuggestionQuery, suggestion_asked

NOTHING = RecordInput()
SUGGESTED, ALIKE = 8, Page(1, 5)
_MOST = 200
"""Characters of a name that is looked for."""


def new(call: Caller, type: TypeName) -> Response:  # noqa: A002
    """An empty form; with `lead` of the customer that a lead would become, with `customer_id` of what belongs to it."""
    groups, lead_id = _new_groups(call, TYPES[type], call.request.query_params.get("lead", ""))
    told = {
        name: value for name, value in call.request.query_params.items() if name in ("customer_id", "opportunity_id")
    }
    groups = filled(groups, Posted({name: [_shown_ref(call, name, value)] for name, value in told.items()}, {}))
    return _shown(call, TYPES[type], groups, lead_id=lead_id)


def create(call: Caller, form: Form, type: TypeName) -> Response:  # noqa: A002
    """Create it, unless another one is like it; the form is shown again with what is wrong and all that was typed."""
    type_ = TYPES[type]
    groups, lead_id = _new_groups(call, type_, form.text("lead"))

    def work(call: PageCall) -> Response:
        given = _given(call, type_, groups, form, creating=True)
        careful = type_ in MERGEABLE and not form.text("anyway")
        made = create_record(call.installation, call.session, type_, given, lead_id, check_duplicates=careful)
        return go(call, f"/{type}/{made.id}")

    return _tried(call, form, type_, work, groups, lead_id=lead_id)


def edit(call: Caller, type: TypeName, id: int) -> Response:  # noqa: A002
    """The form of a record that is there. Raises NotFound, Forbidden."""
    view = _editable(call, type, id)
    groups = groups_for(call, TYPES[type], view, creating=False)
    return _shown(call, TYPES[type], groups, view, was=shown_values(groups))


def change(call: Caller, form: Form, type: TypeName, id: int) -> Response:  # noqa: A002
    """Change what is other than it was shown, so that nobody takes back what somebody else has changed meanwhile."""
    type_, view = TYPES[type], _editable(call, type, id)
    groups, was = groups_for(call, type_, view, creating=False), _was(form)

    def work(call: PageCall) -> Response:
        given = _given(call, type_, groups, form, was)
        careful = type_ in MERGEABLE and not form.text("anyway")
        if given != NOTHING:
            update_record(call.installation, call.session, view.record.ref, given, careful)
        return go(call, f"/{type}/{view.record.id}")

    return _tried(call, form, type_, work, groups, view, was)


def duplicates(call: Caller, type: TypeName, id: int = 0) -> Response:  # noqa: A002
    """The records that are like what is being typed, a name or a telephone number; a part of a page."""
    field, text = next(
        ((name, value.strip()) for name, value in call.request.query_params.items() if name != "id"), ("", "")
    )
    type_, text = TYPES[type], _looked_for(text)
    found: Sequence[Record | Concealed] = ()
    if text and type_ in MERGEABLE:
        if field == "name":
            found, _total = find_named(call.installation, call.session, type_, text, ALIKE)
        else:
            try:
                found, _total = find_with_number(call.installation, call.session, type_, text, ALIKE)
            except Forbidden:  # who has numbers hidden is told nothing by them
                found = ()
    users = call.session.directory.users
    others = [each for each in found if isinstance(each, Concealed) or each.id != id]
    alike = [(each if isinstance(each, Record) else None, users.get(each.owner_id or 0)) for each in others]
    return page(call, "parts/alike.html", alike=alike, type=type)


def names(call: Caller, type: TypeName) -> Response:  # noqa: A002
    """Which record of a type somebody means who types this; the options of a field."""
    text = _looked_for(next(iter(call.request.query_params.values()), ""))
    question = suggestion_asked(SuggestionQuery(q=text)) if text else None
    found = suggest(call.installation, call.session, question, [TYPES[type]], SUGGESTED) if question else []
    return page(call, "parts/options.html", records=[each.record for each in found])


def _new_groups(call: PageCall, type_: RecordType, lead: str) -> tuple[list[FieldGroup], int | None]:
    """The form of a new record, and of which lead it is made. Raises NotFound, Forbidden, Duplicate."""
    if not lead or type_ is not RecordType.CUSTOMER:
        groups, lead_id = groups_for(call, type_, None, creating=True), None
    else:
        try:
            lead_id = read_id(lead)
        except ValueError as error:
            raise NotFound(f"no lead {lead}") from error
        customer, contact = offer_customer(call.installation, call.session, lead_id)
        groups = [*groups_for(call, type_, customer, creating=True), contact_group(call, contact)]
    people = [
        (str(each.id), each.name) for each in people_of(call) if may_assign(call.viewer, each.id, each.department_id)
    ]
    if len(people) > 1:
        groups[0] = FieldGroup(groups[0].label, [*groups[0].fields, owner_field(call, people)])
    return groups, lead_id


def _given(
    call: PageCall,
    type_: RecordType,
    groups: Sequence[FieldGroup],
    form: Posted,
    was: Mapping[str, JsonValue] | None = None,
    creating: bool = False,
) -> RecordInput:
    """What the form wants the record to be. Raises Invalid with all that is wrong."""
    params, errors = typed_params(groups, form, was or {}, lambda of, name: _ids_of(call, of, name))
    _drop_empty_contact(params)
    given = NOTHING
    try:
        given = record_input(params, FORMS[type_], call.session.directory, creating)
    except Invalid as error:
        errors |= error.errors
    if errors:
        raise Invalid(errors)
    return given


def _tried(
    call: PageCall,
    form: Posted,
    type_: RecordType,
    work: Callable[[PageCall], Response],
    groups: Sequence[FieldGroup],
    view: RecordView | None = None,
    was: Mapping[str, JsonValue] | None = None,
    lead_id: int | None = None,
) -> Response:
    errors, alike = dict[str, list[str]](), False
    try:
        return done_once(call, form, work)
    except Invalid as error:
        errors = error.errors
    except Forbidden as error:
        errors = {"": [str(error)]}
    except Duplicate as error:
        errors, alike = {"": [str(error)]}, True
    return _shown(call, type_, filled(groups, form), view, was, lead_id, errors, alike)


def _shown(
    call: PageCall,
    type_: RecordType,
    groups: Sequence[FieldGroup],
    view: RecordView | None = None,
    was: Mapping[str, JsonValue] | None = None,
    lead_id: int | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    alike: bool = False,
) -> Response:
    there = {each.error for group in groups for each in group.fields}
    one = singular_of(call, type_)
    title = (
        call.say(_("New %(name)s"), name=one) if view is None else call.say(_("Edit %(name)s"), name=view.record.name)
    )
    return page(
        *(call, "pages/record_form.html", 422 if errors else 200),
        here=TYPE_NAMES[type_],
        type=TYPE_NAMES[type_],
        title=call.say(_("Convert to a customer")) if lead_id else title,
        groups=groups,
        record=None if view is None else view.record,
        was=None if was is None else orjson.dumps(was).decode(),
        lead_id=lead_id,
        errors=errors or {},
        others=[text for name, texts in (errors or {}).items() if name not in there for text in texts],
        alike=alike,
        compared=type_ in MERGEABLE,
        key=new_key(),
    )


def _editable(call: PageCall, type_: TypeName, id_: int) -> RecordView:
    record = read_record(call.installation, call.session, ref_in_path(type_, str(id_)))
    [view] = show_records(call.installation, call.session, [record])
    if not view.editable:
        raise Forbidden("您没有权限修改该对象")
    return view


def _looked_for(text: str) -> str:
    """What is typed, as far as it is looked for; no database takes a NUL (U+0000)."""
    return text.replace("\x00", "").strip()[:_MOST]


def _was(form: Posted) -> Mapping[str, JsonValue]:
    """What the form had shown, as it tells; what it does not tell is taken for changed."""
    try:
        told = orjson.loads(form.text("was") or "{}")
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _ids_of(call: PageCall, type_: RecordType, name: str) -> list[int]:
    found, _end = list_worked(call.installation, call.session, RecordsAsked(type_, text=name), _MOST)
    return [each.view.record.id for each in found if each.view.record.name == name]


def _shown_ref(call: PageCall, field: str, told: str) -> str:
    """A record that an address names, as its field shows it. Raises NotFound."""
    type_ = RecordType.CUSTOMER if field == "customer_id" else RecordType.OPPORTUNITY
    record = read_record(call.installation, call.session, ref_in_path(TYPE_NAMES[type_], told))
    return f"{record.name} #{record.id}"


def _drop_empty_contact(params: Params) -> None:
    """A contact whose name was taken away is none."""
    contacts = params.get("contacts_attributes")
    if isinstance(contacts, dict) and not any(
        isinstance(each, dict) and each.get("name") for each in contacts.values()
    ):
        del params["contacts_attributes"]
