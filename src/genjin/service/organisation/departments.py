"""Departments: the organisation's tree, and who leads which part of it."""

from collections.abc import Sequence
from dataclasses import replace

from genjin.domain.audit import Act, Subject
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.people import Department
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service.audit import NOTHING, By, Hand, administrator, note
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.service.organisation.changing import locked
from genjin.store import ids, people, records
from genjin.store.transaction import Tx


def add_department(installation: Installation, by: By, name: str, parent: str = "") -> Department:
    """A new department below `parent`, or at the top; for administrators. Raises NotFound for the parent; Duplicate,
    Invalid, Forbidden.
    """
    hand = administrator(by)
    if not name.strip():
        raise Invalid({"name": ["is empty"]})

    def use(tx: Tx) -> Department:
        directory = locked(tx, hand.organisation_id)
        above = department_named(directory, parent).id if parent else None
        if any((each.name, each.parent_id) == (name, above) for each in directory.departments.values()):
            raise Duplicate(f"there is a department {name!r} there already", "name")
        return _put(tx, installation, hand, directory, None, Department(ids.allocate(tx)[0], name, above))

    return installation.database.write(use, hand.organisation_id)


def move_department(
    installation: Installation, by: By, name: str, parent: str | None = None, new_name: str | None = None
) -> Department:
    """Put a department with all below it under another one, or at the top for ""; or call it otherwise.

    For administrators. Raises NotFound; Invalid for a place below itself; Forbidden.
    """
    hand = administrator(by)

    def use(tx: Tx) -> Department:
        directory = locked(tx, hand.organisation_id)
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
        return _put(tx, installation, hand, directory, before, after)

    return installation.database.write(use, hand.organisation_id)


def set_managers(installation: Installation, by: By, name: str, logins: Sequence[str]) -> Department:
    """Say who leads a department, and so sees it with all below; for administrators. Raises NotFound for it or one of
    the logins; Forbidden.
    """
    hand = administrator(by)

    def use(tx: Tx) -> Department:
        directory = locked(tx, hand.organisation_id)
        known = {user.login: user.id for user in directory.users.values() if user.login}
        if unknown := [login for login in logins if login not in known]:
            raise NotFound(f"no user {unknown[0]!r}")
        managers = tuple(dict.fromkeys(known[login] for login in logins))
        before = department_named(directory, name)
        return _put(tx, installation, hand, directory, before, replace(before, managers=managers))

    return installation.database.write(use, hand.organisation_id)


def remove_department(installation: Installation, by: By, name: str) -> None:
    """Remove a department in which nothing is any more: none below it, no colleague, no record, no pool that is for it.
    For administrators. Raises NotFound, Invalid, Forbidden.
    """
    hand = administrator(by)
    organisation_id = hand.organisation_id

    def has_records(tx: Tx) -> bool:
        return records.any_of_department(tx, organisation_id, department_named(load(tx, organisation_id), name).id)

    # Beforehand, as it may take a moment, in which nobody else could write: nothing comes into an empty department.
    in_use = installation.database.read(has_records, organisation_id)

    def use(tx: Tx) -> None:
        directory = locked(tx, organisation_id)
        gone = department_named(directory, name)
        if why := _in_use(directory, gone) or ("has records" if in_use else ""):
            raise Invalid({"department": [why]})
        people.remove_department(tx, organisation_id, gone.id)
        subject = Subject(gone.id, gone.name)
        note(tx, installation, hand, Act.DEPARTMENT_REMOVED, subject, _told(directory, gone), NOTHING)

    installation.database.write(use, organisation_id)


def department_named(directory: Directory, name: str) -> Department:
    """The department of this name or id. Raises NotFound; Invalid when there are several of the name."""
    found = [each for each in directory.departments.values() if name in (each.name, str(each.id))]
    if not found:
        raise NotFound(f"no department {name!r}")
    if len(found) > 1:
        raise Invalid({"department": [f"there are several of the name {name!r}: give the id of one"]})
    return found[0]


def _in_use(directory: Directory, department: Department) -> str:
    """What still is in a department; empty for nothing."""
    if any(each.parent_id == department.id for each in directory.departments.values()):
        return "has departments below it"
    if any(user.department_id == department.id and directory.is_here(user.id) for user in directory.users.values()):
        return "has colleagues"
    if any(department.id in pool.department_ids for pool in directory.pools.values()):
        return "has a pool that is for it"
    return ""


def _put(
    tx: Tx, installation: Installation, by: Hand, directory: Directory, before: Department | None, after: Department
) -> Department:
    people.put_departments(tx, by.organisation_id, [after])
    if before is None:
        subject = Subject(after.id, after.name)
        note(tx, installation, by, Act.DEPARTMENT_ADDED, subject, NOTHING, _told(directory, after))
    else:
        was, told = _told(directory, before), _told(directory, after)
        note(tx, installation, by, Act.DEPARTMENT_CHANGED, Subject(before.id, before.name), was, told)
    return after


def _told(directory: Directory, department: Department) -> dict[str, JsonValue]:
    """As the audit log tells of one, with names as they are now."""
    managers = [user.name for id_ in department.managers if (user := directory.users.get(id_)) is not None]
    above = directory.department_name(department.parent_id)
    return {"name": department.name, "parent": above, "managers": "、".join(managers)}
