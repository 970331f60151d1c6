"""What a record keeps of its latest entries: when it was followed up and called, its reminder, its status."""

from genjin.domain.records import OF_A_CUSTOMER, Record, RecordType, Ref
from genjin.store import records
from genjin.store.transaction import Tx

_KEPT = ("followed_up_at", "said_followed_up_at", "called_at", "remind_at", "status", "updated_at")
_ROLLED_UP = ("followed_up_at", "said_followed_up_at", "called_at")


def touch(tx: Tx, organisation_id: int, before: Record, after: Record) -> None:
    """Store what changed of a locked record. The times of the latest contact are its customer's too."""
    changed = {name: getattr(after, name) for name in _KEPT if getattr(after, name) != getattr(before, name)}
    if not changed:
        return
    records.change(tx, organisation_id, before.ref, changed)
    rolled_up = {name: value for name, value in changed.items() if name in _ROLLED_UP and value is not None}
    if rolled_up and before.type in OF_A_CUSTOMER and before.customer_id is not None:
        records.change(tx, organisation_id, Ref(RecordType.CUSTOMER, before.customer_id), rolled_up)
