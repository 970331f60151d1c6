"""Leads and customers on the wire: the formatted object, what a create or update may carry, what a list is asked."""

from collections.abc import Mapping

from genjin.domain.calendar import Calendar
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.policy import Viewer
from genjin.domain.records import SORTABLE, Record, RecordFilter, RecordInput, RecordType
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.params import Params, as_list, subtree, text
from genjin.wire.user import user_or_none

ADDRESS_TEXTS = ("tel", "phone", "email", "qq", "fax", "wechat", "wangwang", "zip", "url", "detail_address")
_OPTIONS = {
    RecordType.LEAD: {"status": "lead.status", "source": "lead.source"},
    RecordType.CUSTOMER: {
        "status": "customer.status",
        "source": "customer.source",
        "category": "customer.category",
        "industry": "customer.industry",
        "staff_size": "customer.staff_size",
    },
}
DETAILS = {
    RecordType.LEAD: ("department", "job", "note", "customer_requirement", "channel_code"),
    RecordType.CUSTOMER: ("note", "industry", "staff_size", "customer_requirement"),
}
"""The fields that are kept as details, by the upstream's names."""
MAX_TEXT, MAX_OPTION, MAX_QUERY = 20_000, 64, 255
"""The longest text, option id and search that is taken, in characters."""
TABS = ("all", "my", "sub", "common", "assist", "my_assist", "sub_assist")
_SORT_NAMES = {"real_revisit_at": "said_followed_up_at", "revisit_remind_at": "remind_at"}
_COLUMNS = {
    RecordType.LEAD: ("name", "company_name", "status", "source"),
    RecordType.CUSTOMER: ("name", "company_name", "status", "source", "category"),
}


def record_to_wire(
    record: Record, viewer: Viewer, directory: Directory, turned_to_customer_name: str = ""
) -> dict[str, JsonValue]:
    """The formatted object that lists and reads answer with."""
    common = _formatted(record, viewer, directory)
    if record.type is RecordType.LEAD:
        return common | _lead_only(record, turned_to_customer_name)
    return common | _customer_only(record, directory)


