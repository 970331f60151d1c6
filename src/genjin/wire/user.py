"""Colleagues on the wire: the short object that the whole API shares, the full one, and what a list is asked for."""

from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel, ConfigDict, Field

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.people import LEFT, SORTABLE, DataScope, Department, Role, User, UserFilter
from genjin.domain.policy import Viewer, may_administer
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.params import Params, as_list, text


class WireUser(BaseModel):
    """A colleague as every answer shows them."""

    model_config = ConfigDict(extra="forbid")

    id: int
    email: str
    created_at: str
    name: str
    organization_id: int
    phone: str
    role_id: int
    workflow_state: str
    job: str
    tel: str
    avatar_url: str
    department_name: str
    third_userid: str | None
    third_dept_id: str | None
    uid: int


class RoleName(BaseModel):
    """A role, and whose records it sees."""

    model_config = ConfigDict(extra="forbid")

    id: int
    name: str
    entity_grant_scope: str = Field(
        description="`self_own`, `department_own`, `department_and_below_own` or `organization_own`"
    )


class Nothing(BaseModel):
    """`{}`"""

    model_config = ConfigDict(extra="forbid")


class FullUser(WireUser):
    """A colleague as the pages on users show them; `created_at` is ISO 8601 here."""

    gender: str = Field(description="`male`, `female`, or empty")
    role: str = Field(description="the role's name")
    role_json: RoleName | Nothing
    department_id: int | None
    departments_manager: bool = Field(description="whether they lead a department")
    is_super_user: bool = Field(description="whether they see everything")
    confirmed_phone_at: str | None
    pending_report: int
    superior_id: int | None
    superior_name: str
    organization_name: str
    have_new_feature_on_sales_circle: bool
    sales_circle_msg_count: int
    assist_departments: list[Nothing]
    locked_at: str | None = Field(description="when they left")
    enabled_number_hidden_dispose: bool = Field(description="whether telephone numbers are masked for them")
    dingtalk_userid: str | None
    organization_oid: int


DEFAULT_AVATAR = "/static/avatar.svg"
AVATARS: Mapping[str | None, str] = {"male": "/static/avatar_male.svg", "female": "/static/avatar_female.svg"}
SCOPES: Mapping[DataScope, str] = {
    DataScope.SELF: "self_own",
    DataScope.DEPARTMENT: "department_own",
    DataScope.DEPARTMENT_AND_BELOW: "department_and_below_own",
    DataScope.ALL: "organization_own",
}


def user_to_wire(user: User, directory: Directory) -> dict[str, object]:
    """The short user object."""
    return {
        "id": user.id,
        "email": user.email,
        "created_at": directory.calendar.minute(user.created_at),
        "name": user.name,
        "organization_id": directory.organisation.id,
        "phone": user.phone,
        "role_id": user.role_id,
        "workflow_state": user.workflow_state,
        "job": user.job,
        "tel": user.tel,
        "avatar_url": avatar_of(user),
        "department_name": directory.department_name(user.department_id),
        "third_userid": user.third_userid,
        "third_dept_id": user.third_dept_id,
        "uid": user.uid,
    }


def user_or_none(user_id: int | None, directory: Directory) -> dict[str, object] | None:
    """The short object of a user by id; None when there is none."""
    user = directory.users.get(user_id or 0)
    return None if user is None else user_to_wire(user, directory)


def avatar_of(user: User) -> str:
    """The user's picture, or one of ours."""
    return user.avatar_url or AVATARS.get(user.gender, DEFAULT_AVATAR)


