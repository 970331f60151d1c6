"""Records in a state, each for the acts that it can take: one that waits for approval, one that is deleted, ...

A call of such an act moves its record on, so that the same call is refused the next time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from genjin.domain.activity import Draft
from genjin.domain.approval import APPROVABLE, Approval
from genjin.domain.change_log import BEGINNING, LogCursor
from genjin.domain.comment import Comment
from genjin.domain.kinds import RECORD_CREATED
from genjin.domain.merge import Merge
from genjin.domain.pools import Pool
from genjin.domain.records import MERGEABLE, OF_A_CUSTOMER, Record, RecordType
from genjin.domain.webhook import Delivery, Event, Webhook
from genjin.service import activities
from genjin.store import comments, deliveries, merges, people, pools, records, webhooks
from genjin.store.transaction import Tx

WAITING, APPROVED, DENIED, REVERTED, DELETED, CONVERTED, KEPT, MERGED, DUPLICATE, ANY = range(101, 111)
"""The ids are the same for every type."""
CUSTOMER, MERGE, OWNED, POOLED = 111, 121, 112, 113
COMMENTED, COMMENT = 131, 132
"""An activity that nobody takes back, and a comment on it that nobody deletes. A webhook has the id of the activity."""
POOLS = {RecordType.LEAD: 91, RecordType.CUSTOMER: 92}
STATES: Mapping[str, Sequence[int]] = {
    "submit_approval": [DENIED, REVERTED],
    "approve": [WAITING],
    "deny": [WAITING],
    "revert": [WAITING, APPROVED],
    "restore": [DELETED],
    "undo_turn": [CONVERTED],
    "merge": [KEPT],
    "undo_merge": [KEPT],
    "take": [POOLED],
    "transfer": [POOLED],
    "put_back": [OWNED],
}
"""The records for an act, by the end of its path."""
LASTING: Mapping[str, Sequence[int]] = {
    "update_user": [ANY],
    "update_assist_user": [ANY],
    "merges": [KEPT],
    "comments": [COMMENTED],
}
"""The same for what can be done again and again, on records that nobody deletes."""


def is_act(path: str) -> bool:
    """Whether a call of this path moves a record on, or adds a field, which the next call would find."""
    return path.rpartition("/")[2] in {*STATES, "custom_fields"}


def furnish_states(tx: Tx, organisation_id: int, owner_id: int, department_id: int, now: int) -> None:
    """Put all of them into a database, and let the organisation want approval."""
    organisation = people.organisation(tx, organisation_id)
    assert organisation is not None
    approvals = frozenset(type_.name.lower() for type_ in APPROVABLE)
    people.put_organisation(tx, replace(organisation, approvals=approvals))
    there = Record(RecordType.CUSTOMER, CUSTOMER, "示例", owner_id, owner_id, department_id, now, now)
    records.put_records(tx, organisation_id, [there])
    for type_ in RecordType:
        one = replace(there, type=type_, customer_id=CUSTOMER if type_ in OF_A_CUSTOMER else None)
        records.put_records(tx, organisation_id, _in_states(one, now))
        if type_ in POOLS:
            pools.put_pools(tx, organisation_id, [Pool(POOLS[type_], type_, "示例", now, now)])
        if type_ in MERGEABLE:
            merge = Merge(MERGE + type_, replace(one, id=KEPT).ref, MERGED, now, owner_id, {})
            merges.put(tx, organisation_id, merge)
    said = Draft(RECORD_CREATED, owner_id, there.ref, now, now, id=COMMENTED)
    activities.record_many(tx, organisation_id, [said])
    comments.put(tx, organisation_id, Comment(COMMENT, COMMENTED, owner_id, "好的", now))
    comments.count(tx, organisation_id, COMMENTED, 1)
    hook = Webhook(COMMENTED, owner_id, "https://example.com/", now, bytes(32), LogCursor(BEGINNING, ""), last_number=1)
    webhooks.put(tx, organisation_id, hook)
    deliveries.add(tx, organisation_id, [Delivery(COMMENTED, 1, Event.CREATED, now, COMMENTED, there.ref, due_at=now)])


def _in_states(one: Record, now: int) -> list[Record]:
    some = [replace(one, id=ANY), replace(one, id=DELETED, deleted_at=now)]
    if one.type in APPROVABLE:
        some += [
            replace(one, id=WAITING, approve_status=Approval.APPLYING),
            replace(one, id=APPROVED, approve_status=Approval.APPROVED),
            replace(one, id=DENIED, approve_status=Approval.DENIED),
            replace(one, id=REVERTED, approve_status=Approval.REVERTED),
        ]
    if one.type in MERGEABLE:
        some += [replace(one, id=KEPT), replace(one, id=MERGED, merged_into_id=KEPT), replace(one, id=DUPLICATE)]
    if one.type in POOLS:
        pooled = replace(one, owner_id=None, department_id=None, pool_id=POOLS[one.type], pooled_at=now)
        some += [replace(one, id=OWNED), replace(pooled, id=POOLED)]
    if one.type is RecordType.LEAD:
        some.append(replace(one, id=CONVERTED, customer_id=CUSTOMER, turned_at=now))
    return some
