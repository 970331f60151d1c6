"""The fields of a form, and the choices of its lists, as an upstream tells of them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from genjin.domain.calendar import Calendar
from genjin.domain.custom_field import MAX_CHOICES, MAX_HINT, MAX_LABEL, PREFIXES, Choice, CustomField
from genjin.domain.json import JsonValue
from genjin.domain.people import Option
from genjin.domain.records import RecordType
from genjin.wire import scalars
from genjin.wire.records.field_groups import UNNAMED_GROUP
from genjin.wire.records.forms import FORMS, MAX_OPTION, Field, FieldType
from genjin.wire.told import MAX_INDEXED, Told


class FormField(NamedTuple):
    """One field of a group, still as it came, and where it stood."""

    path: str
    group: str
    body: JsonValue


def fields_in(body: JsonValue) -> Iterator[FormField]:
    """The fields of an answer's groups, each with its group's label. What is no group has none."""
    groups = body.get("custom_field_groups") if isinstance(body, Mapping) else body
    for g, group in enumerate(groups if isinstance(groups, list) else ()):
        fields = group.get("custom_fields") if isinstance(group, Mapping) else None
        for f, field in enumerate(fields if isinstance(fields, list) else ()):
            label = scalars.text_of(group["label"]) if isinstance(group.get("label"), str) else ""
            yield FormField(f"custom_field_groups[{g}].custom_fields[{f}]", label, field)


def field_from_wire(
    told: FormField, type_: RecordType | None, calendar: Calendar
) -> tuple[CustomField | None, list[Option]]:
    """A field that was added, or the choices of a standard one that has some. Raises Invalid."""
    read = Told(told.body, calendar)
    name, category = read.text("name", MAX_OPTION), read.text("category", MAX_INDEXED)
    if category != "custom":
        field = FORMS[type_].by_name.get(name) if type_ else None
        options = _options(read, field) if field is not None and field.type is FieldType.OPTION else []
        read.check()
        return None, options
    field_type = read.text("field_type", MAX_INDEXED)
    if field_type not in PREFIXES:
        read.errors["field_type"] = [f"there is no {field_type!r} here"]
    if not name:
        read.errors["name"] = ["is empty"]
    if type_ is not None and name in FORMS[type_].by_name:
        read.errors["name"] = ["is that of a standard field"]
    choices = tuple(Choice(value, label) for value, label in _choices(read))
    if len(choices) > MAX_CHOICES:
        read.errors["input_field_options"] = [f"has more than {MAX_CHOICES} choices"]
    found = CustomField(
        id=read.id("id"),
        record_type=type_,
        name=name,
        label=read.text("label", MAX_LABEL),
        field_type=field_type,
        group_label="" if told.group == UNNAMED_GROUP else told.group[:MAX_LABEL],
        position=min(abs(scalars.integer(read.body.get("position")) or 0), MAX_CHOICES),
        required=read.body.get("required") is True,
        enabled=read.text("status", MAX_INDEXED) != "disable",
        placeholder=read.text("placeholder", MAX_HINT),
        choices=choices,
    )
    read.check()
    return found, []


def choices_from_wire(list_name: str, body: JsonValue, calendar: Calendar) -> list[Option]:
    """The choices of one list: `[{id or value, label}]`. Raises Invalid."""
    read = Told({"input_field_options": {"collection_options": body}}, calendar)
    options = _options(read, Field("", FieldType.OPTION, of=list_name))
    read.check()
    return options


def _options(read: Told, field: Field) -> list[Option]:
    found = []
    for place, (value, label) in enumerate(_choices(read)):
        id_ = scalars.id_or_none(value)
        if id_ is None or not label or len(label) > MAX_INDEXED:
            read.errors["input_field_options"] = [f"choice {place} has no id or no label"]
        else:
            found.append(Option(id_, field.of, label, place))
    return found


def _choices(read: Told) -> list[tuple[str, str]]:
    """The values of a list's choices with their labels."""
    given = read.body.get("input_field_options")
    rows = given.get("collection_options") if isinstance(given, Mapping) else None
    if rows in (None, ""):
        return []
    if not isinstance(rows, list):
        read.errors["input_field_options"] = ["has no list of choices"]
        return []
    found = []
    for place, row in enumerate(rows):
        value = row.get("value", row.get("id")) if isinstance(row, Mapping) else None
        label = row.get("label", row.get("text")) if isinstance(row, Mapping) else None
        if not isinstance(value, str | int) or not isinstance(label, str) or len(str(value)) > MAX_OPTION:
            read.errors["input_field_options"] = [f"choice {place} cannot be read"]
        else:
            found.append((str(value), label))
    return found
