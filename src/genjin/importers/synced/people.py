"""Puts departments, colleagues and their roles. Nobody can sign in who came so until they are given a password."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from genjin.domain.json import JsonValue
from genjin.domain.people import LEFT, Department, Role, User
from genjin.errors import Invalid
from genjin.importers.synced.bringing import Bringing, digest
from genjin.importers.synced.ids import DEPARTMENTS, ROLES, USERS, ours, remember, settle
from genjin.store import people
from genjin.store.sync_ids import Known
from genjin.wire.synced.people import ToldUser, department_from_wire, user_from_wire


def put_departments(into: Bringing, bodies: Sequence[JsonValue]) -> None:
    """The rows of the list of departments, with their tree."""
    read = into.read_each(DEPARTMENTS, bodies, lambda body: department_from_wire(body, into.calendar))
    _put_departments(into, {each.id: each for each in read}, whole=True)


def name_departments(into: Bringing, names: Mapping[int, str]) -> dict[int, int]:
    """Our ids of departments that something else names; one that no list told of is made at the top of the tree."""
    _put_departments(into, {id_: Department(id_, name) for id_, name in names.items() if name}, whole=False)
    return ours(into, DEPARTMENTS, names)


def _put_departments(into: Bringing, told: Mapping[int, Department], whole: bool) -> None:
    if not told:
        return
    named = {}
    if into.captures:  # which tell departments by name alone
        by_name = {each.name: each.id for each in into.directory.departments.values()}
        named = {id_: by_name[each.name] for id_, each in told.items() if each.name in by_name}
    known = settle(into, DEPARTMENTS, told, named)
    parents = ours(into, DEPARTMENTS, (each.parent_id for each in told.values() if each.parent_id))
    managers = ours(into, USERS, (id_ for each in told.values() for id_ in each.managers))
    put, written = list[Department](), dict[int, Known]()
    for id_, each in told.items():
        its = known[id_]
        before = into.directory.departments.get(its.id)
        if not whole and (before is not None or its.told is not None):
            continue
        leads = tuple(managers[user_id] for user_id in each.managers)
        after = Department(its.id, each.name, parents.get(each.parent_id or 0), leads)
        if not _is_theirs(before, its, digest(before and _said_of_department(before))):
            continue
        if after != before:
            put.append(after)
            into.count(DEPARTMENTS, before is None)
        written[id_] = its._replace(told=digest(_said_of_department(after)))
    people.put_departments(into.tx, into.organisation_id, _without_circles(into, put))
    remember(into, DEPARTMENTS, written)
    _bound_late(into, bool(put))


def _without_circles(into: Bringing, some: Sequence[Department]) -> list[Department]:
    """The departments, of each circle one at the top."""
    put = {each.id: each for each in some}
    tree, looked_at = into.directory.departments | put, set[int]()
    for each in some:
        way = dict[int, Department]()  # from here up, as far as nobody has been before
        above: Department | None = each
        while above is not None and above.id not in looked_at and above.id not in way:
            way[above.id] = above
            above = tree.get(above.parent_id or 0)
        if above is not None and above.id in way:
            ring = list(way)[list(way).index(above.id) :]
            cut = next(id_ for id_ in ring if id_ in put)  # there was no circle before
            put[cut] = tree[cut] = replace(tree[cut], parent_id=None)
        looked_at |= way.keys()
    return list(put.values())


def put_users(into: Bringing, bodies: Sequence[JsonValue]) -> None:
    """The colleagues of the list, with their roles, which see only their own until somebody says otherwise."""
    read = into.read_each(USERS, bodies, lambda body: user_from_wire(body, into.calendar))
    _put_users(into, {each.user.id: each for each in read})


def name_users(into: Bringing, bodies: Iterable[JsonValue], more: Collection[int] = ()) -> dict[int, int]:
    """Our ids of colleagues who are shown beside something else, and of some who are only named by their ids. Those who
    are new are made. Who cannot be read is only an id.
    """
    shown: dict[int, ToldUser] = {}
    for body in bodies:
        try:
            each = user_from_wire(body, into.calendar)
        except Invalid:
            continue  # what shows them is put without it
        shown[each.user.id] = each
    known = settle(into, USERS, {*shown, *more})
    _put_users(into, {id_: each for id_, each in shown.items() if known[id_].told is None})
    return {id_: each.id for id_, each in known.items()}


def _put_users(into: Bringing, told: Mapping[int, ToldUser]) -> None:
    if not told:
        return
    known = settle(into, USERS, told)
    roles = _put_roles(into, [each.role for each in told.values() if each.role])
    superiors = ours(into, USERS, (each.user.superior_id for each in told.values() if each.user.superior_id))
    departments = ours(into, DEPARTMENTS, (e.user.department_id for e in told.values() if e.user.department_id))
    departments |= name_departments(
        into, {e.user.department_id: e.department for e in told.values() if e.user.department_id}
    )
    by_name = {each.name: each.id for each in into.directory.departments.values()}
    put, written = list[User](), dict[int, Known]()
    for id_, each in told.items():
        its = known[id_]
        before = into.directory.users.get(its.id)
        department_id = departments.get(each.user.department_id or 0) if each.whole else by_name.get(each.department)
        after = replace(
            each.user,
            id=its.id,
            role_id=roles.get(each.user.role_id, 0),
            department_id=department_id,
            superior_id=superiors.get(each.user.superior_id or 0),
        )
        if before is not None:
            after = _with_what_was_given_here(after, before)
        if not _is_theirs(before, its, digest(before and _said_of_user(before))):
            continue
        if after != before:
            put.append(after)
            into.count(USERS, before is None)
        written[id_] = its._replace(told=digest(_said_of_user(after)))
    people.put_users(into.tx, into.organisation_id, put)
    remember(into, USERS, written)
    _bound_late(into, bool(put))


def _put_roles(into: Bringing, told: Iterable[Role]) -> dict[int, int]:
    """Our ids of these roles. What one may see is said here: it is put once."""
    by_id = {role.id: role for role in told}
    known = settle(into, ROLES, by_id)
    fresh = {
        id_: replace(role, id=known[id_].id)
        for id_, role in by_id.items()
        if known[id_].told is None and known[id_].id not in into.directory.roles
    }
    people.put_roles(into.tx, into.organisation_id, fresh.values())
    remember(into, ROLES, {id_: known[id_]._replace(told=digest(role.name)) for id_, role in fresh.items()})
    for _ in fresh:
        into.count(ROLES, True)
    _bound_late(into, bool(fresh))
    return {id_: each.id for id_, each in known.items()}


def _is_theirs(before: object | None, known: Known, now: bytes) -> bool:
    """Whether the upstream may say what this is: it was not changed or removed here since it was put last."""
    if before is None:
        return known.told is None
    return known.told is None or known.told == now


def _with_what_was_given_here(after: User, before: User) -> User:
    """The login stays; so do the role and the state of who signs in here, and of who left here."""
    after = replace(after, login=before.login)
    if before.login is None and before.left_at is None:
        return after
    if before.workflow_state == LEFT or before.login is not None:
        after = replace(after, workflow_state=before.workflow_state, left_at=before.left_at)
    return replace(after, role_id=before.role_id)


def _said_of_department(each: Department) -> object:
    return [each.name, each.parent_id, each.managers]


def _said_of_user(each: User) -> object:
    """What only the upstream says of a colleague, unless somebody changes it here."""
    words = (each.name, each.created_at, each.email, each.phone, each.job, each.tel, each.avatar_url)
    return [*words, each.third_userid, each.third_dept_id, each.uid, each.gender, each.superior_id, each.department_id]


def _bound_late(into: Bringing, changed: bool) -> None:
    if changed:
        people.bump_version(into.tx, into.organisation_id)
        into.forget_directory()
