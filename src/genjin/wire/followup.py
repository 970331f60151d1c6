"""Follow-ups on the wire: what a write may carry, what it answers with, the items of the list."""

from datetime import date, timedelta

import orjson

from genjin.domain.activity import Facts
from genjin.domain.calendar import Calendar
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.followup import MAX_TEXT, FollowUpFilter, FollowUpInput, Place
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, Ref
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.modules import CLASS_NAMES, FOLLOW_UP, display_name, type_of_class
from genjin.wire.params import Params, Value, as_list, subtree, text
from genjin.wire.record_forms import MAX_OPTION
from genjin.wire.timeline_page import place_to_wire
from genjin.wire.user import user_or_none

RANGES = ("all", "today", "yesterday", "week", "month", "quarter", "year", "other")


def target_of(params: Params) -> Ref:
    """The record a follow-up is written on. Raises Invalid."""
    given = subtree(params, "revisit_log")
    type_ = type_of_class(text(given, "loggable_type").strip())
    id_ = scalars.id_or_zero(given.get("loggable_id"))
    errors: dict[str, list[str]] = {}
    if type_ is None:
        errors["loggable_type"] = ["应为Lead、Customer、Contact、Contract或Opportunity"]
    if id_ is None:
        errors["loggable_id"] = ["不能为空"]
    if type_ is None or id_ is None:
        raise Invalid(errors)
    return Ref(type_, id_)


def follow_up_input(params: Params, directory: Directory) -> FollowUpInput:
    """What is written. Raises Invalid for a field that cannot be read."""
    given = subtree(params, "revisit_log")
    errors: dict[str, list[str]] = {}
    told: set[str] = set()

    def moment(key: str, name: str) -> int | None:
        if key not in given:
            return None
        told.add(name)
        found = scalars.instant(given[key], directory.calendar)
        if found is None and given[key] not in (None, ""):
            errors[key] = ["不是有效的时间：YYYY-MM-DD HH:MM"]
        return found

    said_at, remind_at = moment("real_revisit_at", "said_at"), moment("remind_at", "remind_at")
    category_id: int | None = None
    if "category" in given:
        told.add("category_id")
        category_id = scalars.id_or_none(given["category"])
        if category_id is None and given["category"] not in (None, ""):
            errors["category"] = ["不是有效的编号"]
    if "content" in given:
        told.add("text")
    place = _place(given, errors)
    if place is not None:
        told.add("place")
    mentions = _ids(params.get("at_user_ids", given.get("at_user_ids")), "at_user_ids", errors)
    if "at_user_ids" in params or "at_user_ids" in given:
        told.add("mentions")
    status = text(subtree(given, "loggable_attributes"), "status").strip() or None
    if len(status or "") > MAX_OPTION:
        errors["loggable_attributes.status"] = [f"不能超过{MAX_OPTION}个字符"]
    content = text(given, "content")
    if errors:
        raise Invalid(errors)
    return FollowUpInput(frozenset(told), content, category_id, said_at, remind_at, place, mentions, status)


def follow_up_to_wire(facts: Facts, target: Record, directory: Directory, now: int) -> dict[str, JsonValue]:
    """The follow-up as its create, read and update answer with it."""
    calendar, names = directory.calendar, directory.organisation.module_names
    category, class_name = directory.label(FOLLOW_UP_CATEGORY, facts.category_id), CLASS_NAMES[target.type]
    content = orjson.loads(facts.text) if facts.text else ""
    rare = orjson.loads(facts.rare) if facts.rare else {}
    mentioned = (user_or_none(user, directory) for user in rare.get("mentions", ()))
    data: dict[str, JsonValue] = {
        "id": facts.object_id,
        "content": content,
        "loggable_type": class_name,
        "loggable_id": target.id,
        "loggable": {
            "id": target.id,
            "name": target.name,
            "approve_status": str(target.details.get("approve_status") or "approved"),
        },
        "real_revisit_at": scalars.minute_or_empty(facts.said_at, calendar),
        "created_at": calendar.minute(facts.at),
        "updated_at": calendar.minute(facts.at if facts.edited_at is None else facts.edited_at),
        "attachment_files": [],
        "category_display": category,
        "category_i18n": category,
        "category": "" if facts.category_id is None else str(facts.category_id),
        "lat": rare["place"]["lat"] if rare.get("place") else 0.0,
        "lng": rare["place"]["lng"] if rare.get("place") else 0.0,
        "attachments": [],
        "image_attachments": [],
        "address": place_to_wire(rare["place"]) if rare.get("place") else {},
        "timestamp": calendar.minute(facts.at),
        "refer_type_display": display_name(names, class_name),
        "refer_name": target.name,
        "title": category or display_name(names, FOLLOW_UP),
        "remind_at": "" if facts.remind_at is None else calendar.short(facts.remind_at),
        "is_remind_expired": facts.remind_at is not None and facts.remind_at < now,
        "raw_remind_at": scalars.minute_or_empty(facts.remind_at, calendar),
        "event_url": f"ikcrm://events?klass_name={FOLLOW_UP}&id={facts.object_id}",
        "event_identifier": "",
        "at_users": [user for user in mentioned if user is not None],  # type: ignore[misc]
        "user": user_or_none(facts.actor_id, directory),  # type: ignore[dict-item]
    }
    return data


