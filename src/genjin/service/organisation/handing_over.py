"""Hands over what somebody owned and worked on to a colleague, with its history, as many records at a time as asked."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from genjin.domain.activity import Draft
from genjin.domain.change import Change, ChangeDetails
from genjin.domain.json import JsonValue
from genjin.domain.kinds import COLLABORATORS_CHANGED, RECORD_ASSIGNED, Kind
from genjin.domain.people import LEFT, User
from genjin.domain.records import Record
from genjin.errors import Invalid
from genjin.service import activities
from genjin.service.queue.batches import Batch, Context, Task
from genjin.store import audiences, people, records
from genjin.store.transaction import Tx

NOTE = "离职交接"


def hand_over(tx: Tx, context: Context, cursor: JsonValue, limit: int) -> Batch:
    """At most so many records of either kind; the cursor counts them. Raises Invalid when the successor left too."""
    organisation_id, told = context.organisation_id, _told(context)
    to = people.find_user(tx, organisation_id, told["to_user_id"])
    if to is None or to.workflow_state == LEFT:
        raise Invalid({"to_user_id": ["has left too: let the user leave again, to somebody else"]})
    now = context.installation.clock.now()
    owned = _hand_over_owned(tx, organisation_id, told["user_id"], to, told["by"], now, limit)
    shared = 0
    if owned < limit:
        shared = _hand_over_shared(tx, organisation_id, told["user_id"], to, told["by"], now, limit)
    before = counts(cursor)
    after: list[JsonValue] = [before[0] + owned, before[1] + shared]
    return Batch(after, owned + shared, limit in (owned, shared))


def counts(cursor: Any) -> tuple[int, int]:
    """How many records that were owned, and that were worked on, have been handed over."""
    return (0, 0) if cursor is None else (cursor[0], cursor[1])


def _hand_over_owned(tx: Tx, organisation_id: int, user_id: int, to: User, by: int, now: int, limit: int) -> int:
    found = records.owned_by(tx, organisation_id, user_id, limit)
    handed = [
        replace(
            record,
            owner_id=to.id,
            department_id=to.department_id,
            before_owner_id=user_id,
            before_department_id=record.department_id,
            updated_at=now,
        )
        for record in found
    ]
    records.put_records(tx, organisation_id, handed)
    told = (_draft(RECORD_ASSIGNED, each, Change("owner_id", user_id, to.id), by, now) for each in _there(found))
    activities.record_many(tx, organisation_id, list(told))
    return len(found)


def _hand_over_shared(tx: Tx, organisation_id: int, user_id: int, to: User, by: int, now: int, limit: int) -> int:
    found = records.shared_with(tx, organisation_id, user_id, limit)
    drafts = []
    with audiences.told(tx, organisation_id, [record.ref for record in found]):
        for record in found:
            joins = {to.id} - {record.owner_id}
            records.remove_collaborators(tx, organisation_id, record.ref, [user_id])
            records.add_collaborators(tx, organisation_id, record.ref, joins - record.collaborators, now, by)
            after = (record.collaborators - {user_id}) | joins
            change = Change("collaborators", sorted(record.collaborators), sorted(after))
            drafts += [_draft(COLLABORATORS_CHANGED, each, change, by, now) for each in _there([record])]
    activities.record_many(tx, organisation_id, drafts)
    return len(found)


def _there(some: Iterable[Record]) -> list[Record]:
    """A deleted record changes hands without a word."""
    return [record for record in some if record.deleted_at is None]


def _draft(kind: Kind, record: Record, change: Change, by: int, now: int) -> Draft:
    return Draft(kind, by, record.ref, now, now, details=ChangeDetails((change,), NOTE))


def _told(context: Context) -> dict[str, Any]:
    return dict(context.arguments)


def _total(tx: Tx, context: Context) -> int:
    return records.count_worked_on(tx, context.organisation_id, _told(context)["user_id"])


def _tell(cursor: JsonValue) -> str:
    owned, shared = counts(cursor)
    return f"{owned} owned, {shared} worked on"


HAND_OVER = Task(
    "people.hand_over", "hands over what somebody worked on who left", "records", hand_over, _total, _tell, first=100
)
