"""What every change of an organisation's people begins and ends with."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from genjin.domain.audit import Act, Subject
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.people import Organisation, Role, User
from genjin.errors import Forbidden
from genjin.service.audit import Hand, note
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.store import people
from genjin.store.transaction import Tx


def locked(tx: Tx, organisation_id: int) -> Directory:
    """The directory, of which every worker reads a new version next; who changes it meanwhile waits until the
    transaction ends. Raises NotFound.
    """
    people.bump_version(tx, organisation_id)
    return load(tx, organisation_id)


def check_administered(
    before: Directory, users: Mapping[int, User] | None = None, roles: Mapping[int, Role] | None = None
) -> None:
    """Raises Forbidden when there was an administrator, and is none with these users and roles as they are now."""
    after = replace(before, users={**before.users, **(users or {})}, roles={**before.roles, **(roles or {})})
    if before.has_administrator and not after.has_administrator:
        raise Forbidden("企业至少要有一位管理员")


def change_organisation(
    installation: Installation, by: Hand, changed: Callable[[Organisation], Organisation]
) -> Organisation:
    """Change how an organisation works. Raises NotFound."""

    def use(tx: Tx) -> Organisation:
        before = locked(tx, by.organisation_id).organisation
        after = changed(before)
        people.put_organisation(tx, after)
        was, told = _told(before), _told(after)
        note(tx, installation, by, Act.ORGANISATION_CHANGED, Subject(None, before.name), was, told)
        return after

    return installation.database.write(use, by.organisation_id)


def _told(organisation: Organisation) -> dict[str, JsonValue]:
    """As the audit log tells of one."""
    return {
        "name": organisation.name,
        "approvals": ", ".join(sorted(organisation.approvals)),
        "coordinates": organisation.coordinates.value,
        **{f"module.{class_name}": name for class_name, name in organisation.module_names.items()},
    }
