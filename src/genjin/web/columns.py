"""The columns of lists of records: which there are for somebody, and what a record has in each, as a value of its type.
Lists show them, and downloads write them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from genjin.domain.calendar import Calendar
from genjin.domain.custom_field import CustomField
from genjin.domain.directory import STATUS_LISTS, Directory
from genjin.domain.json import JsonValue
from genjin.domain.latest import Latest
from genjin.domain.phones import first_number
from genjin.domain.policy import Viewer
from genjin.domain.record_list import NEXT_DUE, Worked
from genjin.domain.records import RecordType
from genjin.domain.sight import fields_of, wire_name
from genjin.web.texts import _
from genjin.wire import scalars
from genjin.wire.modules import CLASS_NAMES, display_name
from genjin.wire.records.change import WORDS, field_label
from genjin.wire.records.custom_value import show_value
from genjin.wire.records.forms import FORMS, Field, FieldType

Value: TypeAlias = "str | int | Decimal | date | datetime | None"
"""A text, a count, an amount or number, a day, or a time by the reader's clock."""
NAME, STATUS, OWNER, PHONE = "name", "status", "owner", "phone"
_HIDDEN_WITH: Mapping[str, tuple[str, ...]] = {
    "last_follow_up_at": ("revisit_at", "real_revisit_at"),
    "last_call_at": ("last_called_at",),
    NEXT_DUE: ("revisit_remind_at",),
}
"""Fields that a role hides, and which times with them are not offered."""
_MAIN: Mapping[RecordType, Sequence[str]] = {
    RecordType.LEAD: (STATUS, OWNER, PHONE, "last_activity_at", NEXT_DUE, "created_at"),
    RecordType.CUSTOMER: (STATUS, OWNER, PHONE, "last_activity_at", NEXT_DUE, "created_at"),
    RecordType.CONTACT: ("customer_id", "job", OWNER, PHONE, "last_activity_at", NEXT_DUE),
    RecordType.OPPORTUNITY: ("customer_id", STATUS, "expect_amount", OWNER, "last_activity_at", NEXT_DUE),
    RecordType.CONTRACT: ("customer_id", STATUS, "total_amount", OWNER, "end_at", "last_activity_at"),
}
"""What is shown beside the name where nobody has chosen."""
_ADDRESS = {"email": _("E-mail"), "wechat": _("WeChat"), "qq": _("QQ"), "detail_address": _("Address")}


@dataclass(frozen=True, slots=True)
class Column:
    """`label` is a text of the page, or as the organisation calls the field. `look` says how it is shown: name, person,
    status, phone, ago, due, number, day or text. `sort` is what a list is sorted by under it, empty for nothing.
    """

    name: str
    label: str
    look: str
    read: Callable[[Worked], Value]
    sort: str = ""


def columns_for(type_: RecordType, viewer: Viewer, directory: Directory) -> dict[str, Column]:
    """The columns that somebody may choose, by name, the name of the record first; of what their role hides none."""
    hidden = fields_of(type_, viewer.rights.hidden)
    found = [
        *_standard(type_, viewer, directory),
        *_of_form(type_, directory),
        *_of_address(type_),
        *_added(directory, type_),
    ]
    return {each.name: each for each in found if not hidden.intersection(_names_of(each.name, type_))}


def main_columns(type_: RecordType, offered: Mapping[str, Column]) -> list[Column]:
    """Those that are shown where nobody has chosen any."""
    return [offered[name] for name in (NAME, *_MAIN[type_]) if name in offered]


def _names_of(column: str, type_: RecordType) -> Sequence[str]:
    """The fields, by their names in a role's rights, without which a column is not offered."""
    if column == STATUS:
        return (wire_name(type_, STATUS),)
    if column == PHONE:
        return ("address",)
    if column in _ADDRESS:
        return ("address", f"address.{column}")
    return _HIDDEN_WITH.get(column, (column,))


def _standard(type_: RecordType, viewer: Viewer, directory: Directory) -> Iterator[Column]:
    calendar = directory.calendar

    def latest(name: str) -> Callable[[Worked], Value]:
        return lambda worked: _local(getattr(worked.latest, name), calendar)

    yield Column(NAME, _("Name"), "name", lambda worked: worked.view.record.name)
    if type_ in STATUS_LISTS:
        label = _("Stage") if type_ is RecordType.OPPORTUNITY else _("Status")
        yield Column(
            *(STATUS, label, "status"),
            lambda worked: directory.label(STATUS_LISTS[type_], worked.view.record.status) or None,
        )
    yield Column(OWNER, _("Owner"), "person", lambda worked: _person(directory, worked.view.record.owner_id))
    yield Column(
        *("owner_department", _("Department of the owner"), "text"),
        lambda worked: directory.department_name(worked.view.record.department_id) or None,
    )
    if any(field.type is FieldType.ADDRESS for field in FORMS[type_].fields):
        yield Column(
            *(PHONE, _("Phone"), "phone"),
            lambda worked: first_number(worked.view.record.details, viewer.number_fields) or None,
        )
    for name, label in zip(Latest._fields, _LATEST, strict=True):
        yield Column(name, label, "ago", latest(name), name)
    yield Column(
        *(NEXT_DUE, _("Next reminder"), "due", lambda worked: _local(worked.next_due_at, calendar), NEXT_DUE),
    )
    for name, label in (("created_at", _("Created on")), ("updated_at", _("Changed on"))):
        yield Column(name, label, "ago", _instant_of(name, calendar), name)


