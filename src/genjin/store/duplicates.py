"""Records that are alike (see domain/duplicates.py); what was deleted or merged into another is like none."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import and_, func, select, text

from genjin.domain.duplicates import Traits, contact_marks
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store.record_filters import there
from genjin.store.tables import phones, records
from genjin.store.transaction import MOST_IDS, Tx, batched
from genjin.store.visible import numbers_shown, visible


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
    _hold(tx, organisation_id, ref.type, [traits])
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


def alike(
    tx: Tx, organisation_id: int, type_: RecordType, some: Collection[Traits]
) -> tuple[dict[str, int], dict[str, int]]:
    """The oldest records by the names and by the numbers that some of these have. Who looks for one of them meanwhile
    waits, as above.
    """
    _hold(tx, organisation_id, type_, some)
    by_name, by_number = dict[str, int](), dict[str, int]()
    names = sorted({traits.name for traits in some if traits.name})
    for part in batched(names, MOST_IDS):
        named = select(records.c.name_key, func.min(records.c.id)).where(
            there(organisation_id, type_), records.c.name_key.in_(part)
        )
        by_name |= {row[0]: row[1] for row in tx.execute(named.group_by(records.c.name_key))}
    for part in batched(sorted(frozenset().union(*(traits.numbers for traits in some))), MOST_IDS):
        numbered = (
            select(phones.c.number, func.min(records.c.id))
            .select_from(_HAVING)
            .where(there(organisation_id, type_), phones.c.organisation_id == organisation_id)
            .where(phones.c.number.in_(part))
        )
        by_number |= {row[0]: row[1] for row in tx.execute(numbered.group_by(phones.c.number))}
    return by_name, by_number


def contacts_alike(tx: Tx, organisation_id: int, some: Mapping[int, Collection[str]]) -> dict[str, int]:
    """The oldest contacts by their `contact_marks`, of these customers with these names of theirs. Who looks for one
    of them meanwhile waits, as above.
    """
    of_type, c = there(organisation_id, RecordType.CONTACT), records.c
    told = [Traits(f"{customer_id} {name}") for customer_id, names in some.items() for name in names]
    _hold(tx, organisation_id, RecordType.CONTACT, told)
    found = dict[int, tuple[int, str]]()
    for part in batched(sorted(some), MOST_IDS):
        of_these = select(c.id, c.customer_id, c.name_key).where(of_type, c.customer_id.in_(part))
        found |= {row[0]: (row[1], row[2]) for row in tx.execute(of_these) if row[2] in some[row[1]]}
    numbers = dict[int, list[str]]()
    for part in batched(sorted(found), MOST_IDS):
        having = select(phones.c.record_id, phones.c.number).where(
            phones.c.organisation_id == organisation_id,
            phones.c.record_type == int(RecordType.CONTACT),
            phones.c.record_id.in_(part),
        )
        for id_, number in tx.execute(having):
            numbers.setdefault(id_, []).append(number)
    oldest = dict[str, int]()
    for id_, its in sorted(found.items()):
        for mark in contact_marks(*its, numbers.get(id_, ())):
            oldest.setdefault(mark, id_)
    return oldest


def seen_named(tx: Tx, viewer: Viewer, types: Collection[RecordType], names: Collection[str]) -> dict[str, list[Ref]]:
    """The records of these types that the viewer sees, by their names; `names` are those of `name_key`."""
    found, c = dict[str, list[Ref]](), records.c
    for type_ in types:
        for part in batched(sorted(names), MOST_IDS):
            named = select(c.name_key, c.id).where(there(viewer.organisation_id, type_), c.name_key.in_(part))
            for name, id_ in tx.execute(named.where(visible(viewer))).all():
                found.setdefault(name, []).append(Ref(type_, id_))
    return found


def seen_numbered(
    tx: Tx, viewer: Viewer, types: Collection[RecordType], numbers: Collection[str]
) -> dict[str, list[Ref]]:
    """The same by their telephone numbers, of those whose numbers the viewer is shown in full."""
    found, c = dict[str, list[Ref]](), records.c
    for type_ in types:
        for part in batched(sorted(numbers), MOST_IDS):
            numbered = (
                select(phones.c.number, c.id)
                .select_from(_HAVING)
                .where(there(viewer.organisation_id, type_), phones.c.organisation_id == viewer.organisation_id)
                .where(phones.c.number.in_(part), visible(viewer), numbers_shown(viewer))
            )
            for number, id_ in tx.execute(numbered).all():
                found.setdefault(number, []).append(Ref(type_, id_))
    return found


def _hold(tx: Tx, organisation_id: int, type_: RecordType, some: Iterable[Traits]) -> None:
    if tx.engine == "sqlite":  # where every write is alone
        return
    told = {f"name {traits.name}" for traits in some if traits.name}.union(*(traits.numbers for traits in some))
    for trait in sorted(told):
        key = f"duplicate {organisation_id} {int(type_)} {trait}"
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


_HAVING = phones.join(
    records,
    and_(
        phones.c.organisation_id == records.c.organisation_id,
        phones.c.record_type == records.c.type,
        phones.c.record_id == records.c.id,
    ),
)
