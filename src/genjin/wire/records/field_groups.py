"""What the fields of a form are: by group, as a list of choices, and as what a list may be filtered and sorted by."""

from collections.abc import Mapping, Sequence

from genjin.domain.custom_field import CustomField, NewField
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.json import JsonValue
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType
from genjin.errors import Invalid, RouteNotFound
from genjin.wire import scalars
from genjin.wire.modules import CLASS_NAMES, display_name
from genjin.wire.params import Params, as_list, subtree, text
from genjin.wire.records.change import field_label
from genjin.wire.records.forms import FORMS, Field, FieldType, Form

BY_SINGULAR: Mapping[str, Form] = {form.singular: form for form in FORMS.values()}
BY_PLURAL: Mapping[str, Form] = {form.plural: form for form in FORMS.values()}
WITHOUT_FORM = ("product", "received_payment")
"""What the upstream has forms of and we have none: their groups are empty."""
FOLLOW_UP_FORM = "revisit_log"
UNNAMED_GROUP = "自定义信息"
_TYPES: Mapping[FieldType, str] = {
    FieldType.TEXT: "text_field",
    FieldType.OPTION: "select",
    FieldType.WORD: "select",
    FieldType.NUMBER: "number_field",
    FieldType.AMOUNT: "currency_field",
    FieldType.DATE: "date_field",
    FieldType.RECORD: "select2_field",
    FieldType.LABELS: "multi_select",
    FieldType.ADDRESS: "field_map_field",
}
_REQUIRED = frozenset({"name", "title"})
_TIMES = ("created_at", "updated_at", "real_revisit_at", "revisit_remind_at")
_PEOPLE: Mapping[str, str] = {"user_id": "负责人", "department_id": "所属部门"}
_TIME_LABELS: Mapping[str, str] = {
    "created_at": "创建时间",
    "updated_at": "更新时间",
    "real_revisit_at": "实际跟进时间",
    "revisit_remind_at": "下次跟进时间",
}


def groups_of(entity: str, viewer: Viewer, directory: Directory) -> list[dict[str, JsonValue]]:
    """The fields of one form in their groups: the standard ones, then those that were added. Raises RouteNotFound."""
    if entity in WITHOUT_FORM:
        return []
    form = BY_SINGULAR.get(entity)
    if form is None and entity != FOLLOW_UP_FORM:
        raise RouteNotFound(entity)
    added = directory.fields_of(form.type if form else None)
    groups: list[dict[str, JsonValue]] = []
    if form is not None:
        standard = [_standard(form, field, nth, viewer, directory) for nth, field in enumerate(form.fields)]
        groups.append(_group(int(form.type), "基本信息", 0, standard))
    for label in dict.fromkeys(field.group_label for field in added):
        own = [_custom(entity, field, viewer) for field in added if field.group_label == label]
        first = next(field.id for field in added if field.group_label == label)
        groups.append(_group(first, label or UNNAMED_GROUP, len(groups), own))
    return groups


