"""Entries that programs write, one or many, of any kind: written, changed and taken back through the use cases of their
kinds, so that all that hangs on those is right. What came from another system is the same entry however often it comes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.call import CallReport
from genjin.domain.followup import FollowUpInput
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN
from genjin.domain.writing import Asked, Content, CustomInput, External, NewEntry, Outcome, VisitInput, Written
from genjin.errors import Duplicate, Forbidden, GenjinError, Invalid, Stale, StoreUnavailable
from genjin.service.context import Installation, Session
from genjin.service.entries import calls, checkins, custom, followups
from genjin.service.entries.elsewhere import check_original
from genjin.service.visibility import seen_among, seen_entry, seen_removed
from genjin.store import activities, records, sources
from genjin.store import calls as call_store
from genjin.store.transaction import Tx

AT_ONCE = 100
"""Entries of one transaction, where they may be written one without the other: everybody else waits for it."""


def write_entry(installation: Installation, session: Session, entry: NewEntry) -> Written:
    """Write one. Raises NotFound, Forbidden, Invalid; Duplicate for a name that an entry has which is not seen."""
    [outcome] = write_entries(installation, session, [entry], all_or_none=False)
    if isinstance(outcome, GenjinError):
        raise outcome
    return outcome


def write_entries(
    installation: Installation, session: Session, asked: Sequence[Asked], all_or_none: bool
) -> list[Outcome]:
    """Write many; what became of each, in their order. With `all_or_none` they are written together: when one is
    refused, nothing is done, which the refusals of the others do not tell.
    """
    order = sorted(range(len(asked)), key=lambda nth: _target(asked[nth]))  # two who do so wait in one order
    size = len(order) if all_or_none else AT_ONCE
    outcomes: dict[int, Outcome] = {}
    for start in range(0, len(order), max(size, 1)):
        part = order[start : start + size]
        try:
            outcomes |= installation.database.write(
                _writing(installation, session, {nth: asked[nth] for nth in part}, all_or_none), session.organisation_id
            )
        except _Refused as refused:
            outcomes |= refused.outcomes
    return [outcomes[nth] for nth in range(len(asked))]


def change_entry(
    installation: Installation,
    session: Session,
    activity_id: int,
    read: Callable[[Facts], Content],
    wanted: Collection[str] | None = None,
) -> None:
    """Change what `read` says of the entry, if its state is one of those that are `wanted`.

    Raises NotFound, Forbidden, Stale, Invalid.
    """

    def use(tx: Tx) -> None:
        facts = _current(tx, session, activity_id, wanted)
        content, inside, own_id = read(facts), installation.within(tx), facts.object_id or 0
        match content:
            case FollowUpInput():
                followups.edit_follow_up(inside, session, own_id, content)
            case CallReport():
                calls.end_call(inside, session, own_id, content)
            case VisitInput():
                if "note" in content.given:
                    checkins.edit_note(inside, session, own_id, content.check_in.note)
                if content.signed_out is not None:
                    checkins.sign_out(inside, session, own_id, content.signed_out.place, content.signed_out.at)
            case CustomInput():
                custom.edit_custom(inside, session, activity_id, content)

    installation.database.write(use, session.organisation_id)


def remove_entry(
    installation: Installation, session: Session, activity_id: int, wanted: Collection[str] | None = None
) -> None:
    """Take an entry back, if its state is one of those that are `wanted`; a stub stays. It may be gone already.

    Raises NotFound, Forbidden, Stale.
    """

    def use(tx: Tx) -> None:
        if activities.find_removed(tx, session.organisation_id, activity_id) is not None:
            seen_removed(tx, session, activity_id)
            return
        facts = _current(tx, session, activity_id, wanted)
        inside = installation.within(tx)
        if facts.kind in session.directory.custom_kinds:
            custom.delete_custom(inside, session, activity_id)
        elif facts.kind in _DELETE:
            _DELETE[facts.kind](inside, session, facts.object_id or 0)
        else:
            raise Forbidden("这类动态不能删除")

    installation.database.write(use, session.organisation_id)


def state_of(tx: Tx, session: Session, facts: Facts) -> str:
    """Names what an entry says: another one after each change of it, whoever looks at it and whatever is said of it."""
    is_call = facts.kind == CALL_MADE.code and facts.object_id is not None
    call = call_store.find(tx, session.organisation_id, facts.object_id or 0) if is_call else None
    told = repr((facts._replace(comment_count=0), call))
    return blake2b(told.encode(), digest_size=8).hexdigest()


class _Known(NamedTuple):
    """The entry of a name, and whether the viewer sees it, also if it was taken back."""

    id: int
    is_seen: bool


class _Refused(Exception):
    """Raised so that nothing of many is done."""

    def __init__(self, outcomes: Mapping[int, Outcome]) -> None:
        super().__init__("one was refused")
        self.outcomes = outcomes


def _writing(
    installation: Installation, session: Session, asked: Mapping[int, Asked], all_or_none: bool
) -> Callable[[Tx], dict[int, Outcome]]:
    def use(tx: Tx) -> dict[int, Outcome]:
        inside = installation.within(tx)
        names = {nth: entry.external for nth, entry in asked.items() if isinstance(entry, NewEntry) and entry.external}
        claimed = sources.claim(tx, session.organisation_id, names.values())
        known = _known(tx, session, claimed)
        outcomes = {nth: _one(inside, session, entry, known) for nth, entry in asked.items()}
        if all_or_none and any(isinstance(outcome, GenjinError) for outcome in outcomes.values()):
            raise _Refused(outcomes)
        written = {nth: done for nth, done in outcomes.items() if isinstance(done, Written) and done.is_new}
        fresh = {names[nth]: done.id for nth, done in written.items() if nth in names}
        sources.settle(tx, session.organisation_id, fresh)
        sources.release(tx, session.organisation_id, [name for name in claimed if name not in known])
        return outcomes

    return use


def _known(tx: Tx, session: Session, claimed: Mapping[External, int | None]) -> dict[External, _Known]:
    """The entries of the names that were not free."""
    ids = sorted({id_ for id_ in claimed.values() if id_ is not None})
    seen = seen_among(tx, session, activities.find_with_removed(tx, session.organisation_id, ids))
    return {name: _Known(id_, id_ in seen) for name, id_ in claimed.items() if id_ is not None}


def _one(inside: Installation, session: Session, entry: Asked, known: dict[External, _Known]) -> Outcome:
    """Write one of many; it is known by its name from then on."""
    if isinstance(entry, Invalid):
        return entry
    name = entry.external
    there = None if name is None else known.get(name)
    if there is not None:
        return Written(there.id, is_new=False) if there.is_seen else Duplicate("该来源和外部编号已被使用")
    try:
        check_original(session, entry.original, inside.clock.now())
        # All of it, or nothing.
        id_ = inside.database.write(lambda _: _write(inside, session, entry), session.organisation_id)
    except StoreUnavailable:
        raise
    except GenjinError as refusal:
        return refusal
    if name is not None:
        known[name] = _Known(id_, is_seen=True)
    return Written(id_, is_new=True)


def _write(inside: Installation, session: Session, entry: NewEntry) -> int:
    """Write a new entry through the use case of its kind; its id."""
    content = entry.content
    match content:
        case FollowUpInput():
            return followups.write_follow_up(inside, session, entry.target, content, entry.original).facts.id
        case CallReport():
            report = replace(content, target=entry.target)
            call = calls.log_call(inside, session, report, entry.original, is_over=True).call
            assert call.activity_id is not None
            return call.activity_id
        case VisitInput():
            facts = checkins.sign_in(inside, session, entry.target, content.check_in, entry.original).facts
            if content.signed_out is not None:
                checkins.sign_out(
                    inside, session, facts.object_id or 0, content.signed_out.place, content.signed_out.at
                )
            return facts.id
        case CustomInput():
            return custom.write_custom(inside, session, entry.target, content, entry.original).id


def _current(tx: Tx, session: Session, activity_id: int, wanted: Collection[str] | None) -> Facts:
    """The entry, its record locked, if its state is a wanted one. Raises NotFound, Stale."""
    facts = seen_entry(tx, session, activity_id)
    records.find_for_update(tx, session.organisation_id, facts.target)
    facts = seen_entry(tx, session, activity_id)  # as it is now that others wait
    if wanted is not None and state_of(tx, session, facts) not in wanted:
        raise Stale(f"activity {activity_id}")
    return facts


def _target(asked: Asked) -> tuple[int, int]:
    return (0, 0) if isinstance(asked, Invalid) else (int(asked.target.type), asked.target.id)


_DELETE: Mapping[int, Callable[[Installation, Session, int], object]] = {
    FOLLOW_UP_WRITTEN.code: followups.delete_follow_up,
    CALL_MADE.code: calls.delete_call,
    CHECKED_IN.code: checkins.delete_checkin,
}
