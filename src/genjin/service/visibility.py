"""Asks the policy about records inside a transaction, where it also needs the customer that a record belongs to."""

from collections.abc import Callable, Iterable

from genjin.domain.activity import Facts
from genjin.domain.field_rights import writable
from genjin.domain.policy import Viewer, may_edit, may_give_away, may_see
from genjin.domain.records import OF_A_CUSTOMER, Record, RecordInput, RecordType, Ref
from genjin.errors import Forbidden, NotFound
from genjin.service.activities import places_of
from genjin.service.context import Session
from genjin.store import activities, records
from genjin.store.transaction import Tx


def seen(tx: Tx, session: Session, found: Record | None) -> Record:
    """The record, if there is one and the viewer may see it, or the one that it was merged into. Raises NotFound."""
    judged = _judged(tx, session, found)
    if found is None or judged is None or not _allows(tx, session, judged, may_see):
        raise NotFound("no such record")
    return found


def standing(
    tx: Tx, session: Session, ref: Ref, find: Callable[[Tx, int, Ref], Record | None] = records.find
) -> Record:
    """The record that an id stands for now: its own, or the one that took its place. Raises NotFound."""
    found = find(tx, session.organisation_id, ref)
    if found is not None and found.merged_into_id is not None:
        found = find(tx, session.organisation_id, Ref(found.type, found.merged_into_id))
    return seen(tx, session, found)


def editable(tx: Tx, session: Session, found: Record | None) -> Record:
    """The record, if the viewer may change it. Raises NotFound when it is not visible, Forbidden when only seen."""
    record = seen(tx, session, found)
    judged = _judged(tx, session, record)
    if judged is None or not _allows(tx, session, judged, may_edit):
        raise Forbidden("您没有权限修改该对象")
    return record


def locked(tx: Tx, session: Session, ref: Ref) -> Record:
    """A record to change: locked until the transaction ends. Raises NotFound, for a merged one too; Forbidden."""
    found = records.find_for_update(tx, session.organisation_id, ref)
    if found is not None and found.merged_into_id is not None:
        raise NotFound("merged into another record")
    return editable(tx, session, found)


def check_gives_away(tx: Tx, session: Session, record: Record) -> None:
    """Raises Forbidden for who may change a record and may not take it from its owner."""
    if not _allows(tx, session, record, may_give_away):
        raise Forbidden("只有负责人、上级和管理员可以转移、退回或合并该对象")


def permitted(
    tx: Tx, session: Session, type_: RecordType, given: RecordInput, before: Record | None = None
) -> RecordInput:
    """What of an input the viewer may write (see domain/field_rights.py). Raises Forbidden with the fields' names."""
    customer = None if before is None else _customer(tx, session, before)
    return writable(session.viewer, type_, given, before, customer)


def seen_entry(tx: Tx, session: Session, activity_id: int) -> Facts:
    """An entry, if the viewer sees one of the timelines that it is in. Raises NotFound."""
    facts = activities.find(tx, session.organisation_id, activity_id)
    if facts is None:
        raise NotFound("no such activity")
    _check_seen(tx, session, facts)
    return facts


def seen_removed(tx: Tx, session: Session, activity_id: int) -> tuple[Facts, int]:
    """An entry that was taken back, and when, if the viewer would see it. Raises NotFound, also for another one."""
    found = activities.find_removed(tx, session.organisation_id, activity_id)
    if found is None:
        raise NotFound("no such activity")
    _check_seen(tx, session, found[0])
    return found


def seen_among(tx: Tx, session: Session, some: Iterable[Facts]) -> set[int]:
    """The ids of those of these entries of which the viewer sees a timeline that they are in; few queries."""
    places = places_of(tx, session.organisation_id, some)
    seen = seen_many(tx, session, {place.subject for place in places})
    return {place.activity_id for place in places if place.subject in seen}


def _check_seen(tx: Tx, session: Session, facts: Facts) -> None:
    if not seen_among(tx, session, [facts]):
        raise NotFound("no such activity")


def files_open(tx: Tx, session: Session, targets: Iterable[Ref]) -> set[Ref]:
    """Those of these records whose entries' files the viewer may open: that they see the entry, through the customer
    that a record rolls up to, is not enough. Few queries.
    """
    return visible_among(tx, session, records.find_many(tx, session.organisation_id, sorted(set(targets))))


def seen_many(tx: Tx, session: Session, refs: Iterable[Ref]) -> dict[Ref, Record]:
    """Those of the records that are there, not deleted, and visible, or merged into a visible one; few queries."""
    wanted = sorted(set(refs))
    found = {
        ref: record
        for ref, record in records.find_many(tx, session.organisation_id, wanted).items()
        if not record.deleted_at
    }
    return {ref: found[ref] for ref in visible_among(tx, session, found)}


def visible_among(tx: Tx, session: Session, found: dict[Ref, Record]) -> set[Ref]:
    """Which of these records the viewer sees; at most one query for what took the place of merged ones, and one for the
    customers of those not seen by themselves.
    """
    into = {ref: Ref(ref.type, record.merged_into_id) for ref, record in found.items() if record.merged_into_id}
    kept = records.find_many(tx, session.organisation_id, sorted(set(into.values())))
    judged = {ref: kept.get(into[ref]) if ref in into else record for ref, record in found.items()}
    there = {
        ref: record for ref, record in judged.items() if record is not None and not (ref in into and record.deleted_at)
    }
    visible = {ref for ref, record in there.items() if may_see(session.viewer, record)}
    rest = {ref: owner for ref, record in there.items() if ref not in visible and (owner := _customer_of(record))}
    customers = records.find_many(tx, session.organisation_id, sorted(set(rest.values())))
    for ref, owner in rest.items():
        customer = customers.get(owner)
        if customer is not None and not customer.deleted_at and may_see(session.viewer, there[ref], customer):
            visible.add(ref)
    return visible


def _judged(tx: Tx, session: Session, record: Record | None) -> Record | None:
    """The record by which the policy decides: a merged one is what the record is that took its place."""
    if record is None or record.merged_into_id is None:
        return record
    return records.find(tx, session.organisation_id, Ref(record.type, record.merged_into_id))


def _allows(tx: Tx, session: Session, record: Record, rule: Callable[[Viewer, Record, Record | None], bool]) -> bool:
    return rule(session.viewer, record, None) or rule(session.viewer, record, _customer(tx, session, record))


def _customer(tx: Tx, session: Session, record: Record) -> Record | None:
    ref = _customer_of(record)
    return None if ref is None else records.find(tx, session.organisation_id, ref)


def _customer_of(record: Record) -> Ref | None:
    if record.type not in OF_A_CUSTOMER or record.customer_id is None:
        return None
    return Ref(RecordType.CUSTOMER, record.customer_id)
