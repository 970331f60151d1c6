"""The telephone numbers of records, by which a caller and a duplicate are found; kept by records.put_records."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, case, delete, literal_column, select

from genjin.domain.custom_field import NUMBER
from genjin.domain.phones import phones_of
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordType, Ref
from genjin.store.tables import NUMBER_ENDING, custom_fields, phones, records
from genjin.store.transaction import MOST_IDS, Tx, batched
from genjin.store.visible import numbers_shown, visible


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


FEWEST_LAST = 4
"""So many of its last digits find a number; the index knows them."""


def records_called(
    tx: Tx, viewer: Viewer, digits: str, types: Collection[RecordType], most: int
) -> list[tuple[Ref, str]]:
    """The records of these types that have a number which is this or ends so, and the number: of those that the viewer
    sees, whose numbers they are shown in full. Those come first that have just this number, then the newest.
    """
    if len(digits) < FEWEST_LAST or not types:
        return []
    r, p = records.c, phones.c
    rank = case((p.number == digits, 0), else_=1)
    wanted = (
        select(r.type, r.id, p.number)
        .join(phones, and_(p.organisation_id == r.organisation_id, p.record_type == r.type, p.record_id == r.id))
        .where(
            p.organisation_id == viewer.organisation_id,
            literal_column(NUMBER_ENDING) == digits[-FEWEST_LAST:],
            p.number.endswith(digits),
            r.type.in_(sorted(types)),
            r.deleted_at.is_(None),
            r.merged_into_id.is_(None),
            visible(viewer),
            numbers_shown(viewer),
        )
        .order_by(rank, r.id.desc(), p.number)
    )
    found = dict[Ref, str]()
    for type_, id_, number in tx.execute(wanted.limit(most)):
        found.setdefault(Ref(RecordType(type_), id_), number)
    return list(found.items())


def records_with(tx: Tx, organisation_id: int, number: str, most: int) -> list[Ref]:
    """The records that have a number, in the form of `normal_number`; at most so many, the newest first."""
    statement = (
        select(phones.c.record_type, phones.c.record_id)
        .where(phones.c.organisation_id == organisation_id, phones.c.number == number)
        .order_by(phones.c.record_id.desc())
        .limit(most)
    )
    return [Ref(RecordType(type_), id_) for type_, id_ in tx.execute(statement)]
