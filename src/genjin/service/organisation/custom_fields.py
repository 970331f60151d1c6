"""The fields that an organisation adds to its records and to its follow-up form."""

from dataclasses import replace

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
from genjin.errors import Invalid, NotFound
from genjin.service.context import Installation
from genjin.store import custom_fields, ids, people
from genjin.store.transaction import Tx


def add_field(installation: Installation, organisation_id: int, new: NewField) -> CustomField:
    """Add a field; every form has it from the next request on. Raises Invalid."""
    _check(new)

    def use(tx: Tx) -> CustomField:
        there = custom_fields.field_list(tx, organisation_id)
        id_, *choices = ids.allocate(tx, 1 + len(new.choices))
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
            choices=tuple(Choice(f"sel_{n:08x}", label) for n, label in zip(choices, new.choices, strict=True)),
        )
        return _put(tx, organisation_id, field)

    return installation.database.write(use, organisation_id)


def list_fields(installation: Installation, organisation_id: int) -> list[CustomField]:
    """All fields that were added, disabled ones too, in the order of their forms."""
    return installation.database.read(lambda tx: custom_fields.field_list(tx, organisation_id), organisation_id)


def enable_field(installation: Installation, organisation_id: int, name: str, enabled: bool) -> CustomField:
    """Take a field out of its form, or put it back; what records hold in it is kept. Raises NotFound."""

    def use(tx: Tx) -> CustomField:
        found = [field for field in custom_fields.field_list(tx, organisation_id) if field.name == name]
        if not found:
            raise NotFound(f"no field {name!r}")
        return _put(tx, organisation_id, replace(found[0], enabled=enabled))

    return installation.database.write(use, organisation_id)


def _put(tx: Tx, organisation_id: int, field: CustomField) -> CustomField:
    custom_fields.put_fields(tx, organisation_id, [field])
    people.bump_version(tx, organisation_id)
    return field


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
