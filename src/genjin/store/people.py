"""Organisations, departments, roles, users and option lists."""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import RowMapping, delete, select, text, update

from genjin.domain.json import JsonValue
from genjin.domain.people import NO_LIMITS, DataScope, Department, Option, Organisation, Rights, Role, User
from genjin.domain.place import Coordinates
from genjin.store.changes import wake
from genjin.store.tables import departments, options, organisations, roles, users
from genjin.store.transaction import Tx

_USER_COLUMNS = [column for column in users.c if column.name not in ("organisation_id", "password_hash")]


def put_organisation(tx: Tx, organisation: Organisation) -> None:
    """Insert or replace."""
    settings: dict[str, JsonValue] = {
        "module_names": organisation.module_names,
        "default_image_url": organisation.default_image_url,
        "user_config_columns": organisation.user_config_columns,
        "approvals": sorted(organisation.approvals),
        "coordinates": organisation.coordinates.value,
    }
    row: dict[str, object] = {
        "organisation_id": organisation.id,
        "name": organisation.name,
        "corp_id": organisation.corp_id,
        "time_zone": organisation.time_zone,
        "version": organisation.version,
        "settings": orjson.dumps(settings),
    }
    tx.put(organisations, [row])


def organisation(tx: Tx, organisation_id: int) -> Organisation | None:
    """One organisation by its id."""
    statement = select(organisations).where(organisations.c.organisation_id == organisation_id)
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _organisation(row)


def all_organisations(tx: Tx) -> list[Organisation]:
    """Every organisation of the installation, by id; for its operator only."""
    statement = select(organisations).order_by(organisations.c.organisation_id)
    return [_organisation(row) for row in tx.execute(statement).mappings()]


def bump_version(tx: Tx, organisation_id: int) -> None:
    """Tell every worker that something bound late has changed."""
    tx.execute(
        update(organisations)
        .where(organisations.c.organisation_id == organisation_id)
        .values(version=organisations.c.version + 1)
    )
    wake(tx, organisation_id)


def put_departments(tx: Tx, organisation_id: int, nodes: Iterable[Department]) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {
            "organisation_id": organisation_id,
            "id": node.id,
            "name": node.name,
            "parent_id": node.parent_id,
            "managers": orjson.dumps(node.managers) if node.managers else None,
        }
        for node in nodes
    ]
    tx.put(departments, rows)


def remove_department(tx: Tx, organisation_id: int, department_id: int) -> None:
    """Remove a department, which nothing refers to any more."""
    c = departments.c
    tx.execute(delete(departments).where(c.organisation_id == organisation_id, c.id == department_id))


def department_list(tx: Tx, organisation_id: int) -> list[Department]:
    """All departments, by id."""
    statement = select(departments).where(departments.c.organisation_id == organisation_id).order_by(departments.c.id)
    return [
        Department(row["id"], row["name"], row["parent_id"], tuple(orjson.loads(row["managers"] or b"[]")))
        for row in tx.execute(statement).mappings()
    ]


def put_roles(tx: Tx, organisation_id: int, some: Iterable[Role]) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {
            "organisation_id": organisation_id,
            "id": role.id,
            "name": role.name,
            "scope": role.scope.value,
            "rights": _pack_rights(role.rights),
        }
        for role in some
    ]
    tx.put(roles, rows)


def remove_role(tx: Tx, organisation_id: int, role_id: int) -> None:
    """Remove a role, which nobody has any more."""
    tx.execute(delete(roles).where(roles.c.organisation_id == organisation_id, roles.c.id == role_id))


def role_list(tx: Tx, organisation_id: int) -> list[Role]:
    """All roles, by id."""
    statement = select(roles).where(roles.c.organisation_id == organisation_id).order_by(roles.c.id)
    return [
        Role(row["id"], row["name"], DataScope(row["scope"]), _unpack_rights(row["rights"]))
        for row in tx.execute(statement).mappings()
    ]


