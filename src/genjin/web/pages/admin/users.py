"""Users: who is there, what they are, a first or another password, and leaving."""

from collections.abc import Mapping

from starlette.responses import Response

from genjin.domain.people import LEFT, User, UserFilter
from genjin.domain.timeline import Page
from genjin.service.organisation.leaving import leave
from genjin.service.organisation.organisations import NewUser, add_user
from genjin.service.organisation.passwords import made_up_password
from genjin.service.organisation.people import NOBODY, UserChanges, change_user, list_users, read_user
from genjin.service.organisation.signin import set_password
from genjin.web.calling import Form, PageCall
from genjin.web.pages.admin.desk import NO_ERRORS, Admin, Errors, Refused, desk, errors_of, id_in
from genjin.web.rendering import go
from genjin.wire.v1.shared import Id

_PER_PAGE = 50
_PLAIN = ("login", "name", "phone", "email", "job", "tel")
_CHOSEN = ("role", "department", "superior", "gender")
_FIELDS = (*_PLAIN, *_CHOSEN, "password")


def show(call: Admin, q: str = "", left: bool = False, at: int = 1) -> Response:
    """Who is there, a page at a time."""
    wanted = UserFilter(name=q.strip()[:100], with_left=left, sort="name")
    asked = Page(min(max(at, 1), 10_000), _PER_PAGE)
    users, total = list_users(call.session, wanted, asked)
    return desk(
        *(call, "users", "users"),
        users=users,
        total=total,
        q=q,
        left=left,
        at=asked.number,
        more=total > asked.number * 50,
    )


def new(call: Admin) -> Response:
    """An empty form."""
    return _form(call, None, {})


def add(call: Admin, form: Form) -> Response:
    """Let somebody in, and show the password that they begin with, this once."""
    password = form.values.get("password", [""])[-1] or made_up_password()
    told = {name: form.text(name) for name in _FIELDS}
    given = NewUser(
        login=told["login"],
        name=told["name"],
        password=password,
        role=told["role"],
        department=told["department"],
        phone=told["phone"],
        email=told["email"],
        job=told["job"],
    )
    try:
        user = add_user(call.installation, call.session, given)
    except Refused as error:
        return _form(call, None, told, errors_of(error, *_FIELDS), 422)
    return _given(call, user, password)


def edit(call: Admin, user_id: Id) -> Response:
    """What somebody is, as a form."""
    user = read_user(call.session, user_id)
    return _form(call, user, _told(user))


def change(call: Admin, user_id: Id, form: Form) -> Response:
    """Change it."""
    user, told = read_user(call.session, user_id), {name: form.text(name) for name in _FIELDS}
    plain = {name: told[name] for name in _PLAIN if name != "login" or told[name] or user.login}
    given = UserChanges(
        **plain,
        role=told["role"] or None,
        department=told["department"] or NOBODY,
        superior=id_in(told["superior"]) or NOBODY,
        gender=told["gender"] or NOBODY,
    )
    try:
        change_user(call.installation, call.session, user_id, given)
    except Refused as error:
        return _form(call, user, told, errors_of(error, *_FIELDS), 422)
    return go(call, f"/admin/users/{user_id}?saved=1")


def give_password(call: Admin, user_id: Id, form: Form) -> Response:
    """Give somebody another password, which is shown this once; they are signed out everywhere."""
    password = form.values.get("password", [""])[-1] or made_up_password()
    try:
        user = set_password(call.installation, call.session, user_id, password)
    except Refused as error:
        user = read_user(call.session, user_id)
        return _form(call, user, _told(user), errors_of(error, "password"), 422)
    return _given(call, user, password)


def let_go(call: Admin, user_id: Id, form: Form) -> Response:
    """Let somebody leave; what they work on becomes a colleague's."""
    try:
        handed = leave(call.installation, call.session, user_id, id_in(form.text("to_user_id")))
    except Refused as error:
        user = read_user(call.session, user_id)
        return _form(call, user, _told(user), errors_of(error, "to_user_id"), 422)
    return go(call, f"/admin/users/{user_id}?owned={handed.owned}&shared={handed.shared}")


def _told(user: User) -> dict[str, str]:
    return {
        **{name: getattr(user, name) or "" for name in (*_PLAIN, "gender")},
        "role": str(user.role_id or ""),
        "department": str(user.department_id or ""),
        "superior": str(user.superior_id or ""),
    }


def _form(
    call: PageCall, user: User | None, told: Mapping[str, str], errors: Errors = NO_ERRORS, status: int = 200
) -> Response:
    directory = call.session.directory
    here = sorted((each for each in directory.users.values() if directory.is_here(each.id)), key=lambda u: u.name)
    return desk(
        *(call, "user", "users", status),
        user=user,
        has_left=user is not None and user.workflow_state == LEFT,
        told={name: told.get(name, "") for name in _FIELDS},
        errors=errors,
        colleagues=[each for each in here if user is None or each.id != user.id],
        asked=call.request.query_params,
    )


def _given(call: PageCall, user: User, password: str) -> Response:
    return desk(call, "given", "users", user=user, password=password)
