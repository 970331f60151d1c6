"""The commands of an installation's operator: found the organisation, let people and programs in, examine."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from genjin.cli.opened import missing_file, opened, opened_with
from genjin.cli.output import fail, masked, note, progress_of_several, table
from genjin.errors import BadSettings

if TYPE_CHECKING:
    from genjin.service.doctor import Finding, Recount

Organisation = Annotated[
    str, typer.Option("--organisation", help="Its corp_id or id; needed only when there are several.")
]
Password = Annotated[str, typer.Option("--password", help="Asked for at a terminal, otherwise made up and shown once.")]
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The user's login.")]


def init(
    organisation: Annotated[str, typer.Option("--organisation", help="The organisation's name.")] = "",
    corp_id: Annotated[str, typer.Option(help="What callers name it by; made up when not given.")] = "",
    time_zone: Annotated[str, typer.Option(help="The zone in which its days begin and end.")] = "Asia/Shanghai",
    login: Annotated[str, typer.Option(help="The administrator's login.")] = "",
    name: Annotated[str, typer.Option(help="The administrator's name.")] = "",
    password: Password = "",
) -> None:
    """Make the database ready: its schema, the first organisation, and an administrator."""
    from genjin.service.health import upgrade
    from genjin.service.organisation.organisations import NewUser, found_organisation, list_organisations

    with opened(ready=False) as installation:
        upgrade(installation)
        if there := list_organisations(installation):
            names = ", ".join(f"{each.name} ({each.corp_id})" for each in there)
            print(f"This database is in use already: {names}. Nothing was changed.")
            print("Add people to it with `genjin user add`.")
            return
        organisation = organisation or _ask("Organisation", "我的企业")
        login = login or _ask("Login of its administrator", "admin")
        password, made_up = _password(password)
        administrator = NewUser(login, name or login, password)
        founded, user = found_organisation(installation, organisation, corp_id, time_zone, administrator)
    print(f"Founded {founded.name}: corp_id {founded.corp_id}, id {founded.id}, time zone {founded.time_zone}.")
    print(f"Its administrator signs in as {user.login}.")
    _show(password, made_up)
    print("Start the server with: genjin serve")


def unimplemented() -> None:
    """List what clients asked for that is not served here, the most frequent first."""
    from genjin.service.organisation.organisations import list_organisations
    from genjin.service.unserved import list_unserved

    with opened() as installation:
        zones = [organisation.time_zone for organisation in list_organisations(installation)]
        found = list_unserved(installation, *zones[:1])
    if not found:
        note("Nothing was asked for that is not served.")
    table(("method", "path", "calls", "first", "last"), found)


def user_add(
    login: Login,
    name: Annotated[str, typer.Option(help="What others see; the login when not given.")] = "",
    role: Annotated[str, typer.Option(help="The name of a role, which says whose records are seen.")] = "销售",
    department: Annotated[str, typer.Option(help="The name of a department; made when it is missing.")] = "",
    parent: Annotated[str, typer.Option(help="The department above it.")] = "",
    phone: Annotated[str, typer.Option(help="Serves as a login too.")] = "",
    email: Annotated[str, typer.Option(help="What others see.")] = "",
    job: Annotated[str, typer.Option(help="What others see.")] = "",
    password: Password = "",
    organisation: Organisation = "",
) -> None:
    """Let somebody in."""
    from genjin.service.organisation.organisations import NewUser, add_user, people_of, pick_organisation

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        password, made_up = _password(password)
        new = NewUser(login, name or login, password, role, department, parent, phone, email, job)
        user = add_user(installation, chosen.id, new)
        directory = people_of(installation, chosen.id)
    print(f"Added {user.name} to {chosen.name}: login {user.login}, id {user.id}.")
    _show(password, made_up)
    if not directory.has_administrator:
        sees = directory.roles[user.role_id].scope.value
        note(
            f"{role} sees {sees}, and nobody who signs in sees everything: see `genjin role list`, `genjin role scope`."
        )


def user_list(organisation: Organisation = "") -> None:
    """List everybody of an organisation."""
    from genjin.domain.people import LEFT
    from genjin.service.organisation.organisations import people_of, pick_organisation

    with opened() as installation:
        directory = people_of(installation, pick_organisation(installation, organisation).id)
    rows = []
    for user in directory.users.values():
        role, department = directory.roles.get(user.role_id), directory.department_name(user.department_id)
        seen = f"{role.name} ({role.scope.value})" if role else ""
        name = f"{user.name} (left)" if user.workflow_state == LEFT else user.name
        rows.append((user.id, user.login, name, masked(user.phone), seen, department))
    table(("id", "login", "name", "phone", "role", "department"), rows)


def user_password(login: Login, password: Password = "", organisation: Organisation = "") -> None:
    """Give a user a new password; the user's tokens are revoked."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.organisation.signin import set_password

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        password, made_up = _password(password)
        set_password(installation, chosen.id, login, password)
    print(f"{login} of {chosen.name} has a new password and no live token.")
    _show(password, made_up)


