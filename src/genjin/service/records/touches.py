"""What a record keeps of its latest entries: when it was followed up and called, its reminder, its status."""

from collections.abc import Sequence
from typing import Any

from genjin.domain.activity import Facts
from genjin.domain.kinds import CALL_MADE
from genjin.domain.latest import Contact
from genjin.domain.records import OF_A_CUSTOMER, Record, RecordType, Ref
from genjin.store import records
from genjin.store.transaction import Tx

_KEPT = ("followed_up_at", "said_followed_up_at", "called_at", "remind_at", "status", "updated_at")
_ROLLED_UP = ("followed_up_at", "said_followed_up_at", "called_at")


def touch(tx: Tx, organisation_id: int, before: Record, after: Record, backdated: bool = False) -> None:
    """Store what changed of a locked record. The times of the latest contact are its customer's too, unless the
    customer has later ones, which is asked of what is `backdated`.
    """
    changed = {name: getattr(after, name) for name in _KEPT if getattr(after, name) != getattr(before, name)}
    if not changed:
        return
    records.change(tx, organisation_id, before.ref, changed)
    rolled_up = {name: value for name, value in changed.items() if name in _ROLLED_UP and value is not None}
    if rolled_up and before.type in OF_A_CUSTOMER and before.customer_id is not None:
        customer = Ref(RecordType.CUSTOMER, before.customer_id)
        if backdated:
            rolled_up = _latest(records.find_for_update(tx, organisation_id, customer), rolled_up)
        if rolled_up:
            records.change(tx, organisation_id, customer, rolled_up)


def _latest(customer: Record | None, told: dict[str, Any]) -> dict[str, Any]:
    """What is told of contacts that are later than the customer's own; of a follow-up, both times or none."""
    if customer is None:
        return {}
    later = {name for name in ("followed_up_at", "called_at") if told.get(name, 0) > (getattr(customer, name) or 0)}
    if "followed_up_at" in later:
        later.add("said_followed_up_at")
    return {name: value for name, value in told.items() if name in later}


def touch_many(tx: Tx, organisation_id: int, happened: Sequence[tuple[Ref, Facts]]) -> None:
    """The same for many follow-ups and calls, in their order, on records that are there."""
    contacts = records.contacts(tx, organisation_id, sorted({ref for ref, _ in happened}))
    above = {
        ref: Ref(RecordType.CUSTOMER, known.customer_id)
        for ref, known in contacts.items()
        if ref.type in OF_A_CUSTOMER and known.customer_id is not None
    }
    contacts |= records.contacts(tx, organisation_id, sorted(set(above.values()) - contacts.keys()))
    before = dict(contacts)
    for ref, facts in happened:
        if ref in contacts:
            contacts[ref] = _touched(contacts[ref], facts)
            if above and (customer := above.get(ref)) in contacts:
                contacts[customer] = _rolled_up(contacts[customer], facts)
    moved = {ref: contact for ref, contact in contacts.items() if contact is not before[ref]}
    records.put_contacts(tx, organisation_id, moved)


def _touched(before: Contact, facts: Facts) -> Contact:
    """What a record has of its latest follow-up and call behind another one."""
    at, now = facts.at, facts.recorded_at
    if facts.kind == CALL_MADE.code:
        return before if at <= (before.called_at or 0) else before._replace(called_at=at)
    if at < (before.followed_up_at or at):
        return before if before.updated_at == now else before._replace(updated_at=now)
    remind_at = before.remind_at if facts.remind_at is None else facts.remind_at
    return Contact(at, facts.said_at, before.called_at, remind_at, now, before.customer_id)


def _rolled_up(before: Contact, facts: Facts) -> Contact:
    """What its customer has then."""
    if facts.kind == CALL_MADE.code:
        return before if facts.at <= (before.called_at or 0) else before._replace(called_at=facts.at)
    later = facts.at > (before.followed_up_at or 0)
    return before._replace(followed_up_at=facts.at, said_followed_up_at=facts.said_at) if later else before
