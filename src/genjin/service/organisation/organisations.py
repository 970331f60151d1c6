"""Founds an organisation, lets people in, says how it works; who is there."""

import secrets
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from genjin.domain.audit import Act, Subject
from genjin.domain.calendar import is_zone
from genjin.domain.directory import Directory
from genjin.domain.people import SYSTEM_ID, Department, Organisation, User
from genjin.domain.place import Coordinates
from genjin.domain.records import RecordType
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service.audit import NOTHING, By, Hand, administrator, note
from genjin.service.context import Installation
from genjin.service.directory import load
from genjin.service.organisation.changing import change_organisation, locked
from genjin.service.organisation.defaults import ADMINISTRATOR, SELLER, lay_defaults
from genjin.service.organisation.passwords import hash_password
from genjin.service.organisation.people import NO_LOGIN, check_login, check_phone, is_login, told_of
from genjin.service.organisation.roles import role_named
from genjin.service.organisation.signin import check_password
from genjin.store import ids, people, syncs, tokens
from genjin.store.tokens import TokenRow
from genjin.store.transaction import Tx

OWNER = "organization_owner"
"""The workflow state of the user that an organisation was founded with."""


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody to let in. Role and department go by name or id; a missing department is made, below `parent`."""

    login: str
    name: str
    password: str
    role: str = SELLER
    department: str = ""
    parent: str = ""
    phone: str = ""
    email: str = ""
    job: str = ""
    workflow_state: str = "organization_staff"


def found_organisation(
    installation: Installation, name: str, corp_id: str, time_zone: str, administrator: NewUser
) -> tuple[Organisation, User]:
    """Make the installation's first organisation, with the default roles and options and an administrator.

    An empty `corp_id` stands for `gj` and random letters. Raises Duplicate when there is an organisation already;
    Invalid.
    """
    _check_organisation(name, corp_id, time_zone)
    _check_user(administrator)
    hashed = hash_password(administrator.password)
    corp_id = corp_id or "gj" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
    now = installation.clock.now()
    installation.database.read(_refuse_another, organisation_id=None)
    [id_] = installation.database.write(ids.allocate, organisation_id=None)

    def use(tx: Tx) -> tuple[Organisation, User]:
        _refuse_another(tx)  # somebody may have been quicker
        organisation = Organisation(id_, name, corp_id, time_zone)
        people.put_organisation(tx, organisation)
        lay_defaults(tx, organisation.id, now)
        owner = replace(administrator, role=ADMINISTRATOR, workflow_state=OWNER)
        return organisation, _put_user(tx, installation, Hand(id_, SYSTEM_ID), owner, hashed)

    return installation.database.write(use, id_)


def add_user(installation: Installation, by: By, new: NewUser) -> User:
    """Let somebody in; for administrators. Raises Duplicate for a login or phone that is taken; NotFound for the role;
    Invalid, Forbidden.
    """
    hand = administrator(by)
    _check_user(new)
    hashed, now = hash_password(new.password), installation.clock.now()

    def use(tx: Tx) -> User:
        if not people.users_with_password(tx, hand.organisation_id):
            # It came from elsewhere. A capture knows neither roles nor choices; a synchronisation knows all of these.
            lay_defaults(tx, hand.organisation_id, now, bool(syncs.sync_list(tx, hand.organisation_id)))
        return _put_user(tx, installation, hand, new, hashed)

    return installation.database.write(use, hand.organisation_id)


def set_approval(installation: Installation, by: By, wanted: Mapping[RecordType, bool]) -> Organisation:
    """Say of which types every new record has to be approved; the others stay as they are. For administrators. Raises
    NotFound, Forbidden.
    """
    told = {type_.name.lower(): wants for type_, wants in wanted.items()}
    chosen = {name for name, wants in told.items() if wants}
    return change_organisation(
        installation, administrator(by), lambda org: replace(org, approvals=(org.approvals - told.keys()) | chosen)
    )


def set_coordinates(installation: Installation, by: By, how: Coordinates) -> Organisation:
    """Say how exactly coordinates of colleagues are kept from now on; for administrators. Raises Forbidden."""
    return change_organisation(installation, administrator(by), lambda org: replace(org, coordinates=how))


def list_organisations(installation: Installation) -> list[Organisation]:
    """Every organisation, by id."""
    return installation.database.read(people.all_organisations, organisation_id=None)


def pick_organisation(installation: Installation, wanted: str = "") -> Organisation:
    """The organisation of this corp_id or id; the only one where nothing is wanted. Raises NotFound, Invalid."""
    organisations = list_organisations(installation)
    if not organisations:
        raise NotFound("there is no organisation yet: run `genjin init`")
    if not wanted and len(organisations) > 1:
        names = ", ".join(f"{each.name} ({each.corp_id})" for each in organisations)
        raise Invalid({"organisation": [f"there are several, name one of them: {names}"]})
    found = [each for each in organisations if not wanted or wanted in (each.corp_id, str(each.id))]
    if not found:
        raise NotFound(f"no organisation {wanted!r}")
    return found[0]


def people_of(installation: Installation, organisation_id: int) -> Directory:
    """Everybody of an organisation, with their departments and roles. Raises NotFound."""
    return installation.database.read(lambda tx: load(tx, organisation_id), organisation_id)


def tokens_of(installation: Installation, organisation_id: int) -> list[TokenRow]:
    """Every token that was issued, revoked ones too; never the tokens themselves."""
    return installation.database.read(lambda tx: tokens.token_list(tx, organisation_id), organisation_id)


def _refuse_another(tx: Tx) -> None:
    if others := people.all_organisations(tx):
        raise Duplicate(f"there is an organisation already: {others[0].name}")


def _check_organisation(name: str, corp_id: str, time_zone: str) -> None:
    errors: dict[str, list[str]] = {}
    if not name.strip():
        errors["organisation"] = ["is empty"]
    if len(corp_id) > 64 or any(character.isspace() for character in corp_id):
        errors["corp_id"] = ["is longer than 64 characters or has blanks"]
    if not is_zone(time_zone):
        errors["time_zone"] = [f"{time_zone!r} is no IANA time zone such as Asia/Shanghai"]
    if errors:
        raise Invalid(errors)


def _check_user(new: NewUser) -> None:
    errors: dict[str, list[str]] = {}
    if not is_login(new.login):
        errors["login"] = [NO_LOGIN]
    if not new.name.strip():
        errors["name"] = ["is empty"]
    if errors:
        raise Invalid(errors)
    check_password(new.password)


def _put_user(tx: Tx, installation: Installation, by: Hand, new: NewUser, hashed: str) -> User:
    organisation_id = by.organisation_id
    directory = locked(tx, organisation_id)
    check_login(directory, new.login)
    check_phone(directory, new.phone)
    role = role_named(directory, new.role)
    department_id = _department_named(tx, directory, new.department, new.parent) if new.department else None
    id_ = ids.allocate(tx)[0]
    user = User(
        id=id_,
        name=new.name,
        created_at=installation.clock.now(),
        login=new.login,
        email=new.email,
        phone=new.phone,
        role_id=role.id,
        department_id=department_id,
        workflow_state=new.workflow_state,
        job=new.job,
        uid=id_,
    )
    people.put_users(tx, organisation_id, [user])
    people.set_password(tx, organisation_id, id_, hashed)
    told = told_of(load(tx, organisation_id), user)  # where its department is, which may be new
    note(tx, installation, by, Act.USER_ADDED, Subject(id_, user.name), NOTHING, told)
    return user


def _department_named(tx: Tx, directory: Directory, name: str, parent: str) -> int:
    """The id of a department, which is made when it is missing, and so is its parent."""
    organisation_id, nodes = directory.organisation.id, list(directory.departments.values())
    found = [node for node in nodes if name in (node.name, str(node.id))]
    if parent:
        found = [node for node in found if directory.department_name(node.parent_id) == parent]
    if len(found) > 1:
        raise Invalid({"department": [f"there are several of the name {name!r}: name its parent"]})
    if found:
        return found[0].id
    if name == parent:
        raise Invalid({"parent": ["is the department itself"]})
    parent_id = _any_named(nodes, parent)
    if parent and parent_id is None:
        parent_id = ids.allocate(tx)[0]
        people.put_departments(tx, organisation_id, [Department(parent_id, parent)])
    fresh = Department(ids.allocate(tx)[0], name, parent_id)
    people.put_departments(tx, organisation_id, [fresh])
    return fresh.id


def _any_named(nodes: Sequence[Department], name: str) -> int | None:
    found = [node.id for node in nodes if node.name == name]
    if len(found) > 1:
        raise Invalid({"parent": [f"there are several departments of the name {name!r}"]})
    return found[0] if found else None
