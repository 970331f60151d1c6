"""Departments: the organisation's tree, and who leads which part of it."""

from collections.abc import Sequence
from dataclasses import replace

from genjin.domain.directory import Directory
from genjin.domain.people import Department
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.store import ids, people
from genjin.store.transaction import Tx


def add_department(installation: Installation, organisation_id: int, name: str, parent: str = "") -> Department:
    """A new department below `parent`, or at the top. Raises NotFound for the parent; Duplicate, Invalid."""
    if not name.strip():
        raise Invalid({"name": ["is empty"]})

    def use(tx: Tx) -> Department:
        directory = load(tx, organisation_id)
        above = department_named(directory, parent).id if parent else None
        if any((each.name, each.parent_id) == (name, above) for each in directory.departments.values()):
            raise Duplicate(f"there is a department {name!r} there already")
        return _put(tx, organisation_id, Department(ids.allocate(tx)[0], name, above))

    return installation.database.write(use, organisation_id)


def move_department(
    installation: Installation, organisation_id: int, name: str, parent: str | None = None, new_name: str | None = None
) -> Department:
    """Put a department with all below it under another one, or at the top for ""; or call it otherwise.

    Raises NotFound; Invalid for a place below itself.
    """

    def use(tx: Tx) -> Department:
        directory = load(tx, organisation_id)
        before = after = department_named(directory, name)
        if parent is not None:
            above = department_named(directory, parent).id if parent else None
            if above is not None and above in directory.below([before.id]):
                raise Invalid({"parent": [f"{parent!r} is {name!r} or lies below it"]})
            after = replace(after, parent_id=above)
        if new_name is not None:
            if not new_name.strip():
                raise Invalid({"name": ["is empty"]})
            after = replace(after, name=new_name)
        return _put(tx, organisation_id, after)

    return installation.database.write(use, organisation_id)


def set_managers(installation: Installation, organisation_id: int, name: str, logins: Sequence[str]) -> Department:
    """Say who leads a department, and so sees it with all below. Raises NotFound for it or one of the logins."""

    def use(tx: Tx) -> Department:
        directory = load(tx, organisation_id)
        known = {user.login: user.id for user in directory.users.values() if user.login}
        if unknown := [login for login in logins if login not in known]:
            raise NotFound(f"no user {unknown[0]!r}")
        managers = tuple(dict.fromkeys(known[login] for login in logins))
        return _put(tx, organisation_id, replace(department_named(directory, name), managers=managers))

    return installation.database.write(use, organisation_id)


def department_named(directory: Directory, name: str) -> Department:
    """The department of this name or id. Raises NotFound; Invalid when there are several of the name."""
    found = [each for each in directory.departments.values() if name in (each.name, str(each.id))]
    if not found:
        raise NotFound(f"no department {name!r}")
    if len(found) > 1:
        raise Invalid({"department": [f"there are several of the name {name!r}: give the id of one"]})
    return found[0]


def _put(tx: Tx, organisation_id: int, department: Department) -> Department:
    people.put_departments(tx, organisation_id, [department])
    people.bump_version(tx, organisation_id)
    return department
