"""Duplicates on the wire: what is looked up, by what records are compared, and what is told of those that are alike."""

from collections.abc import Mapping

from genjin.domain.custom_field import NUMBER
from genjin.domain.directory import Directory
from genjin.domain.duplicates import Concealed
from genjin.domain.json import JsonValue
from genjin.domain.policy import Viewer
from genjin.domain.records import MERGEABLE, RecordType
from genjin.domain.sight import fields_of
from genjin.errors import Forbidden, Invalid
from genjin.wire import scalars
from genjin.wire.params import Params, text
from genjin.wire.records.customer import NUMBERS
from genjin.wire.records.forms import FORMS

NAME = "name"


def check_duplicates(params: Params) -> bool:
    """Whether a record is refused when another one is like it."""
    return scalars.truth(params.get("check_duplicates"))


def asked_for(params: Params, key: str) -> str:
    """What is looked for. Raises Invalid for nothing."""
    told = text(params, key).strip()
    if not told:
        raise Invalid({key: ["不能为空"]})
    return told


def type_asked(params: Params) -> RecordType:
    """`entity_type`, in one of its forms; customers when it is not told. Raises Invalid for what is not compared."""
    told = text(params, "entity_type").strip().lower()
    for type_ in sorted(MERGEABLE):
        if told in (FORMS[type_].singular, FORMS[type_].plural):
            return type_
    if told:
        raise Invalid({"entity_type": ["该类型不查重"]})
    return RecordType.CUSTOMER


def key_asked(params: Params, type_: RecordType, viewer: Viewer, directory: Directory) -> str:
    """`key`: the field that is compared, the name when it is not told. Raises Invalid; Forbidden for a hidden field."""
    told = text(params, "key").strip() or NAME
    if told not in _compared(type_, directory):
        raise Invalid({"key": ["不能按此字段查重"]})
    if told in _hidden(type_, viewer):
        raise Forbidden(f"您没有权限按此字段筛选：{told}")
    return told


def fields_to_wire(type_: RecordType, viewer: Viewer, directory: Directory) -> list[JsonValue]:
    """The fields that are compared, but those that the viewer's role hides."""
    hidden = _hidden(type_, viewer)
    return [
        {"name": name, "label": label, "field_type": "text_field" if name == NAME else NUMBER}
        for name, label in _compared(type_, directory).items()
        if name not in hidden
    ]


def concealed_to_wire(concealed: Concealed, directory: Directory) -> dict[str, JsonValue]:
    """A record of the same name that the viewer may not see: whose it is."""
    owner = directory.users.get(concealed.owner_id or 0)
    return {"id": 0, "user_id": concealed.owner_id or 0, "user_name": owner.name if owner else "", "name": ""}


def _compared(type_: RecordType, directory: Directory) -> Mapping[str, str]:
    """The names and labels of the fields that are compared."""
    added = {field.name: field.label for field in directory.fields_of(type_) if field.field_type == NUMBER}
    return {NAME: "名称", **NUMBERS, **added}


def _hidden(type_: RecordType, viewer: Viewer) -> frozenset[str]:
    names = fields_of(type_, viewer.rights.hidden)
    parts = NUMBERS if "address" in names else [name for name in NUMBERS if f"address.{name}" in names]
    return names.union(parts)
