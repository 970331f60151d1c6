"""The pools of an organisation: list them, make and change them, and who may look into one."""

from dataclasses import replace

from genjin.domain.audit import Act, Subject
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.people import LEFT, User
from genjin.domain.pinyin import pinyin_of
from genjin.domain.policy import may_use_pool
from genjin.domain.pools import MOST_DAYS, Pool, PoolInput, changed_pool
from genjin.domain.records import RecordType
from genjin.domain.timeline import Page
from genjin.errors import Invalid, NotFound
from genjin.service.audit import NOTHING, By, Hand, administrator, note
from genjin.service.context import Installation, Session
from genjin.service.directory import load
from genjin.service.organisation.defaults import lay_pools
from genjin.service.pools.pools import pools_of
from genjin.store import ids, people, pools
from genjin.store.transaction import Tx

MAX_NAME = 255


def list_pools(installation: Installation, session: Session, type_: RecordType) -> list[Pool]:
    """The pools that the viewer may look into, by id; the first pools are made when there are none."""
    there = [pool for pool in session.directory.pools.values() if pool.type is type_]
    if not there:
        now = installation.clock.now()
        return list(installation.database.write(lambda tx: pools_of(tx, session, type_, now), session.organisation_id))
    return [pool for pool in there if may_use_pool(session.viewer, pool.id)]


def create_pool(installation: Installation, session: Session, type_: RecordType, given: PoolInput) -> Pool:
    """Make a pool; for administrators of the organisation. Raises Forbidden, Invalid."""
    return add_pool(installation, session, type_, given)


def change_pool(
    installation: Installation, session: Session, type_: RecordType, pool_id: int, given: PoolInput
) -> Pool:
    """Change what is given of a pool; for administrators of the organisation. Raises NotFound, Forbidden, Invalid."""
    pool = session.directory.pools.get(pool_id)
    if pool is None or pool.type is not type_ or not may_use_pool(session.viewer, pool_id):
        raise NotFound(f"no pool {pool_id}")
    return set_pool(installation, session, pool_id, given)


def pool_members(session: Session, type_: RecordType, pool_id: int, query: str, page: Page) -> tuple[list[User], int]:
    """A page of the colleagues who may look into a pool, by id, and the number of all. Raises NotFound."""
    pool = session.directory.pools.get(pool_id)
    if pool is None or pool.type is not type_ or not may_use_pool(session.viewer, pool_id):
        raise NotFound(f"no pool {pool_id}")
    wanted = query.casefold()
    found = [
        user
        for user in session.directory.users.values()
        if user.workflow_state != LEFT
        and pool.has_member(user.id, user.department_id)
        and (wanted in user.name.casefold() or wanted in pinyin_of(user.name))
    ]
    return found[page.offset : page.offset + page.size], len(found)


def add_pool(installation: Installation, by: By, type_: RecordType, given: PoolInput) -> Pool:
    """Make a pool; for administrators. Raises Invalid, Forbidden."""
    hand, now = administrator(by), installation.clock.now()

    def use(tx: Tx) -> Pool:
        fresh = changed_pool(Pool(ids.allocate(tx)[0], type_, "", now, now), given, now)
        return _put(tx, installation, hand, None, fresh)

    return installation.database.write(use, hand.organisation_id)


def set_pool(installation: Installation, by: By, pool_id: int, given: PoolInput) -> Pool:
    """Change what is given of a pool; for administrators. Raises NotFound, Invalid, Forbidden."""
    hand, now = administrator(by), installation.clock.now()

    def use(tx: Tx) -> Pool:
        before = pools.find_for_update(tx, hand.organisation_id, pool_id)
        if before is None:
            raise NotFound(f"no pool {pool_id}")
        return _put(tx, installation, hand, before, changed_pool(before, given, now))

    return installation.database.write(use, hand.organisation_id)


def all_pools(installation: Installation, organisation_id: int) -> list[Pool]:
    """Every pool of an organisation, as its operator sees them; the first pools are made when there are none."""
    now = installation.clock.now()

    def use(tx: Tx) -> list[Pool]:
        before = pools.pool_list(tx, organisation_id)
        after = lay_pools(tx, organisation_id, now)
        if len(after) > len(before):
            people.bump_version(tx, organisation_id)
        return after

    return installation.database.write(use, organisation_id)


def _put(tx: Tx, installation: Installation, by: Hand, before: Pool | None, after: Pool) -> Pool:
    trimmed = replace(after, name=after.name.strip())
    directory = load(tx, by.organisation_id)
    _check(trimmed, directory)
    pools.put_pools(tx, by.organisation_id, [trimmed])
    people.bump_version(tx, by.organisation_id)
    act, was = (Act.POOL_ADDED, NOTHING) if before is None else (Act.POOL_CHANGED, _told(directory, before))
    note(tx, installation, by, act, Subject(trimmed.id, trimmed.name), was, _told(directory, trimmed))
    return trimmed


def _told(directory: Directory, pool: Pool) -> dict[str, JsonValue]:
    """As the audit log tells of one, with names as they are now."""

    def names(user_ids: tuple[int, ...]) -> str:
        return "、".join(user.name for id_ in user_ids if (user := directory.users.get(id_)) is not None)

    told: dict[str, JsonValue] = {
        "name": pool.name,
        "admins": names(pool.admin_ids),
        "open_to_all": pool.open_to_all,
        "users": names(pool.user_ids),
        "departments": "、".join(directory.department_name(id_) for id_ in pool.department_ids),
        "limit_days": pool.limit_days if pool.limited_at is not None else 0,
    }
    for name, rule in (("followed_up", pool.followed_up), ("sold", pool.sold)):
        for each in ("days", "at", "warn_days", "warn_at", "spares_sold"):
            told[f"{name}.{each}"] = getattr(rule, each)
        told[f"{name}.categories"] = ", ".join(map(str, rule.categories))
    return told


def _check(pool: Pool, directory: Directory) -> None:
    errors: dict[str, list[str]] = {}
    if not pool.name:
        errors["name"] = ["不能为空"]
    elif len(pool.name) > MAX_NAME:
        errors["name"] = [f"不能超过{MAX_NAME}个字符"]
    for name, given, is_there in (
        ("admin_list", pool.admin_ids, directory.is_here),
        ("member_list.user_ids", pool.user_ids, directory.is_here),
        ("member_list.department_ids", pool.department_ids, directory.departments.__contains__),
    ):
        if unknown := [id_ for id_ in given if not is_there(id_)]:
            errors[name] = [f"没有这个编号：{id_}" for id_ in unknown]
    for path, days in (
        ("limit_grab_day", pool.limit_days),
        ("rule_config.owner.max_unfollow_day", pool.followed_up.days),
        ("rule_config.owner.notify_before_unfollow_day", pool.followed_up.warn_days),
        ("rule_config.unsold.max_unfollow_day", pool.sold.days),
        ("rule_config.unsold.notify_before_unfollow_day", pool.sold.warn_days),
    ):
        if not 0 <= days <= MOST_DAYS:
            errors[path] = [f"应为0到{MOST_DAYS}之间的整数"]
    if errors:
        raise Invalid(errors)
