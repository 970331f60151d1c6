"""What the entries of one record have in common on a page: its names, its pool, its place in each template."""

from collections.abc import Mapping
from typing import NamedTuple

import orjson

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordType
from genjin.domain.sight import Sight
from genjin.wire.records.raw import raw_dump
from genjin.wire.timeline.templates import CREATED, Template


class Shared(NamedTuple):
    """What is the same for all records of a directory. `modules` are the class name and display name of each type;
    `raw_records` is whether a created record's `saleable_id` is its raw dump (decision 4).
    """

    directory: Directory
    modules: Mapping[int, tuple[str, str]]
    contacts_label: str
    raw_records: bool


class BoundTarget:
    """What the entries of one target have in common on one page; made when first needed.

    `sight` is what of the target is shown.
    """

    def __init__(self, shared: Shared, record: Record, sight: Sight) -> None:
        self._shared, self.record, self.sight = shared, sight.record(record), sight
        self._slots: dict[str, bytes] = {}
        self._templates: dict[Template, bytes] = {}

    def template(self, template: Template) -> bytes:
        """The template with this target's values filled in."""
        found = self._templates.get(template)
        if found is None:
            found = self._templates[template] = template.of(self.slots(template))
        return found

    def slots(self, template: Template) -> dict[str, bytes]:
        """This target's values as ready JSON. Only the entry of its creation has its raw dump."""
        if not self._slots:
            self._slots = self._common_slots()
        return self._slots | {"saleable": self._saleable()} if template is CREATED else self._slots

    def _common_slots(self) -> dict[str, bytes]:
        record, directory = self.record, self._shared.directory
        pool = directory.pools.get(record.from_pool_id or 0)
        class_name, display = self._shared.modules[int(record.type)]
        values = target_values(record.type, record.id, record.name, class_name, display, self._shared.contacts_label)
        values |= {
            "turned": record.type is RecordType.LEAD and record.customer_id is not None,
            "pooled": record.pool_id is not None,
            "pool": pool.name if pool else None,
            "pool_told": pool.name if pool else "",
            "approval": record.approve_status,
        }
        return {name: orjson.dumps(value) for name, value in values.items()}

    def _saleable(self) -> bytes:
        if not self._shared.raw_records:
            return b"%d" % self.record.id
        directory = self._shared.directory
        return orjson.dumps(raw_dump(self.record, directory.organisation.id, directory.calendar))


def target_values(
    type_: RecordType, id_: int, name: str, class_name: str, display: str, contacts_label: str
) -> dict[str, JsonValue]:
    """The values (see shapes.py) that say which record an entry happened on."""
    own: JsonValue = {"id": id_, "title": name}
    named: JsonValue = [{"id": id_, "name": name}]
    row: JsonValue = {"label": f"来自{display}", "value": named, "type": class_name}
    is_contract, is_opportunity = type_ is RecordType.CONTRACT, type_ is RecordType.OPPORTUNITY
    return {
        "refer_type": class_name,
        "refer_type_display": display,
        "refer_name": name,
        "refer_id": id_,
        "refers": [{"label": contacts_label, "value": [], "type": "Contact"}, row],
        "record_row": row,
        "own_contract": own if is_contract else None,
        "own_opportunity": own if is_opportunity else None,
        "created": f"新增{display}",
        "of_contacts": named if type_ is RecordType.CONTACT else [],
        "of_contract": own if is_contract else {},
        "of_opportunity": own if is_opportunity else {},
    }