def put_users(tx: Tx, organisation_id: int, some: Iterable[User]) -> None:
    """Insert, or replace everything but the password."""
    rows: list[dict[str, object]] = [
        {"organisation_id": organisation_id} | {column.name: getattr(user, column.name) for column in _USER_COLUMNS}
        for user in some
    ]
    tx.put(users, rows)


def user_list(tx: Tx, organisation_id: int) -> list[User]:
    """All users, by id."""
    statement = select(*_USER_COLUMNS).where(users.c.organisation_id == organisation_id).order_by(users.c.id)
    return [User(**row) for row in tx.execute(statement).mappings()]


def user_named(tx: Tx, organisation_id: int, login: str) -> User | None:
    """The user of this login."""
    statement = select(*_USER_COLUMNS).where(users.c.organisation_id == organisation_id, users.c.login == login)
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else User(**row)


def find_user(tx: Tx, organisation_id: int, user_id: int) -> User | None:
    """One user by the id."""
    statement = select(*_USER_COLUMNS).where(users.c.organisation_id == organisation_id, users.c.id == user_id)
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else User(**row)


def set_password(tx: Tx, organisation_id: int, user_id: int, password_hash: str) -> None:
    """Store the hash; None is not accepted: to lock a user out, revoke and blank the login."""
    tx.execute(
        update(users)
        .where(users.c.organisation_id == organisation_id, users.c.id == user_id)
        .values(password_hash=password_hash)
    )


def users_with_password(tx: Tx, organisation_id: int) -> set[int]:
    """The ids of who has a password."""
    statement = select(users.c.id).where(users.c.organisation_id == organisation_id, users.c.password_hash.is_not(None))
    return {row[0] for row in tx.execute(statement)}


def sign_in_candidates(tx: Tx, login: str) -> list[tuple[int, int, str | None]]:
    """(organisation_id, user_id, password hash) of every user with this login or phone.

    This and the list of organisations are the only queries over organisations: who signs in has not said which. On
    PostgreSQL a function asks, which alone sees beyond one organisation.
    """
    wanted = "genjin_sign_in(:login)"
    if tx.engine == "sqlite":
        wanted = (
            "(SELECT organisation_id, id AS user_id, password_hash FROM users"
            " WHERE login = :login OR (phone = :login AND phone <> ''))"
        )
    found = tx.execute(text(f"SELECT * FROM {wanted} ORDER BY organisation_id, user_id"), {"login": login})
    return [(row[0], row[1], row[2]) for row in found]


def put_options(tx: Tx, organisation_id: int, some: Sequence[Option]) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {"organisation_id": organisation_id, "id": o.id, "field": o.field, "label": o.label, "position": o.position}
        for o in some
    ]
    tx.put(options, rows)


def option_list(tx: Tx, organisation_id: int) -> list[Option]:
    """All options of all lists, in the order they are shown in."""
    statement = (
        select(options)
        .where(options.c.organisation_id == organisation_id)
        .order_by(options.c.field, options.c.position, options.c.id)
    )
    return [Option(r["id"], r["field"], r["label"], r["position"]) for r in tx.execute(statement).mappings()]


def _pack_rights(rights: Rights) -> bytes | None:
    if rights == NO_LIMITS:
        return None
    told = {"hidden": sorted(rights.hidden), "read_only": sorted(rights.read_only)}
    return orjson.dumps(told | {"phones_masked": rights.phones_masked})


def _unpack_rights(packed: bytes | None) -> Rights:
    if packed is None:
        return NO_LIMITS
    told = orjson.loads(packed)
    return Rights(frozenset(told["hidden"]), frozenset(told["read_only"]), told["phones_masked"])


def _organisation(row: RowMapping) -> Organisation:
    settings = orjson.loads(row["settings"])
    return Organisation(
        id=row["organisation_id"],
        name=row["name"],
        corp_id=row["corp_id"],
        time_zone=row["time_zone"],
        version=row["version"],
        module_names=settings["module_names"],
        default_image_url=settings["default_image_url"],
        user_config_columns=settings["user_config_columns"],
        approvals=frozenset(settings.get("approvals", ())),
        coordinates=Coordinates(settings.get("coordinates", Coordinates.COARSE)),
    )
