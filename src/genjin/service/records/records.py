"""Records of every type: list, read, create, update, delete; and the conversion of a lead into a customer."""

from genjin.domain.field_rights import filled_from, filtered
from genjin.domain.kinds import LEAD_CONVERTED
from genjin.domain.records import Record, RecordFilter, RecordInput, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import Duplicate
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.records.duplicates import refuse_duplicate
from genjin.service.records.lineage import hold
from genjin.service.records.writes import change, check, create, delete
from genjin.service.visibility import locked, standing
from genjin.store import follows, records, timeline
from genjin.store.transaction import Tx


def list_records(
    installation: Installation, session: Session, wanted: RecordFilter, page: Page
) -> tuple[list[Record], int]:
    """One page of the records that the viewer may see, and the number of all. Raises Forbidden for a hidden filter."""
    asked = filtered(session.viewer, wanted)
    return installation.read_for(session, lambda tx: records.page(tx, session.viewer, asked, page.offset, page.size))


def read_record(installation: Installation, session: Session, ref: Ref) -> Record:
    """One record, or the one that took its place. Raises NotFound when it is missing or not visible."""
    return installation.read_for(session, lambda tx: standing(tx, session, ref))


def create_record(
    installation: Installation,
    session: Session,
    type_: RecordType,
    given: RecordInput,
    refer_lead_id: int | None = None,
    approve_status: str = "",
    check_duplicates: bool = False,
) -> Record:
    """Create a record with what is nested in it, owned by the viewer unless the input says otherwise.

    `approve_status` is the state of approval that somebody wants it to begin with; see `first_status`.

    With `refer_lead_id`, a customer is what that lead is converted into: the lead's timeline shows in the
    customer's, and its numbers are copied where they were shown masked.

    Raises Invalid; Forbidden for an owner outside the viewer's sight; NotFound for the lead; Duplicate when it was
    converted before or, with `check_duplicates`, when another record is like the new one.
    """
    check(session, type_, given, creating=True)
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        lead = None if refer_lead_id is None else _to_convert(tx, session, refer_lead_id)
        told = given if lead is None else filled_from(session.viewer, given, lead)
        created = create(tx, session, type_, told, now, approve_status)
        if lead is not None:
            _convert(tx, session, lead.ref, created, now)
        if check_duplicates:
            refuse_duplicate(tx, session, created)
        return created

    return installation.database.write(use, session.organisation_id)


def update_record(
    installation: Installation, session: Session, ref: Ref, given: RecordInput, check_duplicates: bool = False
) -> Record:
    """Change what is given. Raises NotFound, Invalid, Forbidden; Duplicate, with `check_duplicates`, when that makes it
    like another record.
    """
    check(session, ref.type, given, creating=False)
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        before = locked(tx, session, ref)
        after = change(tx, session, before, given, now)
        if check_duplicates:
            refuse_duplicate(tx, session, after, before)
        return after

    return installation.database.write(use, session.organisation_id)


def delete_record(installation: Installation, session: Session, ref: Ref) -> Record:
    """Delete a record; its history stays in the database. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        return delete(tx, session, locked(tx, session, ref), now)

    return installation.database.write(use, session.organisation_id)


def _to_convert(tx: Tx, session: Session, lead_id: int) -> Record:
    lead = locked(tx, session, Ref(RecordType.LEAD, lead_id))
    if lead.customer_id is not None:
        raise Duplicate("该线索已转换为客户")
    return lead


def _convert(tx: Tx, session: Session, lead: Ref, customer: Record, now: int) -> None:
    hold(tx, session.organisation_id, [lead])
    values: dict[str, object] = {"customer_id": customer.id, "turned_at": now, "updated_at": now}
    records.change(tx, session.organisation_id, lead, values)
    tell(tx, session.organisation_id, LEAD_CONVERTED, lead, session.viewer.user_id, now, refs=[customer.ref])
    timeline.roll_up(tx, session.organisation_id, lead, customer.ref)
    follows.copy(tx, session.organisation_id, lead, customer.ref)
