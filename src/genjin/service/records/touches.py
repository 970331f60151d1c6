"""What a record keeps of its latest entries: when it was followed up and called, its reminder, its status."""

from typing import Any

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
