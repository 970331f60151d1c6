"""Records on the wire: the formatted object that lists and reads answer with, field by field as its form declares."""

from collections.abc import Callable, Mapping

from genjin.domain.approval import LABELS, Approval
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.policy import Viewer
from genjin.domain.record_view import RecordView
from genjin.domain.records import Record, RecordType
from genjin.wire import scalars
from genjin.wire.records.change import WORDS
from genjin.wire.records.custom_value import show_value
from genjin.wire.records.customer import customer_only
from genjin.wire.records.forms import FORMS, Field, FieldType
from genjin.wire.records.parts import address_to_wire
from genjin.wire.user import user_or_none


def record_to_wire(view: RecordView, viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    """The formatted object."""
    record = view.record
    data = _every(view, viewer, directory)
    for field in FORMS[record.type].fields:
        data |= _shown(field, field.value(record), directory)
    for custom in directory.fields_of(record.type):
        data |= show_value(custom, record.details.get(custom.name), directory)
    return data | ONLY[record.type](view, viewer, directory)


def _every(view: RecordView, viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    """What records of every type have."""
    record, calendar = view.record, directory.calendar
    own, owner = record.owner_id == viewer.user_id, directory.users.get(record.owner_id or 0)
    approval = _approval(record)
    return {
        "id": record.id,
        "user_id": record.owner_id or 0,
        "user_name": owner.name if owner else "",
        "created_at": calendar.minute(record.created_at),
        "updated_at": calendar.minute(record.updated_at),
        "revisit_remind_at": scalars.minute_or_empty(record.remind_at, calendar),
        "real_revisit_at": scalars.minute_or_empty(record.said_followed_up_at, calendar),
        "is_own": own,
        "is_user_self": own,
        "is_editable": view.editable,
        "need_hidden_dispose": not view.sight.numbers,
        "approve_status": approval,
        "approve_status_i18n": LABELS.get(approval, approval),
        "user": _user(record.owner_id, directory),
        "creator": _user(record.creator_id, directory),
        "owned_department": _department(record.department_id, directory),
        "before_user": _user(record.before_owner_id, directory) or {},
        "before_owned_department": _department(record.before_department_id, directory),
    }


def _shown(field: Field, value: JsonValue, directory: Directory) -> dict[str, JsonValue]:
    """The keys of one field."""
    match field.type:
        case FieldType.OPTION:
            told = scalars.text_of(value)
            label = directory.label(field.of, told)
            return {field.name: told, f"{field.name}_mapped": label, f"{field.name}_display": label}
        case FieldType.NUMBER | FieldType.RECORD:
            return {field.name: value or 0}
        case FieldType.AMOUNT:
            return {field.name: scalars.money(value if isinstance(value, int) else None)}
        case FieldType.LABELS:
            return {field.name: value or []}
        case FieldType.ADDRESS:
            return {field.name: address_to_wire(value)}
        case _:
            return {field.name: scalars.text_of(value)}


def _lead_only(view: RecordView, *_: object) -> dict[str, JsonValue]:
    return _company(view.record) | {
        "turned_to_customer": view.record.customer_id is not None,
        "turned_customer_id": view.record.customer_id or 0,
        "turned_to_customer_name": view.name_of(RecordType.CUSTOMER, view.record.customer_id),
    }


def _customer_only(view: RecordView, viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    return _company(view.record) | customer_only(view, viewer, directory)


def _approval(record: Record) -> str:
    """The state of approval; a captured record may have one in its details."""
    return record.approve_status or scalars.text_of(record.details.get("approve_status")) or Approval.APPROVED


def _company(record: Record) -> dict[str, JsonValue]:
    return {"qixinbao_id": scalars.text_of(record.details.get("qixinbao_id")), "attachment": {}, "card_attachment": {}}


def _contact_only(view: RecordView, *_: object) -> dict[str, JsonValue]:
    gender = scalars.text_of(view.record.details.get("gender"))
    return _of_a_customer(view) | {"gender_i18n": WORDS.get(gender, gender)}


def _opportunity_only(view: RecordView, *_: object) -> dict[str, JsonValue]:
    return _of_a_customer(view) | {"title_pinyin": view.record.name_pinyin}


def _contract_only(view: RecordView, *_: object) -> dict[str, JsonValue]:
    total, opportunity_id = scalars.money(view.record.amount), view.record.opportunity_id
    return _of_a_customer(view) | {
        "title_pinyin": view.record.name_pinyin,
        "opportunity_title": view.name_of(RecordType.OPPORTUNITY, opportunity_id),
        "received_payments_amount": scalars.money(0),
        "unreceived_amount": total,
    }


def _of_a_customer(view: RecordView) -> dict[str, JsonValue]:
    return {"customer_name": view.name_of(RecordType.CUSTOMER, view.record.customer_id)}


ONLY: Mapping[RecordType, Callable[[RecordView, Viewer, Directory], dict[str, JsonValue]]] = {
    RecordType.LEAD: _lead_only,
    RecordType.CUSTOMER: _customer_only,
    RecordType.CONTACT: _contact_only,
    RecordType.OPPORTUNITY: _opportunity_only,
    RecordType.CONTRACT: _contract_only,
}
"""What records of one type have beside the fields of their form."""


def _user(user_id: int | None, directory: Directory) -> JsonValue:
    return user_or_none(user_id, directory)  # type: ignore[return-value]


def _department(department_id: int | None, directory: Directory) -> JsonValue:
    found = directory.departments.get(department_id or 0)
    return {"id": found.id, "name": found.name} if found else {}
