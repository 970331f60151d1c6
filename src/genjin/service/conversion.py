"""Undoing the conversion of a lead into a customer."""

from genjin.domain.change import Change
from genjin.domain.kinds import CONVERSION_UNDONE, RECORD_CREATED, RECORD_DELETED
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.timeline import MAX_SIZE, Page
from genjin.errors import Invalid
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.lineage import above, hold, settle
from genjin.service.visibility import locked
from genjin.store import lineage, records, timeline
from genjin.store.transaction import Tx


def undo_conversion(installation: Installation, session: Session, lead: Ref, delete_customer: bool = False) -> Record:
    """Let a lead be a lead again: its history leaves the customer's timeline. The customer stays.

    With `delete_customer` it is deleted with what was created for it, if nothing else has happened to it. Raises
    NotFound, Forbidden, for the customer too unless it is deleted; Invalid when the lead was not converted.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        found = locked(tx, session, lead)
        if found.customer_id is None:
            raise Invalid({"id": ["该线索未转换为客户"]})
        customer = Ref(RecordType.CUSTOMER, found.customer_id)
        there = records.find(tx, session.organisation_id, customer) is not None
        if there:
            locked(tx, session, customer)
        hold(tx, session.organisation_id, [lead, customer])
        before = above(tx, session.organisation_id, [lead])
        values: dict[str, object] = {"customer_id": None, "turned_at": None, "updated_at": now}
        records.change(tx, session.organisation_id, lead, values)
        settle(tx, session.organisation_id, before)
        change = Change("customer_id", customer.id, None)
        tell(
            tx, session.organisation_id, CONVERSION_UNDONE, lead, session.viewer.user_id, now, [change], "", [customer]
        )
        if delete_customer and there:
            _delete_untouched(tx, session, customer, now)
        undone = records.find(tx, session.organisation_id, lead)
        assert undone is not None
        return undone

    return installation.database.write(use)


def _delete_untouched(tx: Tx, session: Session, customer: Ref, now: int) -> None:
    entries, total = timeline.page(tx, session.organisation_id, customer, Page(1, MAX_SIZE))
    below = lineage.sources_of(tx, session.organisation_id, customer)
    others = [ref for ref in below if ref.type in (RecordType.LEAD, RecordType.CUSTOMER) and ref != customer]
    if others or total > len(entries) or any(entry.kind != RECORD_CREATED.code for entry in entries):
        raise Invalid({"delete_customer": ["该客户已有其他动态，不能删除"]})
    for ref in below:
        if records.find(tx, session.organisation_id, ref) is not None:
            records.change(tx, session.organisation_id, ref, {"deleted_at": now, "updated_at": now})
            tell(tx, session.organisation_id, RECORD_DELETED, ref, session.viewer.user_id, now)
