"""The telephone numbers of records, by which a caller and a duplicate are found; kept by records.put_records."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from genjin.domain.custom_field import NUMBER
from genjin.domain.phones import phones_of
from genjin.domain.records import Record, RecordType, Ref
from genjin.store.tables import custom_fields, phones
from genjin.store.transaction import MOST_IDS, Tx, batched


def keep_numbers(tx: Tx, organisation_id: int, some: Sequence[Record]) -> None:
    """Make what these records say the numbers that they are found by."""
    own = select(custom_fields.c.name).where(
        custom_fields.c.organisation_id == organisation_id, custom_fields.c.field_type == NUMBER
    )
    names = [row[0] for row in tx.execute(own)]
    for type_ in {record.type for record in some}:
        for ids in batched([record.id for record in some if record.type is type_], MOST_IDS):
            tx.execute(
                delete(phones).where(
                    phones.c.organisation_id == organisation_id,
                    phones.c.record_type == int(type_),
                    phones.c.record_id.in_(ids),
                )
            )
    rows: list[dict[str, object]] = [
        {
            "organisation_id": organisation_id,
            "record_type": int(record.type),
            "record_id": record.id,
            "number": number,
        }
        for record in some
        for number in sorted(phones_of(record, names))
    ]
    tx.put(phones, rows)


def records_with(tx: Tx, organisation_id: int, number: str, most: int) -> list[Ref]:
    """The records that have a number, in the form of `normal_number`; at most so many, the newest first."""
    statement = (
        select(phones.c.record_type, phones.c.record_id)
        .where(phones.c.organisation_id == organisation_id, phones.c.number == number)
        .order_by(phones.c.record_id.desc())
        .limit(most)
    )
    return [Ref(RecordType(type_), id_) for type_, id_ in tx.execute(statement)]
