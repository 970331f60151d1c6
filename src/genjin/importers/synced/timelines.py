"""Puts the timelines of leads and customers: each entry once, in every timeline that it belongs to here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from genjin.domain.activity import Draft, Facts
from genjin.domain.attachment import NOTHING_ATTACHED, Attached
from genjin.domain.call import CallDetails
from genjin.domain.checkin import CheckIn, CheckInDetails
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.followup import FollowUp, FollowUpDetails
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CHECKED_IN, FOLLOW_UP_WRITTEN
from genjin.domain.people import SYSTEM_ID
from genjin.domain.records import Ref
from genjin.domain.sync import Misfit
from genjin.importers.captured_activities import change, edited_later, said_the_same
from genjin.importers.synced.bringing import Bringing, digest
from genjin.importers.synced.comments import has_own_comments, put_comments
from genjin.importers.synced.forms import put_labels
from genjin.importers.synced.ids import ACTIVITIES, CHECK_INS, FILES, FOLLOW_UPS, OF_RECORDS, ours, remember, settle
from genjin.importers.synced.people import name_users
from genjin.importers.synced.records import linked
from genjin.importers.synced.targets import put_targets
from genjin.service import activities as birthplace
from genjin.store import activities, checkins, followups, lineage, sync_ids, timeline
from genjin.store.sync_ids import Known
from genjin.wire.modules import FOLLOW_UP, RECORD_TYPES
from genjin.wire.scalars import id_or_none
from genjin.wire.synced.captured_ids import translated
from genjin.wire.synced.entries import ToldEntry, entry_from_wire
from genjin.wire.synced.files import ATTACHMENTS, attachments_of, audios_of


def put_timeline(into: Bringing, subject: Ref, bodies: Sequence[JsonValue], whole: bool = True) -> None:
    """All activities of the timeline of a lead or customer, which is told by the upstream's id, in any order.

    Where it is the `whole` timeline, what came from there and is not in it any more is taken back here.
    """
    told: dict[int, ToldEntry] = {}
    for entry in into.read_each(ACTIVITIES, bodies, lambda body: entry_from_wire(body, into.calendar)):
        if not entry.draft.target.id:  # of a type that there is not here: it is shown with the subject
            entry = replace(entry, draft=replace(entry.draft, target=subject))
        told[entry.captured.draft.id or 0] = entry
        into.unknown_keys.update(f"{ACTIVITIES}.{key}" for key in entry.captured.extra_keys)
    named = {id_or_none(body.get("id")) if isinstance(body, Mapping) else None for body in bodies}
    whose = Ref(subject.type, ours(into, OF_RECORDS[subject.type], [subject.id])[subject.id])
    known = settle(into, ACTIVITIES, told, _written_before(into, told))
    if told:
        users = name_users(into, [body for entry in told.values() for body in entry.people if body])
        targets = put_targets(into, subject, whose, told.values())
        translate = _Translation(into, told, known, users, targets)
        drafts = {id_: translate.draft(entry) for id_, entry in told.items()}
        _put(into, known, drafts)
        put_comments(into, told, {id_: each.id for id_, each in known.items()}, users)
        _tell_of_others(into, subject, whose, told, targets)
    if whole and None not in named:  # what cannot be told by its id may be any
        _take_away(into, whose, named)


def _tell_of_others(
    into: Bringing, subject: Ref, whose: Ref, told: Mapping[int, ToldEntry], targets: Mapping[Ref, Ref]
) -> None:
    """Entries of records that do not belong to the subject here are put, but not shown with it: something is not as it
    was when the lists were read.
    """
    shown_in = lineage.timelines_of(into.tx, into.organisation_id, sorted(set(targets.values())))
    for id_, entry in told.items():
        ref = targets[entry.draft.target]
        if whose not in shown_in[ref]:
            noun, its = OF_RECORDS[subject.type], f"{OF_RECORDS[ref.type]}/{entry.draft.target.id}"
            why = f"is of {its}, which does not belong to {noun}/{subject.id} here"
            into.misfits.append(Misfit(f"{ACTIVITIES}.{id_}", why, entry.body))


def _written_before(into: Bringing, told: Mapping[int, ToldEntry]) -> dict[int, int]:
    """Our activities, by the upstream's ids, of follow-ups that a list told of before a timeline did."""
    written = {entry.draft.object_id: id_ for id_, entry in told.items() if entry.draft.kind is FOLLOW_UP_WRITTEN}
    known = sync_ids.ours(into.tx, into.organisation_id, into.sync_id, FOLLOW_UPS, (id_ for id_ in written if id_))
    there = followups.activity_ids(into.tx, into.organisation_id, list(known.values()))
    return {written[id_]: there[our_id] for id_, our_id in known.items() if our_id in there}


