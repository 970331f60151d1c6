"""The commands on users, departments and roles, beyond letting somebody in."""

from typing import Annotated

import typer

from genjin.cli.admin import Login, Organisation
from genjin.cli.opened import opened
from genjin.cli.output import table

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name or id.")]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="Its name or id.")]
Scope = Annotated[str, typer.Argument(metavar="SCOPE", help="self, department, department_and_below or all.")]
Fields = Annotated[list[str] | None, typer.Option(help="A field such as customer.note; may be given several times.")]


def user_set(
    who: Annotated[str, typer.Argument(metavar="LOGIN", help="The user's login; the id of who has none.")],
    name: Annotated[str | None, typer.Option(help="What others see.")] = None,
    role: Annotated[str | None, typer.Option(help="The name of a role.")] = None,
    department: Annotated[str | None, typer.Option(help="The name or id of a department; - for none.")] = None,
    superior: Annotated[str | None, typer.Option(help="The login of whom they report to; - for nobody.")] = None,
    gender: Annotated[str | None, typer.Option(help="male, female, or - for neither.")] = None,
    phone: Annotated[str | None, typer.Option(help="Serves as a login too.")] = None,
    email: Annotated[str | None, typer.Option(help="What others see.")] = None,
    job: Annotated[str | None, typer.Option(help="What others see.")] = None,
    tel: Annotated[str | None, typer.Option(help="The number of the office.")] = None,
    login: Annotated[str | None, typer.Option(help="By what they sign in from now on.")] = None,
    organisation: Organisation = "",
) -> None:
    """Change what is given of a user; their next request goes by it."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.organisation.people import UserChanges, change_user

    given = UserChanges(name, role, department, superior, gender, phone, email, job, tel, login)
    with opened() as installation:
        user = change_user(installation, pick_organisation(installation, organisation).id, who, given)
    print(f"{user.name} is changed.")


def user_leave(
    login: Login,
    to: Annotated[str, typer.Option(help="The login of who takes over all that they work on.")],
    organisation: Organisation = "",
) -> None:
    """Let a user leave: tokens die, and records change hands with their history. Cut short, say it again."""
    from genjin.service.organisation.leaving import leave_by_login
    from genjin.service.organisation.organisations import pick_organisation

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        handed = leave_by_login(installation, chosen.id, login, to)
    print(f"{handed.user.name} has left. Handed over: {handed.owned} owned, {handed.shared} worked on.")


def department_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    parent: Annotated[str, typer.Option(help="The name or id of the department above it.")] = "",
    organisation: Organisation = "",
) -> None:
    """Add a department."""
    from genjin.service.organisation.departments import add_department
    from genjin.service.organisation.organisations import pick_organisation

    with opened() as installation:
        added = add_department(installation, pick_organisation(installation, organisation).id, name, parent)
    print(f"Added {added.name}: id {added.id}.")


def department_list(organisation: Organisation = "") -> None:
    """List the departments as a tree, with who leads them."""
    from genjin.service.organisation.organisations import people_of, pick_organisation

    with opened() as installation:
        directory = people_of(installation, pick_organisation(installation, organisation).id)
    rows = []
    for each in directory.tree():
        managers = (directory.users[user_id].login for user_id in each.managers if user_id in directory.users)
        name = "  " * (directory.depth(each.id) - 1) + each.name
        rows.append((each.id, name, directory.department_name(each.parent_id), ", ".join(filter(None, managers))))
    table(("id", "name", "parent", "managers"), rows)


def department_move(
    name: Name,
    parent: Annotated[str | None, typer.Option(help="The department above it; - for the top.")] = None,
    rename: Annotated[str | None, typer.Option(help="What it is called from now on.")] = None,
    organisation: Organisation = "",
) -> None:
    """Put a department under another one, with all below it, or call it otherwise."""
    from genjin.service.organisation.departments import move_department
    from genjin.service.organisation.organisations import pick_organisation

    above = "" if parent == "-" else parent
    with opened() as installation:
        moved = move_department(installation, pick_organisation(installation, organisation).id, name, above, rename)
    print(f"{moved.name} is changed.")


def department_managers(
    name: Name,
    logins: Annotated[
        list[str] | None, typer.Argument(metavar="LOGIN...", help="Who leads it; nobody if none.")
    ] = None,
    organisation: Organisation = "",
) -> None:
    """Say who leads a department, and so sees it with all below."""
    from genjin.service.organisation.departments import set_managers
    from genjin.service.organisation.organisations import pick_organisation

    with opened() as installation:
        led = set_managers(installation, pick_organisation(installation, organisation).id, name, logins or ())
    print(f"{led.name} has {len(led.managers)} managers.")


def role_add(
    name: Annotated[str, typer.Argument(metavar="ROLE", help="What it is called.")],
    scope: Scope,
    organisation: Organisation = "",
) -> None:
    """Add a role."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.organisation.roles import add_role

    with opened() as installation:
        added = add_role(installation, pick_organisation(installation, organisation).id, name, scope)
    print(f"Added {added.name}: id {added.id}.")


def role_list(organisation: Organisation = "") -> None:
    """List the roles, with what they see and do not see."""
    from genjin.service.organisation.organisations import people_of, pick_organisation

    with opened() as installation:
        directory = people_of(installation, pick_organisation(installation, organisation).id)
    rows = []
    for role in directory.roles.values():
        rights, holders = role.rights, sum(user.role_id == role.id for user in directory.users.values())
        hidden, fixed = ", ".join(sorted(rights.hidden)), ", ".join(sorted(rights.read_only))
        masked = "masked" if rights.phones_masked else "shown"
        rows.append((role.id, role.name, role.scope.value, hidden, fixed, masked, holders))
    table(("id", "name", "scope", "hidden", "read-only", "phones", "users"), rows)


def role_scope(role: RoleName, scope: Scope, organisation: Organisation = "") -> None:
    """Say whose records a role sees."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.organisation.roles import set_scope

    with opened() as installation:
        changed = set_scope(installation, pick_organisation(installation, organisation).id, role, scope)
    print(f"{changed.name} sees {changed.scope.value}.")


def role_rights(
    role: RoleName,
    hide: Fields = None,
    read_only: Fields = None,
    free: Fields = None,
    mask_phones: Annotated[
        bool | None, typer.Option("--mask-phones/--show-phones", help="Whether telephone numbers are masked.")
    ] = None,
    organisation: Organisation = "",
) -> None:
    """Hide fields from a role, make them read-only, free them of both; mask telephone numbers."""
    from genjin.service.organisation.organisations import people_of, pick_organisation
    from genjin.service.organisation.roles import change_rights
    from genjin.wire.records.forms import check_fields

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        check_fields([*(hide or ()), *(read_only or ())], people_of(installation, chosen.id))
        changed = change_rights(
            installation, chosen.id, role, hide or (), read_only or (), free or (), phones_masked=mask_phones
        )
    rights = changed.rights
    masked = "masked" if rights.phones_masked else "shown"
    print(f"{changed.name}: {len(rights.hidden)} hidden, {len(rights.read_only)} read-only, phones {masked}.")
