"""Colleagues: listing and reading them, and what administrators change of one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from genjin.domain.audit import Act, Subject
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.people import GENDERS, LEFT, User, UserFilter
from genjin.domain.phones import digits_of
from genjin.domain.pinyin import initials_of, pinyin_of
from genjin.domain.timeline import Page
from genjin.errors import Duplicate, Invalid, NotFound
from genjin.service.audit import By, administrator, note
from genjin.service.context import Installation, Session
from genjin.service.organisation.changing import check_administered, locked
from genjin.service.organisation.departments import department_named
from genjin.service.organisation.roles import role_named
from genjin.store import people
from genjin.store.transaction import Tx

NOBODY = "-"
"""What is said for none."""
MAX_LOGIN = 128
NO_LOGIN = f"is empty, has blanks or more than {MAX_LOGIN} characters"


@dataclass(frozen=True, slots=True)
class UserChanges:
    """What is wanted of a user: only what was given. Role and department go by name or id, the superior by login or id;
    NOBODY takes department, superior or gender away.
    """

    name: str | None = None
    role: str | None = None
    department: str | None = None
    superior: str | int | None = None
    gender: str | None = None
    phone: str | None = None
    email: str | None = None
    job: str | None = None
    tel: str | None = None
    login: str | None = None


def list_users(session: Session, wanted: UserFilter, page: Page) -> tuple[list[User], int]:
    """One page of the colleagues of the viewer, and the number of all."""
    directory = session.directory
    below = None if wanted.department_id is None else directory.below([wanted.department_id])
    found = [user for user in directory.users.values() if _is_wanted(user, wanted, below)]
    found.sort(key=lambda user: (_sort_key(user, wanted.sort), user.id), reverse=wanted.descending)
    return found[page.offset : page.offset + page.size], len(found)


def suggest_users(session: Session, text: str, most: int) -> list[User]:
    """The colleagues whom somebody may mean who types this: a part of the name, of its pinyin or its initials, or of
    the login; whose begins so come first, and of those who sits in the viewer's own department.
    """
    directory, part = session.directory, text.strip().casefold()
    me = directory.users.get(session.viewer.user_id)
    mine = me.department_id if me else None
    found = [
        (not any(form.startswith(part) for form in _forms_of(user)), user.department_id != mine, user.name, user.id)
        for user in directory.users.values()
        if directory.is_here(user.id) and any(part in form for form in _forms_of(user))
    ]
    return [directory.users[id_] for *_, id_ in sorted(found)[:most]]


def read_user(session: Session, user_id: int) -> User:
    """One colleague, also one who has left. Raises NotFound."""
    user = session.directory.users.get(user_id)
    if user is None:
        raise NotFound("no such user")
    return user


def change_user(installation: Installation, by: By, who: str | int, given: UserChanges) -> User:
    """Change what is given of a user, who goes by login or id; for administrators. Raises NotFound for the user;
    Invalid, Duplicate; Forbidden, also for who would take the last administrator away.
    """
    hand = administrator(by)

    def use(tx: Tx) -> User:
        directory = locked(tx, hand.organisation_id)
        before = user_of(directory, who)
        after = replace(before, **_columns(directory, before, given))  # type: ignore[arg-type]
        _check(directory, after)
        check_administered(directory, users={after.id: after})
        people.put_users(tx, hand.organisation_id, [after])
        subject, was, told = Subject(after.id, before.name), told_of(directory, before), told_of(directory, after)
        note(tx, installation, hand, Act.USER_CHANGED, subject, was, told)
        return after

    return installation.database.write(use, hand.organisation_id)


def told_of(directory: Directory, user: User) -> dict[str, JsonValue]:
    """A user as the audit log tells of one, with names as they are now."""
    role, superior = directory.roles.get(user.role_id), directory.users.get(user.superior_id or 0)
    return {
        **{name: getattr(user, name) for name in ("login", "name", "phone", "email", "job", "tel", "gender")},
        "role": role.name if role else "",
        "department": directory.department_name(user.department_id),
        "superior": superior.name if superior else "",
    }


def user_of(directory: Directory, who: str | int) -> User:
    """The user of this login, or of this id, given as a number or its digits. Raises NotFound."""
    for user in directory.users.values():
        if who in (user.login, user.id):
            return user
    for user in directory.users.values():
        if who == str(user.id):
            return user
    raise NotFound(f"no user {who!r}")


def is_login(text: str) -> bool:
    """Whether a login may be called so."""
    return 1 <= len(text) <= MAX_LOGIN and not any(character.isspace() for character in text)


def check_login(directory: Directory, login: str, user_id: int | None = None) -> None:
    """Raises Invalid for what can be no login, Duplicate for one that somebody other than this user has."""
    if not is_login(login):
        raise Invalid({"login": [NO_LOGIN]})
    if any(other.login == login and other.id != user_id for other in directory.users.values()):
        raise Duplicate(f"there is a user with the login {login!r} already", "login")


def check_phone(directory: Directory, phone: str, user_id: int | None = None) -> None:
    """Raises Duplicate for a phone that somebody other than this user has."""
    for other in directory.users.values():
        if phone and other.phone == phone and other.id != user_id:
            raise Duplicate(f"the phone is {other.name}'s already", "phone")


def _columns(directory: Directory, before: User, given: UserChanges) -> Mapping[str, object]:
    plain = {name: getattr(given, name) for name in ("login", "name", "phone", "email", "job", "tel")}
    columns: dict[str, object] = {name: value for name, value in plain.items() if value is not None}
    if given.role is not None:
        columns["role_id"] = role_named(directory, given.role).id
    if given.department is not None:
        gone = given.department == NOBODY
        columns["department_id"] = None if gone else department_named(directory, given.department).id
    if given.superior is not None:
        gone = given.superior == NOBODY
        columns["superior_id"] = None if gone else _superior(directory, before, given.superior).id
    if given.gender is not None:
        columns["gender"] = None if given.gender == NOBODY else given.gender
    return columns


def _superior(directory: Directory, user: User, who: str | int) -> User:
    """Raises Invalid when the superior would report to the user, directly or through others."""
    superior = user_of(directory, who)
    above: User | None = superior
    passed = set[int]()
    while above is not None and above.id not in passed:
        if above.id == user.id:
            raise Invalid({"superior": [f"{superior.name} reports to {user.name}"]})
        passed.add(above.id)
        above = directory.users.get(above.superior_id or 0)
    return superior


def _check(directory: Directory, after: User) -> None:
    if not after.name.strip():
        raise Invalid({"name": ["is empty"]})
    if after.gender not in (None, *GENDERS):
        raise Invalid({"gender": [f"{after.gender!r} is neither of {', '.join(GENDERS)}"]})
    check_phone(directory, after.phone, after.id)
    if after.login is not None:
        check_login(directory, after.login, after.id)


def _is_wanted(user: User, wanted: UserFilter, departments: frozenset[int] | None) -> bool:
    return (
        (wanted.with_left or user.workflow_state != LEFT)
        and (departments is None or user.department_id in departments)
        and (not wanted.ids or user.id in wanted.ids)
        and user.id not in wanted.except_ids
        and wanted.third_userid in ("", user.third_userid)
        and (not wanted.phone or digits_of(wanted.phone) in (digits_of(user.phone), digits_of(user.tel)))
        and _is_called(user, wanted.name.casefold())
    )


def _is_called(user: User, part: str) -> bool:
    if part in user.name.casefold() or part in (user.login or "").casefold():
        return True
    return part.isascii() and part in pinyin_of(user.name)


def _forms_of(user: User) -> tuple[str, ...]:
    """What a colleague may be called by."""
    return user.name.casefold(), pinyin_of(user.name), initials_of(user.name), (user.login or "").casefold()


def _sort_key(user: User, column: str) -> tuple[bool, str | int]:
    """What is empty comes first."""
    value = getattr(user, column)
    return value is not None, 0 if value is None else value