def all_groups(viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    """The groups of every form, by its name."""
    names = (*BY_SINGULAR, FOLLOW_UP_FORM, *WITHOUT_FORM)
    return {name: {"custom_field_groups": groups_of(name, viewer, directory)} for name in names}


def field_map(entity: str, directory: Directory) -> dict[str, JsonValue]:
    """The choices of every list of a form, by the field. Raises RouteNotFound."""
    name = BY_PLURAL[entity].singular if entity in BY_PLURAL else entity
    if name in (FOLLOW_UP_FORM, f"{FOLLOW_UP_FORM}s"):
        return {"category": _choices(FOLLOW_UP_CATEGORY, directory)} | _added_choices(None, directory)
    form = BY_SINGULAR.get(name)
    if form is None:
        raise RouteNotFound(entity)
    lists = {field.name: _choices(field.of, directory) for field in form.fields if field.type is FieldType.OPTION}
    return lists | _added_choices(form.type, directory)


def filters_and_sorts(form: Form, directory: Directory) -> dict[str, JsonValue]:
    """What a list may be filtered and sorted by."""
    times: list[dict[str, JsonValue]] = [
        {"name": name, "label": _TIME_LABELS[name], "field_type": "datetime_field"} for name in _TIMES
    ]
    chosen: list[dict[str, JsonValue]] = [
        {"name": field.name, "label": field_label(field.stored, form.type, directory), "field_type": "select"}
        for field in form.fields
        if field.type is FieldType.OPTION and field.column
    ]
    people: list[dict[str, JsonValue]] = [
        {"name": name, "label": label, "field_type": "select"} for name, label in _PEOPLE.items()
    ]
    own: list[dict[str, JsonValue]] = [
        {"name": field.name, "label": field.label, "field_type": field.field_type}
        for field in directory.fields_of(form.type)
    ]
    named: dict[str, JsonValue] = {"name": form.fields[0].name, "label": "名称", "field_type": "text_field"}
    return {"filters": [*chosen, *people, *times[:3], *own], "sorts": [*times, named, *chosen]}


def choices_of(form: Form, name: str, directory: Directory) -> list[dict[str, JsonValue]]:
    """The choices by which a list may be filtered in one field. Raises RouteNotFound for what has none."""
    if name == "user_id":
        return [_choice(str(user.id), user.name) for user in directory.users.values() if user.left_at is None]
    if name in ("department_id", "want_department_id"):
        return [_choice(str(each.id), each.name) for each in directory.departments.values()]
    field = form.by_name.get(name)
    if field is not None and field.type is FieldType.OPTION:
        return _choices(field.of, directory)
    if field is not None and field.type is FieldType.WORD:
        return [_choice(word, word) for word in field.words]
    for custom in directory.fields_of(form.type):
        if custom.name == name and custom.choices:
            return [_choice(*choice) for choice in custom.choices]
    raise RouteNotFound(name)


def new_field(params: Params) -> NewField:
    """A field to add: `custom_field[...]` with entity_type, label, field_type, ... Raises Invalid."""
    given = subtree(params, "custom_field") or params
    entity = text(given, "entity_type").strip()
    form = BY_SINGULAR.get(entity)
    if form is None and entity != FOLLOW_UP_FORM:
        raise Invalid({"entity_type": [f"应为{'、'.join((*BY_SINGULAR, FOLLOW_UP_FORM))}之一"]})
    told = as_list(given.get("choices"))
    choices = [each.strip() for each in told if isinstance(each, str)]
    if len(choices) < len(told):
        raise Invalid({"choices": ["应为文本"]})
    return NewField(
        form.type if form else None,
        text(given, "label").strip(),
        text(given, "field_type").strip() or "text_field",
        text(given, "group_label").strip(),
        scalars.truth(given.get("required")),
        text(given, "placeholder").strip(),
        tuple(filter(None, choices)),
    )


def custom_to_wire(field: CustomField, viewer: Viewer) -> dict[str, JsonValue]:
    """A field that was added, as its form shows it."""
    return _custom(FORMS[field.record_type].singular if field.record_type else FOLLOW_UP_FORM, field, viewer)


def _group(id_: int, label: str, position: int, fields: Sequence[JsonValue]) -> dict[str, JsonValue]:
    return {
        "id": id_,
        "label": label,
        "position": position,
        "status": "enable",
        "custom_field_setting_id": 0,
        "custom_fields": fields,
    }


def _standard(form: Form, field: Field, nth: int, viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    choices = _choices(field.of, directory) if field.type is FieldType.OPTION else []
    if field.type is FieldType.WORD:
        choices = [_choice(word, word) for word in field.words]
    label = field_label(field.stored, form.type, directory)
    if field.type is FieldType.RECORD and field.name == "customer_id":
        label = display_name(directory.organisation.module_names, CLASS_NAMES[RecordType.CUSTOMER])
    told = _field(nth + 1, field.name, label, _TYPES[field.type], "common", nth, "", choices, field.name in _REQUIRED)
    return told | _rights(f"{form.singular}.{field.name}", viewer)


def _custom(entity: str, field: CustomField, viewer: Viewer) -> dict[str, JsonValue]:
    choices = [_choice(*choice) for choice in field.choices]
    told = _field(
        *(field.id, field.name, field.label, field.field_type, "custom", field.position),
        *(field.placeholder, choices, field.required),
    )
    return told | {"status": "enable" if field.enabled else "disable"} | _rights(f"{entity}.{field.name}", viewer)


def _field(
    id_: int,
    name: str,
    label: str,
    field_type: str,
    category: str,
    position: int,
    placeholder: str,
    choices: Sequence[JsonValue],
    required: bool,
) -> dict[str, JsonValue]:
    return {
        "id": id_,
        "name": name,
        "label": label,
        "field_type": field_type,
        "category": category,
        "position": position,
        "placeholder": placeholder,
        "label_html_options": {},
        "custom_column_name": name if category == "custom" else "",
        "input_field_options": {"collection_options": choices},
        "status": "enable",
        "required": required,
    }


def _rights(name: str, viewer: Viewer) -> dict[str, JsonValue]:
    barred = name in viewer.rights.hidden
    return {"cannot_edit": barred or name in viewer.rights.read_only, "cannot_add": barred}


def _choices(list_name: str, directory: Directory) -> list[dict[str, JsonValue]]:
    return [_choice(str(option.id), option.label) for option in directory.choices(list_name)]


def _added_choices(type_: RecordType | None, directory: Directory) -> dict[str, JsonValue]:
    return {f.name: [_choice(*choice) for choice in f.choices] for f in directory.fields_of(type_) if f.choices}


def _choice(value: str, label: str) -> dict[str, JsonValue]:
    """`id` for who calls it so, `value` for select boxes."""
    return {"id": value, "value": value, "label": label}
