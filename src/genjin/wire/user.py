"""The short user object that the whole API shares, with the keys of the documented example."""

from pydantic import BaseModel, ConfigDict

from genjin.domain.directory import Directory
from genjin.domain.people import User


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


DEFAULT_AVATAR = "/static/avatar.svg"


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
        "avatar_url": user.avatar_url or DEFAULT_AVATAR,
        "department_name": directory.department_name(user.department_id),
        "third_userid": user.third_userid,
        "third_dept_id": user.third_dept_id,
        "uid": user.uid,
    }


def user_or_none(user_id: int | None, directory: Directory) -> dict[str, object] | None:
    """The short object of a user by id; None when there is none."""
    user = directory.users.get(user_id or 0)
    return None if user is None else user_to_wire(user, directory)
