"""What a lead would become as a customer; and undoing its conversion."""

from dataclasses import replace

from genjin.domain.change import Change
from genjin.domain.directory import Directory
from genjin.domain.kinds import CONVERSION_UNDONE, RECORD_CREATED
from genjin.domain.record_view import RecordView
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.sight import sight_of
from genjin.domain.timeline import MAX_SIZE, Page
from genjin.errors import Duplicate, Invalid
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.records.lineage import above, hold, settle
from genjin.service.records.views import views_of
from genjin.service.records.writes import delete
from genjin.service.visibility import editable, locked, standing
from genjin.store import lineage, records, timeline
from genjin.store.transaction import Tx

_TO_CUSTOMER = ("note", "customer_requirement", "address")
_TO_CONTACT = ("department", "job", "address")
"""The details that a lead passes on to the customer that it becomes, and to its contact."""


def offer_customer(installation: Installation, session: Session, lead_id: int) -> list[RecordView]:
    """The customer that a lead would become, and its contact, as a form to fill in: their ids are 0.

    Raises NotFound, Forbidden; Duplicate when the lead was converted already.
    """

    def use(tx: Tx) -> list[RecordView]:
        lead = editable(tx, session, standing(tx, session, Ref(RecordType.LEAD, lead_id)))
        if lead.customer_id is not None:
            raise Duplicate("该线索已转换为客户")
        shown = replace(sight_of(session.viewer, lead), numbers=True).record(lead)  # what masks them comes after
        return views_of(tx, session, _offered(shown, session))

    return installation.read_for(session, use)


def undo_conversion(installation: Installation, session: Session, lead: Ref, delete_customer: bool = False) -> Record:
    """Let a lead be a lead again: its history leaves the customer's timeline. The customer stays. A lead that was not
    converted is just answered.

    With `delete_customer` it is deleted with what was created for it, if nothing else has happened to it. Raises
    NotFound, Forbidden, for the customer too unless it is deleted.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        found = locked(tx, session, lead)
        if found.customer_id is None:
            return found
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

    return installation.database.write(use, session.organisation_id)


def _offered(lead: Record, session: Session) -> list[Record]:
    viewer, directory, details = session.viewer, session.directory, lead.details
    user = directory.users[viewer.user_id]
    customer = Record(
        *(RecordType.CUSTOMER, 0, lead.company_name or lead.name, viewer.user_id, viewer.user_id, user.department_id),
        *(lead.created_at, lead.created_at),
        company_name=lead.company_name,
        source=_same_choice(directory, lead.source),
        details={name: details[name] for name in _TO_CUSTOMER if name in details},
    )
    told = {name: details[name] for name in _TO_CONTACT if name in details}
    contact = replace(customer, type=RecordType.CONTACT, name=lead.name, company_name=None, source=None, details=told)
    return [customer, contact]


def _same_choice(directory: Directory, source: str | None) -> str | None:
    """The customers' source that is called as the lead's is; each has a list of its own."""
    label = directory.label("lead.source", source)
    same = (option for option in directory.choices("customer.source") if option.label == label)
    return next((str(option.id) for option in same), None)


def _delete_untouched(tx: Tx, session: Session, customer: Ref, now: int) -> None:
    entries, total = timeline.page(tx, session.organisation_id, customer, Page(1, MAX_SIZE))
    below = lineage.sources_of(tx, session.organisation_id, customer)
    others = [ref for ref in below if ref.type in (RecordType.LEAD, RecordType.CUSTOMER) and ref != customer]
    if others or total > len(entries) or any(entry.kind != RECORD_CREATED.code for entry in entries):
        raise Invalid({"delete_customer": ["该客户已有其他动态，不能删除"]})
    for ref in below:
        if (found := records.find(tx, session.organisation_id, ref)) is not None:
            delete(tx, session, found, now)
