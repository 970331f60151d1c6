"""What of a record's fields a viewer may write, and what a list may be filtered and sorted by."""

from collections.abc import Mapping
from dataclasses import replace

from genjin.domain.json import JsonValue
from genjin.domain.phones import NUMBER_FIELDS as CALLED
from genjin.domain.phones import is_masked
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordFilter, RecordInput, RecordType
from genjin.domain.sight import NUMBER_FIELDS, WHOLE, Sight, fields_of, sight_of, wire_name
from genjin.errors import Forbidden, Invalid

ADDRESS = "address"
FILTERS = ("status", "source", "category")
"""The columns that a list may be filtered by, and a role may hide."""
_NOTHING: tuple[JsonValue, ...] = (None, "", 0, [], {})


def writable(
    viewer: Viewer, type_: RecordType, given: RecordInput, before: Record | None = None, customer: Record | None = None
) -> RecordInput:
    """What is written of an input: all of it, but what was sent back as it was shown, with numbers in the place of
    masked ones, and with the parts of an address that were not given.

    `before` is the record that is changed, None for a new one, which may be given its read-only fields.
    Raises Forbidden with the names of fields that the viewer's role hides or may not change; Invalid for a masked
    number of which nobody can tell what it stands for.
    """
    hidden, fixed = fields_of(type_, viewer.rights.hidden), fields_of(type_, viewer.rights.read_only)
    sight = WHOLE if before is None else sight_of(viewer, before, customer)
    if ADDRESS in given.details:
        given = replace(given, details={**given.details, ADDRESS: _whole(given.details[ADDRESS], before, sight)})
    if hidden or (before is not None and (fixed or not sight.numbers)):
        given = _without_what_was_shown(given, before, sight, hidden if before is None else hidden | fixed, type_)
    check_numbers(viewer, given.details, {} if before is None else before.details)
    return given


def filled_from(viewer: Viewer, given: RecordInput, lead: Record) -> RecordInput:
    """What is written of a form that was filled from a lead: the lead's numbers, where they were shown masked."""
    sight = sight_of(viewer, lead)
    if sight.numbers:
        return given
    details = {name: sight.meant(name, value, lead.details) for name, value in given.details.items()}
    nested = [(place, replace(each, given=filled_from(viewer, each.given, lead))) for place, each in given.nested]
    return replace(given, details=details, nested=nested)


def check_numbers(viewer: Viewer, given: Mapping[str, JsonValue], held: Mapping[str, JsonValue]) -> None:
    """Raises Invalid for a masked number in a field of numbers, which would be stored for the real one.

    What is `held` already, as it was captured, may come back.
    """
    names, before = NUMBER_FIELDS | viewer.number_fields, _flat(held)
    errors = {
        path: ["号码不完整，请填写完整的号码"]
        for path, value in _flat(given).items()
        if path.rpartition(".")[2] in names and is_masked(str(value)) and value != before.get(path)
    }
    if errors:
        raise Invalid(errors)


def filtered(viewer: Viewer, wanted: RecordFilter) -> RecordFilter:
    """What a list is asked for, but not sorted by what the viewer's role hides. Raises Forbidden for such a filter."""
    hidden = fields_of(wanted.type, viewer.rights.hidden)
    if not hidden:
        return wanted
    told = {wire_name(wanted.type, name) for name in FILTERS if getattr(wanted, name) is not None}
    told |= {wire_name(wanted.type, wanted.field)} if wanted.field else set()
    told |= {ADDRESS} if wanted.field.startswith(f"{ADDRESS}.") else set()
    told |= hidden_numbers(viewer, wanted.type) if wanted.phone or wanted.has_phone is not None else set()
    if refused := told & hidden:
        raise Forbidden(f"您没有权限按此字段筛选：{'、'.join(sorted(refused))}")
    return replace(wanted, sort="created_at") if wire_name(wanted.type, wanted.sort) in hidden else wanted


def hidden_numbers(viewer: Viewer, type_: RecordType) -> frozenset[str]:
    """The fields of telephone numbers that the viewer's role hides: who has some hidden finds no record by a number."""
    parts = {ADDRESS, *CALLED, *(f"{ADDRESS}.{name}" for name in CALLED), *viewer.number_fields}
    return fields_of(type_, viewer.rights.hidden) & parts


def check_writable(viewer: Viewer, type_: RecordType, column: str) -> None:
    """Raises Forbidden for a column that the viewer's role hides or may not change."""
    name = wire_name(type_, column)
    if name in fields_of(type_, viewer.rights.hidden | viewer.rights.read_only):
        raise Forbidden(f"您没有权限修改：{name}")


def _without_what_was_shown(
    given: RecordInput, before: Record | None, sight: Sight, barred: frozenset[str], type_: RecordType
) -> RecordInput:
    shown = None if before is None else sight.record(before)
    columns = {
        name: value
        for name, value in given.columns.items()
        if not _same(value, getattr(shown, name) if shown else None)
    }
    details = {
        name: value
        for name, value in given.details.items()
        if not _same(value, shown.details.get(name) if shown else None)
    }
    if before is not None:
        details = {name: sight.meant(name, value, before.details) for name, value in details.items()}
    parts = _changed_parts(details[ADDRESS], before) if ADDRESS in details else set()
    if before is not None and not parts:
        details.pop(ADDRESS, None)
    refused = {wire_name(type_, name) for name in (*columns, *details)} & barred
    refused |= {f"{ADDRESS}.{part}" for part in parts} & barred
    if refused:
        raise Forbidden(f"您没有权限修改：{'、'.join(sorted(refused))}")
    return replace(given, columns=columns, details=details)


def _flat(fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Fields and the parts of an address, by the names under which they are written."""
    found = {name: value for name, value in fields.items() if name != ADDRESS}
    parts = fields.get(ADDRESS)
    if isinstance(parts, Mapping):
        found |= {f"{ADDRESS}_attributes.{name}": part for name, part in parts.items()}
    return found


def _whole(value: JsonValue, before: Record | None, sight: Sight) -> dict[str, JsonValue]:
    """An address: what is given of it, and as it was what is not given or was sent back as it was shown."""
    told = value if isinstance(value, Mapping) else {}
    if before is not None:
        was, shown = _parts(before), _parts(sight.record(before))
        back = {name for name, part in told.items() if name in was and _same(part, shown.get(name))}
        told = {**was, **{name: part for name, part in told.items() if name not in back}}
    return {name: part for name, part in told.items() if part not in _NOTHING}


def _changed_parts(value: JsonValue, before: Record | None) -> set[str]:
    was = {} if before is None else _parts(before)
    given = value if isinstance(value, Mapping) else {}
    return {name for name in (*was, *given) if not _same(given.get(name), was.get(name))}


def _parts(record: Record) -> Mapping[str, JsonValue]:
    found = record.details.get(ADDRESS)
    return found if isinstance(found, Mapping) else {}


def _same(given: JsonValue, held: JsonValue) -> bool:
    return given == held or (given in _NOTHING and held in _NOTHING)
