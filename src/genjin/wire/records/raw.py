"""The raw dump of a record, which the upstream sends as `saleable_id` of a created one (decision 4), out and in."""

from collections.abc import Mapping
from datetime import datetime

from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordType
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.records.forms import FORMS, MAX_OPTION


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
        "turned_customer_id": record.customer_id,
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
        "approve_status": record.approve_status or before.get("approve_status", "approved"),
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
        elif key in ("status", "source", "category") and len(scalars.text_of(value)) > MAX_OPTION:
            errors[key] = [f"is longer than {MAX_OPTION} characters"]
        return None if value is None else scalars.text_of(value)

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
        customer_id=number("turned_customer_id") if raw.get("turned_customer_id") != 0 else None,
        turned_at=moment("turned_at"),
        followed_up_at=moment("revisit_at"),
        said_followed_up_at=moment("real_revisit_at"),
        remind_at=moment("revisit_remind_at"),
        deleted_at=moment("deleted_at"),
        name_pinyin=told("name_pinyin") or "",
        company_name_pinyin=told("company_name_pinyin") or "",
        details={key: raw[key] for key in FORMS[type_].plain_details if raw.get(key) not in (None, "")},
        captured=dict(raw),
    )
    if created_at is None:
        errors.setdefault("created_at", ["is missing"])
    if errors:
        raise Invalid(errors)
    return record


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
    return moment == _moment(ours) if moment is not None else scalars.text_of(captured) == scalars.text_of(ours)
