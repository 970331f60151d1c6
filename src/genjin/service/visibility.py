"""Asks the policy about records inside a transaction, where it also needs the customer that a record belongs to."""

from collections.abc import Iterable

from genjin.domain.activity import Facts
from genjin.domain.policy import may_edit, may_see
from genjin.domain.records import OF_A_CUSTOMER, Record, RecordType, Ref
from genjin.errors import Forbidden, NotFound
from genjin.service.activities import places_of
from genjin.service.context import Session
from genjin.store import activities, records
from genjin.store.transaction import Tx


def seen(tx: Tx, session: Session, found: Record | None) -> Record:
    """The record, if there is one and the viewer may see it. Raises NotFound."""
    if found is None or not (
        may_see(session.viewer, found) or may_see(session.viewer, found, _customer(tx, session, found))
    ):
        raise NotFound("no such record")
    return found


def editable(tx: Tx, session: Session, found: Record | None) -> Record:
    """The record, if the viewer may change it. Raises NotFound when it is not visible, Forbidden when only seen."""
    record = seen(tx, session, found)
    if not (may_edit(session.viewer, record) or may_edit(session.viewer, record, _customer(tx, session, record))):
        raise Forbidden("您没有权限修改该对象")
    return record


def locked(tx: Tx, session: Session, ref: Ref) -> Record:
    """A record to change: locked until the transaction ends. Raises NotFound, Forbidden."""
    return editable(tx, session, records.find_for_update(tx, session.organisation_id, ref))


def seen_entry(tx: Tx, session: Session, activity_id: int) -> Facts:
    """An entry, if the viewer sees one of the timelines that it is in. Raises NotFound."""
    facts = activities.find(tx, session.organisation_id, activity_id)
    if facts is None:
        raise NotFound("no such activity")
    subjects = [place.subject for place in places_of(tx, session.organisation_id, [facts])]
    if not seen_many(tx, session, subjects):
        raise NotFound("no such activity")
    return facts


def seen_many(tx: Tx, session: Session, refs: Iterable[Ref]) -> dict[Ref, Record]:
    """Those of the records that are there, not deleted, and visible; two queries at most."""
    wanted = sorted(set(refs))
    found = {
        ref: record
        for ref, record in records.find_many(tx, session.organisation_id, wanted).items()
        if not record.deleted_at
    }
    return {ref: found[ref] for ref in visible_among(tx, session, found)}


def visible_among(tx: Tx, session: Session, found: dict[Ref, Record]) -> set[Ref]:
    """Which of these records the viewer sees; one query at most, for the customers of those not seen by themselves."""
    visible = {ref for ref, record in found.items() if may_see(session.viewer, record)}
    rest = {ref: owner for ref, record in found.items() if ref not in visible and (owner := _customer_of(record))}
    customers = records.find_many(tx, session.organisation_id, sorted(set(rest.values())))
    for ref, owner in rest.items():
        customer = customers.get(owner)
        if customer is not None and not customer.deleted_at and may_see(session.viewer, found[ref], customer):
            visible.add(ref)
    return visible


def _customer(tx: Tx, session: Session, record: Record) -> Record | None:
    ref = _customer_of(record)
    return None if ref is None else records.find(tx, session.organisation_id, ref)


def _customer_of(record: Record) -> Ref | None:
    if record.type not in OF_A_CUSTOMER or record.customer_id is None:
        return None
    return Ref(RecordType.CUSTOMER, record.customer_id)