def full_user_to_wire(user: User, directory: Directory) -> dict[str, JsonValue]:
    """The full user object."""
    role, superior = directory.roles.get(user.role_id), directory.users.get(user.superior_id or 0)
    viewer, short = directory.viewer(user.id), cast(dict[str, JsonValue], user_to_wire(user, directory))
    return short | {
        "created_at": directory.calendar.iso(user.created_at),
        "gender": user.gender or "",
        "role": role.name if role else "",
        "role_json": role_to_wire(role) if role else {},
        "department_id": user.department_id,
        "departments_manager": any(user.id in each.managers for each in directory.departments.values()),
        "is_super_user": viewer is not None and may_administer(viewer),
        "confirmed_phone_at": directory.calendar.iso(user.created_at) if user.phone else None,
        "pending_report": 0,
        "superior_id": superior.id if superior else None,
        "superior_name": superior.name if superior else "",
        "organization_name": directory.organisation.name,
        "have_new_feature_on_sales_circle": False,
        "sales_circle_msg_count": 0,
        "assist_departments": [],
        "locked_at": None if user.left_at is None else directory.calendar.iso(user.left_at),
        "enabled_number_hidden_dispose": bool(role and role.rights.phones_masked),
        "dingtalk_userid": user.third_userid,
        "organization_oid": directory.organisation.id,
    }


def role_to_wire(role: Role) -> dict[str, JsonValue]:
    """A role, and whose records it sees."""
    return {"id": role.id, "name": role.name, "entity_grant_scope": SCOPES[role.scope]}


def choice_to_wire(user: User, directory: Directory) -> dict[str, JsonValue]:
    """A colleague as one choice of a select box."""
    return {
        "value": user.id,
        "text": user.name,
        "id": user.id,
        "name": user.name,
        "department_id": user.department_id,
        "department_name": directory.department_name(user.department_id),
        "avatar_url": avatar_of(user),
    }


def department_to_wire(department: Department, directory: Directory) -> dict[str, JsonValue]:
    """A department, how deep it lies in the tree (1 is the top) and how many colleagues are in it, below included."""
    below, staff = directory.below([department.id]), directory.users.values()
    return {
        "id": department.id,
        "name": department.name,
        "parent_id": department.parent_id,
        "depth": directory.depth(department.id),
        "users_count": sum(1 for user in staff if user.department_id in below and user.workflow_state != LEFT),
        "manager_ids": list(department.managers),
    }


def permissions_to_wire(viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    """What the organisation asks for, and what the caller may do."""
    role = directory.roles.get(directory.users[viewer.user_id].role_id)
    return {
        "customer_approve": "customer" in directory.organisation.approvals,
        "contract_approve": "contract" in directory.organisation.approvals,
        "role_json": role_to_wire(role) if role else {},
        "entity_grant_scope": SCOPES[viewer.scope],
        "is_super_user": may_administer(viewer),
        "manage_users": may_administer(viewer),
        "enabled_number_hidden_dispose": viewer.rights.phones_masked,
        "hidden_fields": sorted(viewer.rights.hidden),
        "read_only_fields": sorted(viewer.rights.hidden | viewer.rights.read_only),
    }


def user_filter(params: Params) -> UserFilter:
    """Which colleagues a list is asked for. Raises Invalid for a filter that cannot be read: it would show too much."""
    errors: dict[str, list[str]] = {}

    def numbers(key: str) -> frozenset[int]:
        found = {scalars.id_or_none(each) for each in as_list(params.get(key)) if each not in (None, "")}
        if None in found:
            errors[key] = ["不是有效的编号"]
        return frozenset(id_ for id_ in found if id_ is not None)

    departments, sort = numbers("department_id"), text(params, "sort").strip()
    if len(departments) > 1:
        errors["department_id"] = ["只能有一个"]
    wanted = UserFilter(
        name=text(params, "name").strip(),
        department_id=next(iter(departments), None),
        ids=numbers("user_id"),
        except_ids=numbers("except_user_id"),
        third_userid=text(params, "dingtalk_userid").strip(),
        phone=text(params, "phone").strip(),
        with_left=scalars.truth(params.get("with_left")),
        sort=sort if sort in SORTABLE else "id",
        descending=text(params, "order").strip().lower() == "desc",
    )
    if errors:
        raise Invalid(errors)
    return wanted
