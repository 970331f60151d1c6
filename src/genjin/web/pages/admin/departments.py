"""Departments: the tree, what each is called, where it hangs, and who leads it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from starlette.responses import Response

from genjin.domain.people import Department
from genjin.errors import NotFound
from genjin.service.organisation.departments import add_department, move_department, remove_department, set_managers
from genjin.web.calling import Form, PageCall
from genjin.web.once import done_once
from genjin.web.pages.admin.desk import NO_ERRORS, Admin, Errors, Refused, desk, errors_of, id_in
from genjin.web.rendering import go
from genjin.wire.v1.shared import Id

_FIELDS = ("name", "parent", "managers", "department")


def show(call: Admin) -> Response:
    """The tree."""
    return _tree(call, {})


def add(call: Admin, form: Form) -> Response:
    """A new department."""
    told = {"name": form.text("name"), "parent": form.text("parent")}
    try:
        add_department(call.installation, call.session, told["name"], told["parent"])
    except Refused as error:
        return _tree(call, told, errors_of(error, *_FIELDS), 422)
    return go(call, "/admin/departments?saved=1")


def edit(call: Admin, department_id: Id) -> Response:
    """One department, as a form."""
    before = _there(call, department_id)
    return _form(call, before, {"name": before.name, "parent": str(before.parent_id or "")}, before.managers)


def change(call: Admin, department_id: Id, form: Form) -> Response:
    """Call it otherwise, hang it elsewhere, say who leads it: all of it, or nothing."""
    before = _there(call, department_id)
    told = {"name": form.text("name"), "parent": form.text("parent")}
    managers = [id_in(text) for text in form.texts("managers")]

    def work(call: PageCall) -> Response:
        which, users = str(department_id), call.session.directory.users
        logins = [users[id_].login or "" for id_ in managers if id_ in users]
        move_department(call.installation, call.session, which, told["parent"], told["name"])
        set_managers(call.installation, call.session, which, logins)
        return go(call, "/admin/departments?saved=1")

    try:
        return done_once(call, form, work)
    except Refused as error:
        return _form(call, before, told, managers, errors_of(error, *_FIELDS), 422)


def remove(call: Admin, department_id: Id, form: Form) -> Response:  # noqa: ARG001 (a form that is ours)
    """Remove one in which nothing is."""
    before = _there(call, department_id)
    try:
        remove_department(call.installation, call.session, str(department_id))
    except Refused as error:
        told = {"name": before.name, "parent": str(before.parent_id or "")}
        return _form(call, before, told, before.managers, errors_of(error, *_FIELDS), 422)
    return go(call, "/admin/departments?saved=1")


def _there(call: PageCall, department_id: int) -> Department:
    found = call.session.directory.departments.get(department_id)
    if found is None:
        raise NotFound(f"no department {department_id}")
    return found


def _tree(call: PageCall, told: Mapping[str, str], errors: Errors = NO_ERRORS, status: int = 200) -> Response:
    directory = call.session.directory
    counts = Counter(user.department_id for user in directory.users.values() if directory.is_here(user.id))
    return desk(
        *(call, "departments", "departments", status),
        tree=[(each, directory.depth(each.id)) for each in directory.tree()],
        counts=counts,
        told={"name": "", "parent": "", **told},
        errors=errors,
        saved="saved" in call.request.query_params,
    )


def _form(
    call: PageCall,
    department: Department,
    told: Mapping[str, str],
    managers: Sequence[int],
    errors: Errors = NO_ERRORS,
    status: int = 200,
) -> Response:
    directory = call.session.directory
    below = directory.below([department.id])
    here = [user for user in directory.users.values() if directory.is_here(user.id) and user.login]
    return desk(
        *(call, "department", "departments", status),
        department=department,
        told=told,
        managers=managers,
        places_for_it=[(each, directory.depth(each.id)) for each in directory.tree() if each.id not in below],
        colleagues=sorted(here, key=lambda user: user.name),
        errors=errors,
    )
