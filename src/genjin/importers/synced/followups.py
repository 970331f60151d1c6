"""Puts the follow-ups that no timeline shows which was read: those on records that have none of their own there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from genjin.domain.activity import Draft
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.followup import FollowUp, FollowUpDetails
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordType, Ref
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.forms import put_labels
from genjin.importers.synced.ids import FOLLOW_UPS, OF_RECORDS, settle
from genjin.importers.synced.people import name_users
from genjin.importers.synced.records import find_many, keep, linked, placeholder
from genjin.service import activities as birthplace
from genjin.store import followups, sync_ids
from genjin.store.sync_ids import Known
from genjin.wire.synced.followups import ToldFollowUp, follow_up_from_wire, follow_up_place


def unknown_follow_ups(into: Bringing, bodies: Sequence[JsonValue]) -> list[Ref]:
    """The records, by the upstream's ids, on which follow-ups were written that are not here and were not deleted here:
    their timelines may show them.
    """
    places = [place for body in bodies if (place := follow_up_place(body)) is not None]
    missing = _missing(into, (id_ for id_, _ in places))
    return sorted({ref for id_, ref in places if id_ in missing})


def put_follow_ups(into: Bringing, bodies: Sequence[JsonValue]) -> None:
    """Items of the list of follow-ups: those that are not here become activities."""
    added = into.directory.fields_of(None)
    read = into.read_each(FOLLOW_UPS, bodies, lambda body: follow_up_from_wire(body, added, into.calendar))
    told = {each.draft.object_id: each for each in read if each.draft.object_id}
    missing = _missing(into, told)
    told = {id_: each for id_, each in told.items() if id_ in missing}
    if not told:
        return
    known = settle(into, FOLLOW_UPS, told)
    users = name_users(into, [body for each in told.values() for body in each.people])
    targets = _targets(into, told.values())
    labels = put_labels(into, FOLLOW_UP_CATEGORY, {each.category for each in told.values() if each.category})
    links = linked(into, [ref for each in told.values() for ref in each.links])
    drafts = [
        _draft(each, known[id_].id, targets[each.draft.target], users, labels, links) for id_, each in told.items()
    ]
    drafts.sort(key=lambda draft: (draft.at, draft.object_id or 0))
    born = birthplace.record_many(into.tx, into.organisation_id, drafts, from_capture=True)
    followups.put(
        into.tx,
        into.organisation_id,
        *(FollowUp(f.object_id or 0, f.id, f.actor_id, f.target, f.at) for f in born),
    )
    into.new["activities"] += len(born)


def _missing(into: Bringing, ids: Iterable[int]) -> set[int]:
    """Those of these follow-ups that never were here."""
    wanted = set(ids)
    known = sync_ids.ours(into.tx, into.organisation_id, into.sync_id, FOLLOW_UPS, wanted)
    return wanted - known.keys()


def _targets(into: Bringing, told: Iterable[ToldFollowUp]) -> dict[Ref, Ref]:
    """Our records; one that no list has is known by its name, and deleted."""
    by_ref = {each.draft.target: each for each in told}
    known: dict[Ref, Known] = {}
    for type_ in RecordType:
        ids = [ref.id for ref in by_ref if ref.type is type_]
        known |= {Ref(type_, id_): each for id_, each in settle(into, OF_RECORDS[type_], ids).items()}
    there = find_many(into, [Ref(ref.type, each.id) for ref, each in known.items()])
    fresh: list[tuple[Record, int, Known | None]] = []
    for ref, its in known.items():
        if Ref(ref.type, its.id) not in there:
            record = placeholder(ref.type, its.id, by_ref[ref].target_name, by_ref[ref].draft.at)
            fresh.append((replace(record, deleted_at=into.now), ref.id, its._replace(gone_at=into.now)))
    keep(into, fresh)
    return {ref: Ref(ref.type, each.id) for ref, each in known.items()}


def _draft(
    told: ToldFollowUp,
    id_: int,
    target: Ref,
    users: Mapping[int, int],
    labels: Mapping[str, int],
    links: Mapping[Ref, Ref],
) -> Draft:
    details: Any = told.draft.details
    assert isinstance(details, FollowUpDetails)
    return replace(
        told.draft,
        object_id=id_,
        actor_id=users[told.draft.actor_id],
        target=target,
        category_id=labels.get(told.category),
        details=replace(
            details,
            mentions=tuple(users[user_id] for user_id in details.mentions if user_id in users),
            refs=tuple(links[ref] for ref in told.links if ref in links),
            custom=told.custom or None,
        ),
    )
