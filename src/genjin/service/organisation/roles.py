"""Roles: whose records their holders see, and what of a record they see and change."""

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from genjin.domain.directory import Directory
from genjin.domain.people import DataScope, Rights, Role
from genjin.domain.sight import NEVER_HIDDEN
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.store import ids, people
from genjin.store.transaction import Tx

_FIELD = re.compile(r"[a-z]+\.(?P<field>[a-z0-9_]+(?:\.[a-z_]+)?)")


def add_role(installation: Installation, organisation_id: int, name: str, scope: str) -> Role:
    """A new role. Raises Duplicate, Invalid."""
    if not name.strip():
        raise Invalid({"name": ["is empty"]})
    sees = _scope(scope)

    def use(tx: Tx) -> Role:
        if any(role.name == name for role in people.role_list(tx, organisation_id)):
            raise Duplicate(f"there is a role {name!r} already")
        return _put(tx, organisation_id, Role(ids.allocate(tx)[0], name, sees))

    return installation.database.write(use, organisation_id)


def set_scope(installation: Installation, organisation_id: int, name: str, scope: str) -> Role:
    """Say whose records a role sees; the next request of its holders goes by it. Raises NotFound, Invalid."""
    sees = _scope(scope)
    return _change(installation, organisation_id, name, lambda role: replace(role, scope=sees))


def change_rights(
    installation: Installation,
    organisation_id: int,
    name: str,
    hide: Collection[str] = (),
    fix: Collection[str] = (),
    free: Collection[str] = (),
    phones_masked: bool | None = None,
) -> Role:
    """Hide fields such as `customer.note` from a role, make some read-only, free others of both.

    Raises NotFound; Invalid for what can be no field, or cannot be hidden.
    """
    errors = {field: ["is no field such as customer.note"] for field in (*hide, *fix) if not _FIELD.fullmatch(field)}
    errors |= {field: ["cannot be hidden"] for field in hide if field.partition(".")[2] in NEVER_HIDDEN}
    if errors:
        raise Invalid(errors)

    def changed(role: Role) -> Role:
        before = role.rights
        masked = before.phones_masked if phones_masked is None else phones_masked
        hidden, read_only = (before.hidden | set(hide)) - set(free), (before.read_only | set(fix)) - set(free)
        return replace(role, rights=Rights(hidden, read_only, masked))

    return _change(installation, organisation_id, name, changed)


def role_named(directory: Directory, name: str) -> Role:
    """The role of this name or id. Raises NotFound."""
    for role in directory.roles.values():
        if name in (role.name, str(role.id)):
            return role
    names = ", ".join(role.name for role in directory.roles.values())
    raise NotFound(f"no role {name!r}; there are: {names}")


def _change(installation: Installation, organisation_id: int, name: str, changed: Callable[[Role], Role]) -> Role:
    def use(tx: Tx) -> Role:
        return _put(tx, organisation_id, changed(role_named(load(tx, organisation_id), name)))

    return installation.database.write(use, organisation_id)


def _put(tx: Tx, organisation_id: int, role: Role) -> Role:
    people.put_roles(tx, organisation_id, [role])
    people.bump_version(tx, organisation_id)
    return role


def _scope(name: str) -> DataScope:
    try:
        return DataScope(name)
    except ValueError:
        raise Invalid({"scope": [f"{name!r} is none of {', '.join(DataScope)}"]}) from None
