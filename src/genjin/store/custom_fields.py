"""The fields that an organisation added to its records and follow-ups."""

from collections.abc import Iterable

import orjson
from sqlalchemy import select

from genjin.domain.custom_field import Choice, CustomField
from genjin.domain.records import RecordType
from genjin.store.tables import custom_fields
from genjin.store.transaction import Tx

_SAME = [n for n in CustomField.__slots__ if n not in ("record_type", "placeholder", "choices")]


def put_fields(tx: Tx, organisation_id: int, some: Iterable[CustomField]) -> None:
    """Insert or replace."""
    rows = [
        {"organisation_id": organisation_id, "record_type": int(field.record_type or 0)}
        | {name: getattr(field, name) for name in _SAME}
        | {"settings": orjson.dumps({"placeholder": field.placeholder, "choices": list(map(list, field.choices))})}
        for field in some
    ]
    tx.put(custom_fields, rows)


def field_list(tx: Tx, organisation_id: int) -> list[CustomField]:
    """All of them, in the order of their forms."""
    columns = custom_fields.c
    statement = (
        select(custom_fields)
        .where(columns.organisation_id == organisation_id)
        .order_by(columns.record_type, columns.position, columns.id)
    )
    found = []
    for row in tx.execute(statement).mappings():
        settings = orjson.loads(row["settings"] or b"{}")
        field = CustomField(
            record_type=RecordType(row["record_type"]) if row["record_type"] else None,
            placeholder=settings.get("placeholder", ""),
            choices=tuple(Choice(*choice) for choice in settings.get("choices", ())),
            **{name: row[name] for name in _SAME},
        )
        found.append(field)
    return found
