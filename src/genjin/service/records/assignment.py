"""Handing records over: to another owner, and to who works on them beside the owner."""

from collections.abc import Sequence
from dataclasses import replace

from genjin.domain.audit import Act, Subject
from genjin.domain.change import Change
from genjin.domain.field_rights import check_writable
from genjin.domain.json import JsonValue
from genjin.domain.kinds import COLLABORATORS_CHANGED, RECORD_ASSIGNED
from genjin.domain.people import User
from genjin.domain.policy import may_assign
from genjin.domain.records import OF_A_CUSTOMER, Record, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import Forbidden, Invalid
from genjin.service.audit import NOTHING, hand_of, note
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.visibility import check_gives_away, locked, standing
from genjin.store import audiences, lineage, records
from genjin.store.transaction import Tx

MOST_AT_ONCE = 200
"""Records handed over by one act."""
MOST_COLLABORATORS = 100


def assign(installation: Installation, session: Session, refs: Sequence[Ref], owner_id: int | None) -> list[Record]:
    """Hand records over to another owner and that one's department: all of them, or none.

    With a customer go those of its contacts, opportunities and contracts that its owner had too. Raises NotFound;
    Forbidden, also for who only works on one of them, for a new owner outside the viewer's sight and for what lies in a
    pool; Invalid for who is not there.
    """
    if not refs:
        raise Invalid({"ids": ["不能为空"]})
    if len(refs) > MOST_AT_ONCE:
        raise Invalid({"ids": [f"不能超过{MOST_AT_ONCE}个"]})
    owner = _colleague(session, owner_id)
    if not may_assign(session.viewer, owner.id, owner.department_id):
        raise Forbidden("您没有权限将其分配给该用户或部门")
    now = installation.clock.now()

    def use(tx: Tx) -> list[Record]:
        found = {ref: locked(tx, session, ref) for ref in sorted(set(refs))}
        if pooled := [record.name for record in found.values() if record.pool_id is not None]:
            raise Forbidden(f"“{'”、“'.join(pooled)}”在公海中，请先领取")
        handed = {ref: _hand_over(tx, session, record, owner, now) for ref, record in found.items()}
        if len(found) > 1:
            told: dict[str, JsonValue] = {"records": len(found), "to": owner.name}
            note(
                tx,
                installation,
                hand_of(session),
                Act.RECORDS_TRANSFERRED,
                Subject(owner.id, owner.name),
                NOTHING,
                told,
            )
        return [handed[ref] for ref in refs]

    return installation.database.write(use, session.organisation_id)


def list_collaborators(installation: Installation, session: Session, ref: Ref, page: Page) -> tuple[list[User], int]:
    """One page of who works on a record beside its owner, by id, and the number of all. Raises NotFound."""
    record = installation.read_for(session, lambda tx: standing(tx, session, ref))
    known = session.directory.users
    found = [known[user_id] for user_id in sorted(record.collaborators) if user_id in known]
    return found[page.offset : page.offset + page.size], len(found)


def set_collaborators(
    installation: Installation, session: Session, ref: Ref, user_ids: Sequence[int] | None
) -> list[User]:
    """Say who works on a record beside its owner; they see it at once, and who is left out no longer does.

    Returns them in the order given; those that there are when none are given. Raises NotFound; Forbidden, also for what
    lies in a pool; Invalid for who is not there.
    """
    wanted = list(dict.fromkeys(user_ids or ()))
    if len(wanted) > MOST_COLLABORATORS:
        raise Invalid({"assist_user_ids": [f"不能超过{MOST_COLLABORATORS}个"]})
    if unknown := [user_id for user_id in wanted if not session.directory.is_here(user_id)]:
        raise Invalid({"assist_user_ids": [f"没有这个用户：{user_id}" for user_id in unknown]})
    now, by = installation.clock.now(), session.viewer.user_id

    def use(tx: Tx) -> list[User]:
        before = locked(tx, session, ref)
        if before.pool_id is not None:
            raise Forbidden("该对象在公海中，请先领取")
        chosen = sorted(before.collaborators) if user_ids is None else [n for n in wanted if n != before.owner_id]
        added, removed = set(chosen) - before.collaborators, before.collaborators - set(chosen)
        if added or removed:
            with audiences.told(tx, session.organisation_id, [ref]):
                records.add_collaborators(tx, session.organisation_id, ref, sorted(added), now, by)
                records.remove_collaborators(tx, session.organisation_id, ref, removed)
            records.change(tx, session.organisation_id, ref, {"updated_at": now})
            change = Change("collaborators", sorted(before.collaborators), sorted(chosen))
            tell(tx, session.organisation_id, COLLABORATORS_CHANGED, ref, by, now, [change])
        return [session.directory.users[user_id] for user_id in chosen if user_id in session.directory.users]

    return installation.database.write(use, session.organisation_id)


def hand_over_with(tx: Tx, session: Session, before: Record, owner: User, now: int) -> None:
    """Give a new owner of a customer what goes with it: the contacts, opportunities and contracts that the one before
    had too. `before` is the record as it was; nothing goes with one of another type.
    """
    if before.type is not RecordType.CUSTOMER or before.owner_id is None:
        return
    for ref, _ in lineage.pointing_at(tx, session.organisation_id, [before.ref]):
        found = records.find_for_update(tx, session.organisation_id, ref) if ref.type in OF_A_CUSTOMER else None
        if found is not None and found.owner_id == before.owner_id:
            _give(tx, session, found, owner, now)


def _hand_over(tx: Tx, session: Session, before: Record, owner: User, now: int) -> Record:
    if before.owner_id == owner.id:
        return before
    check_gives_away(tx, session, before)
    check_writable(session.viewer, before.type, "owner_id")
    with audiences.told(tx, session.organisation_id, [before.ref]):
        after = _give(tx, session, before, owner, now)
        hand_over_with(tx, session, before, owner, now)
    return after


def _give(tx: Tx, session: Session, before: Record, owner: User, now: int) -> Record:
    """The record as the new owner's, who no longer only works on it."""
    values: dict[str, object] = {
        "owner_id": owner.id,
        "department_id": owner.department_id,
        "before_owner_id": before.owner_id,
        "before_department_id": before.department_id,
        "updated_at": now,
    }
    with audiences.told(tx, session.organisation_id, [before.ref]):
        records.change(tx, session.organisation_id, before.ref, values)
        records.remove_collaborators(tx, session.organisation_id, before.ref, [owner.id])
    change = Change("owner_id", before.owner_id, owner.id)
    tell(tx, session.organisation_id, RECORD_ASSIGNED, before.ref, session.viewer.user_id, now, [change])
    return replace(before, **values, collaborators=before.collaborators - {owner.id})  # type: ignore[arg-type]


def _colleague(session: Session, user_id: int | None) -> User:
    if user_id is None:
        raise Invalid({"user_id": ["不能为空"]})
    if not session.directory.is_here(user_id):
        raise Invalid({"user_id": ["没有这个用户"]})
    return session.directory.users[user_id]
