"""Follow-ups and calls that happened elsewhere or earlier, many at once: with all that hangs on those that are written
one by one, but that nobody is told of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from genjin.domain.activity import Draft, Facts
from genjin.domain.call import Call, CallDetails
from genjin.domain.followup import FollowUp
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.service import activities
from genjin.service.records.touches import touch_many
from genjin.service.reminders import keep_of_entries
from genjin.store import calls, followups, ids
from genjin.store.transaction import Tx


class Told(NamedTuple):
    """A follow-up or a call that happened, and of a call its row without ids. A draft with the `object_id` that its
    follow-up is to have is recorded as it is.
    """

    draft: Draft
    call: Call | None = None


def put_past(tx: Tx, organisation_id: int, some: Sequence[Told], reminding: bool = False) -> list[Facts]:
    """Record them in the order given, each with its own id where it has none, and on their records when these were in
    touch last. What
    somebody wants to be reminded of is kept when it is `reminding`, if it was still to come as it was written down.
    """
    objects = iter(ids.allocate(tx, sum(each.draft.object_id is None for each in some)))
    recordings = iter(ids.allocate(tx, sum(_recordings(each.draft) for each in some)))
    drafts = [
        each.draft if each.draft.object_id is not None else _with_ids(each.draft, next(objects), recordings)
        for each in some
    ]
    born = activities.record_many(tx, organisation_id, drafts, as_history=True)
    if reminding:
        keep_of_entries(tx, organisation_id, born, drafts)
    made = [
        replace(each.call, id=facts.object_id or 0, activity_id=facts.id)
        for each, facts in zip(some, born, strict=True)
        if each.call is not None
    ]
    if made:
        calls.put(tx, organisation_id, *made)
    said = [
        FollowUp(facts.object_id or 0, facts.id, facts.actor_id, draft.target, facts.at)
        for facts, draft in zip(born, drafts, strict=True)
        if draft.kind is FOLLOW_UP_WRITTEN
    ]
    followups.add(tx, organisation_id, said)
    touch_many(tx, organisation_id, [(draft.target, facts) for facts, draft in zip(born, drafts, strict=True)])
    return born


def _recordings(draft: Draft) -> int:
    return len(draft.details.recordings) if isinstance(draft.details, CallDetails) else 0


def _with_ids(draft: Draft, id_: int, fresh: Iterator[int]) -> Draft:
    details = draft.details
    if isinstance(details, CallDetails) and details.recordings:
        details = replace(details, recordings=tuple(each._replace(id=next(fresh)) for each in details.recordings))
    return replace(draft, object_id=id_, details=details)
