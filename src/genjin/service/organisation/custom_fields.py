"""The fields that an organisation adds to its records and to its follow-up form."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from genjin.domain.audit import Act, Subject
from genjin.domain.custom_field import (
    MAX_CHOICES,
    MAX_HINT,
    MAX_LABEL,
    PREFIXES,
    WITH_CHOICES,
    Choice,
    CustomField,
    NewField,
)
from genjin.domain.json import JsonValue
from genjin.errors import Invalid, NotFound
from genjin.service.audit import NOTHING, By, Hand, administrator, note
from genjin.service.context import Installation
from genjin.store import custom_fields, ids, people
from genjin.store.transaction import Tx


def add_field(installation: Installation, by: By, new: NewField) -> CustomField:
    """Add a field; every form has it from the next request on. For administrators. Raises Invalid, Forbidden."""
    hand = administrator(by)
    _check(new)

    def use(tx: Tx) -> CustomField:
        people.bump_version(tx, hand.organisation_id)
        there = custom_fields.field_list(tx, hand.organisation_id)
        [id_] = ids.allocate(tx)
        field = CustomField(
            id=id_,
            record_type=new.record_type,
            name=f"{PREFIXES[new.field_type]}_{id_:08x}",
            label=new.label,
            field_type=new.field_type,
            group_label=new.group_label,
            position=max((each.position for each in there), default=0) + 1,
            required=new.required,
            placeholder=new.placeholder,
            choices=_choices(tx, new.choices),
        )
        return _put(tx, installation, hand, None, field)

    return installation.database.write(use, hand.organisation_id)


def list_fields(installation: Installation, organisation_id: int) -> list[CustomField]:
    """All fields that were added, disabled ones too, in the order of their forms."""
    return installation.database.read(lambda tx: custom_fields.field_list(tx, organisation_id), organisation_id)


def enable_field(installation: Installation, by: By, name: str, enabled: bool) -> CustomField:
    """Take a field out of its form, or put it back; what records hold in it is kept. For administrators. Raises
    NotFound, Forbidden.
    """
    return _change(installation, by, name, lambda _, field: replace(field, enabled=enabled))


def change_field(installation: Installation, by: By, name: str, told: NewField) -> CustomField:
    """Say a field otherwise: its label, group, hint, and whether it has to be filled in. Its choices keep their values
    by their place; more may follow. Its form and type stay. For administrators. Raises NotFound, Invalid, Forbidden.
    """

    def changed(tx: Tx, field: CustomField) -> CustomField:
        new = replace(told, record_type=field.record_type, field_type=field.field_type)
        _check(new)
        if len(new.choices) < len(field.choices):
            raise Invalid({"choices": ["are fewer than before: a choice that was chosen stays"]})
        kept = [choice._replace(label=label) for choice, label in zip(field.choices, new.choices, strict=False)]
        fresh = _choices(tx, new.choices[len(kept) :])
        return replace(
            field,
            label=new.label,
            group_label=new.group_label,
            placeholder=new.placeholder,
            required=new.required,
            choices=(*kept, *fresh),
        )

    return _change(installation, by, name, changed)


def _choices(tx: Tx, labels: Sequence[str]) -> tuple[Choice, ...]:
    """New choices, which nobody has chosen yet."""
    values = ids.allocate(tx, len(labels))
    return tuple(Choice(f"sel_{value:08x}", label) for value, label in zip(values, labels, strict=True))


def _change(
    installation: Installation, by: By, name: str, changed: Callable[[Tx, CustomField], CustomField]
) -> CustomField:
    hand = administrator(by)

    def use(tx: Tx) -> CustomField:
        people.bump_version(tx, hand.organisation_id)
        found = [field for field in custom_fields.field_list(tx, hand.organisation_id) if field.name == name]
        if not found:
            raise NotFound(f"no field {name!r}")
        return _put(tx, installation, hand, found[0], changed(tx, found[0]))

    return installation.database.write(use, hand.organisation_id)


def _put(tx: Tx, installation: Installation, by: Hand, before: CustomField | None, after: CustomField) -> CustomField:
    custom_fields.put_fields(tx, by.organisation_id, [after])
    act, was = (Act.FIELD_ADDED, NOTHING) if before is None else (Act.FIELD_CHANGED, _told(before))
    note(tx, installation, by, act, Subject(after.id, (before or after).label), was, _told(after))
    return after


def _told(field: CustomField) -> dict[str, JsonValue]:
    """As the audit log tells of one."""
    return {
        "form": field.record_type.name.lower() if field.record_type else "follow_up",
        "label": field.label,
        "type": field.field_type,
        "group": field.group_label,
        "required": field.required,
        "enabled": field.enabled,
        "placeholder": field.placeholder,
        "choices": "、".join(choice.label for choice in field.choices),
    }


def _check(new: NewField) -> None:
    errors: dict[str, list[str]] = {}
    if not 1 <= len(new.label.strip()) <= MAX_LABEL:
        errors["label"] = [f"has to have 1 to {MAX_LABEL} characters"]
    for name, told, most in (("group_label", new.group_label, MAX_LABEL), ("placeholder", new.placeholder, MAX_HINT)):
        if len(told) > most:
            errors[name] = [f"has more than {most} characters"]
    if new.field_type not in PREFIXES:
        errors["field_type"] = [f"is none of {', '.join(PREFIXES)}"]
    elif (new.field_type in WITH_CHOICES) != bool(new.choices):
        errors["choices"] = [f"belong to {' and '.join(sorted(WITH_CHOICES))}, which need some"]
    if len(new.choices) > MAX_CHOICES or len(set(new.choices)) < len(new.choices):
        errors["choices"] = [f"are more than {MAX_CHOICES}, or two are alike"]
    if errors:
        raise Invalid(errors)
