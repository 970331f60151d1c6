"""Check-ins: sign in where one visits, sign out when one leaves; list and read."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from genjin.domain.activity import Draft, Facts
from genjin.domain.attachment import Attachment
from genjin.domain.checkin import MAX_NOTE, CheckIn, CheckInDetails, CheckInFilter, CheckInInput, SignOut
from genjin.domain.kinds import CHECKED_IN
from genjin.domain.place import Place, kept, kept_distance
from genjin.domain.records import Record, Ref
from genjin.domain.sight import WHOLE, Sight
from genjin.domain.timeline import Page
from genjin.domain.writing import AS_WRITTEN, Original
from genjin.errors import Duplicate, Forbidden, Invalid, NotFound
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.entries.attached import attach_to_entry, claimed, files_of, remove_of_entry
from genjin.service.entries.elsewhere import CLOCKS_DIFFER, may_change
from genjin.service.records.views import views_of
from genjin.service.visibility import seen, standing
from genjin.store import activities as facts_store
from genjin.store import checkins, ids, records
from genjin.store.activities import pack_details, pack_text, unpack_text
from genjin.store.transaction import Tx


class CheckInView(NamedTuple):
    """A check-in's facts, the record that was visited, as it is shown, the photos, and what is shown of numbers."""

    facts: Facts
    target: Record
    files: Mapping[int, Attachment] = {}
    sight: Sight = WHOLE


def sign_in(
    installation: Installation, session: Session, target: Ref, given: CheckInInput, original: Original = AS_WRITTEN
) -> CheckInView:
    """Tell that one is at a record's. Whether the viewer may write for others was asked before. Raises NotFound for a
    record the viewer may not see; Invalid.
    """
    check_note(given.note)
    now = installation.clock.now()
    author, at = original.actor_id or session.viewer.user_id, now if original.at is None else original.at

    def use(tx: Tx) -> CheckInView:
        record = standing(tx, session, target, records.find_for_update)
        files = claimed(tx, session, given.attached)
        place, metres = _where(session, record, given.place)
        checkin_id = ids.allocate(tx)[0]
        draft = Draft(
            kind=CHECKED_IN,
            actor_id=author,
            target=record.ref,
            at=at,
            recorded_at=now,
            object_id=checkin_id,
            text=given.note,
            details=CheckInDetails(place, metres, attached=given.attached if files else None),
        )
        facts = activities.record(tx, session.organisation_id, draft)
        attach_to_entry(tx, session, files, facts.id, now)
        made = CheckIn(checkin_id, facts.id, author, record.ref, at, place.detail)
        checkins.put(tx, session.organisation_id, made)
        return _view(tx, session, facts, record)

    return installation.database.write(use, session.organisation_id)


def sign_out(
    installation: Installation, session: Session, checkin_id: int, place: Place, at: int | None = None
) -> CheckInView:
    """Tell that one leaves, or left. Raises NotFound; Forbidden for another one's visit; Duplicate when it was over;
    Invalid for an end before its beginning, or that has not come yet.
    """
    now = installation.clock.now()
    left_at = now if at is None else at
    if left_at > now + CLOCKS_DIFFER:
        raise Invalid({"signed_out_at": ["不能晚于现在"]})

    def use(tx: Tx) -> CheckInView:
        checkin, record = _own(tx, session, checkin_id, "只能为自己的签到签退")
        if checkin.signed_out_at is not None:
            raise Duplicate("该签到已签退")
        if left_at < checkin.at:
            raise Invalid({"signed_out_at": ["不能早于签到时间"]})
        facts = _facts(tx, session, checkin)
        before = facts_store.unpack_details(CHECKED_IN, facts.rare)
        assert isinstance(before, CheckInDetails)
        where, metres = _where(session, record, place)
        rare = pack_details(replace(before, sign_out=SignOut(left_at, where, metres)))
        activities.amend(tx, session.organisation_id, facts, {"rare": rare})
        checkins.put(tx, session.organisation_id, checkin._replace(signed_out_at=left_at))
        return _view(tx, session, facts._replace(rare=rare), record)

    return installation.database.write(use, session.organisation_id)


