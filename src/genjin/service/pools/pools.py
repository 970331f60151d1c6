"""What happens between owners and pools: put back, taken, handed out, deleted. Each act is on the timeline."""

from collections.abc import Sequence
from dataclasses import replace

from genjin.domain.change import Change
from genjin.domain.kinds import RECORD_ASSIGNED, RECORD_POOLED, RECORD_TAKEN
from genjin.domain.people import LEFT
from genjin.domain.policy import may_lead_pool, may_use_pool
from genjin.domain.pools import Pool, home_pool, may_be_taken_at
from genjin.domain.records import OF_A_CUSTOMER, Record, RecordInput, RecordType, Ref
from genjin.errors import Duplicate, Forbidden, Invalid, NotFound
from genjin.service.changes import tell
from genjin.service.context import Installation, Session
from genjin.service.organisation.defaults import lay_pools
from genjin.service.records.duplicates import refuse_duplicate
from genjin.service.records.writes import check, create, delete
from genjin.service.visibility import check_gives_away, locked, seen
from genjin.store import audiences, lineage, people, pools, records
from genjin.store.transaction import Tx

POOLED_TYPES = frozenset({RecordType.LEAD, RecordType.CUSTOMER})


def put_back(installation: Installation, session: Session, ref: Ref, pool_id: int | None = None) -> Record:
    """Put a record into a pool: the one that is named, else the one that it came from or belongs to.

    Raises NotFound, Forbidden; Duplicate when it lies in a pool already; Invalid for a pool that is not there.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        before = locked(tx, session, ref)
        if before.pool_id is not None:
            raise Duplicate("该对象已在公海中")
        if before.customer_id is not None:
            raise Forbidden("该线索已转换为客户，不能退回")
        check_gives_away(tx, session, before)
        pool = _pool_for(tx, session, before, pool_id, now)
        return move_to_pool(tx, session.organisation_id, before, pool, session.viewer.user_id, now)

    return installation.database.write(use, session.organisation_id)


def create_in_pool(
    installation: Installation,
    session: Session,
    type_: RecordType,
    given: RecordInput,
    pool_id: int,
    check_duplicates: bool = False,
) -> Record:
    """Create a record that lies in a pool from the beginning; an owner or department in the input is not looked at.

    Raises Invalid, also for a pool that is not there; Duplicate, with `check_duplicates`, when another is like it.
    """
    columns = {name: value for name, value in given.columns.items() if name not in ("owner_id", "department_id")}
    own = replace(given, columns=columns)
    check(session, type_, own, creating=True)
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        created = create(tx, session, type_, own, now)
        pool = _pool_for(tx, session, created, pool_id, now)
        values: dict[str, object] = {"owner_id": None, "department_id": None, "pool_id": pool.id, "pooled_at": now}
        records.change(tx, session.organisation_id, created.ref, values)
        pooled = replace(created, **values)  # type: ignore[arg-type]
        _pass_on(tx, session.organisation_id, created, pooled, session.viewer.user_id, now)
        if check_duplicates:
            refuse_duplicate(tx, session, pooled)
        return pooled

    return installation.database.write(use, session.organisation_id)


def take(installation: Installation, session: Session, ref: Ref) -> Record:
    """Take a record from a pool; of several who want it at once, one gets it.

    Raises NotFound; Duplicate when somebody has it already; Forbidden for who may not take, or not yet.
    """
    now, viewer = installation.clock.now(), session.viewer

    def use(tx: Tx) -> Record:
        found = records.find_for_update(tx, session.organisation_id, ref)
        if found is not None and found.pool_id is None and may_use_pool(viewer, found.from_pool_id):
            raise Duplicate("该对象已被领取")
        before = seen(tx, session, found)
        if before.pool_id is None:
            raise Duplicate("该对象不在公海中")
        if not may_use_pool(viewer, before.pool_id):
            raise Forbidden("您不是该公海的成员")
        _refuse_early(session, before, now)
        return _move_to_owner(tx, session, before, viewer.user_id, now)

    return installation.database.write(use, session.organisation_id)


def hand_out(installation: Installation, session: Session, ref: Ref, user_id: int) -> Record:
    """Give a record that lies in a pool to a member of the pool; for who administers it.

    Raises NotFound, Forbidden; Invalid for who is no member.
    """
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        before = _led(tx, session, ref)
        user, pool = session.directory.users.get(user_id), session.directory.pools.get(before.pool_id or 0)
        if user is None or user.workflow_state == LEFT:
            raise Invalid({"user_id": ["没有这个用户"]})
        if pool is None or not pool.has_member(user.id, user.department_id):
            raise Invalid({"user_id": ["该用户不是该公海的成员"]})
        return _move_to_owner(tx, session, before, user.id, now)

    return installation.database.write(use, session.organisation_id)


def read_pooled(installation: Installation, session: Session, ref: Ref) -> Record:
    """A record that lies in a pool. Raises NotFound, also for one that does not."""
    return installation.read_for(
        session, lambda tx: _pooled(seen(tx, session, records.find(tx, session.organisation_id, ref)))
    )


def delete_pooled(installation: Installation, session: Session, ref: Ref) -> Record:
    """Delete a record that lies in a pool; for who administers it. Raises NotFound, Forbidden."""
    now = installation.clock.now()

    def use(tx: Tx) -> Record:
        return delete(tx, session, _led(tx, session, ref), now)

    return installation.database.write(use, session.organisation_id)


def move_to_pool(
    tx: Tx, organisation_id: int, before: Record, pool: Pool, actor_id: int, now: int, note: str = ""
) -> Record:
    """Let a locked record lie in a pool: nobody owns it or works on it, and who did is remembered."""
    told = [Change("pool_id", None, pool.id), Change("owner_id", before.owner_id, None)]
    if before.collaborators:
        told.append(Change("collaborators", sorted(before.collaborators), []))
    values: dict[str, object] = {
        "owner_id": None,
        "department_id": None,
        "before_owner_id": before.owner_id,
        "before_department_id": before.department_id,
        "pool_id": pool.id,
        "pooled_at": now,
        "updated_at": now,
    }
    after = replace(before, **values, collaborators=frozenset())  # type: ignore[arg-type]
    with audiences.told(tx, organisation_id, [before.ref]):
        records.remove_collaborators(tx, organisation_id, before.ref, before.collaborators)
        records.change(tx, organisation_id, before.ref, values)
        pools.forget_warning(tx, organisation_id, before.ref)
        tell(tx, organisation_id, RECORD_POOLED, before.ref, actor_id, now, told, note)
        _pass_on(tx, organisation_id, before, after, actor_id, now)
    return after


def _move_to_owner(tx: Tx, session: Session, before: Record, owner_id: int, now: int) -> Record:
    values: dict[str, object] = {
        "owner_id": owner_id,
        "department_id": session.directory.users[owner_id].department_id,
        "pool_id": None,
        "pooled_at": None,
        "from_pool_id": before.pool_id,
        "updated_at": now,
    }
    told = [Change("pool_id", before.pool_id, None), Change("owner_id", None, owner_id)]
    actor_id = session.viewer.user_id
    after = replace(before, **values)  # type: ignore[arg-type]
    with audiences.told(tx, session.organisation_id, [before.ref]):
        records.change(tx, session.organisation_id, before.ref, values)
        tell(tx, session.organisation_id, RECORD_TAKEN, before.ref, actor_id, now, told)
        _pass_on(tx, session.organisation_id, before, after, actor_id, now)
    return after


def _pass_on(tx: Tx, organisation_id: int, before: Record, after: Record, by: int, now: int) -> None:
    """Let a customer's contacts, opportunities and contracts that its owner had, or nobody, go where it goes."""
    if before.type is not RecordType.CUSTOMER:
        return
    for ref, _ in lineage.pointing_at(tx, organisation_id, [before.ref]):
        found = records.find_for_update(tx, organisation_id, ref) if ref.type in OF_A_CUSTOMER else None
        if found is None or found.owner_id != before.owner_id:
            continue
        values: dict[str, object] = {"owner_id": after.owner_id, "department_id": after.department_id}
        if found.owner_id is not None:
            values |= {"before_owner_id": found.owner_id, "before_department_id": found.department_id}
        records.change(tx, organisation_id, ref, values | {"updated_at": now})
        change = Change("owner_id", before.owner_id, after.owner_id)
        tell(tx, organisation_id, RECORD_ASSIGNED, ref, by, now, [change])


