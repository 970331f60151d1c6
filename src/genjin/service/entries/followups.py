"""Follow-ups: write, list, read, edit and delete one's own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from genjin.domain.activity import Draft, Facts
from genjin.domain.attachment import NOTHING_ATTACHED, Attachment
from genjin.domain.change import Change
from genjin.domain.directory import FOLLOW_UP_CATEGORY, STATUS_LISTS
from genjin.domain.field_rights import check_numbers, check_writable
from genjin.domain.followup import (
    CAPTURED_AS,
    MAX_TEXT,
    FollowUp,
    FollowUpDetails,
    FollowUpFilter,
    FollowUpInput,
    refs_of,
)
from genjin.domain.json import JsonValue
from genjin.domain.kinds import FOLLOW_UP_WRITTEN, STATUS_CHANGED
from genjin.domain.notice import NoticeKind
from genjin.domain.place import Place, kept
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.domain.writing import AS_WRITTEN, Original
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service import activities, notices
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.entries.attached import attach_to_entry, claimed, files_of, remove_of_entry
from genjin.service.entries.elsewhere import may_change
from genjin.service.records.touches import touch
from genjin.service.records.views import sight_on
from genjin.service.reminders import due_by_entry
from genjin.service.visibility import editable, seen, seen_many, standing
from genjin.store import activities as facts_store
from genjin.store import followups, ids, records
from genjin.store.activities import pack_details, pack_text, unpack_details, unpack_text
from genjin.store.transaction import Tx

_LINKS = {"contacts", "opportunity_id", "contract_id"}
_FILES = {"mixed", "files", "audios"}
_IN_DETAILS = {"place", "mentions", "custom", *_LINKS, *_FILES}
_NOT_THERE = {
    RecordType.CONTACT: ("contacts_ids", "没有这个联系人"),
    RecordType.OPPORTUNITY: ("opportunity_id", "没有这个商机"),
    RecordType.CONTRACT: ("contract_id", "没有这个合同"),
}


class FollowUpView(NamedTuple):
    """A follow-up's facts, the record it was written on, its files, and the names of linked records that are seen."""

    facts: Facts
    target: Record
    names: Mapping[Ref, str] = {}
    files: Mapping[int, Attachment] = {}


def write_follow_up(
    installation: Installation, session: Session, target: Ref, given: FollowUpInput, original: Original = AS_WRITTEN
) -> FollowUpView:
    """Write a follow-up on a record. Its new status, when told, is an activity of its own. Whether the viewer may write
    for others was asked before.

    Raises NotFound for a record that the viewer may not see; Forbidden for a status that they may not change; Invalid.
    """
    check_follow_up(session, given)
    check_numbers(session.viewer, given.custom or {}, {})
    now = installation.clock.now()
    author, at = original.actor_id or session.viewer.user_id, now if original.at is None else original.at

    def use(tx: Tx) -> FollowUpView:
        record = standing(tx, session, target, records.find_for_update)
        linked = _linked(tx, session, refs_of(given.contacts, given.opportunity_id, given.contract_id))
        files = claimed(tx, session, given.attached)
        follow_up_id = ids.allocate(tx)[0]
        said_at = at if given.said_at is None else given.said_at
        details = FollowUpDetails(
            _kept(session, given.place),
            given.mentions,
            tuple(linked),
            given.attached if files else None,
            _filled(given.custom),
        )
        draft = Draft(
            kind=FOLLOW_UP_WRITTEN,
            actor_id=author,
            target=record.ref,
            at=at,
            recorded_at=now,
            object_id=follow_up_id,
            said_at=said_at,
            remind_at=given.remind_at,
            category_id=given.category_id,
            text=given.text,
            details=details,
        )
        facts = activities.record(tx, session.organisation_id, draft)
        attach_to_entry(tx, session, files, facts.id, now)
        followups.put(tx, session.organisation_id, FollowUp(follow_up_id, facts.id, author, record.ref, at))
        before = _move(tx, session, record, given, now)
        after = replace(before, updated_at=now)
        if at >= (before.followed_up_at or at):  # a later one is the latest still
            remind_at = before.remind_at if given.remind_at is None else given.remind_at
            after = replace(after, followed_up_at=at, said_followed_up_at=said_at, remind_at=remind_at)
        touch(tx, session.organisation_id, before, after, backdated=at < now)
        return _view(tx, session, facts, after)

    return installation.database.write(use, session.organisation_id)


def edit_follow_up(
    installation: Installation, session: Session, follow_up_id: int, given: FollowUpInput
) -> FollowUpView:
    """Change what is given; the earlier wording is kept. A status is changed as when it is told with a new one.

    Raises NotFound, Forbidden (not one's own, or a status that they may not change), Invalid.
    """
    check_follow_up(session, given)
    now = installation.clock.now()

    def use(tx: Tx) -> FollowUpView:
        view = _own(tx, session, follow_up_id)
        if given.given & CAPTURED_AS.keys():
            view = _reworded(tx, session, view, given, now)
        if given.status is not None or given.stage is not None:
            _move(tx, session, standing(tx, session, view.target.ref, records.find_for_update), given, now)
        return view

    return installation.database.write(use, session.organisation_id)


