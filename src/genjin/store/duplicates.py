"""Records that are alike (see domain/duplicates.py); what was deleted or merged into another is like none."""

from sqlalchemy import and_, func, select, text

from genjin.domain.duplicates import Traits
from genjin.domain.records import RecordType, Ref
from genjin.store.record_filters import there
from genjin.store.tables import phones, records
from genjin.store.transaction import Tx


def ids_of_name(
    tx: Tx, organisation_id: int, type_: RecordType, name_key: str, offset: int, limit: int
) -> tuple[list[int], int]:
    """One page of the records of this name, the oldest first, and how many there are in all."""
    where = and_(there(organisation_id, type_), records.c.name_key == name_key)
    total = int(tx.execute(select(func.count()).select_from(records).where(where)).scalar_one())
    page = select(records.c.id).where(where).order_by(records.c.id).offset(offset).limit(limit)
    return [row[0] for row in tx.execute(page)], total


def first_like(tx: Tx, organisation_id: int, ref: Ref, traits: Traits) -> tuple[int, bool] | None:
    """The oldest other record that is like this one, and whether by its name; if by none, by its numbers.

    Who looks for the same meanwhile waits until the transaction ends, so that two do not both find none.
    """
    if tx.engine != "sqlite":  # where every write is alone
        for trait in sorted({f"name {traits.name}", *traits.numbers} if traits.name else traits.numbers):
            key = f"duplicate {organisation_id} {int(ref.type)} {trait}"
            tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})
    other = and_(there(organisation_id, ref.type), records.c.id != ref.id)
    if traits.name:
        named = select(func.min(records.c.id)).where(other, records.c.name_key == traits.name)
        if (found := tx.execute(named).scalar_one()) is not None:
            return found, True
    if traits.numbers:
        having = phones.join(records, and_(phones.c.record_type == records.c.type, phones.c.record_id == records.c.id))
        numbered = (
            select(func.min(records.c.id))
            .select_from(having)
            .where(other, phones.c.organisation_id == organisation_id, phones.c.number.in_(sorted(traits.numbers)))
        )
        if (found := tx.execute(numbered).scalar_one()) is not None:
            return found, False
    return None
