"""A record as an upstream's lists and reads tell of it. What a body does not tell is not in what is read of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from genjin.domain.approval import Approval
from genjin.domain.calendar import Calendar
from genjin.domain.custom_field import CustomField
from genjin.domain.json import JsonValue
from genjin.domain.people import Option
from genjin.domain.records import RecordType
from genjin.wire import scalars
from genjin.wire.records.forms import ADDRESS_TEXTS, FORMS, MAX_TEXT, Field, FieldType
from genjin.wire.records.input import READERS
from genjin.wire.schemas import records as schemas
from genjin.wire.told import Told

MAX_APPROVAL = 16
"""Characters of a state of approval, as the store has it."""
_SCHEMAS: Mapping[RecordType, frozenset[str]] = {
    RecordType.LEAD: frozenset(schemas.Lead.model_fields),
    RecordType.CUSTOMER: frozenset(schemas.Customer.model_fields),
    RecordType.CONTACT: frozenset(schemas.Contact.model_fields),
    RecordType.OPPORTUNITY: frozenset(schemas.Opportunity.model_fields),
    RecordType.CONTRACT: frozenset(schemas.Contract.model_fields),
}
"""The keys that bodies of each type have."""
_PEOPLE = {"user": "owner_id", "creator": "creator_id", "before_user": "before_owner_id"}
_DEPARTMENTS = {"owned_department": "department_id", "before_owned_department": "before_department_id"}
_TIMES = {"revisit_remind_at": "remind_at", "real_revisit_at": "said_followed_up_at"}


@dataclass(frozen=True, slots=True)
class ToldRecord:
    """A record as it was told: values of columns and details of Record by their names.

    `people` are the colleagues who are shown in it, as they came; `departments` are names by id; `options` are choices
    by the lists that they are of; `unknown` is what no record of ours has.
    """

    type: RecordType
    id: int
    created_at: int | None
    updated_at: int | None
    columns: Mapping[str, Any]
    details: Mapping[str, JsonValue]
    people: Sequence[Mapping[str, JsonValue]] = ()
    departments: Mapping[int, str] = field(default_factory=dict)
    options: Sequence[Option] = ()
    unknown: Mapping[str, JsonValue] = field(default_factory=dict)


def record_from_wire(
    body: JsonValue, type_: RecordType, added: Sequence[CustomField], calendar: Calendar
) -> ToldRecord:
    """A record of a list, or one that was read. `added` are the fields of its form that are added. Raises Invalid."""
    told = Told(body, calendar)
    form, columns, details = FORMS[type_], dict[str, Any](), dict[str, JsonValue]()
    for each in form.fields:
        if each.name in told.body:
            value = _read(each, told)
            if each.column:
                columns[each.column] = None if value == "" and each.column != "name" else value
            else:
                details[each.name] = value
    for custom in added:
        if custom.name in told.body:
            details[custom.name] = read_added(custom, told)
    for key, name in _TIMES.items():
        if key in told.body:
            columns[name] = told.optional_minute(key)
    people = _people(told, columns)
    departments = _departments(told, columns)
    _life(told, type_, columns, details)
    names = {name for custom in added for name in (custom.name, f"{custom.name}_display")}
    unknown = {k: v for k, v in told.body.items() if k not in _SCHEMAS[type_] and k not in names}
    id_, created_at, updated_at = told.id("id"), told.optional_minute("created_at"), told.optional_minute("updated_at")
    options = [option for each in form.fields if (option := _option(each, told)) is not None]
    told.check()
    return ToldRecord(type_, id_, created_at, updated_at, columns, details, people, departments, options, unknown)


def _read(each: Field, told: Told) -> JsonValue:
    """The value of a field of the form, as it is stored."""
    value: Any = told.body[each.name]
    match each.type:
        case FieldType.WORD:  # the upstream may know others
            return told.text(each.name, MAX_TEXT)
        case FieldType.NUMBER | FieldType.RECORD if scalars.no_id(value):
            return None
        case FieldType.ADDRESS:
            return _address(value, told)
        case _:
            return READERS[each.type](each, value, told.errors)


def _address(value: Any, told: Told) -> JsonValue:
    """The parts that say something."""
    if value in (None, "", [], {}):
        return None
    if not isinstance(value, Mapping):
        told.errors["address"] = ["is no object"]
        return None
    read = READERS[FieldType.ADDRESS](Field("address"), value, told.errors)  # type: ignore[arg-type]
    assert isinstance(read, Mapping)
    return {key: part for key, part in read.items() if part or key not in ADDRESS_TEXTS} if any(read.values()) else None


def read_added(custom: CustomField, told: Told) -> JsonValue:
    """The value of a field that was added; no form of a text is refused that the upstream took."""
    value: Any = told.body[custom.name]
    match custom.field_type:
        case "multi_select":
            if value not in (None, "") and not (
                isinstance(value, list) and all(isinstance(v, str | int) for v in value)
            ):
                told.errors[custom.name] = ["is no list of choices"]
                return None
            return [str(each) for each in value or ()]
        case "user_field" | "department_field":
            return told.reference(custom.name)
        case "datetime_field":
            return told.optional_minute(custom.name)
        case _:
            return told.text(custom.name, MAX_TEXT) or None


def _people(told: Told, columns: dict[str, Any]) -> list[Mapping[str, JsonValue]]:
    found = []
    for key, column in _PEOPLE.items():
        shown = told.body.get(key)
        if isinstance(shown, Mapping) and shown:
            columns[column] = scalars.id_or_none(shown.get("id"))
            if columns[column] is None:
                told.errors[f"{key}.id"] = ["is no positive 32-bit id"]
            found.append(shown)
        elif key in told.body:
            columns[column] = None
    if "user_id" in told.body:
        columns["owner_id"] = told.reference("user_id")
    return found


def _departments(told: Told, columns: dict[str, Any]) -> dict[int, str]:
    found = {}
    for key, column in _DEPARTMENTS.items():
        shown = told.body.get(key)
        if isinstance(shown, Mapping) and shown:
            columns[column] = scalars.id_or_none(shown.get("id"))
            if columns[column] is None:
                told.errors[f"{key}.id"] = ["is no positive 32-bit id"]
            else:
                found[columns[column]] = scalars.text_of(shown.get("name"))[:MAX_TEXT]
        elif key in told.body:
            columns[column] = None
    return found


def _life(told: Told, type_: RecordType, columns: dict[str, Any], details: dict[str, JsonValue]) -> None:
    """What stands in a body beside its form."""
    if "approve_status" in told.body:
        columns["approve_status"] = told.text("approve_status", MAX_APPROVAL) or Approval.APPROVED.value
    if type_ is RecordType.LEAD and "turned_customer_id" in told.body:
        columns["customer_id"] = told.reference("turned_customer_id")
    if type_ is RecordType.CUSTOMER:
        if "last_called_at" in told.body:
            columns["called_at"] = told.optional_minute("last_called_at")
        if "flow_into_at" in told.body:
            columns["pooled_at"] = told.optional_minute("flow_into_at")
        parent = told.body.get("parent")
        if isinstance(parent, Mapping) and parent and "parent_id" not in told.body:
            details["parent_id"] = scalars.id_or_none(parent.get("id"))
    if told.text("qixinbao_id", MAX_TEXT):
        details["qixinbao_id"] = told.text("qixinbao_id", MAX_TEXT)


def _option(each: Field, told: Told) -> Option | None:
    """The choice that is made in a field, where its label is told."""
    if each.type is not FieldType.OPTION:
        return None
    id_ = scalars.id_or_none(told.body.get(each.name))
    labels = (told.body.get(f"{each.name}_{ending}") for ending in ("mapped", "display"))
    label = next((found for found in labels if isinstance(found, str) and found), "")
    return Option(id_, each.of, label) if id_ is not None and 0 < len(label) <= 255 else None
