"""Pools on the wire: `common_settings` out, and what a pool is wanted to be in."""

import re
from collections.abc import Callable

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.pools import MOST_DAYS, Pool, PoolInput, ReturnRule
from genjin.domain.records import RecordType
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.params import Params, Value, as_list, subtree, text
from genjin.wire.records.filter import MAX_QUERY

_TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_NO_DAYS = f"应为0到{MOST_DAYS}之间的整数"
Errors = dict[str, list[str]]


def pool_to_wire(pool: Pool, directory: Directory) -> dict[str, JsonValue]:
    """A pool with its people and its rules."""
    calendar = directory.calendar
    owner, unsold = (_rule_to_wire(rule, pool.type, directory) for rule in (pool.followed_up, pool.sold))
    return {
        "id": pool.id,
        "organization_id": directory.organisation.id,
        "name": pool.name,
        "admin_list": {"user_ids": list(pool.admin_ids)},
        "member_list": {
            "all": pool.open_to_all,
            "department_ids": list(pool.department_ids),
            "user_ids": list(pool.user_ids),
        },
        "rule_type": (1 if pool.followed_up.days else 0) + (2 if pool.sold.days else 0),
        "rule_config": {"owner": owner | {"astrict_unsold": pool.followed_up.spares_sold}, "unsold": unsold},
        "limit_grab_enable": pool.limited_at is not None,
        "limit_grab_day": pool.limit_days,
        "limit_grab_enable_time": scalars.minute_or_empty(pool.limited_at, calendar),
        "custom_column_list": {"super": [], "common": []},
        "filter_column_list": [],
        "created_at": calendar.minute(pool.created_at),
        "updated_at": calendar.minute(pool.updated_at),
    }


def pool_input(params: Params) -> PoolInput:
    """What a pool is wanted to be. Raises Invalid for what cannot be read."""
    tree, errors = subtree(params, "common_setting"), Errors()
    plain: dict[str, object] = {}
    if "name" in tree:
        plain["name"] = text(tree, "name")
    admins, members = subtree(tree, "admin_list"), subtree(tree, "member_list")
    for given, key, name, path in (
        (admins, "user_ids", "admin_ids", "admin_list"),
        (members, "user_ids", "user_ids", "member_list.user_ids"),
        (members, "department_ids", "department_ids", "member_list.department_ids"),
    ):
        if key in given:
            plain[name] = _read(given[key], scalars.ids, path, "不是有效的编号", errors)
    if "all" in members:
        plain["open_to_all"] = scalars.truth(members["all"])
    if "limit_grab_day" in tree:
        plain["limit_days"] = _read(tree["limit_grab_day"], _days, "limit_grab_day", _NO_DAYS, errors)
    rules = subtree(tree, "rule_config")
    off = {"days": 0} if scalars.integer(tree.get("rule_type")) == 0 else {}
    followed_up, sold = (_rule_input(subtree(rules, name), name, errors) | off for name in ("owner", "unsold"))
    if errors:
        raise Invalid(errors)
    limited = scalars.truth(tree["limit_grab_enable"]) if "limit_grab_enable" in tree else None
    return PoolInput(plain, followed_up, sold, limited)


def pool_to_fill(params: Params) -> int:
    """The pool that something is created in. Raises Invalid."""
    return _id(params.get("common_id"), "common_id")


def pool_id_of(params: Params) -> int | None:
    """The pool that is named; None for none. Raises Invalid."""
    given = params.get("common_id")
    return None if scalars.no_id(given) else _id(given, "common_id")


def pool_filter(params: Params) -> int | None:
    """The pool that a list is asked for. Raises Invalid for what is no id: it would show too much."""
    given = params.get("common_id")
    return None if given in (None, "", []) else _id(given, "common_id")


def member_query(params: Params) -> str:
    """The part of a name that members are searched by. Raises Invalid."""
    query = text(params, "query").strip()
    if len(query) > MAX_QUERY:
        raise Invalid({"query": [f"不能超过{MAX_QUERY}个字符"]})
    return query


def user_id_of(params: Params) -> int:
    """The colleague who is named. Raises Invalid."""
    return _id(params.get("user_id"), "user_id")


def _id(value: Value, key: str) -> int:
    found = scalars.id_or_none(value)
    if found is None:
        raise Invalid({key: ["不是有效的编号"]})
    return found


def _rule_to_wire(rule: ReturnRule, type_: RecordType, directory: Directory) -> dict[str, JsonValue]:
    choices = directory.choices("customer.category") if type_ is RecordType.CUSTOMER else ()
    return {
        "enable_time": scalars.minute_or_empty(rule.enabled_at, directory.calendar),
        "flow_into_type": 0,
        "max_unfollow_day": rule.days,
        "flow_into_time": _clock(rule.at),
        "notify_before_unfollow_day": rule.warn_days,
        "notify_time": _clock(rule.warn_at),
        "customer_categories": {str(each.id): "1" if each.id in rule.categories else "0" for each in choices},
    }


def _rule_input(given: Params, name: str, errors: Errors) -> dict[str, object]:
    rule: dict[str, object] = {}
    readers: tuple[tuple[str, str, Callable[[Value], object], str], ...] = (
        ("max_unfollow_day", "days", _days, _NO_DAYS),
        ("notify_before_unfollow_day", "warn_days", _days, _NO_DAYS),
        ("flow_into_time", "at", _minute, "应为HH:MM"),
        ("notify_time", "warn_at", _minute, "应为HH:MM"),
        ("customer_categories", "categories", _categories, "不是有效的编号"),
    )
    for key, field, read, wrong in readers:
        if key in given:
            rule[field] = _read(given[key], read, f"rule_config.{name}.{key}", wrong, errors)
    if name == "owner" and "astrict_unsold" in given:
        rule["spares_sold"] = scalars.truth(given["astrict_unsold"])
    return rule


def _read(value: Value, read: Callable[[Value], object], path: str, wrong: str, errors: Errors) -> object:
    found = read(value)
    if found is None:
        errors[path] = [wrong]
    return found


def _days(value: Value) -> int | None:
    number = 0 if value in (None, "") else scalars.integer(value)
    return number if number is not None and 0 <= number <= MOST_DAYS else None


def _minute(value: Value) -> int | None:
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    return None if match is None else int(match[1]) * 60 + int(match[2])


def _categories(value: Value) -> tuple[int, ...] | None:
    """`{"3462": "1", "3463": "0"}`, the form of the answer, or a list of ids."""
    if isinstance(value, dict):
        return scalars.ids([id_ for id_, chosen in value.items() if scalars.truth(chosen)])
    return scalars.ids(as_list(value))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