def _put(into: Bringing, known: Mapping[int, Known], drafts: Mapping[int, Draft]) -> None:
    """Record what is new, bring back what is there again, change what was changed there."""
    tx, organisation_id = into.tx, into.organisation_id
    there = {facts.id: facts for facts in activities.find_with_removed(tx, organisation_id, _ids_of(known))}
    removed = activities.deleted(tx, organisation_id, list(there))
    fresh, written = list[tuple[int, Draft]](), dict[int, Known]()
    alive: list[Draft] = []
    for id_, draft in sorted(drafts.items(), key=lambda each: (each[1].at, each[1].id or 0)):
        its = known[id_]
        was = there.get(its.id)
        draft = _with_what_no_timeline_tells(draft, was)
        now = activities.facts_of(draft, its.id)
        if was is None:
            fresh.append((id_, draft))
        elif was.id in removed and its.gone_at is None:
            continue  # deleted here, and so it stays
        else:
            if was.id in removed:
                birthplace.bring_back(tx, organisation_id, was)
                into.count(ACTIVITIES, False)
            if edited_later(was, now):
                continue
            if not said_the_same(was, now):
                change(tx, organisation_id, was, now, into.now, details_are_said=was.edited_at != now.edited_at)
                into.count(ACTIVITIES, False)
        alive.append(draft)
        said = digest(_said(now))
        if its.told != said or its.gone_at is not None:
            written[id_] = its._replace(told=said, gone_at=None)
    birthplace.record_many(tx, organisation_id, [draft for _, draft in fresh], from_capture=True)
    into.new[ACTIVITIES] += len(fresh)
    remember(into, ACTIVITIES, written)
    _put_follow_ups(into, alive)
    _put_check_ins(into, alive)


def _with_what_no_timeline_tells(draft: Draft, was: Facts | None) -> Draft:
    """The fields that were added to the form of follow-ups: only the list of these tells of them."""
    if (
        was is None
        or was.rare is None
        or b'"custom":' not in was.rare
        or not isinstance(draft.details, FollowUpDetails)
    ):
        return draft
    before = activities.unpack_details(FOLLOW_UP_WRITTEN, was.rare)
    assert isinstance(before, FollowUpDetails)
    return replace(draft, details=replace(draft.details, custom=before.custom))


def _put_follow_ups(into: Bringing, drafts: Iterable[Draft]) -> None:
    wanted = {
        draft.object_id: FollowUp(draft.object_id, draft.id or 0, draft.actor_id, draft.target, draft.at)
        for draft in drafts
        if draft.kind is FOLLOW_UP_WRITTEN and draft.object_id
    }
    there = followups.find_many(into.tx, into.organisation_id, list(wanted))
    put = [each for each in wanted.values() if there.get(each.id) != each]
    followups.put(into.tx, into.organisation_id, *put)


def _put_check_ins(into: Bringing, drafts: Iterable[Draft]) -> None:
    found = []
    for draft in drafts:
        if isinstance(draft.details, CheckInDetails) and draft.object_id and draft.id:
            left, place = draft.details.sign_out, draft.details.place
            detail = place.detail if place else ""
            its = (draft.object_id, draft.id, draft.actor_id, draft.target, draft.at, detail)
            found.append(CheckIn(*its, left.at if left else None))
    checkins.put(into.tx, into.organisation_id, *found)


def _take_away(into: Bringing, whose: Ref, named: Collection[int | None]) -> None:
    """What came from there, and lies on a timeline here but not there, unless it was changed here."""
    tx, organisation_id = into.tx, into.organisation_id
    entries = timeline.ids(tx, organisation_id, whose)
    theirs = sync_ids.theirs(tx, organisation_id, into.sync_id, ACTIVITIES, entries)
    missing = {ours_: upstream for ours_, upstream in theirs.items() if upstream not in named}
    if not missing:
        return
    known = sync_ids.find(tx, organisation_id, into.sync_id, ACTIVITIES, missing.values())
    gone: dict[int, Known] = {}
    for facts in activities.find_many(tx, organisation_id, list(missing)).values():
        its = known[missing[facts.id]]
        if its.told != digest(_said(facts)) or has_own_comments(into, facts):
            continue
        birthplace.take_back(tx, organisation_id, facts, into.now)
        if facts.kind == FOLLOW_UP_WRITTEN.code and facts.object_id:
            followups.remove(tx, organisation_id, facts.object_id)
        if facts.kind == CHECKED_IN.code and facts.object_id:
            checkins.remove(tx, organisation_id, facts.object_id)
        gone[missing[facts.id]] = its._replace(gone_at=into.now)
    remember(into, ACTIVITIES, gone)
    into.gone[ACTIVITIES] += len(gone)


def _said(facts: Facts) -> list[Any]:
    """What an activity says; comments are others'."""
    rare = activities.packed_anew(facts)
    return [str(each, "utf-8") if isinstance(each, bytes) else each for each in facts._replace(rare=rare)[:-1]]


def _ids_of(known: Mapping[int, Known]) -> list[int]:
    return [each.id for each in known.values()]


