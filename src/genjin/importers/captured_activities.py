"""Writes captured activities: new ones are recorded, changed ones amended, each in every timeline it belongs to."""

from collections.abc import Sequence

from genjin.domain.activity import Draft, Facts
from genjin.domain.followup import FollowUp
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.importers.importing import Importing
from genjin.service import activities as birthplace
from genjin.store import activities, followups, sync_ids
from genjin.store.transaction import Tx


def put_activities(into: Importing, drafts: Sequence[Draft]) -> None:
    """Every activity but those that were recorded, edited later or deleted here."""
    wanted = {draft.id: draft for draft in drafts if draft.id}
    into.summary.read["activities"] += len(wanted)
    for id_ in sorted(activities.born_here(into.tx, into.organisation_id, list(wanted))):
        into.problem(f"activity {id_} was recorded here and cannot be imported over")
        del wanted[id_]
    for id_ in activities.deleted(into.tx, into.organisation_id, list(wanted)):
        del wanted[id_]  # deleted here after it was captured, and so it stays
    before = activities.find_many(into.tx, into.organisation_id, list(wanted))
    fresh = [draft for id_, draft in wanted.items() if id_ not in before]
    birthplace.record_many(into.tx, into.organisation_id, fresh, from_capture=True)
    into.summary.new["activities"] += len(fresh)
    synchronised = sync_ids.claimed(into.tx, into.organisation_id, "activities", before)
    for id_, was in before.items():
        now = activities.facts_of(wanted[id_], id_)
        if id_ not in synchronised or _edited(now) > _edited(was):  # which tells the same, in another way
            _change(into, was, now)
    _put_follow_ups(into, list(wanted.values()))


def _put_follow_ups(into: Importing, drafts: Sequence[Draft]) -> None:
    written = [
        FollowUp(draft.object_id or 0, draft.id or 0, draft.actor_id, draft.target, draft.at)
        for draft in drafts
        if draft.kind is FOLLOW_UP_WRITTEN
    ]
    theirs = followups.activity_ids(into.tx, into.organisation_id, [follow_up.id for follow_up in written])
    for follow_up in written:
        if theirs.get(follow_up.id, follow_up.activity_id) != follow_up.activity_id:
            into.problem(f"follow-up {follow_up.id} is another one here and cannot be imported over")
    followups.put(into.tx, into.organisation_id, *written)  # undone with everything else where there was a problem


def _change(into: Importing, was: Facts, now: Facts) -> None:
    if edited_later(was, now) or said_the_same(was, now):
        return
    into.count("activities", False)
    change(into.tx, into.organisation_id, was, now, into.now)


def edited_later(was: Facts, now: Facts) -> bool:
    """Whether an activity was edited here later than it is told of."""
    return was.edited_at is not None and was.edited_at > _edited(now)


def _edited(facts: Facts) -> int:
    """When it was said as it is."""
    return facts.at if facts.edited_at is None else facts.edited_at


def said_the_same(was: Facts, now: Facts) -> bool:
    """Whether an activity is as it is told."""
    now = now._replace(comment_count=was.comment_count)
    return was == now or was._replace(rare=activities.packed_anew(was)) == now


def change(tx: Tx, organisation_id: int, was: Facts, now: Facts, at: int, details_are_said: bool = True) -> None:
    """Make an activity what it is told to be; what it said before is kept as a version. Where details may only be told
    in another way, they alone make no version.
    """
    said = ("text", "said_at", "remind_at", "category_id", *(["rare"] if details_are_said else []))
    if any(getattr(was, name) != getattr(now, name) for name in said):
        activities.keep_version(tx, organisation_id, was, at, None)
    now = now._replace(comment_count=was.comment_count)
    if (was.at, was.target, was.kind) != (now.at, now.target, now.kind):
        birthplace.move(tx, organisation_id, was, now)
        return
    values = {name: value for name, value in now._asdict().items() if name != "id"}
    birthplace.amend(tx, organisation_id, was, values)
