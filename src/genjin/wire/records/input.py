"""What the create or update of a record carries, from its parameters, as its form declares."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.records import NestedInput, RecordInput
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.params import Params, Value, as_list, subtree
from genjin.wire.places import DEGREES, degrees_of
from genjin.wire.records.custom_value import Errors, read_values
from genjin.wire.records.forms import ADDRESS_TEXTS, MAX_OPTION, MAX_TEXT, Field, FieldType, Form

MAX_NESTED = 100
"""So many contacts or opportunities may be written with a customer."""


def record_input(tree: Params, form: Form, directory: Directory, creating: bool = False) -> RecordInput:
    """What is given, and nothing else; fields that the organisation added are read by their names.

    Raises Invalid for values that cannot be read, and for a required field that is missing when `creating`.
    """
    errors: Errors = {}
    columns: dict[str, str | int | None] = {}
    details: dict[str, JsonValue] = {}
    for field in form.fields:
        name = f"{field.name}_attributes" if field.type is FieldType.ADDRESS else field.name
        if name not in tree or (field.type is FieldType.ADDRESS and not subtree(tree, name)):
            continue
        value = READERS[field.type](field, tree[name], errors)
        if field.column:
            columns[field.column] = None if value == "" and field.column != "name" else value  # type: ignore[assignment]
        else:
            details[field.name] = value
    details |= read_values(tree, directory.fields_of(form.type), directory, errors, creating)
    _owner(tree, columns, errors)
    if "revisit_remind_at" in tree:
        columns["remind_at"] = scalars.instant(tree["revisit_remind_at"], directory.calendar)
        if columns["remind_at"] is None and tree["revisit_remind_at"] not in (None, ""):
            errors["revisit_remind_at"] = ["不是有效的时间"]
    nested = tuple(_nested(tree, form, directory, errors))
    if errors:
        raise Invalid(errors)
    return RecordInput(columns, details, nested)


def _nested(tree: Params, form: Form, directory: Directory, errors: Errors) -> Iterator[tuple[str, NestedInput]]:
    """What lies in `contacts_attributes` and its like; an empty item is none."""
    for name, form_of_each in form.nested.items():
        some = as_list(tree.get(name))
        if len(some) > MAX_NESTED:
            errors[name] = [f"不能超过{MAX_NESTED}个"]
        for nth, each in enumerate(some[:MAX_NESTED]):
            place = f"{name}.{nth}"
            if not isinstance(each, dict):
                errors[place] = ["应为对象"]
            elif each:
                try:
                    found = _nested_input(each, form_of_each, directory)
                except Invalid as error:
                    errors |= {f"{place}.{field}": told for field, told in error.errors.items()}
                    continue
                if found is not None:
                    yield place, found


def _nested_input(each: Params, form: Form, directory: Directory) -> NestedInput | None:
    """One item. As in Rails, what has `_destroy` is deleted whatever else it says, or is nothing without an id.

    Raises Invalid.
    """
    id_, destroy = scalars.id_or_none(each.get("id")), each.get("_destroy")
    if id_ is None and not scalars.no_id(each.get("id")):
        raise Invalid({"id": ["不是有效的编号"]})
    if isinstance(destroy, Mapping | list):
        raise Invalid({"_destroy": ["不能是对象或数组"]})
    if scalars.truth(destroy):
        return None if id_ is None else NestedInput(form.type, RecordInput(), id_, delete=True)
    given = record_input(each, form, directory, creating=id_ is None)
    columns = {key: value for key, value in given.columns.items() if key != "customer_id"}
    return NestedInput(form.type, replace(given, columns=columns), id_)


def _owner(tree: Params, columns: dict[str, str | int | None], errors: Errors) -> None:
    for key, column in (("user_id", "owner_id"), ("want_department_id", "department_id")):
        if tree.get(key) not in (None, ""):
            columns[column] = scalars.id_or_none(tree[key])
            if columns[column] is None:
                errors[key] = ["不是有效的编号"]


def _text(field: Field, value: Value, errors: Errors) -> JsonValue:
    return _plain(value, field.name, errors)


def _option(field: Field, value: Value, errors: Errors) -> JsonValue:
    return _plain(value, field.name, errors, MAX_OPTION)


def _word(field: Field, value: Value, errors: Errors) -> JsonValue:
    told = _plain(value, field.name, errors).strip().lower()
    if told and told not in field.words:
        errors[field.name] = [f"应为{'、'.join(field.words)}之一"]
    return told


def _number(field: Field, value: Value, errors: Errors) -> JsonValue:
    found = scalars.integer(value)
    if value not in (None, "") and (found is None or not 0 <= found <= 100):
        errors[field.name] = ["应为0到100的整数"]
    return found


def _amount(field: Field, value: Value, errors: Errors) -> JsonValue:
    found = scalars.hundredths(value)
    if found is None and value not in (None, ""):
        errors[field.name] = ["不是有效的金额"]
    return found


def _date(field: Field, value: Value, errors: Errors) -> JsonValue:
    found = scalars.whole_day(value)
    if found is None and value not in (None, ""):
        errors[field.name] = ["不是有效的日期"]
    return "" if found is None else found.isoformat()


def _record(field: Field, value: Value, errors: Errors) -> JsonValue:
    found = scalars.id_or_none(value)
    if found is None and not scalars.no_id(value):
        errors[field.name] = ["不是有效的编号"]
    return found


def _labels(field: Field, value: Value, errors: Errors) -> JsonValue:
    given = (label for label in as_list(value) if label not in (None, ""))
    return [_plain(label, field.name, errors) for label in given]


def _address(field: Field, value: Value, errors: Errors) -> JsonValue:
    parts = value if isinstance(value, Mapping) else {}
    texts: dict[str, JsonValue] = {
        key: _plain(part, f"{field.name}_attributes.{key}", errors)
        for key, part in parts.items()
        if key in ADDRESS_TEXTS
    }
    degrees = {key: degrees_of(parts, key, errors, f"{field.name}_attributes.") for key in DEGREES if key in parts}
    return texts | degrees


def _plain(value: Value, path: str, errors: Errors, most: int = MAX_TEXT) -> str:
    if isinstance(value, Mapping | list | tuple):
        errors[path] = ["不能是对象或数组"]
        return ""
    text = scalars.text_of(value)
    if len(text) > most:
        errors[path] = [f"不能超过{most}个字符"]
    return text


READERS: Mapping[FieldType, Callable[[Field, Value, Errors], JsonValue]] = {
    FieldType.TEXT: _text,
    FieldType.OPTION: _option,
    FieldType.WORD: _word,
    FieldType.NUMBER: _number,
    FieldType.AMOUNT: _amount,
    FieldType.DATE: _date,
    FieldType.RECORD: _record,
    FieldType.LABELS: _labels,
    FieldType.ADDRESS: _address,
}
"""How a value of each type is read; what is wrong with it goes into the errors, by its field."""
