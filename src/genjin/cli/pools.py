"""`genjin pool`: the pools of leads and customers, and their rules."""

from typing import TYPE_CHECKING, Annotated

import typer

from genjin.cli.admin import Organisation
from genjin.cli.opened import opened
from genjin.cli.output import fail, table

if TYPE_CHECKING:
    from genjin.domain.directory import Directory
    from genjin.domain.pools import Pool, PoolInput

TYPES = {"leads": 1, "customers": 2}
"""What a pool may hold, and the numbers of RecordType."""

Admins = Annotated[
    list[str] | None, typer.Option("--admin", help="The login of who hands out what lies there; may be repeated.")
]
Members = Annotated[list[str] | None, typer.Option("--member", help="The login of who may take; may be repeated.")]
Departments = Annotated[
    list[str] | None, typer.Option("--department", help="A department whose people may take; may be repeated.")
]
Everybody = Annotated[
    bool | None, typer.Option("--everybody/--members-only", help="Whether everybody may take.", show_default=False)
]
Days = Annotated[
    int | None, typer.Option(min=0, help="Days without follow-up after which an owner loses a record; 0: never.")
]
SaleDays = Annotated[
    int | None, typer.Option(min=0, help="Days without contract after which an owner loses a customer; 0: never.")
]
At = Annotated[str, typer.Option("--at", help="When on that day, such as 16:00.")]
WarnDays = Annotated[int | None, typer.Option(min=0, help="How many days before its timeline warns; 0: never.")]
WarnAt = Annotated[str, typer.Option(help="When on that day, such as 09:00.")]
LimitDays = Annotated[
    int | None, typer.Option(min=0, help="Days in which nobody takes again what they lost to the pool; 0: none.")
]


def pool_add(
    type_: Annotated[str, typer.Argument(metavar="TYPE", help="leads or customers.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    admin: Admins = None,
    member: Members = None,
    department: Departments = None,
    everybody: Everybody = None,
    days: Days = None,
    sale_days: SaleDays = None,
    at: At = "",
    warn_days: WarnDays = None,
    warn_at: WarnAt = "",
    limit_days: LimitDays = None,
    organisation: Organisation = "",
) -> None:
    """Make a pool. Everybody may take from it unless members are named."""
    from genjin.domain.records import RecordType
    from genjin.service.organisation.organisations import people_of, pick_organisation
    from genjin.service.pools.settings import add_pool

    if type_ not in TYPES:
        fail(f"A pool is for leads or for customers, not for {type_!r}.")
    if everybody is None and (member or department):
        everybody = False
    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        directory = people_of(installation, chosen.id)
        plain = _people(directory, name, admin, member, department, everybody)
        given = _given(plain, days, sale_days, at, warn_days, warn_at, limit_days)
        pool = add_pool(installation, chosen.id, RecordType(TYPES[type_]), given)
    print(f"Made the pool {pool.name} of {chosen.name}: id {pool.id}.")


def pool_set(
    id_: Annotated[int, typer.Argument(metavar="ID", help="The pool's id, see `genjin pool list`.")],
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    admin: Admins = None,
    member: Members = None,
    department: Departments = None,
    everybody: Everybody = None,
    days: Days = None,
    sale_days: SaleDays = None,
    at: At = "",
    warn_days: WarnDays = None,
    warn_at: WarnAt = "",
    limit_days: LimitDays = None,
    organisation: Organisation = "",
) -> None:
    """Change what is given of a pool; a list of people that is given replaces the one before."""
    from genjin.service.organisation.organisations import people_of, pick_organisation
    from genjin.service.pools.settings import set_pool

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        directory = people_of(installation, chosen.id)
        plain = _people(directory, name, admin, member, department, everybody)
        given = _given(plain, days, sale_days, at, warn_days, warn_at, limit_days)
        pool = set_pool(installation, chosen.id, id_, given)
    print(f"Changed the pool {pool.name}.")


def pool_list(organisation: Organisation = "") -> None:
    """List the pools of an organisation, with who may take and when records go back."""
    from genjin.service.organisation.organisations import people_of, pick_organisation
    from genjin.service.pools.settings import all_pools

    with opened() as installation:
        chosen = pick_organisation(installation, organisation)
        found = all_pools(installation, chosen.id)
        directory = people_of(installation, chosen.id)
    names = {number: name for name, number in TYPES.items()}
    rows = [
        (p.id, names[int(p.type)], p.name, _logins(p.admin_ids, directory), _who(p, directory), _when(p)) for p in found
    ]
    table(("id", "of", "name", "administrators", "members", "rules"), rows)


def _people(
    directory: "Directory",
    name: str,
    admins: list[str] | None,
    members: list[str] | None,
    departments: list[str] | None,
    everybody: bool | None,
) -> dict[str, object]:
    users = {user.login: user.id for user in directory.users.values() if user.login}
    nodes = {node.name: node.id for node in directory.departments.values()}
    plain: dict[str, object] = {"name": name} if name else {}
    for key, given, known, kind in (
        ("admin_ids", admins, users, "user"),
        ("user_ids", members, users, "user"),
        ("department_ids", departments, nodes, "department"),
    ):
        if given:
            if unknown := [each for each in given if each not in known]:
                fail(f"There is no {kind} {', '.join(unknown)}.")
            plain[key] = tuple(known[each] for each in given)
    return plain if everybody is None else plain | {"open_to_all": everybody}


def _given(
    plain: dict[str, object],
    days: int | None,
    sale_days: int | None,
    at: str,
    warn_days: int | None,
    warn_at: str,
    limit_days: int | None,
) -> "PoolInput":
    from genjin.domain.pools import PoolInput

    common: dict[str, object] = {} if warn_days is None else {"warn_days": warn_days}
    common |= {"at": _minute(at)} if at else {}
    common |= {"warn_at": _minute(warn_at)} if warn_at else {}
    followed_up, sold = ({} if given is None else {"days": given} for given in (days, sale_days))
    if limit_days is None:
        return PoolInput(plain, common | followed_up, common | sold)
    return PoolInput(plain | {"limit_days": limit_days}, common | followed_up, common | sold, limit_days > 0)


def _minute(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        fail(f"{text!r} is no time of day such as 16:00.")
    return int(hours) * 60 + int(minutes)


def _logins(user_ids: tuple[int, ...], directory: "Directory") -> str:
    found = (directory.users.get(id_) for id_ in user_ids)
    return ", ".join(user.login or user.name for user in found if user)


def _who(pool: "Pool", directory: "Directory") -> str:
    if pool.open_to_all:
        return "everybody"
    departments = [directory.department_name(id_) for id_ in pool.department_ids]
    return ", ".join(filter(None, [_logins(pool.user_ids, directory), *departments]))


def _when(pool: "Pool") -> str:
    rules = []
    for rule, without in ((pool.followed_up, "follow-up"), (pool.sold, "contract")):
        if rule.days:
            rules.append(f"{rule.days} days without {without}, at {rule.at // 60:02}:{rule.at % 60:02}")
    if pool.limited_at is not None:
        rules.append(f"not taken again within {pool.limit_days} days")
    return "; ".join(rules)
