"""Puts the made-up team into the database: departments, roles, users and their passwords."""

from collections.abc import Mapping
from dataclasses import replace

from genjin.demo import cast
from genjin.demo.cast import Colleague
from genjin.domain.directory import Directory
from genjin.domain.people import Department, Role, User
from genjin.service.directory import load
from genjin.service.organisation.defaults import lay_defaults
from genjin.store import ids, people
from genjin.store.transaction import Tx

Team = list[tuple[Colleague, User]]


def put_people(tx: Tx, organisation_id: int, hashes: Mapping[str, str], now: int) -> None:
    """Add the team to an organisation; `hashes` are password hashes by login. Who is there already stays."""
    before = load(tx, organisation_id)
    people.put_organisation(tx, replace(before.organisation, name=cast.ORGANISATION))
    lay_defaults(tx, organisation_id, now)
    departments, roles = _put_departments(tx, before), _put_roles(tx, organisation_id)
    for number, (colleague, id_) in enumerate(zip(cast.TEAM, ids.allocate(tx, len(cast.TEAM)), strict=True), start=1):
        user = User(
            id=id_,
            name=colleague.name,
            created_at=now - 400 * 86_400,
            login=colleague.login,
            email=f"{colleague.login}@heguang.example",
            phone=cast.colleague_telephone(number),
            role_id=roles[colleague.role],
            department_id=departments[colleague.department],
            job=colleague.job,
            uid=id_,
        )
        people.put_users(tx, organisation_id, [user])
        if colleague.login in hashes:
            people.set_password(tx, organisation_id, id_, hashes[colleague.login])
    _put_managers(tx, load(tx, organisation_id))
    people.bump_version(tx, organisation_id)


def team_of(directory: Directory) -> Team:
    """Everybody of the cast, and who they are in the database."""
    by_login = {user.login: user for user in directory.users.values()}
    return [(colleague, by_login[colleague.login]) for colleague in cast.TEAM]


def superiors_of(team: Team) -> dict[int, User]:
    """Whom each of the team asks: the manager of the department, for managers the one at the headquarters, and where
    there is none, who sees everything.
    """
    managers = {colleague.department: user for colleague, user in team if colleague.role == cast.MANAGER}
    top, head = managers[cast.HEADQUARTERS], next(user for colleague, user in team if colleague.role == "管理员")
    found = {user.id: managers.get(colleague.department, head) for colleague, user in team}
    asked = {id_: top if user.id == id_ else user for id_, user in found.items()}
    return asked | {top.id: head, head.id: head}


def _put_departments(tx: Tx, before: Directory) -> dict[str, int]:
    """The ids by name. What is there already keeps its id and comes below the headquarters."""
    known = {department.name: department.id for department in before.departments.values()}
    for name, _ in cast.DEPARTMENTS:
        known[name] = known.get(name) or ids.allocate(tx)[0]
    parents = dict.fromkeys(known, cast.HEADQUARTERS) | dict(cast.DEPARTMENTS)
    nodes = [Department(id_, name, known.get(parents[name])) for name, id_ in known.items()]
    people.put_departments(tx, before.organisation.id, nodes)
    return known


def _put_managers(tx: Tx, directory: Directory) -> None:
    """Who leads which department, and who reports to whom; the first of all reports to nobody."""
    team, organisation_id = team_of(directory), directory.organisation.id
    superiors = superiors_of(team)
    reporting = [replace(user, superior_id=superiors[user.id].id) for _, user in team if superiors[user.id] != user]
    people.put_users(tx, organisation_id, reporting)
    leads = {user.department_id: user.id for colleague, user in team if colleague.role == cast.MANAGER}
    led = [replace(node, managers=(leads[node.id],)) for node in directory.departments.values() if node.id in leads]
    people.put_departments(tx, organisation_id, led)


def _put_roles(tx: Tx, organisation_id: int) -> dict[str, int]:
    """The ids by name."""
    known = {role.name: role.id for role in people.role_list(tx, organisation_id)}
    missing = [name for name in cast.ROLES if name not in known]
    fresh = [
        Role(id_, name, cast.ROLES[name]) for id_, name in zip(ids.allocate(tx, len(missing)), missing, strict=True)
    ]
    people.put_roles(tx, organisation_id, fresh)
    return known | {role.name: role.id for role in fresh}
