"""Puts the fields that an upstream's forms have, and the choices of their lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from genjin.domain.custom_field import CustomField
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.json import JsonValue
from genjin.domain.people import Option
from genjin.domain.records import RecordType
from genjin.errors import Invalid
from genjin.importers.synced.bringing import Bringing, digest
from genjin.importers.synced.ids import FIELDS, OPTIONS, remember, settle
from genjin.store import custom_fields, people
from genjin.store.ids import allocate
from genjin.store.sync_ids import Known
from genjin.wire.synced.fields import choices_from_wire, field_from_wire, fields_in


def put_custom_fields(into: Bringing, type_: RecordType | None, body: JsonValue) -> None:
    """The groups of a form's fields, None for that of follow-ups: what was added to it, and the choices of the rest."""
    fields, options = list[CustomField](), list[Option]()
    for told in fields_in(body):
        try:
            field, choices = field_from_wire(told, type_, into.calendar)
            if field is not None:
                _check_same(into, field)
                fields.append(field)
            options += choices
        except Invalid as invalid:
            into.misfit(told.path, invalid, told.body)
    put_options(into, options)
    _put_fields(into, type_, fields)


def put_categories(into: Bringing, body: JsonValue) -> None:
    """The map of the fields of follow-ups: their categories."""
    maps = body.get("field_maps", body) if isinstance(body, Mapping) else None
    told = maps.get("category") if isinstance(maps, Mapping) else None
    try:
        put_options(into, choices_from_wire(FOLLOW_UP_CATEGORY, told, into.calendar))
    except Invalid as invalid:
        into.misfit("category", invalid, body)


def put_options(into: Bringing, told: Iterable[Option]) -> dict[int, int]:
    """Our ids of these choices; one whose list has its label already is that one."""
    by_id = {option.id: option for option in told}
    there = {(option.field, option.label): option for option in into.directory.options.values()}
    same = {id_: there[o.field, o.label].id for id_, o in by_id.items() if (o.field, o.label) in there}
    known = settle(into, OPTIONS, by_id, same)
    put, written = list[Option](), dict[int, Known]()
    for id_, option in by_id.items():
        its = known[id_]
        before = into.directory.options.get(its.id)
        after = replace(option, id=its.id)
        if before is not None and (its.told is None or its.told != digest(before.label)):
            continue
        if before is None and its.told is not None:
            continue  # it was removed here
        named = there.get((after.field, after.label))
        if named is not None and named.id != its.id:
            continue  # another one is called so here
        if before is None or before.label != after.label:
            put.append(after if before is None else replace(before, label=after.label))
            into.count(OPTIONS, before is None)
            there[after.field, after.label] = after
        written[id_] = its._replace(told=digest(after.label))
    people.put_options(into.tx, into.organisation_id, put)
    remember(into, OPTIONS, written)
    if put:
        people.bump_version(into.tx, into.organisation_id)
        into.forget_directory()
    return {id_: each.id for id_, each in known.items()}


def put_labels(into: Bringing, field: str, labels: Iterable[str]) -> dict[str, int]:
    """Our ids of the choices of a list that are only told by their labels."""
    known = {option.label: option.id for option in into.directory.choices(field)}
    missing = sorted(set(labels) - known.keys())
    fresh = [
        Option(id_, field, label, len(known) + place)
        for place, (id_, label) in enumerate(zip(allocate(into.tx, len(missing)), missing, strict=True))
    ]
    people.put_options(into.tx, into.organisation_id, fresh)
    if fresh:
        into.new[OPTIONS] += len(fresh)
        people.bump_version(into.tx, into.organisation_id)
        into.forget_directory()
    return known | {option.label: option.id for option in fresh}


def _check_same(into: Bringing, field: CustomField) -> None:
    """Raises Invalid where a field of this name holds something else here."""
    for each in into.directory.custom_fields.values():
        if (each.record_type, each.name) == (field.record_type, field.name) and each.field_type != field.field_type:
            raise Invalid({"field_type": [f"is {each.field_type} here"]})


def _put_fields(into: Bringing, type_: RecordType | None, told: Sequence[CustomField]) -> None:
    by_id = {field.id: field for field in told}
    there = {each.name: each for each in into.directory.custom_fields.values() if each.record_type is type_}
    same = {id_: there[field.name].id for id_, field in by_id.items() if field.name in there}
    known = settle(into, FIELDS, by_id, same)
    put, written = list[CustomField](), dict[int, Known]()
    for id_, field in by_id.items():
        its, before = known[id_], there.get(field.name)
        after = replace(field, id=its.id if before is None else before.id)
        if before is not None and its.told not in (None, digest(_said(before))):
            continue  # it was changed here
        if after != before:
            put.append(after)
            there[field.name] = after
            into.count(FIELDS, before is None)
        written[id_] = its._replace(told=digest(_said(after)))
    custom_fields.put_fields(into.tx, into.organisation_id, put)
    remember(into, FIELDS, written)
    if put:
        people.bump_version(into.tx, into.organisation_id)
        into.forget_directory()


def _said(field: CustomField) -> object:
    return [getattr(field, name) for name in CustomField.__slots__ if name != "id"]
