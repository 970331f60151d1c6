"""Puts the calls and follow-ups that were made up into the database, many at once, as time passes."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from genjin.demo.history import Told
from genjin.domain.activity import Facts
from genjin.domain.call import CallDetails
from genjin.domain.followup import FollowUp
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN
from genjin.domain.records import Record, Ref
from genjin.service import activities
from genjin.service.context import Installation
from genjin.store import calls, followups, ids, records
from genjin.store.transaction import Tx


class Past:
    """All that was made up, by time, and what became of the part that has happened: `born[n]` is `told[n]`."""

    def __init__(self, installation: Installation, organisation_id: int, told: Sequence[Told]) -> None:
        self.told, self.born = told, list[Facts]()
        self._installation, self._organisation_id = installation, organisation_id

    def come_to(self, at: int) -> None:
        """Let everything happen up to this instant."""
        done = len(self.born)
        some = self.told[done : bisect_right(self.told, at, lo=done, key=lambda each: each.draft.at)]
        if some:
            id_ = self._organisation_id
            self.born += self._installation.database.write(lambda tx: _put(tx, id_, some), id_)


def _put(tx: Tx, organisation_id: int, told: Sequence[Told]) -> list[Facts]:
    """Record it all at once: activities, the follow-ups and calls that they are of, and what records keep of them."""
    objects = ids.allocate(tx, len(told))
    recordings = iter(ids.allocate(tx, len(told)))
    drafts = [
        replace(each.draft, object_id=id_, details=_with_ids(each.draft.details, recordings))
        if isinstance(each.draft.details, CallDetails)
        else replace(each.draft, object_id=id_)
        for each, id_ in zip(told, objects, strict=True)
    ]
    born = activities.record_many(tx, organisation_id, drafts, as_history=True)
    made = [
        replace(each.call, id=facts.object_id or 0, activity_id=facts.id)
        for each, facts in zip(told, born, strict=True)
        if each.call is not None
    ]
    calls.put(tx, organisation_id, *made)
    written = [facts for facts in born if facts.kind == FOLLOW_UP_WRITTEN.code]
    said = [FollowUp(facts.object_id or 0, facts.id, facts.actor_id, facts.target, facts.at) for facts in written]
    followups.put(tx, organisation_id, *said)
    before = records.find_many(tx, organisation_id, sorted({facts.target for facts in born}))
    records.put_records(tx, organisation_id, _touched(before, born))
    return born


def _with_ids(details: CallDetails, fresh: Iterator[int]) -> CallDetails:
    return replace(details, recordings=tuple(each._replace(id=next(fresh)) for each in details.recordings))


def _touched(before: Mapping[Ref, Record], born: Sequence[Facts]) -> list[Record]:
    """The records with the times of their last call and follow-up and their next reminder; activities come by time."""
    after = dict(before)
    for facts in born:
        record = after[facts.target]
        if facts.kind == CALL_MADE.code:
            after[facts.target] = replace(record, called_at=facts.at)
            continue
        after[facts.target] = replace(
            record,
            followed_up_at=facts.at,
            said_followed_up_at=facts.said_at,
            remind_at=facts.remind_at or record.remind_at,
            updated_at=facts.at,
        )
    return list(after.values())
