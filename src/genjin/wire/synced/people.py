"""Departments and colleagues as an upstream tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.domain.people import GENDERS, NO_LIMITS, DataScope, Department, Rights, Role, User
from genjin.wire import scalars
from genjin.wire.records.forms import MAX_TEXT
from genjin.wire.told import MAX_INDEXED, MAX_STATE, Told
from genjin.wire.user import AVATARS, DEFAULT_AVATAR

OUR_AVATARS = frozenset({DEFAULT_AVATAR, *AVATARS.values()})


@dataclass(frozen=True, slots=True)
class ToldUser:
    """A colleague with their role, which sees only its own: what it sees there is told, but not what of that it should
    see here. `whole` is whether it is the full object; the short one has no role, department id, gender and superior.
    """

    user: User
    role: Role | None
    department: str
    whole: bool


def department_from_wire(body: JsonValue, calendar: Calendar) -> Department:
    """A row of the list of departments. Raises Invalid."""
    told = Told(body, calendar)
    managers = scalars.ids(told.body.get("manager_ids"))  # type: ignore[arg-type]
    if managers is None:
        told.errors["manager_ids"] = ["are no ids"]
    found = Department(told.id("id"), told.text("name", MAX_TEXT), told.reference("parent_id"), managers or ())
    if found.parent_id == found.id:
        told.errors["parent_id"] = ["is the department itself"]
    told.check()
    return found


def user_from_wire(body: JsonValue, calendar: Calendar) -> ToldUser:
    """A colleague, of the full object or of the short one. Raises Invalid."""
    told = Told(body, calendar)
    whole = "gender" in told.body or "department_id" in told.body
    named = told.body.get("role_json")
    role_id = told.reference("role_id")
    role_name = told.text("role", MAX_TEXT) or (
        scalars.text_of(named.get("name")) if isinstance(named, Mapping) else ""
    )
    gender, avatar = told.text("gender", MAX_INDEXED).lower(), told.text("avatar_url", MAX_TEXT)
    masked = told.body.get("enabled_number_hidden_dispose") is True
    user = User(
        id=told.id("id"),
        name=told.text("name", MAX_TEXT),
        created_at=told.optional_minute("created_at") or 0,
        email=told.text("email", MAX_TEXT),
        phone=told.text("phone", MAX_INDEXED),
        role_id=role_id or 0,
        department_id=told.reference("department_id"),
        workflow_state=told.text("workflow_state", MAX_STATE) or "organization_staff",
        job=told.text("job", MAX_TEXT),
        tel=told.text("tel", MAX_TEXT),
        avatar_url="" if avatar in OUR_AVATARS else avatar,
        third_userid=_text_or_none(told, "third_userid"),
        third_dept_id=_text_or_none(told, "third_dept_id"),
        uid=scalars.id_or_none(told.body.get("uid")) or 0,
        gender=gender if gender in GENDERS else None,
        superior_id=told.reference("superior_id"),
        left_at=told.optional_minute("locked_at"),
        from_capture=True,
    )
    role = None
    if role_id is not None:
        rights = Rights(phones_masked=True) if masked else NO_LIMITS
        role = Role(role_id, role_name or f"角色{role_id}", DataScope.SELF, rights)
    department = told.text("department_name", MAX_TEXT)
    told.check()
    return ToldUser(user, role, department, whole)


def _text_or_none(told: Told, key: str) -> str | None:
    return None if told.body.get(key) is None else told.text(key, MAX_TEXT)