def delete_follow_up(installation: Installation, session: Session, follow_up_id: int) -> FollowUpView:
    """Take back one's own follow-up: it leaves every list and count, its row stays. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> FollowUpView:
        view = _own(tx, session, follow_up_id)
        due = due_by_entry(tx, session.organisation_id, view.facts)
        activities.take_back(tx, session.organisation_id, view.facts, now)
        remove_of_entry(tx, session, view.facts.id, now)
        followups.remove(tx, session.organisation_id, follow_up_id)
        return view._replace(target=_follow(tx, session.organisation_id, view, view.facts.said_at, None, due))

    return installation.database.write(use, session.organisation_id)


def read_follow_up(installation: Installation, session: Session, follow_up_id: int) -> FollowUpView:
    """One follow-up. Raises NotFound when it is missing or its record is not visible."""
    return installation.read_for(session, lambda tx: _visible(tx, session, follow_up_id))


def list_follow_ups(
    installation: Installation, session: Session, wanted: FollowUpFilter, page: Page
) -> tuple[list[FollowUpView], int]:
    """Follow-ups on records that the viewer may see, newest first, and the number of all."""

    def use(tx: Tx) -> tuple[list[FollowUpView], int]:
        found, total = followups.page(tx, session.viewer, wanted, page.offset, page.size)
        targets = records.find_many(tx, session.organisation_id, sorted({facts.target for facts in found}))
        names, files = _names(tx, session, found), files_of(tx, session, found).files
        return [FollowUpView(facts, targets[facts.target], names, files) for facts in found], total

    return installation.read_for(session, use)


def _own(tx: Tx, session: Session, follow_up_id: int) -> FollowUpView:
    """One's own follow-up; its record is locked, so that two edits come one after the other."""
    view = _visible(tx, session, follow_up_id, records.find_for_update)
    if not may_change(tx, session, view.facts.id, view.facts.actor_id):
        raise Forbidden("只能修改或删除自己写的跟进")
    return view


def _visible(
    tx: Tx, session: Session, follow_up_id: int, find: Callable[[Tx, int, Ref], Record | None] = records.find
) -> FollowUpView:
    follow_up = followups.find(tx, session.organisation_id, follow_up_id)
    if follow_up is None:
        raise NotFound("no such follow-up")
    record = seen(tx, session, find(tx, session.organisation_id, follow_up.target))
    facts = facts_store.find(tx, session.organisation_id, follow_up.activity_id)
    if facts is None:
        raise NotFound("no such follow-up")
    return _view(tx, session, facts, record)


def _view(tx: Tx, session: Session, facts: Facts, target: Record) -> FollowUpView:
    return FollowUpView(facts, target, _names(tx, session, [facts]), files_of(tx, session, [facts]).files)


def _names(tx: Tx, session: Session, some: Sequence[Facts]) -> dict[Ref, str]:
    """The names of the linked records that the viewer sees."""
    refs = {ref for facts in some for ref in facts_store.refs_of(facts)}
    return {ref: record.name for ref, record in seen_many(tx, session, refs).items()} if refs else {}


def _linked(tx: Tx, session: Session, refs: Sequence[Ref]) -> dict[Ref, str]:
    """The records to link, in their order, with their names. Raises Invalid for what the viewer may not see."""
    found = seen_many(tx, session, refs) if refs else {}
    errors: dict[str, list[str]] = {}
    for ref in refs:
        if ref not in found:
            field, text = _NOT_THERE[ref.type]
            errors.setdefault(field, []).append(f"{text}：{ref.id}")
    if errors:
        raise Invalid(errors)
    return {ref: found[ref].name for ref in refs}


def _move(tx: Tx, session: Session, record: Record, given: FollowUpInput, now: int) -> Record:
    """Give a locked record the status that is told with a follow-up, which is an activity of its own.

    The record as it is then; nothing happens when none is told, or the same. Raises Invalid, Forbidden.
    """
    field = "stage" if record.type is RecordType.OPPORTUNITY else "status"
    status: str | None = getattr(given, field)
    if status is None or status == record.status:
        return record
    if not session.directory.label(STATUS_LISTS.get(record.type, ""), status):
        raise Invalid({f"loggable_attributes.{field}": ["没有这个选项"]})
    editable(tx, session, record)
    check_writable(session.viewer, record.type, "status")
    change = Change("status", record.status, status)
    tell(tx, session.organisation_id, STATUS_CHANGED, record.ref, session.viewer.user_id, now, [change])
    after = replace(record, status=status, updated_at=now)
    touch(tx, session.organisation_id, record, after)
    return after


