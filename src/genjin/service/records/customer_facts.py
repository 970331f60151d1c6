"""What is told of customers that lies in other places: a constant number of queries, however many they are."""

from collections.abc import Sequence

from genjin.domain.pools import Held, home_pool, next_return
from genjin.domain.record_view import CustomerFacts, RecordView
from genjin.domain.records import Record, RecordType
from genjin.domain.sight import sight_of, wire_name
from genjin.service.context import Session
from genjin.store import files, followups, pools, records
from genjin.store.transaction import Tx

MOST_CONTACTS = 100
"""So many contacts of a customer are told with it; the others are listed."""


def facts_of(tx: Tx, session: Session, views: Sequence[RecordView], now: int) -> dict[int, CustomerFacts]:
    """The facts of the customers among these records, by their ids."""
    customers = [view for view in views if view.record.type is RecordType.CUSTOMER and view.record.id]
    if not customers:
        return {}
    organisation_id, ids = session.organisation_id, [view.record.id for view in customers]
    words = followups.latest(tx, organisation_id, ids)
    contacts = _by_customer(records.of_customers(tx, organisation_id, RecordType.CONTACT, ids))
    contracted = records.contracted(tx, organisation_id, ids)
    attached = files.count_held(tx, organisation_id, RecordType.CUSTOMER, ids)
    flows = _returns(tx, session, [view.record for view in customers])
    shows_amounts = f"contract.{wire_name(RecordType.CONTRACT, 'amount')}" not in session.viewer.rights.hidden
    return {
        view.record.id: CustomerFacts(
            last_words=view.sight.text(words.get(view.record.id, "")),
            contacts=_shown(session, view, contacts.get(view.record.id, ())),
            contracted=contracted.get(view.record.id, 0) if shows_amounts else None,
            files=attached.get(view.record.id, 0),
            flows_at=flows.get(view.record.id),
            idle_days=_idle_days(session, view.record, now),
        )
        for view in customers
    }


def _by_customer(some: Sequence[Record]) -> dict[int, list[Record]]:
    found: dict[int, list[Record]] = {}
    for record in some:
        found.setdefault(record.customer_id or 0, []).append(record)
    return found


def _shown(session: Session, customer: RecordView, contacts: Sequence[Record]) -> list[Record]:
    """Contacts as the viewer is shown them: with their numbers, if the customer's are shown."""
    sights = ((contact, sight_of(session.viewer, contact, customer.record)) for contact in contacts[:MOST_CONTACTS])
    return [sight.record(contact) for contact, sight in sights]


def _returns(tx: Tx, session: Session, customers: Sequence[Record]) -> dict[int, int]:
    """When customers go back into their pools by themselves; without a query where no pool has a rule."""
    there = [pool for pool in session.directory.pools.values() if pool.type is RecordType.CUSTOMER and pool.rules]
    owned = [customer for customer in customers if customer.owner_id is not None]
    if not there or not owned:
        return {}
    since = pools.owned(tx, session.organisation_id, [customer.ref for customer in owned])
    found = {}
    for customer in owned:
        owner = session.directory.users.get(customer.owner_id or 0)
        every = session.directory.pools.values()
        home = home_pool(every, customer, owner.department_id if owner else None)
        if home is None or customer.ref not in since:
            continue
        due = next_return(home, Held(customer, *since[customer.ref]), session.directory.calendar)
        if due is not None:
            found[customer.id] = due.at
    return found


def _idle_days(session: Session, customer: Record, now: int) -> int:
    """Whole days of the calendar since the last follow-up, or since the customer was made."""
    calendar, last = session.directory.calendar, customer.followed_up_at or customer.created_at
    return max(0, (calendar.local(now).date() - calendar.local(last).date()).days)
