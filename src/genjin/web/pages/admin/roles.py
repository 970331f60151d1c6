"""Roles: whose records each sees, and what of a record it sees and changes, as a matrix and one by one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from starlette.responses import Response

from genjin.domain.directory import Directory
from genjin.domain.people import NO_LIMITS, DataScope, Rights, Role
from genjin.domain.sight import NEVER_HIDDEN
from genjin.errors import NotFound
from genjin.service.organisation.roles import add_role, change_role, remove_role
from genjin.web.calling import Form, PageCall, Posted
from genjin.web.pages.admin.desk import NO_ERRORS, Admin, Errors, Refused, desk, errors_of
from genjin.web.rendering import go
from genjin.web.texts import _
from genjin.wire.records.change import field_label
from genjin.wire.records.forms import FORMS, check_fields
from genjin.wire.v1.shared import Id

SCOPES: Mapping[str, str] = {
    DataScope.SELF: _("Their own"),
    DataScope.DEPARTMENT: _("Their department's"),
    DataScope.DEPARTMENT_AND_BELOW: _("Their department's and those below"),
    DataScope.ALL: _("All, and administers"),
}
READ_ONLY, HIDDEN = "read_only", "hidden"
_RIGHT = "right:"
_FIELDS = ("name", "scope", "role")


class RightField(NamedTuple):
    """A field that rights are given of, such as `customer.note`."""

    name: str
    label: str
    may_hide: bool


def show(call: Admin) -> Response:
    """What each role may, side by side: of fields only those that some role may not see or change."""
    directory = call.session.directory
    roles = list(directory.roles.values())
    limited = {name for role in roles for name in role.rights.hidden | role.rights.read_only}
    by_form = {form: [field for field in fields if field.name in limited] for form, fields in _rights_of(directory)}
    known = {field.name for fields in by_form.values() for field in fields}
    by_form[""] = [RightField(name, name, True) for name in sorted(limited - known)]
    return desk(
        *(call, "roles", "roles"),
        roles=roles,
        holders=Counter(user.role_id for user in directory.users.values() if directory.is_here(user.id)),
        scopes=SCOPES,
        by_form={form: fields for form, fields in by_form.items() if fields},
        right_of=right_of,
        saved="saved" in call.request.query_params,
    )


def new(call: Admin) -> Response:
    """An empty form."""
    return _form(call, None, "", DataScope.SELF, NO_LIMITS)


def add(call: Admin, form: Form) -> Response:
    """A new role."""
    return _put(call, None, form)


def edit(call: Admin, role_id: Id) -> Response:
    """What a role may, as a form."""
    role = _there(call, role_id)
    return _form(call, role, role.name, role.scope, role.rights)


def change(call: Admin, role_id: Id, form: Form) -> Response:
    """Change it; the next request of whoever has it goes by it."""
    return _put(call, _there(call, role_id), form)


def remove(call: Admin, role_id: Id, form: Form) -> Response:  # noqa: ARG001 (a form that is ours)
    """Remove a role that nobody has."""
    role = _there(call, role_id)
    try:
        remove_role(call.installation, call.session, str(role_id))
    except Refused as error:
        return _form(call, role, role.name, role.scope, role.rights, errors_of(error, *_FIELDS), 422)
    return go(call, "/admin/roles?saved=1")


def right_of(role: Role | Rights, name: str) -> str:
    """HIDDEN, READ_ONLY, or empty for neither."""
    rights = role.rights if isinstance(role, Role) else role
    return HIDDEN if name in rights.hidden else READ_ONLY if name in rights.read_only else ""


def _put(call: PageCall, role: Role | None, form: Posted) -> Response:
    name, scope, rights = form.text("name"), form.text("scope"), _rights_in(form)
    try:
        check_fields([*rights.hidden, *rights.read_only], call.session.directory)
        if role is None:
            add_role(call.installation, call.session, name, scope, rights)
        else:
            change_role(call.installation, call.session, str(role.id), name, scope, rights)
    except Refused as error:
        return _form(call, role, name, scope, rights, errors_of(error, *_FIELDS), 422)
    return go(call, "/admin/roles?saved=1")


def _rights_in(form: Posted) -> Rights:
    given = {name.removeprefix(_RIGHT): form.text(name) for name in form.values if name.startswith(_RIGHT)}
    hidden = frozenset(name for name, right in given.items() if right == HIDDEN)
    read_only = frozenset(name for name, right in given.items() if right == READ_ONLY)
    return Rights(hidden, read_only, form.text("phones_masked") == "1")


def _there(call: PageCall, role_id: int) -> Role:
    found = call.session.directory.roles.get(role_id)
    if found is None:
        raise NotFound(f"no role {role_id}")
    return found


def _form(
    call: PageCall,
    role: Role | None,
    name: str,
    scope: str,
    rights: Rights,
    errors: Errors = NO_ERRORS,
    status: int = 200,
) -> Response:
    directory = call.session.directory
    by_form = dict(_rights_of(directory))
    limited = {form: sum(right_of(rights, each.name) != "" for each in fields) for form, fields in by_form.items()}
    return desk(
        *(call, "role", "roles", status),
        role=role,
        name=name,
        scope=scope,
        rights=rights,
        scopes=SCOPES,
        by_form=by_form,
        limited=limited,
        right_of=right_of,
        errors=errors,
    )


def _rights_of(directory: Directory) -> Iterator[tuple[str, list[RightField]]]:
    """The fields of each form that rights may be given of, by the form's name in paths."""
    for type_, form in FORMS.items():
        fields = [
            RightField(
                f"{form.singular}.{field.name}",
                field_label(field.stored, type_, directory),
                field.name not in NEVER_HIDDEN,
            )
            for field in form.fields
        ]
        fields += [RightField(f"{form.singular}.{each.name}", each.label, True) for each in directory.fields_of(type_)]
        yield form.plural, fields
