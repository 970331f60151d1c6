"""Roles: whose records their holders see, and what of a record they see and change."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from genjin.domain.audit import Act, Subject
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.people import NO_LIMITS, DataScope, Rights, Role
from genjin.domain.sight import NEVER_HIDDEN
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service.audit import NOTHING, By, Hand, administrator, note
from genjin.service.context import Installation
from genjin.service.organisation.changing import check_administered, locked
from genjin.store import ids, people
from genjin.store.transaction import Tx

MAX_NAME = 100
_FIELD = re.compile(r"[a-z]+\.(?P<field>[a-z0-9_]+(?:\.[a-z_]+)?)")


def add_role(installation: Installation, by: By, name: str, scope: str, rights: Rights = NO_LIMITS) -> Role:
    """A new role; for administrators. Raises Duplicate, Invalid, Forbidden."""
    hand = administrator(by)
    _check_name(name)
    sees = _scope(scope)

    def use(tx: Tx) -> Role:
        directory = locked(tx, hand.organisation_id)
        _check_free(directory, name)
        return _put(tx, installation, hand, None, Role(ids.allocate(tx)[0], name, sees, rights))

    return installation.database.write(use, hand.organisation_id)


def change_role(
    installation: Installation, by: By, name: str, new_name: str, scope: str, rights: Rights = NO_LIMITS
) -> Role:
    """Let a role be just so; for administrators. Raises NotFound, Duplicate, Invalid; Forbidden, also for who would
    take the last administrator away.
    """
    _check_name(new_name)
    _check_rights(rights.hidden, rights.read_only)
    sees = _scope(scope)

    def changed(directory: Directory, role: Role) -> Role:
        _check_free(directory, new_name, role.id)
        return Role(role.id, new_name, sees, rights)

    return _change(installation, by, name, changed)


def remove_role(installation: Installation, by: By, name: str) -> None:
    """Remove a role that nobody here has; for administrators. Raises NotFound, Invalid, Forbidden."""
    hand = administrator(by)

    def use(tx: Tx) -> None:
        directory = locked(tx, hand.organisation_id)
        role = role_named(directory, name)
        if any(user.role_id == role.id and directory.is_here(user.id) for user in directory.users.values()):
            raise Invalid({"role": ["is still that of somebody"]})
        people.remove_role(tx, hand.organisation_id, role.id)
        note(tx, installation, hand, Act.ROLE_REMOVED, Subject(role.id, role.name), _told(role), NOTHING)

    installation.database.write(use, hand.organisation_id)


def set_scope(installation: Installation, by: By, name: str, scope: str) -> Role:
    """Say whose records a role sees; the next request of its holders goes by it. For administrators. Raises NotFound,
    Invalid; Forbidden, also for who would take the last administrator away.
    """
    sees = _scope(scope)
    return _change(installation, by, name, lambda _, role: replace(role, scope=sees))


def change_rights(
    installation: Installation,
    by: By,
    name: str,
    hide: Collection[str] = (),
    fix: Collection[str] = (),
    free: Collection[str] = (),
    phones_masked: bool | None = None,
) -> Role:
    """Hide fields such as `customer.note` from a role, make some read-only, free others of both.

    For administrators. Raises NotFound; Invalid for what can be no field, or cannot be hidden; Forbidden.
    """
    _check_rights(hide, fix)

    def changed(_: Directory, role: Role) -> Role:
        before = role.rights
        masked = before.phones_masked if phones_masked is None else phones_masked
        hidden, read_only = (before.hidden | set(hide)) - set(free), (before.read_only | set(fix)) - set(free)
        return replace(role, rights=Rights(hidden, read_only, masked))

    return _change(installation, by, name, changed)


def role_named(directory: Directory, name: str) -> Role:
    """The role of this name or id. Raises NotFound."""
    for role in directory.roles.values():
        if name in (role.name, str(role.id)):
            return role
    names = ", ".join(role.name for role in directory.roles.values())
    raise NotFound(f"no role {name!r}; there are: {names}")


def _change(installation: Installation, by: By, name: str, changed: Callable[[Directory, Role], Role]) -> Role:
    hand = administrator(by)

    def use(tx: Tx) -> Role:
        directory = locked(tx, hand.organisation_id)
        before = role_named(directory, name)
        after = changed(directory, before)
        check_administered(directory, roles={after.id: after})
        return _put(tx, installation, hand, before, after)

    return installation.database.write(use, hand.organisation_id)


def _put(tx: Tx, installation: Installation, by: Hand, before: Role | None, after: Role) -> Role:
    people.put_roles(tx, by.organisation_id, [after])
    act, was = (Act.ROLE_ADDED, NOTHING) if before is None else (Act.ROLE_CHANGED, _told(before))
    note(tx, installation, by, act, Subject(after.id, (before or after).name), was, _told(after))
    return after


def _told(role: Role) -> dict[str, JsonValue]:
    """As the audit log tells of one."""
    rights = role.rights
    return {
        "name": role.name,
        "scope": role.scope.value,
        "hidden": ", ".join(sorted(rights.hidden)),
        "read_only": ", ".join(sorted(rights.read_only)),
        "phones_masked": rights.phones_masked,
    }


def _check_name(name: str) -> None:
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise Invalid({"name": ["is empty" if not name.strip() else f"has more than {MAX_NAME} characters"]})


def _check_free(directory: Directory, name: str, role_id: int | None = None) -> None:
    if any(role.name == name and role.id != role_id for role in directory.roles.values()):
        raise Duplicate(f"there is a role {name!r} already", "name")


def _check_rights(hidden: Collection[str], read_only: Collection[str]) -> None:
    wrong = [field for field in (*hidden, *read_only) if not _FIELD.fullmatch(field)]
    errors = {field: ["is no field such as customer.note"] for field in wrong}
    errors |= {field: ["cannot be hidden"] for field in hidden if field.partition(".")[2] in NEVER_HIDDEN}
    if errors:
        raise Invalid(errors)


def _scope(name: str) -> DataScope:
    try:
        return DataScope(name)
    except ValueError:
        raise Invalid({"scope": [f"{name!r} is none of {', '.join(DataScope)}"]}) from None
