"""Leads and customers on the wire: the formatted object, the raw dump, and what a create or update may carry."""

from collections.abc import Mapping
from datetime import datetime

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
_DETAILS = {
    RecordType.LEAD: ("department", "job", "note", "customer_requirement", "channel_code"),
    RecordType.CUSTOMER: ("note", "industry", "staff_size", "customer_requirement"),
}
MAX_TEXT, MAX_OPTION, MAX_QUERY = 20_000, 64, 255
"""The longest text, option id and search that is taken, in characters."""
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
        "qixinbao_id": _text(record.details.get("qixinbao_id")),
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
        label = directory.label(list_name, _text(value))
        data |= {field: _text(value), f"{field}_mapped": label, f"{field}_display": label}
    for field in _DETAILS.get(record.type, ()):
        data.setdefault(field, _text(record.details.get(field)))
    return data


def _lead_only(record: Record, turned_to_customer_name: str) -> dict[str, JsonValue]:
    return {
        "turned_to_customer": record.turned_customer_id is not None,
        "turned_customer_id": record.turned_customer_id or 0,
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


def raw_dump(record: Record, organisation_id: int, calendar: Calendar) -> dict[str, JsonValue]:
    """The record as the upstream dumps it raw (decision 4): ISO times, null for empty, raw column names.

    A captured record keeps what its dump said and we do not store; a captured time is shown with its own
    offset, and an empty or a numeric value in its own form, as long as it still means the same.
    """
    data = _lead_dump(record, organisation_id, calendar)
    if record.type is not RecordType.LEAD:
        for lead_only in ("turned_customer_id", "turned_at"):
            del data[lead_only]
        data["category"] = record.category
    captured = record.captured or {}
    for key, value in captured.items():
        if key not in data or _means(value, data[key]):
            data[key] = value
    return data


def _lead_dump(record: Record, organisation_id: int, calendar: Calendar) -> dict[str, JsonValue]:
    def iso(at: int | None) -> str | None:
        return None if at is None else calendar.iso(at)

    details, before = record.details, record.captured or {}
    return {
        "id": record.id,
        "user_id": record.owner_id,
        "organization_id": organisation_id,
        "name": record.name,
        "company_name": record.company_name,
        "source": record.source,
        "department": details.get("department"),
        "job": details.get("job"),
        "note": details.get("note"),
        "created_at": iso(record.created_at),
        "updated_at": iso(record.updated_at),
        "deleted_at": iso(record.deleted_at),
        "status": record.status,
        "turned_customer_id": record.turned_customer_id,
        "department_id": record.department_id,
        "name_pinyin": record.name_pinyin,
        "company_name_pinyin": record.company_name_pinyin,
        "creator_id": record.creator_id,
        "customer_requirement": details.get("customer_requirement"),
        "revisit_at": iso(record.followed_up_at),
        "real_revisit_at": iso(record.said_followed_up_at),
        "revisit_remind_at": iso(record.remind_at),
        "qixinbao_id": before.get("qixinbao_id"),
        "before_user_id": record.before_owner_id,
        "before_department_id": record.before_department_id,
        "turned_at": iso(record.turned_at),
        "channel_code": details.get("channel_code"),
        "is_draft": before.get("is_draft", False),
        "biz_pid": before.get("biz_pid", ""),
        "soukebox_account_id": before.get("soukebox_account_id"),
        "channel": before.get("channel"),
        "market_activity_id": before.get("market_activity_id"),
        "shop_id": before.get("shop_id"),
        "approve_status": before.get("approve_status", "approved"),
        "submit_applying_at": before.get("submit_applying_at"),
        "finish_approve_at": before.get("finish_approve_at"),
        "lock_status": before.get("lock_status", "unlocked"),
    }


def record_from_raw(raw: Mapping[str, JsonValue], type_: RecordType) -> Record:
    """A captured raw dump as a record. Raises Invalid with the path of what cannot be read."""
    errors: dict[str, list[str]] = {}

    def moment(key: str) -> int | None:
        value = raw.get(key)
        found = _moment(value)
        if found is None and value not in (None, ""):
            errors[key] = [f"{value!r} is not a time"]
        return found

    def number(key: str) -> int | None:
        value = raw.get(key)
        if value is not None and scalars.id_or_none(value) is None:
            errors[key] = [f"{value!r} is not an id"]
        return scalars.id_or_none(value)

    def told(key: str) -> str | None:
        value = raw.get(key)
        if isinstance(value, Mapping | list):
            errors[key] = ["is no text"]
        elif key in ("status", "source", "category") and len(_text(value)) > MAX_OPTION:
            errors[key] = [f"is longer than {MAX_OPTION} characters"]
        return None if value is None else _text(value)

    created_at = moment("created_at")
    record = Record(
        type=type_,
        id=number("id") or 0,
        name=told("name") or "",
        owner_id=number("user_id"),
        creator_id=number("creator_id"),
        department_id=number("department_id"),
        created_at=created_at or 0,
        updated_at=moment("updated_at") or created_at or 0,
        company_name=told("company_name"),
        status=told("status"),
        source=told("source"),
        category=told("category"),
        before_owner_id=number("before_user_id"),
        before_department_id=number("before_department_id"),
        turned_customer_id=number("turned_customer_id") if raw.get("turned_customer_id") != 0 else None,
        turned_at=moment("turned_at"),
        followed_up_at=moment("revisit_at"),
        said_followed_up_at=moment("real_revisit_at"),
        remind_at=moment("revisit_remind_at"),
        deleted_at=moment("deleted_at"),
        name_pinyin=told("name_pinyin") or "",
        company_name_pinyin=told("company_name_pinyin") or "",
        details={key: raw[key] for key in _DETAILS.get(type_, ()) if raw.get(key) not in (None, "")},
        captured=dict(raw),
    )
    if created_at is None:
        errors.setdefault("created_at", ["is missing"])
    if errors:
        raise Invalid(errors)
    return record


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
    for key in _DETAILS.get(type_, ()):
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
    if len(query) > MAX_QUERY:
        errors["query"] = [f"不能超过{MAX_QUERY}个字符"]
    wanted = RecordFilter(
        type=type_,
        tab=text(params, "tab_type").strip(),
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
    texts: dict[str, JsonValue] = {key: _text(address.get(key)) for key in ADDRESS_TEXTS}
    places: dict[str, JsonValue] = {key: {} for key in ("country", "province", "city", "district")}
    return places | texts | {"lat": address.get("lat", 0.0), "lng": address.get("lng", 0.0), "region_info": ""}


def _plain(value: JsonValue, path: str, errors: dict[str, list[str]], most: int = MAX_TEXT) -> str:
    if isinstance(value, (Mapping, list, tuple)):
        errors[path] = ["不能是对象或数组"]
        return ""
    text = _text(value)
    if len(text) > most:
        errors[path] = [f"不能超过{most}个字符"]
    return text


def _text(value: JsonValue) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _user(user_id: int | None, directory: Directory) -> JsonValue:
    return user_or_none(user_id, directory)  # type: ignore[return-value]


def _department(department_id: int | None, directory: Directory) -> JsonValue:
    found = directory.departments.get(department_id or 0)
    return {"id": found.id, "name": found.name} if found else {}


def _moment(value: JsonValue) -> int | None:
    """The instant of an ISO 8601 time with an offset; None for anything else."""
    if not isinstance(value, str) or len(value) < 19:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return int(moment.timestamp()) if moment.tzinfo and moment.year in scalars.YEARS else None


def _means(captured: JsonValue, ours: JsonValue) -> bool:
    """Whether a captured value says what we would say in our own form."""
    if captured in (None, "", 0) or ours is None:
        return captured in (None, "", 0) and ours in (None, "")
    moment = _moment(captured)
    return moment == _moment(ours) if moment is not None else _text(captured) == _text(ours)
