"""Records as /api/v1 names them: `leads/12`, and as `{"type": "leads", "id": 12}`."""

import re
from collections.abc import Mapping
from typing import Literal

from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType, Ref
from genjin.errors import NotFound
from genjin.wire.scalars import MAX_ID
from genjin.wire.v1.shared import Shown

TypeName = Literal["leads", "customers", "contacts", "opportunities", "contracts"]
TYPE_NAMES: Mapping[RecordType, TypeName] = {
    RecordType.LEAD: "leads",
    RecordType.CUSTOMER: "customers",
    RecordType.CONTACT: "contacts",
    RecordType.OPPORTUNITY: "opportunities",
    RecordType.CONTRACT: "contracts",
}
TYPES: Mapping[str, RecordType] = {name: type_ for type_, name in TYPE_NAMES.items()}
ID_PATTERN = "[1-9][0-9]{0,9}"
REF_PATTERN = f"({'|'.join(TYPES)})/{ID_PATTERN}"
_REF = re.compile(REF_PATTERN)
_OF_NOTHING = -1


class RecordRef(Shown):
    """A record by its type and id."""

    type: TypeName
    id: int


class NamedRecord(RecordRef):
    """A record with its name."""

    name: str


def read_ref(text: str) -> Ref:
    """`leads/12`. Raises ValueError."""
    if not _REF.fullmatch(text):
        raise ValueError("must name a record, such as leads/12")
    name, _, digits = text.partition("/")
    return Ref(TYPES[name], read_id(digits))


def ref_in_path(type_: str, id_: str) -> Ref:
    """The record that a path names by `leads` and `12`. Raises NotFound."""
    try:
        return read_ref(f"{type_}/{id_}")
    except ValueError as error:
        raise NotFound(f"{type_} {id_}") from error


def read_id(text: str) -> int:
    """An id of the usual digits; one that is too high for the databases becomes one of nothing. Raises ValueError."""
    if not re.fullmatch(ID_PATTERN, text):
        raise ValueError("must be an id, such as 12")
    return id_ if (id_ := int(text)) <= MAX_ID else _OF_NOTHING


def id_text(id_: int) -> str:
    """What `read_id` reads as this id."""
    return str(id_) if id_ != _OF_NOTHING else "9" * 10


def ref_to_wire(ref: Ref) -> dict[str, JsonValue]:
    """As RecordRef."""
    return {"type": TYPE_NAMES[ref.type], "id": ref.id}


def named_to_wire(ref: Ref, name: str) -> dict[str, JsonValue]:
    """As NamedRecord."""
    return {**ref_to_wire(ref), "name": name}