def delete_checkin(installation: Installation, session: Session, checkin_id: int) -> None:
    """Take back one's own check-in: it leaves every list and count. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> None:
        checkin, _ = _own(tx, session, checkin_id, "只能删除自己的签到")
        activities.take_back(tx, session.organisation_id, _facts(tx, session, checkin), now)
        remove_of_entry(tx, session, checkin.activity_id, now)
        checkins.remove(tx, session.organisation_id, checkin_id)

    installation.database.write(use, session.organisation_id)


def edit_note(installation: Installation, session: Session, checkin_id: int, note: str) -> None:
    """Change what was noted; the earlier wording is kept. Raises NotFound, Forbidden, Invalid."""
    check_note(note)
    now = installation.clock.now()

    def use(tx: Tx) -> None:
        checkin, record = _own(tx, session, checkin_id, "只能修改自己的签到")
        facts = _facts(tx, session, checkin)
        meant = views_of(tx, session, [record])[0].sight.meant_text(note, unpack_text(facts.text))
        activities.edit(tx, session.organisation_id, facts, {"text": pack_text(meant)}, now, session.viewer.user_id)

    installation.database.write(use, session.organisation_id)


def read_checkin(installation: Installation, session: Session, checkin_id: int) -> CheckInView:
    """One check-in. Raises NotFound when it is missing or its record is not visible."""

    def use(tx: Tx) -> CheckInView:
        checkin = _found(tx, session, checkin_id)
        record = seen(tx, session, records.find(tx, session.organisation_id, checkin.target))
        return _view(tx, session, _facts(tx, session, checkin), record)

    return installation.read_for(session, use)


def list_checkins(
    installation: Installation, session: Session, wanted: CheckInFilter, page: Page
) -> tuple[list[CheckInView], int]:
    """Check-ins on records that the viewer may see, newest first, and the number of all."""

    def use(tx: Tx) -> tuple[list[CheckInView], int]:
        found, total = checkins.page(tx, session.viewer, wanted, page.offset, page.size)
        targets = records.find_many(tx, session.organisation_id, sorted({facts.target for facts in found}))
        shown = {view.record.ref: view for view in views_of(tx, session, list(targets.values()))}
        files = files_of(tx, session, found).files
        views = [CheckInView(facts, shown[facts.target].record, files, shown[facts.target].sight) for facts in found]
        return views, total

    return installation.read_for(session, use)


def _found(tx: Tx, session: Session, checkin_id: int) -> CheckIn:
    checkin = checkins.find(tx, session.organisation_id, checkin_id)
    if checkin is None:
        raise NotFound("no such check-in")
    return checkin


def _own(tx: Tx, session: Session, checkin_id: int, refusal: str) -> tuple[CheckIn, Record]:
    """One's own check-in, or one that one keeps up to date, and its record, which is locked.

    Raises NotFound, Forbidden.
    """
    target = _found(tx, session, checkin_id).target
    record = seen(tx, session, records.find_for_update(tx, session.organisation_id, target))
    checkin = _found(tx, session, checkin_id)  # as it is now that others wait
    if not may_change(tx, session, checkin.activity_id, checkin.author_id):
        raise Forbidden(refusal)
    return checkin, record


def _facts(tx: Tx, session: Session, checkin: CheckIn) -> Facts:
    facts = facts_store.find(tx, session.organisation_id, checkin.activity_id)
    if facts is None:
        raise NotFound("no such check-in")
    return facts


def _view(tx: Tx, session: Session, facts: Facts, record: Record) -> CheckInView:
    shown = views_of(tx, session, [record])[0]
    return CheckInView(facts, shown.record, files_of(tx, session, [facts]).files, shown.sight)


def _where(session: Session, record: Record, place: Place) -> tuple[Place, int | None]:
    """The place as the organisation keeps it, and how far from the record's address it is."""
    how = session.directory.organisation.coordinates
    return kept(place, how), kept_distance(place, record.details.get("address"), how)


def check_note(note: str) -> None:
    """Raises Invalid for one that is too long."""
    if len(note) > MAX_NOTE:
        raise Invalid({"note": [f"不能超过{MAX_NOTE}个字符"]})
