"""Follow-ups: write, list, read, edit and delete one's own."""

from collections.abc import Callable
from typing import NamedTuple

from genjin.domain.activity import Draft, Facts
from genjin.domain.directory import FOLLOW_UP_CATEGORY
from genjin.domain.followup import CAPTURED_AS, MAX_TEXT, FollowUp, FollowUpDetails, FollowUpFilter, FollowUpInput
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.policy import may_edit_entry
from genjin.domain.records import Record, Ref
from genjin.domain.timeline import Page
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.visibility import seen
from genjin.store import activities as facts_store
from genjin.store import followups, ids, records
from genjin.store.activities import pack_details, pack_text
from genjin.store.transaction import Tx


class FollowUpView(NamedTuple):
    """A follow-up's facts and the record it was written on."""

    facts: Facts
    target: Record


def write_follow_up(installation: Installation, session: Session, target: Ref, given: FollowUpInput) -> FollowUpView:
    """Write a follow-up on a record. Raises NotFound for a record the viewer may not see; Invalid."""
    _check(session, given)
    now, author = installation.clock.now(), session.viewer.user_id

    def use(tx: Tx) -> FollowUpView:
        record = seen(tx, session, records.find_for_update(tx, session.organisation_id, target))
        follow_up_id = ids.allocate(tx)[0]
        said_at = now if given.said_at is None else given.said_at
        draft = Draft(
            kind=FOLLOW_UP_WRITTEN,
            actor_id=author,
            target=target,
            at=now,
            recorded_at=now,
            object_id=follow_up_id,
            said_at=said_at,
            remind_at=given.remind_at,
            category_id=given.category_id,
            text=given.text,
            details=FollowUpDetails(given.place, given.mentions),
        )
        facts = activities.record(tx, session.organisation_id, draft)
        followups.put(tx, session.organisation_id, FollowUp(follow_up_id, facts.id, author, target, now))
        touched: dict[str, object] = {"followed_up_at": now, "said_followed_up_at": said_at, "updated_at": now}
        if given.remind_at is not None:
            touched["remind_at"] = given.remind_at
        if given.status is not None:
            touched["status"] = given.status
        records.change(tx, session.organisation_id, target, touched)
        return FollowUpView(facts, record)

    return installation.database.write(use)


def edit_follow_up(
    installation: Installation, session: Session, follow_up_id: int, given: FollowUpInput
) -> FollowUpView:
    """Change what is given; the earlier wording is kept. Raises NotFound, Forbidden (not one's own), Invalid."""
    _check(session, given)
    now = installation.clock.now()

    def use(tx: Tx) -> FollowUpView:
        view = _own(tx, session, follow_up_id)
        values: dict[str, object] = {
            name: getattr(given, name) for name in ("category_id", "said_at", "remind_at") if name in given.given
        }
        if "text" in given.given:
            values["text"] = pack_text(given.text)
        if not given.given & CAPTURED_AS.keys():
            return view
        if view.facts.rare is not None or given.given & {"place", "mentions"}:
            values["rare"] = pack_details(_details(view.facts, given))
        facts = activities.edit(tx, session.organisation_id, view.facts, values, now, session.viewer.user_id)
        return view._replace(facts=facts)

    return installation.database.write(use)


def delete_follow_up(installation: Installation, session: Session, follow_up_id: int) -> FollowUpView:
    """Take back one's own follow-up. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> FollowUpView:
        view = _own(tx, session, follow_up_id)
        activities.take_back(tx, session.organisation_id, view.facts, now)
        followups.remove(tx, session.organisation_id, follow_up_id)
        return view

    return installation.database.write(use)


def read_follow_up(installation: Installation, session: Session, follow_up_id: int) -> FollowUpView:
    """One follow-up. Raises NotFound when it is missing or its record is not visible."""
    return installation.database.read(lambda tx: _visible(tx, session, follow_up_id))


def list_follow_ups(
    installation: Installation, session: Session, wanted: FollowUpFilter, page: Page
) -> tuple[list[FollowUpView], int]:
    """Follow-ups on records that the viewer may see, newest first, and the number of all."""

    def use(tx: Tx) -> tuple[list[FollowUpView], int]:
        found, total = followups.page(tx, session.viewer, wanted, page.offset, page.size)
        targets = records.find_many(tx, session.organisation_id, sorted({facts.target for facts in found}))
        return [FollowUpView(facts, targets[facts.target]) for facts in found], total

    return installation.database.read(use)


def _own(tx: Tx, session: Session, follow_up_id: int) -> FollowUpView:
    """One's own follow-up; its record is locked, so that two edits come one after the other."""
    view = _visible(tx, session, follow_up_id, records.find_for_update)
    if not may_edit_entry(session.viewer, view.facts.actor_id):
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
    return FollowUpView(facts, record)


def _details(facts: Facts, given: FollowUpInput) -> FollowUpDetails:
    before = facts_store.unpack_details(FOLLOW_UP_WRITTEN, facts.rare)
    assert isinstance(before, FollowUpDetails)
    replaced = {"updated_at", *(key for name in given.given for key in CAPTURED_AS.get(name, ()))}
    return FollowUpDetails(
        place=given.place if "place" in given.given else before.place,
        mentions=given.mentions if "mentions" in given.given else before.mentions,
        captured={key: value for key, value in (before.captured or {}).items() if key not in replaced},
    )


def _check(session: Session, given: FollowUpInput) -> None:
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
