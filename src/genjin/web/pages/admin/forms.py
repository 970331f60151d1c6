"""What modules are called, and the fields that the organisation added to its forms."""

from collections.abc import Mapping

from starlette.responses import Response

from genjin.domain.custom_field import PREFIXES, WITH_CHOICES, CustomField, NewField
from genjin.domain.records import RecordType
from genjin.errors import Invalid, NotFound
from genjin.service.organisation.custom_fields import add_field, change_field, enable_field
from genjin.service.organisation.options import MAX_LABEL, rename_module
from genjin.web.calling import Form, PageCall, Posted
from genjin.web.once import done_once
from genjin.web.pages.admin.desk import NO_ERRORS, Admin, Errors, Refused, desk, errors_of
from genjin.web.rendering import go
from genjin.web.texts import _
from genjin.wire.modules import STANDARD_NAMES
from genjin.wire.records.forms import FORMS
from genjin.wire.v1.shared import Id

FORM_OF_FOLLOW_UPS = "follow-ups"
BY_PLURAL: Mapping[str, RecordType | None] = {
    **{form.plural: type_ for type_, form in FORMS.items()},
    FORM_OF_FOLLOW_UPS: None,
}
FIELD_TYPES: Mapping[str, str] = {
    "text_field": _("A line of text"),
    "text_area": _("Text"),
    "number_field": _("Number"),
    "currency_field": _("Amount of money"),
    "email_field": _("Email"),
    "mobile_field": _("Telephone number"),
    "url_field": _("Web address"),
    "date_field": _("Day"),
    "datetime_field": _("Time"),
    "select": _("One of several"),
    "multi_select": _("Some of several"),
    "user_field": _("A colleague"),
    "department_field": _("A department"),
}
_FIELDS = ("label", "field_type", "group_label", "placeholder", "choices", "form")
MODULES: Mapping[str, str] = {
    "Lead": _("Leads"),
    "Customer": _("Customers"),
    "Contact": _("Contacts"),
    "Opportunity": _("Opportunities"),
    "Contract": _("Contracts"),
    "RevisitLog": _("Follow-ups"),
    "Checkin": _("Visits"),
}


def show_modules(call: Admin) -> Response:
    """What each module is called."""
    return _modules(call, call.session.directory.organisation.module_names)


def change_modules(call: Admin, form: Form) -> Response:
    """Call them so: all of them, or none."""
    told = {name: form.text(f"module:{name}") for name in STANDARD_NAMES}
    if long := [name for name in told if len(told[name]) > MAX_LABEL]:
        return _modules(call, told, {f"module:{name}": [_("has more than 100 characters")] for name in long}, 422)

    def work(call: PageCall) -> Response:
        before = call.session.directory.organisation.module_names
        for name, said in told.items():
            if said != before.get(name, ""):
                rename_module(call.installation, call.session, name, said)
        return go(call, "/admin/modules?saved=1")

    return done_once(call, form, work)


def show_fields(call: Admin) -> Response:
    """The fields that were added, by form."""
    fields = sorted(call.session.directory.custom_fields.values(), key=lambda field: field.position)
    by_form = {plural: [each for each in fields if each.record_type is type_] for plural, type_ in BY_PLURAL.items()}
    return desk(
        *(call, "fields", "fields"),
        by_form={plural: some for plural, some in by_form.items() if some},
        field_types=FIELD_TYPES,
        saved="saved" in call.request.query_params,
    )


def new_field(call: Admin) -> Response:
    """An empty form."""
    return _form(call, None, {"form": "leads", "field_type": "text_field"})


def add(call: Admin, form: Form) -> Response:
    """Add a field, which everybody's form has from then on."""
    told = _told(form)

    def work(call: PageCall) -> Response:
        add_field(call.installation, call.session, _new(told))
        return go(call, "/admin/fields?saved=1")

    try:
        return done_once(call, form, work)
    except Refused as error:
        return _form(call, None, told, errors_of(error, *_FIELDS), 422)


def edit_field(call: Admin, field_id: Id) -> Response:
    """A field, as a form."""
    field = _there(call, field_id)
    told = {
        "label": field.label,
        "group_label": field.group_label,
        "placeholder": field.placeholder,
        "required": "1" if field.required else "",
        "choices": "\n".join(choice.label for choice in field.choices),
    }
    return _form(call, field, told)


def change(call: Admin, field_id: Id, form: Form) -> Response:
    """Say it otherwise."""
    field, told = _there(call, field_id), _told(form)
    try:
        change_field(call.installation, call.session, field.name, _new({**told, "form": "leads"}))
    except Refused as error:
        return _form(call, field, told, errors_of(error, *_FIELDS), 422)
    return go(call, "/admin/fields?saved=1")


def enable(call: Admin, field_id: Id, form: Form) -> Response:
    """Take it out of its form, or put it back."""
    enable_field(call.installation, call.session, _there(call, field_id).name, form.text("enabled") == "1")
    return go(call, "/admin/fields?saved=1")


def _told(form: Posted) -> dict[str, str]:
    return {name: form.text(name) for name in (*_FIELDS, "required")}


def _new(told: Mapping[str, str]) -> NewField:
    if told["form"] not in BY_PLURAL:
        raise Invalid({"form": [_("is none of these")]})
    return NewField(
        record_type=BY_PLURAL[told["form"]],
        label=told["label"],
        field_type=told["field_type"],
        group_label=told["group_label"],
        required=told["required"] == "1",
        placeholder=told["placeholder"],
        choices=tuple(line.strip() for line in told["choices"].splitlines() if line.strip()),
    )


def _there(call: PageCall, field_id: int) -> CustomField:
    found = call.session.directory.custom_fields.get(field_id)
    if found is None:
        raise NotFound(f"no field {field_id}")
    return found


def _form(
    call: PageCall,
    field: CustomField | None,
    told: Mapping[str, str],
    errors: Errors = NO_ERRORS,
    status: int = 200,
) -> Response:
    assert FIELD_TYPES.keys() == PREFIXES.keys()
    empty = dict.fromkeys((*_FIELDS, "required"), "")
    return desk(
        *(call, "field", "fields", status),
        field=field,
        told=empty | dict(told),
        forms=BY_PLURAL,
        field_types=FIELD_TYPES,
        with_choices=WITH_CHOICES,
        errors=errors,
    )


def _modules(call: PageCall, told: Mapping[str, str], errors: Errors = NO_ERRORS, status: int = 200) -> Response:
    return desk(
        *(call, "modules", "modules", status),
        told=told,
        modules=MODULES,
        standard=STANDARD_NAMES,
        errors=errors,
        saved="saved" in call.request.query_params,
    )
