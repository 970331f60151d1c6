"""Colleagues as /api/v1 lists them: when they did something last."""

from typing import Literal

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.latest import Latest
from genjin.domain.people import User
from genjin.wire.v1.record import LatestQuery, LatestTimes, latest_to_wire
from genjin.wire.v1.shared import Named, Next, Shown, named_or_none


class UsersQuery(LatestQuery):
    """Which colleagues are asked for."""

    sort: Literal["id", "last_activity_at", "last_follow_up_at", "last_call_at", "last_visit_at", "next_due_at"] = "id"


class UserObject(LatestTimes):
    """A colleague."""

    id: int
    name: str
    department: Named | None


class UserList(Shown):
    """Colleagues whose work the caller sees."""

    items: list[UserObject]
    next: Next


def user_to_wire(user: User, latest: Latest, next_due_at: int | None, directory: Directory) -> dict[str, JsonValue]:
    """As UserObject."""
    department = directory.departments.get(user.department_id or 0)
    return {
        "id": user.id,
        "name": user.name,
        "department": named_or_none(department),
        **latest_to_wire((*latest, next_due_at), directory.calendar),
    }
