"""The values of custom fields: how each type of field is read and shown."""

import re
from collections.abc import Callable, Mapping, Sequence

from genjin.domain.custom_field import CustomField
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.phones import is_masked
from genjin.wire import scalars
from genjin.wire.params import Params, Value, as_list

MAX_LINE, MAX_AREA = 1_000, 20_000
"""The most characters of a line and of a text."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,10})?", re.ASCII)
_PHONE = re.compile(r"[\d０-９+＋() -]{3,40}")
Errors = dict[str, list[str]]


def read_values(
    tree: Params, fields: Sequence[CustomField], directory: Directory, errors: Errors, creating: bool
) -> dict[str, JsonValue]:
    """What is given of these fields, by their names. What is required has to be there when something is created.

    What is wrong goes into `errors`, by the field's name.
    """
    found: dict[str, JsonValue] = {}
    for field in fields:
        if field.name in tree:
            found[field.name] = _read(field, tree[field.name], directory, errors)
        told = found.get(field.name) if creating or field.name in found else True
        if field.required and told in (None, "", []):
            errors.setdefault(field.name, ["不能为空"])
    return found


def show_value(field: CustomField, value: JsonValue, directory: Directory) -> dict[str, JsonValue]:
    """The key of a field, and `<name>_display` beside what is chosen from a list."""
    match field.field_type:
        case "select":
            return {field.name: scalars.text_of(value), f"{field.name}_display": field.label_of(value)}
        case "multi_select":
            chosen = value if isinstance(value, list) else []
            labels = "、".join(filter(None, map(field.label_of, chosen)))
            return {field.name: chosen, f"{field.name}_display": labels}
        case "user_field":
            user = directory.users.get(value if isinstance(value, int) else 0)
            return {field.name: value or 0, f"{field.name}_display": user.name if user else ""}
        case "department_field":
            name = directory.department_name(value if isinstance(value, int) else None)
            return {field.name: value or 0, f"{field.name}_display": name}
        case "datetime_field":
            return {field.name: scalars.minute_or_empty(value if isinstance(value, int) else None, directory.calendar)}
        case _:
            return {field.name: scalars.text_of(value)}


def _read(field: CustomField, value: Value, directory: Directory, errors: Errors) -> JsonValue:
    """The value as it is stored; None for an empty one."""
    if field.field_type == "multi_select":
        chosen = [scalars.text_of(each) for each in as_list(value) if each not in (None, "")]
        if unknown := [each for each in chosen if not field.label_of(each)]:
            errors[field.name] = [f"没有这个选项：{each[:64]}" for each in unknown[:20]]
        return list(dict.fromkeys(chosen))
    if isinstance(value, Mapping | list):
        errors[field.name] = ["不能是对象或数组"]
        return None
    text = scalars.text_of(value).strip() if field.field_type != "text_area" else scalars.text_of(value)
    if not text:
        return None
    found, wrong = READERS.get(field.field_type, _line)(field, text, directory)
    if wrong:
        errors[field.name] = [wrong]
    return found


Read = tuple[JsonValue, str]
"""A value, and what is wrong with it."""


def _line(_field: CustomField, text: str, _directory: Directory) -> Read:
    return text, f"不能超过{MAX_LINE}个字符" if len(text) > MAX_LINE else ""


def _area(_field: CustomField, text: str, _directory: Directory) -> Read:
    return text, f"不能超过{MAX_AREA}个字符" if len(text) > MAX_AREA else ""


def _number(_field: CustomField, text: str, _directory: Directory) -> Read:
    return text, "" if _NUMBER.fullmatch(text) else "不是有效的数字"


def _money(_field: CustomField, text: str, _directory: Directory) -> Read:
    found = scalars.hundredths(text)
    return scalars.money(found), "不是有效的金额" if found is None else ""


def _email(_field: CustomField, text: str, _directory: Directory) -> Read:
    return text, "" if _EMAIL.fullmatch(text) and len(text) <= MAX_LINE else "不是有效的邮箱"


def _phone(_field: CustomField, text: str, _directory: Directory) -> Read:
    """A masked one may come back as it was shown; what it stands for is told in domain/field_rights.py."""
    return text, "" if _PHONE.fullmatch(text) or is_masked(text) else "不是有效的电话号码"


def _url(_field: CustomField, text: str, _directory: Directory) -> Read:
    return text, "" if _URL.fullmatch(text) and len(text) <= MAX_LINE else "不是有效的网址（http或https）"


def _date(_field: CustomField, text: str, _directory: Directory) -> Read:
    found = scalars.whole_day(text)
    return ("", "不是有效的日期") if found is None else (found.isoformat(), "")


def _moment(_field: CustomField, text: str, directory: Directory) -> Read:
    found = scalars.instant(text, directory.calendar)
    return found, "不是有效的时间：YYYY-MM-DD HH:MM" if found is None else ""


def _choice(field: CustomField, text: str, _directory: Directory) -> Read:
    return text, "" if field.label_of(text) else f"没有这个选项：{text[:64]}"


def _user(_field: CustomField, text: str, directory: Directory) -> Read:
    found = scalars.id_or_none(text)
    return found, "" if found in directory.users else "没有这个用户"


def _department(_field: CustomField, text: str, directory: Directory) -> Read:
    found = scalars.id_or_none(text)
    return found, "" if found in directory.departments else "没有这个部门"


READERS: Mapping[str, Callable[[CustomField, str, Directory], Read]] = {
    "text_field": _line,
    "text_area": _area,
    "number_field": _number,
    "currency_field": _money,
    "email_field": _email,
    "mobile_field": _phone,
    "url_field": _url,
    "date_field": _date,
    "datetime_field": _moment,
    "select": _choice,
    "user_field": _user,
    "department_field": _department,
}