class _Translation:
    """Our ids of all that some entries refer to; a query or two for each noun, however many they are."""

    def __init__(
        self,
        into: Bringing,
        told: Mapping[int, ToldEntry],
        known: Mapping[int, Known],
        users: Mapping[int, int],
        targets: Mapping[Ref, Ref],
    ) -> None:
        self.known, self.users, self.targets = known, {SYSTEM_ID: SYSTEM_ID, **users}, targets
        drafts = [entry.draft for entry in told.values()]
        written = (draft.object_id for draft in drafts if draft.kind is FOLLOW_UP_WRITTEN and draft.object_id)
        self.follow_ups = ours(into, FOLLOW_UPS, written)
        self.recordings = ours(into, FILES, (each.id for draft in drafts for each in _recordings(draft)))
        labels = {entry.captured.category for entry in told.values() if entry.captured.category}
        self.categories = put_labels(into, FOLLOW_UP_CATEGORY, labels) if labels else {}
        visits = (draft.object_id for draft in drafts if draft.kind is CHECKED_IN and draft.object_id)
        self.check_ins = ours(into, CHECK_INS, visits)
        self.files = _files_here(into, told.values())
        self.records = linked(into, [ref for entry in told.values() for ref in entry.links])

    def draft(self, entry: ToldEntry) -> Draft:
        """The activity with our ids."""
        draft, details = entry.draft, entry.draft.details
        assert details is not None
        rest = dict(details.captured or {})
        if isinstance(details, FollowUpDetails):
            linked = all(ref in self.records for ref in entry.links)
            rest |= {} if linked else entry.links_told
            refs = tuple(self.records[ref] for ref in entry.links) if linked else ()
            mentions = tuple(self.users[id_] for id_ in details.mentions)
            details = replace(details, mentions=mentions, refs=refs)
        if isinstance(details, CallDetails):
            heard = tuple(each._replace(id=self.recordings[each.id]) for each in details.recordings)
            details = replace(details, recordings=heard)
        if isinstance(details, FollowUpDetails | CallDetails | CheckInDetails):
            details = self._with_files(entry, details, rest)
        rest = translated(rest, entry.body, self._class_id)
        made = self.check_ins if draft.kind is CHECKED_IN else self.follow_ups
        return replace(
            draft,
            id=self.known[entry.captured.draft.id or 0].id,
            actor_id=self.users.get(draft.actor_id, draft.actor_id),
            target=self.targets[draft.target],
            object_id=made[draft.object_id] if draft.object_id else None,
            category_id=self.categories.get(entry.captured.category),
            details=replace(details, captured=rest or None),
        )

    def _with_files(
        self,
        entry: ToldEntry,
        details: FollowUpDetails | CallDetails | CheckInDetails,
        rest: dict[str, JsonValue],
    ) -> FollowUpDetails | CallDetails | CheckInDetails:
        """The files that are here in the place of those that were told; what shows them is captured no more."""
        told, audios = attachments_of(entry.body), audios_of(entry.body)
        attached = NOTHING_ATTACHED
        if told is not None and not isinstance(details, CallDetails) and self._are_here((*told.mixed, *told.files)):
            attached = Attached(self._ours(told.mixed), self._ours(told.files))
            for key in ATTACHMENTS:
                rest.pop(key, None)
        if audios and isinstance(details, CallDetails) and details.recordings:  # which are ours only by their addresses
            attached = attached._replace(audios=self._ours([id_ for id_ in audios if id_ in self.files]))
        elif audios and isinstance(details, FollowUpDetails) and self._are_here(audios):
            attached = attached._replace(audios=self._ours(audios))
            rest.pop("audios", None)
        return replace(details, attached=attached) if attached != NOTHING_ATTACHED else details

    def _are_here(self, ids: Sequence[int]) -> bool:
        return bool(ids) and all(id_ in self.files for id_ in ids)

    def _ours(self, ids: Sequence[int]) -> tuple[int, ...]:
        return tuple(self.files[id_] for id_ in ids)

    def _class_id(self, class_name: str, id_: int) -> int:
        if class_name == FOLLOW_UP:
            return self.follow_ups.get(id_, id_)
        type_ = RECORD_TYPES.get(class_name)
        if type_ is None:
            return id_
        ref = Ref(type_, id_)
        return (self.targets.get(ref) or self.records.get(ref) or ref).id


def _files_here(into: Bringing, told: Iterable[ToldEntry]) -> dict[int, int]:
    """Our ids of the files that these entries show and that are here, by the upstream's."""
    shown: set[int] = set()
    for entry in told:
        attached = attachments_of(entry.body) or NOTHING_ATTACHED
        shown.update(attached.mixed, attached.files, audios_of(entry.body) or ())
    known = sync_ids.find(into.tx, into.organisation_id, into.sync_id, FILES, shown)
    return {id_: each.id for id_, each in known.items() if each.told is not None}


def _recordings(draft: Draft) -> Sequence[Any]:
    return draft.details.recordings if isinstance(draft.details, CallDetails) else ()
