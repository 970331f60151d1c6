"""The records that an entry is linked to, by the names that they have now; one whose name is not told is left out."""

from collections.abc import Iterable, Mapping
from typing import Any

from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordType, Ref
from genjin.wire.records.change import Names


def refs_in(rare: Mapping[str, Any]) -> list[Ref]:
    """The refs of an entry's details as they lie in the store."""
    return [Ref(RecordType(type_), id_) for type_, id_ in rare.get("refs") or ()]


def contacts_of(refs: Iterable[Ref], names: Names) -> list[JsonValue]:
    """`[{id, name}]` of the contacts."""
    return [{"id": ref.id, "name": names[ref]} for ref in refs if ref.type is RecordType.CONTACT and ref in names]


def titled(refs: Iterable[Ref], type_: RecordType, names: Names, target: Record | None = None) -> JsonValue:
    """`{id, title}` of the opportunity or contract; else of the target, when it is one itself; else None."""
    for ref in refs:
        if ref.type is type_ and ref in names:
            return {"id": ref.id, "title": names[ref]}
    return {"id": target.id, "title": target.name} if target is not None and target.type is type_ else None
