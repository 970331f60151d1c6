"""When somebody leaves: their tokens die, they are in no pool any more, and what they worked on is handed over with its
history.

Up to AT_ONCE records all of it is one act. What is more is a job, put in within that same act, which is done at once:
whoever is cut short leaves it to the workers.
"""

from dataclasses import dataclass, replace

from genjin.domain.audit import Act, Subject
from genjin.domain.directory import Directory
from genjin.domain.job import Job, JobState, over
from genjin.domain.json import JsonValue
from genjin.domain.people import LEFT, User
from genjin.domain.pools import without
from genjin.errors import Invalid, NotFound
from genjin.service.audit import Hand, administrator, note
from genjin.service.context import Installation, Session
from genjin.service.directory import load
from genjin.service.organisation.changing import check_administered, locked
from genjin.service.organisation.handing_over import HAND_OVER, counts, hand_over
from genjin.service.organisation.people import user_of
from genjin.service.queue.batches import Batch, Context, finish
from genjin.service.queue.queue import Begun, Lease, enqueue, take_within
from genjin.store import follows, jobs, people, pools, records, tokens
from genjin.store.transaction import Tx

AT_ONCE = 1000
"""How many records the act itself hands over; the others of the installation wait that long."""


@dataclass(frozen=True, slots=True)
class Handover:
    """Who left, how many records they owned and worked on, which are the successor's now."""

    user: User
    owned: int = 0
    shared: int = 0


def leave(installation: Installation, session: Session, user_id: int, to_user_id: int) -> Handover:
    """Let a colleague leave. Raises Forbidden for who is no administrator; NotFound; Invalid for the successor."""
    return _leave(installation, administrator(session), user_id, to_user_id)


def leave_by_login(installation: Installation, organisation_id: int, login: str, to_login: str) -> Handover:
    """The same, by the installation's operator. Raises NotFound for a login; Invalid, Forbidden."""
    directory = installation.database.read(lambda tx: load(tx, organisation_id), organisation_id)
    user, successor = user_of(directory, login), user_of(directory, to_login)
    return _leave(installation, administrator(organisation_id), user.id, successor.id)


def _leave(installation: Installation, by: Hand, user_id: int, to_user_id: int) -> Handover:
    organisation_id, now = by.organisation_id, installation.clock.now()

    def use(tx: Tx) -> tuple[User, Batch, Lease | None]:
        _forget_earlier(tx, organisation_id, user_id, now)
        directory = locked(tx, organisation_id)
        user = _check(directory, user_id, to_user_id)
        before: dict[str, JsonValue] = {"here": user.workflow_state != LEFT}
        if user.workflow_state != LEFT:
            user = _go(tx, directory, user, now)
        _leave_pools(tx, directory, user.id, now)
        told: dict[str, JsonValue] = {"user_id": user_id, "to_user_id": to_user_id, "by": by.user_id}
        handed = hand_over(tx, Context(installation, organisation_id, told), None, AT_ONCE)
        after: dict[str, JsonValue] = {"here": False, "to": directory.users[to_user_id].name}
        note(tx, installation, by, Act.USER_LEFT, Subject(user.id, user.name), before, after)
        left = records.count_worked_on(tx, organisation_id, user_id) if handed.more else 0
        if not left:
            return user, handed, None
        begun = Begun(handed.cursor, handed.done, left)
        job = enqueue(tx, organisation_id, HAND_OVER.name, now, told, begun=begun)
        return user, handed, take_within(tx, organisation_id, job.id, HAND_OVER.tries, now)

    user, handed, lease = installation.database.write(use, organisation_id)
    if lease is None:
        return Handover(user, *counts(handed.cursor))
    job = finish(installation, organisation_id, HAND_OVER, lease.job.id, lease)
    return Handover(user, *counts(job.cursor))


def _forget_earlier(tx: Tx, organisation_id: int, user_id: int, now: int) -> None:
    """Whoever says it again says whose the rest shall be: what was asked for earlier ends where it is."""
    earlier = [job.id for job in jobs.unfinished(tx, organisation_id, HAND_OVER.name) if _is_of(job, user_id)]
    for job_id in earlier:
        job = jobs.find_for_update(tx, organisation_id, job_id)
        if job is not None and not job.is_over:
            jobs.put(tx, organisation_id, over(job, JobState.CANCELLED, now))


def _is_of(job: Job, user_id: int) -> bool:
    return job.arguments["user_id"] == user_id


def _check(directory: Directory, user_id: int, to_user_id: int) -> User:
    user, to = directory.users.get(user_id), directory.users.get(to_user_id)
    if user is None:
        raise NotFound("no such user")
    if to is None or to.workflow_state == LEFT or to.id == user.id:
        raise Invalid({"to_user_id": ["应为另一位在职的同事"]})
    check_administered(directory, users={user.id: replace(user, workflow_state=LEFT)})
    return user


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
    follows.remove_all_of(tx, organisation_id, user.id)
    return gone


def _leave_pools(tx: Tx, directory: Directory, user_id: int, now: int) -> None:
    """Out of the members and administrators of every pool."""
    organisation_id = directory.organisation.id
    named = [pool.id for pool in directory.pools.values() if user_id in (*pool.admin_ids, *pool.user_ids)]
    for pool_id in named:
        if (pool := pools.find_for_update(tx, organisation_id, pool_id)) is not None:
            pools.put_pools(tx, organisation_id, [without(pool, user_id, now)])
