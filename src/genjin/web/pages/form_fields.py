"""The fields of a form of a record as people fill them in: by the groups, rights and choices of `wire/records`, with
the values that a record has or that were typed; and what was typed as the parameters that /api/v2 reads.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genjin.domain.json import JsonValue
from genjin.domain.record_view import RecordView
from genjin.domain.records import RecordType
from genjin.domain.sight import fields_of
from genjin.web.calling import PageCall, Posted
from genjin.web.columns import POINTS_AT
from genjin.web.pages.lists import people_of
from genjin.web.texts import _
from genjin.wire.params import Params, parse_pairs
from genjin.wire.records.field_groups import groups_of
from genjin.wire.records.forms import FORMS
from genjin.wire.records.record import record_to_wire
from genjin.wire.scalars import text_of

Choice = tuple[str, str]
Find = Callable[[RecordType, str], list[int]]
"""The ids of the records of a type that somebody sees of exactly this name."""
_PARTS: Mapping[str, tuple[str, str]] = {
    "tel": (_("Phone"), "tel"),
    "phone": (_("Mobile"), "tel"),
    "email": (_("E-mail"), "email"),
    "wechat": (_("WeChat"), "text"),
    "qq": (_("QQ"), "text"),
    "fax": (_("Fax"), "text"),
    "url": (_("Website"), "text"),
    "zip": (_("Postcode"), "text"),
    "detail_address": (_("Address"), "text"),
}
"""The parts of an address that forms have."""
_LOOKS: Mapping[str, str] = {
    "text_area": "area",
    "number_field": "number",
    "currency_field": "number",
    "email_field": "email",
    "mobile_field": "tel",
    "url_field": "url",
    "date_field": "date",
    "datetime_field": "datetime-local",
    "select": "choice",
    "multi_select": "choices",
    "user_field": "choice",
    "department_field": "choice",
    "select2_field": "record",
}
_AREAS = frozenset({"note", "customer_requirement", "special_terms"})
_OFFERED = ("name", "department", "job")
"""What is asked of the contact that a lead becomes, beside how to reach it."""
_ID = re.compile(r"#([1-9][0-9]{0,9})$")


@dataclass(frozen=True)
class FormField:
    """`name` is what it is posted as, `error` what is wrong with it is told by. `look` says how it is filled in: text,
    area, number, tel, email, url, date, datetime-local, choice, choices, labels or record.
    """

    name: str
    label: str
    look: str
    value: str | list[str] = ""
    choices: Sequence[Choice] = ()
    required: bool = False
    fixed: bool = False
    hint: str = ""
    of: str = ""

    @property
    def error(self) -> str:
        """`address_attributes.tel`"""
        return self.name.removesuffix("[]").replace("[", ".").replace("]", "")

    @property
    def is_wide(self) -> bool:
        """Whether it takes a line of its own."""
        return self.look in ("area", "choices") or self.name.endswith("[detail_address]")


@dataclass(frozen=True)
class FieldGroup:
    """Fields under one heading."""

    label: str
    fields: Sequence[FormField] = field(default_factory=list)


def groups_for(call: PageCall, type_: RecordType, view: RecordView | None, creating: bool) -> list[FieldGroup]:
    """The form of a type, with the values of a record. What is hidden is left out; of what is read-only a new record
    may be given some, and one that is there is only shown it.
    """
    values = {} if view is None else record_to_wire(view, call.viewer, call.session.directory)
    told, groups = list[FieldGroup](), groups_of(FORMS[type_].singular, call.viewer, call.session.directory)
    group: Any
    for group in groups:
        fields = [each for one in group["custom_fields"] for each in _fields(call, type_, one, values, view, creating)]
        reach = [each for each in fields if each.name.startswith("address_")]
        plain = sorted((each for each in fields if each not in reach), key=lambda each: each.look == "area")
        told += [FieldGroup(str(group["label"]), plain)] if plain else []
        told += [FieldGroup(call.say(_("How to reach them")), reach)] if reach else []
    return told


def contact_group(call: PageCall, view: RecordView) -> FieldGroup:
    """The contact that comes of a lead together with its customer."""
    fields = [each for group in groups_for(call, RecordType.CONTACT, view, creating=True) for each in group.fields]
    wanted = [each for each in fields if each.name in _OFFERED or each.look in ("tel", "email")]
    return FieldGroup(call.say(_("Contact")), [_nested(each) for each in wanted])


def owner_field(call: PageCall, people: Sequence[Choice]) -> FormField:
    """Whose a new record is to be."""
    return FormField("user_id", call.say(_("Owner")), "choice", str(call.viewer.user_id), people, required=True)


def filled(groups: Sequence[FieldGroup], form: Posted) -> list[FieldGroup]:
    """The same form with what was typed into it."""
    return [FieldGroup(group.label, [_typed(each, form) for each in group.fields]) for group in groups]


def typed_params(
    groups: Sequence[FieldGroup], form: Posted, was: Mapping[str, JsonValue], find: Find
) -> tuple[Params, dict[str, list[str]]]:
    """What was typed, as /api/v2 is told it: only what is other than what was shown; and what is wrong with names of
    records.
    """
    pairs, labels = list[tuple[str, str]](), Params()
    errors = dict[str, list[str]]()
    for each in (each for group in groups for each in group.fields if not each.fixed):
        told = _typed(each, form).value
        if each.name not in form.values or told == was.get(each.name):
            continue
        if each.look == "labels":
            labels[each.name] = [part for part in re.split("[,，、;；]", str(told)) if part.strip()]
        elif each.look == "record" and told:
            try:
                pairs.append((each.name, _named(str(told), POINTS_AT[each.error], find)))
            except ValueError as error:
                errors[each.error] = [str(error)]
        else:
            pairs += [(each.name, value) for value in (told or [""] if isinstance(told, list) else [told])]
    return {**parse_pairs(pairs), **labels}, errors


def shown_values(groups: Sequence[FieldGroup]) -> dict[str, JsonValue]:
    """What a form shows before anybody types."""
    return {each.name: each.value for group in groups for each in group.fields}


def _fields(
    call: PageCall,
    type_: RecordType,
    told: Mapping[str, Any],
    values: Mapping[str, JsonValue],
    view: RecordView | None,
    creating: bool,
) -> Iterator[FormField]:
    name, kind = str(told["name"]), str(told["field_type"])
    if told["cannot_add"]:
        return
    fixed = bool(told["cannot_edit"]) and not creating
    if kind == "field_map_field":
        yield from _parts(call, type_, values, fixed, creating)
        return
    look = "area" if name in _AREAS else _LOOKS.get(kind, "text")
    choices = _choices(call, kind, told)
    if look == "choices" and told["category"] == "common":
        look = "labels"
    value = values.get(name)
    shown: str | list[str] = (
        ""
        if value in (0, None) and look in ("record", "choice", "number")
        else text_of(value)
        if (not isinstance(value, list))
        else [text_of(each) for each in value]
    )
    if look == "labels":
        shown = "、".join(shown) if isinstance(shown, list) else shown
    elif look == "choices":
        name, shown = f"{name}[]", shown if isinstance(shown, list) else []
    elif look == "datetime-local":
        shown = str(shown).replace(" ", "T")
    elif look == "record" and view is not None and isinstance(value, int) and value:
        shown = f"{view.name_of(POINTS_AT[name], value)} #{value}".strip()
    yield FormField(
        *(name, str(told["label"]), look, shown, choices),
        required=bool(told["required"]),
        fixed=fixed,
        hint=str(told["placeholder"]),
        of=_PLURALS.get(name, ""),
    )


_PLURALS = {name: FORMS[type_].plural for name, type_ in POINTS_AT.items()}


def _parts(
    call: PageCall, type_: RecordType, values: Mapping[str, JsonValue], fixed: bool, creating: bool
) -> Iterator[FormField]:
    address = values.get("address")
    hidden, read_only = (fields_of(type_, names) for names in (call.viewer.rights.hidden, call.viewer.rights.read_only))
    for name, (label, look) in _PARTS.items():
        if f"address.{name}" in hidden:
            continue
        value = text_of(address.get(name)) if isinstance(address, Mapping) else ""
        barred = fixed or (f"address.{name}" in read_only and not creating)
        yield FormField(f"address_attributes[{name}]", label, look, value, fixed=barred)


def _choices(call: PageCall, kind: str, told: Mapping[str, Any]) -> list[Choice]:
    if kind == "user_field":
        return [(str(user.id), user.name) for user in people_of(call)]
    if kind == "department_field":
        return [(str(each.id), each.name) for each in call.session.directory.tree()]
    options = told["input_field_options"]["collection_options"]
    return [(str(each["value"]), call.say(str(each["label"]))) for each in options]


def _nested(one: FormField) -> FormField:
    head, bracket, rest = one.name.partition("[")
    name = f"contacts_attributes[0][{head}]{bracket}{rest}"
    return FormField(name, one.label, one.look, one.value, one.choices, hint=one.hint)


def _typed(one: FormField, form: Posted) -> FormField:
    if one.fixed or one.name not in form.values:
        return one
    value = form.texts(one.name) if one.look == "choices" else form.text(one.name)
    return FormField(one.name, one.label, one.look, value, one.choices, one.required, one.fixed, one.hint, one.of)


def _named(text: str, type_: RecordType, find: Find) -> str:
    """The id of the record that is meant: as it was suggested, or its name. Raises ValueError with what is wrong."""
    if match := _ID.search(text):
        return match[1]
    found = find(type_, text)
    if not found:
        raise ValueError(_("Nothing that you see is called so. Choose one of what is suggested."))
    if len(found) > 1:
        raise ValueError(_("Several are called so. Choose one of what is suggested."))
    return str(found[0])