def _pool_for(tx: Tx, session: Session, record: Record, pool_id: int | None, now: int) -> Pool:
    """The pool that the viewer names, if they may use it; the record's own when they name none."""
    there = pools_of(tx, session, record.type, now)
    if pool_id is None:
        owner = session.directory.users.get(record.owner_id or 0)
        found = home_pool(there, record, owner.department_id if owner else None)
    else:
        found = next((pool for pool in there if pool.id == pool_id and may_use_pool(session.viewer, pool.id)), None)
    if found is None:
        raise Invalid({"common_id": ["没有这个公海"]})
    return found


def pools_of(tx: Tx, session: Session, type_: RecordType, now: int) -> Sequence[Pool]:
    """The pools of a type; an organisation that is older than pools gets its first ones now."""
    there = [pool for pool in session.directory.pools.values() if pool.type is type_]
    if there or type_ not in POOLED_TYPES:
        return there
    laid = lay_pools(tx, session.organisation_id, now)
    people.bump_version(tx, session.organisation_id)
    return [pool for pool in laid if pool.type is type_]


def _led(tx: Tx, session: Session, ref: Ref) -> Record:
    """A record in a pool, locked, for who administers the pool. Raises NotFound, Forbidden."""
    record = _pooled(seen(tx, session, records.find_for_update(tx, session.organisation_id, ref)))
    if not may_lead_pool(session.viewer, record.pool_id):
        raise Forbidden("只有公海管理员可以进行该操作")
    return record


def _pooled(record: Record) -> Record:
    if record.pool_id is None:
        raise NotFound("it lies in no pool")
    return record


def _refuse_early(session: Session, record: Record, now: int) -> None:
    pool, calendar = session.directory.pools.get(record.pool_id or 0), session.directory.calendar
    free_at = None if pool is None else may_be_taken_at(pool, record, session.viewer.user_id, calendar)
    if free_at is not None and now < free_at:
        raise Forbidden(f"您退回的对象在{calendar.minute(free_at)}之后才能再次领取")