_LATEST = (_("Last activity"), _("Last follow-up"), _("Last call"), _("Last visit"))


def _instant_of(name: str, calendar: Calendar) -> Callable[[Worked], Value]:
    return lambda worked: _local(getattr(worked.view.record, name), calendar)


def _of_form(type_: RecordType, directory: Directory) -> Iterator[Column]:
    """The other fields of the form."""
    for field in FORMS[type_].fields:
        if field.column in (NAME, STATUS) or field.type is FieldType.ADDRESS:
            continue
        label = field_label(field.stored, type_, directory)
        if field.name == "customer_id":
            label = display_name(directory.organisation.module_names, CLASS_NAMES[RecordType.CUSTOMER])
        yield Column(field.name, label, _LOOKS.get(field.type, "text"), _field_of(field, directory))


_LOOKS: Mapping[FieldType, str] = {
    FieldType.AMOUNT: "number",
    FieldType.NUMBER: "number",
    FieldType.DATE: "day",
    FieldType.RECORD: "record",
}
POINTS_AT = {
    "customer_id": RecordType.CUSTOMER,
    "parent_id": RecordType.CUSTOMER,
    "opportunity_id": RecordType.OPPORTUNITY,
}
"""The fields that name another record, and the type of that."""


def _field_of(field: Field, directory: Directory) -> Callable[[Worked], Value]:
    def read(worked: Worked) -> Value:
        value = field.value(worked.view.record)
        if value in (None, "", []):
            return None
        match field.type:
            case FieldType.OPTION:
                return directory.label(field.of, str(value)) or None
            case FieldType.WORD:
                return WORDS.get(str(value), str(value))
            case FieldType.AMOUNT:
                return Decimal(value) / 100 if isinstance(value, int) else None
            case FieldType.NUMBER:
                return scalars.integer(value)
            case FieldType.DATE:
                return scalars.whole_day(value)
            case FieldType.RECORD:
                return worked.view.name_of(POINTS_AT[field.name], scalars.id_or_none(value)) or None
            case FieldType.LABELS:
                return _joined(value)
            case _:
                return scalars.text_of(value)

    return read


def _of_address(type_: RecordType) -> Iterator[Column]:
    if any(field.type is FieldType.ADDRESS for field in FORMS[type_].fields):
        for name, label in _ADDRESS.items():
            yield Column(name, label, "text", _part_of_address(name))


def _part_of_address(name: str) -> Callable[[Worked], Value]:
    def read(worked: Worked) -> Value:
        address = worked.view.record.details.get("address")
        return (scalars.text_of(address.get(name)) or None) if isinstance(address, Mapping) else None

    return read


def _added(directory: Directory, type_: RecordType) -> Iterator[Column]:
    looks = {"number_field": "number", "currency_field": "number", "date_field": "day", "datetime_field": "time"}
    for field in directory.fields_of(type_):
        look = looks.get(field.field_type, "text")
        yield Column(field.name, field.label, look, _custom_of(field, look, directory))


def _custom_of(field: CustomField, look: str, directory: Directory) -> Callable[[Worked], Value]:
    def read(worked: Worked) -> Value:
        value = worked.view.record.details.get(field.name)
        if value in (None, "", []):
            return None
        if look == "number":
            text = scalars.text_of(value)
            return text if scalars.decimal(text) is None else Decimal(text)
        if look == "day":
            return scalars.whole_day(value)
        if look == "time":
            return _local(value, directory.calendar) if isinstance(value, int) else None
        told = show_value(field, value, directory)
        return scalars.text_of(told.get(f"{field.name}_display") or told[field.name]) or None

    return read


def _joined(value: JsonValue) -> str:
    return "、".join(map(scalars.text_of, value)) if isinstance(value, list | tuple) else scalars.text_of(value)


def _person(directory: Directory, user_id: int | None) -> str | None:
    user = directory.users.get(user_id or 0)
    return user.name if user else None


def _local(at: int | None, calendar: Calendar) -> datetime | None:
    return None if at is None else calendar.local(at)
