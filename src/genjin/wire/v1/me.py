"""Who the caller is, to themselves."""

from typing import Literal

from pydantic import Field

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.policy import Viewer, may_administer
from genjin.wire.v1.shared import Named, Shown, named_or_none


class MyOrganisation(Shown):
    """The organisation that the token is of."""

    id: int
    name: str
    corp_id: str


class MyRights(Shown):
    """What the caller may do. Fields are named as in /api/v2, such as `customer.note`."""

    scope: Literal["self", "department", "department_and_below", "all"] = Field(
        description="Whose records the caller sees, besides what is shared with them."
    )
    administers: bool = Field(description="Whether the caller may change what the organisation has, such as its kinds.")
    hidden_fields: list[str]
    read_only_fields: list[str]
    phones_masked: bool


class Me(Shown):
    """The caller."""

    id: int
    name: str
    email: str
    role: Named | None
    department: Named | None
    organisation: MyOrganisation
    time_zone: str = Field(description="An IANA zone: the organisation's, in which days and times are meant and shown.")
    rights: MyRights


def me_to_wire(viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    """The caller as Me."""
    user, organisation, rights = directory.users[viewer.user_id], directory.organisation, viewer.rights
    role, department = directory.roles.get(user.role_id), directory.departments.get(user.department_id or 0)
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "role": named_or_none(role),
        "department": named_or_none(department),
        "organisation": {"id": organisation.id, "name": organisation.name, "corp_id": organisation.corp_id},
        "time_zone": organisation.time_zone,
        "rights": {
            "scope": viewer.scope.value,
            "administers": may_administer(viewer),
            "hidden_fields": sorted(rights.hidden),
            "read_only_fields": sorted(rights.read_only),
            "phones_masked": rights.phones_masked,
        },
    }