def _formatted(record: Record, viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    calendar, own = directory.calendar, record.owner_id == viewer.user_id
    data: dict[str, JsonValue] = {
        "id": record.id,
        "user_id": record.owner_id or 0,
        "name": record.name,
        "company_name": record.company_name or "",
        "created_at": calendar.minute(record.created_at),
        "updated_at": calendar.minute(record.updated_at),
        "revisit_remind_at": scalars.minute_or_empty(record.remind_at, calendar),
        "real_revisit_at": scalars.minute_or_empty(record.said_followed_up_at, calendar),
        "is_own": own,
        "is_user_self": own,
        "is_editable": True,
        "need_hidden_dispose": False,
        "qixinbao_id": scalars.text_of(record.details.get("qixinbao_id")),
        "approve_status": record.details.get("approve_status") or "approved",
        "attachment": {},
        "card_attachment": {},
        "address": address_to_wire(record.details.get("address")),
        "user": _user(record.owner_id, directory),
        "creator": _user(record.creator_id, directory),
        "owned_department": _department(record.department_id, directory),
        "before_user": _user(record.before_owner_id, directory) or {},
        "before_owned_department": _department(record.before_department_id, directory),
    }
    for field, list_name in _OPTIONS.get(record.type, {}).items():
        value = getattr(record, field) if field in Record.__slots__ else record.details.get(field)
        label = directory.label(list_name, scalars.text_of(value))
        data |= {field: scalars.text_of(value), f"{field}_mapped": label, f"{field}_display": label}
    for field in DETAILS.get(record.type, ()):
        data.setdefault(field, scalars.text_of(record.details.get(field)))
    return data


def _lead_only(record: Record, turned_to_customer_name: str) -> dict[str, JsonValue]:
    return {
        "turned_to_customer": record.customer_id is not None,
        "turned_customer_id": record.customer_id or 0,
        "turned_to_customer_name": turned_to_customer_name,
    }


def _customer_only(record: Record, directory: Directory) -> dict[str, JsonValue]:
    owner = directory.users.get(record.owner_id or 0)
    return {
        "user_name": owner.name if owner else "",
        "user_third_userid": owner.third_userid if owner else None,
        "approve_status_i18n": "已通过",
        "labels": record.details.get("labels") or [],
        "parent": {},
        "last_revist_log_content": "",
        "last_called_at": "",
        "will_flow_time": "",
        "phones_data": [],
    }


def record_input(tree: Params, type_: RecordType, directory: Directory) -> RecordInput:
    """What a create or update carries, from its parameters. Raises Invalid for values that cannot be read."""
    errors: dict[str, list[str]] = {}
    columns: dict[str, str | int | None] = {}
    details: dict[str, JsonValue] = {}
    options = _OPTIONS.get(type_, {})
    for key in _COLUMNS.get(type_, ()):
        if key in tree:
            told = _plain(tree[key], key, errors, MAX_OPTION if key in options else MAX_TEXT)
            columns[key] = told if key == "name" else told or None
    for key in DETAILS.get(type_, ()):
        if key in tree:
            details[key] = _plain(tree[key], key, errors, MAX_OPTION if key in options else MAX_TEXT)
    for key, column in (("user_id", "owner_id"), ("want_department_id", "department_id")):
        if tree.get(key) not in (None, ""):
            columns[column] = scalars.id_or_none(tree[key])
            if columns[column] is None:
                errors[key] = ["不是有效的编号"]
    if "revisit_remind_at" in tree:
        columns["remind_at"] = scalars.instant(tree["revisit_remind_at"], directory.calendar)
        if columns["remind_at"] is None and tree["revisit_remind_at"] not in (None, ""):
            errors["revisit_remind_at"] = ["不是有效的时间"]
    if address := subtree(tree, "address_attributes"):
        details["address"] = {
            key: _plain(value, f"address_attributes.{key}", errors)
            for key, value in address.items()
            if key in ADDRESS_TEXTS and value is not None
        }
    if "labels" in tree:
        given = (label for label in as_list(tree["labels"]) if label not in (None, ""))
        details["labels"] = [_plain(label, "labels", errors) for label in given]
    if errors:
        raise Invalid(errors)
    return RecordInput(columns, details)


def record_filter(params: Params, type_: RecordType, calendar: Calendar) -> RecordFilter:
    """What a list is asked for. Raises Invalid for a filter that cannot be read: it would show too much."""
    errors: dict[str, list[str]] = {}

    def number(key: str) -> int | None:
        value = params.get(key)
        if value in (None, "", []):
            return None
        found = scalars.id_or_none(value)
        if found is None:
            errors[key] = ["不是有效的编号"]
        return found

    def option(key: str) -> str | None:
        return text(params, key).strip() or None

    def span(key: str) -> tuple[int, int] | None:
        try:
            return scalars.day_span(as_list(params.get(key)), calendar)
        except ValueError:
            errors[key] = ["应为两个日期：YYYY-MM-DD"]
            return None

    sort, query = text(params, "sort").strip(), text(params, "query").strip()
    tab = text(params, "tab_type").strip()
    if tab not in ("", *TABS):
        errors["tab_type"] = [f"应为{'、'.join(TABS)}之一"]
    if len(query) > MAX_QUERY:
        errors["query"] = [f"不能超过{MAX_QUERY}个字符"]
    wanted = RecordFilter(
        type=type_,
        tab="" if tab == "all" else tab,
        query=query,
        owner_id=number("user_id"),
        department_id=number("department_id"),
        status=option("status"),
        source=option("source"),
        category=option("category"),
        created=span("created_at"),
        updated=span("updated_at"),
        sort=_SORT_NAMES.get(sort, sort) if _SORT_NAMES.get(sort, sort) in SORTABLE else "created_at",
        descending=text(params, "order").strip().lower() != "asc",
    )
    if errors:
        raise Invalid(errors)
    return wanted


def address_to_wire(stored: JsonValue) -> dict[str, JsonValue]:
    """The address object with all its keys."""
    address = stored if isinstance(stored, Mapping) else {}
    texts: dict[str, JsonValue] = {key: scalars.text_of(address.get(key)) for key in ADDRESS_TEXTS}
    places: dict[str, JsonValue] = {key: {} for key in ("country", "province", "city", "district")}
    return places | texts | {"lat": address.get("lat", 0.0), "lng": address.get("lng", 0.0), "region_info": ""}


def _plain(value: JsonValue, path: str, errors: dict[str, list[str]], most: int = MAX_TEXT) -> str:
    if isinstance(value, (Mapping, list, tuple)):
        errors[path] = ["不能是对象或数组"]
        return ""
    text = scalars.text_of(value)
    if len(text) > most:
        errors[path] = [f"不能超过{most}个字符"]
    return text


def _user(user_id: int | None, directory: Directory) -> JsonValue:
    return user_or_none(user_id, directory)  # type: ignore[return-value]


def _department(department_id: int | None, directory: Directory) -> JsonValue:
    found = directory.departments.get(department_id or 0)
    return {"id": found.id, "name": found.name} if found else {}