def _reworded(tx: Tx, session: Session, view: FollowUpView, given: FollowUpInput, now: int) -> FollowUpView:
    """A follow-up as an edit leaves it; what its record has of it changes too."""
    given = _meant(tx, session, view, given)
    values: dict[str, object] = {
        name: getattr(given, name) for name in ("category_id", "said_at", "remind_at") if name in given.given
    }
    if "text" in given.given:
        values["text"] = pack_text(given.text)
    if view.facts.rare is not None or given.given & _IN_DETAILS:
        values["rare"] = pack_details(_details(tx, session, view.facts, given, now))
    due = due_by_entry(tx, session.organisation_id, view.facts)
    facts = activities.edit(tx, session.organisation_id, view.facts, values, now, session.viewer.user_id)
    if "mentions" in given.given:
        fresh, by = set(given.mentions) - _mentioned(view.facts), session.viewer.user_id
        notices.tell(tx, session.organisation_id, NoticeKind.MENTION, fresh, now, by, activity_id=facts.id)
    target = _follow(tx, session.organisation_id, view, facts.said_at, facts.remind_at, due)
    return _view(tx, session, facts, target)


def _mentioned(facts: Facts) -> set[int]:
    details = unpack_details(FOLLOW_UP_WRITTEN, facts.rare)
    assert isinstance(details, FollowUpDetails)
    return set(details.mentions)


def _meant(tx: Tx, session: Session, view: FollowUpView, given: FollowUpInput) -> FollowUpInput:
    """What an edit tells, where it was sent back with masked numbers. Raises Invalid for one that was not there."""
    sight, before = sight_on(tx, session, view.target.ref), unpack_details(FOLLOW_UP_WRITTEN, view.facts.rare)
    assert isinstance(before, FollowUpDetails)
    held, place = before.custom or {}, given.place
    if place is not None and before.place is not None:
        place = replace(place, detail=sight.meant_text(place.detail, before.place.detail))
    custom = {name: sight.meant(name, value, held) for name, value in (given.custom or {}).items()}
    check_numbers(session.viewer, custom, held)
    text = sight.meant_text(given.text, unpack_text(view.facts.text))
    return replace(given, text=text, place=place, custom=custom)


def _details(tx: Tx, session: Session, facts: Facts, given: FollowUpInput, now: int) -> FollowUpDetails:
    """What an edit makes of the details. A file that it takes out stays with the earlier wording."""
    before = unpack_details(FOLLOW_UP_WRITTEN, facts.rare)
    assert isinstance(before, FollowUpDetails)

    def after(name: str) -> object:
        return getattr(given if name in given.given else before, name)

    refs = refs_of(after("contacts"), after("opportunity_id"), after("contract_id"))  # type: ignore[arg-type]
    _linked(tx, session, [ref for ref in refs if ref not in before.refs])
    attached = before.attached or NOTHING_ATTACHED
    if told := given.given & _FILES:
        attached = attached._replace(**{name: getattr(given.attached, name) for name in told})
        attach_to_entry(tx, session, claimed(tx, session, attached, facts.id), facts.id, now)
    replaced = {"updated_at", *(key for name in given.given for key in CAPTURED_AS.get(name, ()))}
    return FollowUpDetails(
        place=_kept(session, given.place) if "place" in given.given else before.place,
        mentions=given.mentions if "mentions" in given.given else before.mentions,
        refs=refs,
        attached=attached if any(attached) else None,
        custom=_filled(before.custom, given.custom),
        captured={key: value for key, value in (before.captured or {}).items() if key not in replaced},
    )


def _filled(*told: Mapping[str, JsonValue] | None) -> Mapping[str, JsonValue] | None:
    """The added fields with what was told last of each; None when all are empty."""
    latest = {name: value for some in told for name, value in (some or {}).items()}
    return {name: value for name, value in latest.items() if value not in (None, "", [])} or None


def _follow(
    tx: Tx, organisation_id: int, view: FollowUpView, said_at: int | None, remind_at: int | None, due: int | None
) -> Record:
    """What the record has of this follow-up changes with it; what it has of another one stays. `due` is when it was to
    be reminded of, which may have been put off.
    """
    before, facts = view.target, view.facts
    after = before
    if remind_at != facts.remind_at and (facts.remind_at is None or before.remind_at in (facts.remind_at, due)):
        after = replace(after, remind_at=remind_at)
    if before.said_followed_up_at == facts.said_at and before.followed_up_at == facts.at:
        after = replace(after, said_followed_up_at=said_at)
    touch(tx, organisation_id, before, after)
    return after


def _kept(session: Session, place: Place | None) -> Place | None:
    """The place as the organisation keeps it."""
    return None if place is None else kept(place, session.directory.organisation.coordinates)


def check_follow_up(session: Session, given: FollowUpInput) -> None:
    """Raises Invalid for what is too long, or is not there."""
    errors: dict[str, list[str]] = {}
    if len(given.text) > MAX_TEXT:
        errors["content"] = [f"不能超过{MAX_TEXT}个字符"]
    option = session.directory.options.get(given.category_id or 0)
    if given.category_id is not None and (option is None or option.field != FOLLOW_UP_CATEGORY):
        errors["category"] = ["没有这个跟进类型"]
    if unknown := [user for user in given.mentions if user not in session.directory.users]:
        errors["at_user_ids"] = [f"没有这个用户：{user}" for user in unknown]
    if errors:
        raise Invalid(errors)
