"""Whose history shows in whose: a lead's in the customer that it became, a contact's in its customer, and a merged
record's in the one that took its place. Timelines are an index of this; `service/records/lineage.py` lays it anew.

A record that was merged into another is never merged into again: `merged_into_id` leads to the end in one step.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import and_, bindparam, or_, select, update

from genjin.domain.records import MERGEABLE, RecordType, Ref
from genjin.store.refs import by_type
from genjin.store.tables import records
from genjin.store.transaction import MOST_IDS, Tx, batched

CUSTOMER, MERGED = "customer_id", "merged_into_id"
"""The two columns that point from a record to one whose timeline shows its entries too."""


def timelines_of(tx: Tx, organisation_id: int, refs: Iterable[Ref]) -> dict[Ref, list[Ref]]:
    """The timelines that what happens to each record shows in: its own first, then all the way up."""
    wanted = list(dict.fromkeys(refs))
    above: dict[Ref, list[Ref]] = {}
    unknown = wanted
    while unknown:
        above |= _above(tx, organisation_id, unknown)
        unknown = sorted({ref for found in above.values() for ref in found} - above.keys())
    return {ref: _all_the_way(ref, above) for ref in wanted}


def sources_of(tx: Tx, organisation_id: int, subject: Ref) -> list[Ref]:
    """The records whose entries show in a timeline: its own first, then all the way down."""
    return below(tx, organisation_id, [subject])


def below(tx: Tx, organisation_id: int, subjects: Iterable[Ref]) -> list[Ref]:
    """The records whose entries show in any of these timelines: their own first, then all the way down."""
    found = dict.fromkeys(subjects)
    unknown = list(found)
    while unknown:
        more = dict.fromkeys(ref for ref, _ in pointing_at(tx, organisation_id, unknown))
        unknown = [ref for ref in more if ref not in found]
        found |= more
    return list(found)


def pointing_at(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> list[tuple[Ref, str]]:
    """The records that point at any of these, deleted ones too, each with the column by which it does."""
    c, found = records.c, list[tuple[Ref, str]]()
    for type_, ids in _by_type(refs):
        ways = []
        if type_ in MERGEABLE:
            ways.append((MERGED, and_(c.type == int(type_), c.merged_into_id.in_(bindparam("ids", expanding=True)))))
        if type_ is RecordType.CUSTOMER:
            ways.append((CUSTOMER, c.customer_id.in_(bindparam("ids", expanding=True))))
        for column, condition in ways:
            statement = select(c.type, c.id).where(c.organisation_id == organisation_id, condition)
            rows = tx.execute(statement.order_by(c.type, c.id), {"ids": ids})
            found += [(Ref(RecordType(row[0]), row[1]), column) for row in rows]
    return found


def point(tx: Tx, organisation_id: int, some: Iterable[tuple[Ref, str]], before: int, after: int) -> None:
    """Let records that point at `before` by a column point at `after`; those that do not any more stay as they are."""
    by_way: dict[tuple[RecordType, str], list[int]] = {}
    for ref, column in some:
        by_way.setdefault((ref.type, column), []).append(ref.id)
    for (type_, column), ids in by_way.items():
        statement = (
            update(records)
            .where(
                records.c.organisation_id == organisation_id,
                records.c.type == int(type_),
                records.c.id.in_(bindparam("ids", expanding=True)),
                records.c[column] == before,
            )
            .values({column: after})
        )
        for part in batched(ids, MOST_IDS):
            tx.execute(statement, {"ids": list(part)})


def lock(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> None:
    """Hold these records until the transaction ends: what happens to them is put in order."""
    if tx.engine == "sqlite":
        return
    c = records.c
    for type_, ids in _by_type(refs):
        held = select(c.id).where(
            c.organisation_id == organisation_id, c.type == int(type_), c.id.in_(bindparam("ids", expanding=True))
        )
        tx.execute(held.order_by(c.id).with_for_update(), {"ids": ids}).all()


def _above(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> dict[Ref, list[Ref]]:
    """One step up from each record; a record that is not there has nothing above it."""
    c, above = records.c, dict[Ref, list[Ref]]((ref, []) for ref in refs)
    for type_, ids in _by_type(refs):
        statement = select(c.id, c.merged_into_id, c.customer_id).where(
            c.organisation_id == organisation_id,
            c.type == int(type_),
            c.id.in_(bindparam("ids", expanding=True)),
            or_(c.merged_into_id.is_not(None), c.customer_id.is_not(None)),
        )
        for id_, merged_into_id, customer_id in tx.execute(statement, {"ids": ids}):
            if merged_into_id is not None:
                above[Ref(type_, id_)].append(Ref(type_, merged_into_id))
            if customer_id is not None:
                above[Ref(type_, id_)].append(Ref(RecordType.CUSTOMER, customer_id))
    return above


def _all_the_way(ref: Ref, above: dict[Ref, list[Ref]]) -> list[Ref]:
    found = [ref]
    for each in found:
        found += [further for further in above[each] if further not in found]
    return found


def _by_type(refs: Iterable[Ref]) -> Iterable[tuple[RecordType, list[int]]]:
    for type_, ids in by_type(refs).items():
        for part in batched(ids, MOST_IDS):
            yield type_, list(part)
