"""When somebody leaves: their tokens die, they are in no pool any more, and what they worked on is handed over with its
history.

All of it is one act. What is more than one batch goes on in further transactions, and if these are cut short, telling
it again goes on with what is left.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from genjin.domain.activity import Draft
from genjin.domain.change import Change, ChangeDetails
from genjin.domain.directory import Directory
from genjin.domain.kinds import COLLABORATORS_CHANGED, RECORD_ASSIGNED, Kind
from genjin.domain.people import LEFT, SYSTEM_ID, User
from genjin.domain.policy import may_administer
from genjin.domain.pools import without
from genjin.domain.records import Record
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service import activities
from genjin.service.context import Installation, Session
from genjin.service.directory import load
from genjin.service.organisation.people import user_with_login
from genjin.store import people, pools, records, tokens
from genjin.store.transaction import Tx

BATCH = 1000
"""How many records one transaction hands over; the others of the installation wait that long."""
NOTE = "离职交接"


@dataclass(frozen=True, slots=True)
class Handover:
    """Who left, how many records they owned and worked on, which are the successor's now; if there are more."""

    user: User
    owned: int = 0
    shared: int = 0
    more: bool = False


def leave(installation: Installation, session: Session, user_id: int, to_user_id: int) -> Handover:
    """Let a colleague leave. Raises Forbidden for who is no administrator; NotFound; Invalid for the successor."""
    if not may_administer(session.viewer):
        raise Forbidden("只有管理员可以办理离职")
    return _leave(installation, session.organisation_id, user_id, to_user_id, session.viewer.user_id)


def leave_by_login(installation: Installation, organisation_id: int, login: str, to_login: str) -> Handover:
    """The same, by the installation's operator. Raises NotFound for a login; Invalid, Forbidden."""
    directory = installation.database.read(lambda tx: load(tx, organisation_id), organisation_id)
    user, successor = user_with_login(directory, login), user_with_login(directory, to_login)
    return _leave(installation, organisation_id, user.id, successor.id, SYSTEM_ID)


def _leave(installation: Installation, organisation_id: int, user_id: int, to_user_id: int, by: int) -> Handover:
    now = installation.clock.now()

    def begin(tx: Tx) -> Handover:
        directory = load(tx, organisation_id)
        user = _check(directory, user_id, to_user_id)
        if user.workflow_state != LEFT:
            user = _go(tx, directory, user, now)
        _leave_pools(tx, directory, user.id, now)
        return hand_over(tx, Handover(user))

    def hand_over(tx: Tx, so_far: Handover) -> Handover:
        to = load(tx, organisation_id).users[to_user_id]
        owned = _hand_over_owned(tx, organisation_id, so_far.user, to, by, now)
        shared = _hand_over_shared(tx, organisation_id, so_far.user, to, by, now) if owned < BATCH else 0
        return Handover(so_far.user, so_far.owned + owned, so_far.shared + shared, BATCH in (owned, shared))

    handed = installation.database.write(begin, organisation_id)
    while handed.more:
        handed = installation.database.write(partial(hand_over, so_far=handed), organisation_id)
    return handed


def _check(directory: Directory, user_id: int, to_user_id: int) -> User:
    user, to = directory.users.get(user_id), directory.users.get(to_user_id)
    if user is None:
        raise NotFound("no such user")
    if to is None or to.workflow_state == LEFT or to.id == user.id:
        raise Invalid({"to_user_id": ["应为另一位在职的同事"]})
    if not any(_runs(directory, each) for each in directory.users.values() if each.id != user.id):
        raise Forbidden("企业至少要有一位管理员")
    return user


def _runs(directory: Directory, user: User) -> bool:
    viewer = directory.viewer(user.id)
    return user.workflow_state != LEFT and user.login is not None and viewer is not None and may_administer(viewer)


def _go(tx: Tx, directory: Directory, user: User, now: int) -> User:
    """Out of every office: no token, no department to lead, nobody who reports to them."""
    organisation_id = directory.organisation.id
    gone = replace(user, workflow_state=LEFT, left_at=now)
    below = [
        replace(each, superior_id=user.superior_id)
        for each in directory.users.values()
        if each.superior_id == user.id and each.id != user.id
    ]
    people.put_users(tx, organisation_id, [gone, *below])
    led = [each for each in directory.departments.values() if user.id in each.managers]
    people.put_departments(
        tx, organisation_id, [replace(d, managers=tuple(m for m in d.managers if m != user.id)) for d in led]
    )
    tokens.revoke_user_tokens(tx, organisation_id, user.id, now)
    people.bump_version(tx, organisation_id)
    return gone


def _leave_pools(tx: Tx, directory: Directory, user_id: int, now: int) -> None:
    """Out of the members and administrators of every pool."""
    organisation_id = directory.organisation.id
    named = [pool.id for pool in directory.pools.values() if user_id in (*pool.admin_ids, *pool.user_ids)]
    for pool_id in named:
        if (pool := pools.find_for_update(tx, organisation_id, pool_id)) is not None:
            pools.put_pools(tx, organisation_id, [without(pool, user_id, now)])
    if named:
        people.bump_version(tx, organisation_id)


def _hand_over_owned(tx: Tx, organisation_id: int, user: User, to: User, by: int, now: int) -> int:
    found = records.owned_by(tx, organisation_id, user.id, BATCH)
    handed = [
        replace(
            record,
            owner_id=to.id,
            department_id=to.department_id,
            before_owner_id=user.id,
            before_department_id=record.department_id,
            updated_at=now,
        )
        for record in found
    ]
    records.put_records(tx, organisation_id, handed)
    told = (_draft(RECORD_ASSIGNED, each, Change("owner_id", user.id, to.id), by, now) for each in _there(found))
    activities.record_many(tx, organisation_id, list(told))
    return len(found)


def _hand_over_shared(tx: Tx, organisation_id: int, user: User, to: User, by: int, now: int) -> int:
    found = records.shared_with(tx, organisation_id, user.id, BATCH)
    drafts = []
    for record in found:
        joins = {to.id} - {record.owner_id}
        records.remove_collaborators(tx, organisation_id, record.ref, [user.id])
        records.add_collaborators(tx, organisation_id, record.ref, joins - record.collaborators, now, by)
        after = (record.collaborators - {user.id}) | joins
        change = Change("collaborators", sorted(record.collaborators), sorted(after))
        drafts += [_draft(COLLABORATORS_CHANGED, each, change, by, now) for each in _there([record])]
    activities.record_many(tx, organisation_id, drafts)
    return len(found)


def _there(some: Iterable[Record]) -> list[Record]:
    """A deleted record changes hands without a word."""
    return [record for record in some if record.deleted_at is None]


def _draft(kind: Kind, record: Record, change: Change, by: int, now: int) -> Draft:
    return Draft(kind, by, record.ref, now, now, details=ChangeDetails((change,), NOTE))
