"""Organisations, departments, roles and users."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from genjin.domain.json import JsonValue
from genjin.domain.place import Coordinates


class DataScope(StrEnum):
    """Whose records a role sees."""

    SELF = "self"
    DEPARTMENT = "department"
    DEPARTMENT_AND_BELOW = "department_and_below"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Organisation:
    """The tenant. `version` grows with every change of what is bound late (see service/directory.py).

    `module_names` holds only the names that differ from the standard ones, by record type name. `approvals` names the
    types, such as `customer`, whose records are approved. `coordinates` says how those of colleagues are kept.
    """

    id: int
    name: str
    corp_id: str
    time_zone: str = "Asia/Shanghai"
    version: int = 1
    module_names: Mapping[str, str] = field(default_factory=dict)
    default_image_url: str = ""
    user_config_columns: Mapping[str, JsonValue] = field(default_factory=dict)
    approvals: frozenset[str] = frozenset()
    coordinates: Coordinates = Coordinates.COARSE


@dataclass(frozen=True, slots=True)
class Department:
    """A node of the organisation's tree; the root's `parent_id` is None. `managers` are the users who lead it."""

    id: int
    name: str
    parent_id: int | None = None
    managers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may not do with single fields, by names such as `customer.note`.

    A hidden field is shown empty; neither a hidden nor a read-only one is changed. `phones_masked` shows every
    telephone number of a record as `134****2331`.
    """

    hidden: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    phones_masked: bool = False


NO_LIMITS = Rights()


@dataclass(frozen=True, slots=True)
class Role:
    """What its holders may see."""

    id: int
    name: str
    scope: DataScope
    rights: Rights = NO_LIMITS


@dataclass(frozen=True, slots=True)
class User:
    """A colleague. `login` is None for who cannot sign in; `role_id` 0 is no role.

    `gender` is male, female or None; `superior_id` is whom they report to; `left_at` is when they left.
    `from_capture` tells who came of an import from who was let in here.
    """

    id: int
    name: str
    created_at: int
    login: str | None = None
    email: str = ""
    phone: str = ""
    role_id: int = 0
    department_id: int | None = None
    workflow_state: str = "organization_staff"
    job: str = ""
    tel: str = ""
    avatar_url: str = ""
    third_userid: str | None = None
    third_dept_id: str | None = None
    uid: int = 0
    gender: str | None = None
    superior_id: int | None = None
    left_at: int | None = None
    from_capture: bool = False


SYSTEM_ID = 0
"""The actor of what the installation does by itself; no user has this id."""
SYSTEM = User(SYSTEM_ID, "系统", 0)
LEFT = "left"
"""The workflow state of a user who may not sign in any more."""
GENDERS = ("male", "female")


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which colleagues a list is asked for. None and empty mean anybody; who has left only `with_left`.

    `name` is a part of the name, of its pinyin or of the login; `department_id` takes in what lies below.
    """

    name: str = ""
    department_id: int | None = None
    ids: frozenset[int] = frozenset()
    except_ids: frozenset[int] = frozenset()
    third_userid: str = ""
    phone: str = ""
    with_left: bool = False
    sort: str = "id"
    descending: bool = False


SORTABLE = frozenset({"id", "name", "created_at", "department_id", "role_id"})


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an option list: `field` is such as `lead.source` or `follow_up.category`."""

    id: int
    field: str
    label: str
    position: int = 0