def token_create(
    login: Login,
    label: Annotated[str, typer.Option(help="What it is for.")] = "command line",
    organisation: Organisation = "",
) -> None:
    """Print a new token of a user, this once."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.organisation.signin import create_token

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        token = create_token(installation, chosen.id, login, label)
    note(f"A token of {login} of {chosen.name}; it is not shown again.")
    print(token)


def token_list(organisation: Organisation = "") -> None:
    """List what tokens there are; a token itself is not stored and cannot be shown."""
    from genjin.service.organisation.organisations import people_of, pick_organisation, tokens_of

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        directory, found = people_of(installation, chosen.id), tokens_of(installation, chosen.id)
        now = installation.clock.now()
    rows = []
    for token in found:
        user = directory.users.get(token.user_id)
        expires = "" if token.expires_at is None else directory.calendar.minute(token.expires_at)
        state = "live" if token.expires_at is None or token.expires_at > now else "expired"
        state = state if token.revoked_at is None else "revoked"
        created = directory.calendar.minute(token.created_at)
        rows.append((token.id, user.login if user else token.user_id, token.label, created, expires, state))
    table(("id", "login", "label", "created", "expires", "state"), rows)


def token_revoke(
    id_: Annotated[int, typer.Argument(metavar="ID", help="The token's id, see `genjin token list`.")],
    organisation: Organisation = "",
) -> None:
    """Make a token dead from the next request on."""
    from genjin.service.organisation.organisations import pick_organisation
    from genjin.service.organisation.signin import revoke_token

    with opened() as installation:
        revoke_token(installation, pick_organisation(installation, organisation).id, id_)
    print(f"Token {id_} is revoked.")


def doctor(
    recount: Annotated[bool, typer.Option("--recount", help="Put timelines right that are counted wrongly.")] = False,
    background: Annotated[
        bool, typer.Option("--background", help="With --recount: by a job, which this command does not wait for.")
    ] = False,
) -> None:
    """Examine the settings, the database and its counters; exit code 1 when something is wrong."""
    if background and not recount:
        raise typer.BadParameter("it goes with --recount", param_hint="--background")
    try:
        findings = _examine(("later" if background else "mend") if recount else "check")
    except KeyboardInterrupt:
        if recount:
            note("The recount is a job that a server or `genjin jobs run` goes on with; see `genjin jobs list`.")
        raise
    rows = [(each.id, each.level, each.found, each.hint) for each in findings]
    table(("id", "state", "found", "hint"), rows)
    if any(each.level == "error" for each in findings):
        raise typer.Exit(1)


def _examine(recount: "Recount") -> "list[Finding]":
    from genjin.service.doctor import Finding, examine
    from genjin.settings import load_settings

    right = Finding("E001", "ok", "the settings are valid")
    try:
        settings = load_settings()
        if missing_file(settings):
            found = f"there is no database {settings.database_url}"
            return [right, Finding("E002", "error", found, "run `genjin init`, or correct GENJIN_DATABASE_URL")]
        with opened_with(settings) as installation, progress_of_several() as show:
            return [right, *examine(installation, recount, show)]
    except BadSettings as error:
        return [Finding("E001", "error", str(error), "correct the environment")]


def _ask(question: str, default: str) -> str:
    if not sys.stdin.isatty():
        return default
    return str(typer.prompt(question, default=default, err=True))


def _password(given: str) -> tuple[str, bool]:
    """The password, and whether it was made up here."""
    from genjin.service.organisation.passwords import made_up_password

    if not given and sys.stdin.isatty():
        question = "Password (nothing to have one made up)"
        given = typer.prompt(question, default="", hide_input=True, show_default=False, err=True)
        if given and given != typer.prompt("Once more", hide_input=True, err=True):
            fail("These were two different passwords; nothing was changed.")
    return (given, False) if given else (made_up_password(), True)


def _show(password: str, made_up: bool) -> None:
    if made_up:
        print(f"Password: {password}")
        note("It is not shown again.")