def follow_up_filter(params: Params, calendar: Calendar, now: int) -> FollowUpFilter:
    """What the list is asked for. Raises Invalid for a filter that cannot be read: it would show too much."""
    errors: dict[str, list[str]] = {}

    def number(key: str) -> int | None:
        value = params.get(key)
        if value in (None, ""):
            return None
        found = scalars.id_or_none(value)
        if found is None:
            errors[key] = ["不是有效的编号"]
        return found

    named = text(params, "loggable_type").strip()
    type_ = type_of_class(named)
    if named and type_ is None:
        errors["loggable_type"] = ["应为lead、customer、contact、opportunity或contract"]
    wanted = FollowUpFilter(
        span=_span(params, calendar, now, errors),
        author_id=number("user_id"),
        department_id=number("department_id"),
        target_type=type_,
        target_id=number("loggable_id"),
    )
    if errors:
        raise Invalid(errors)
    return wanted


def _span(params: Params, calendar: Calendar, now: int, errors: dict[str, list[str]]) -> tuple[int, int] | None:
    """The range of days; today when nothing is said, as the upstream does."""
    name = text(params, "date").strip() or ("other" if params.get("start_date") or params.get("end_date") else "today")
    if name not in RANGES:
        errors["date"] = [f"应为{'、'.join(RANGES)}之一"]
        return None
    first_day, last_day = scalars.day(params.get("start_date")), scalars.day(params.get("end_date"))
    for key, found in (("start_date", first_day), ("end_date", last_day)):
        if found is None and params.get(key) not in (None, ""):
            errors[key] = ["应为日期：YYYY-MM-DD"]
    if name == "all":
        return None
    if name != "other":
        first, last = _days(name, calendar.local(now).date())
        return calendar.day_start(first), calendar.day_end(last)
    return (
        calendar.day_start(first_day) if first_day else -(2**62),
        calendar.day_end(last_day) if last_day else 2**62,
    )


def _days(name: str, today: date) -> tuple[date, date]:
    """The first and last day of the period that holds today; weeks begin on Monday."""
    match name:
        case "yesterday":
            return today - timedelta(days=1), today - timedelta(days=1)
        case "week":
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=6)
        case "month":
            first = today.replace(day=1)
            return first, _next_month(first, 1) - timedelta(days=1)
        case "quarter":
            first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
            return first, _next_month(first, 3) - timedelta(days=1)
        case "year":
            return date(today.year, 1, 1), date(today.year, 12, 31)
        case _:
            return today, today


def _next_month(first: date, months: int) -> date:
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)


def _place(given: Params, errors: dict[str, list[str]]) -> Place | None:
    detail = text(subtree(given, "address_attributes"), "detail_address")
    if len(detail) > MAX_TEXT:
        errors["address_attributes.detail_address"] = [f"不能超过{MAX_TEXT}个字符"]
    degrees = []
    for key, most in (("lat", 90.0), ("lng", 180.0)):
        value = given.get(key)
        try:
            degree = 0.0 if value in (None, "") else float(str(value))
        except ValueError:
            degree = most + 1
        if not -most <= degree <= most:
            errors[key] = [f"应为-{most:g}到{most:g}之间的数"]
        degrees.append(degree)
    return Place(detail, *degrees) if detail or any(degrees) else None


def _ids(value: Value, key: str, errors: dict[str, list[str]]) -> tuple[int, ...]:
    found = []
    for item in as_list(value):
        if scalars.no_id(item):
            continue
        id_ = scalars.id_or_none(item)
        if id_ is None:
            errors[key] = ["不是有效的编号"]
        elif id_ not in found:
            found.append(id_)
    return tuple(found)
