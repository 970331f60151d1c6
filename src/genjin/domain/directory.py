"""What is bound late: an organisation's names, people and choices, as they are at one version of it."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property

from genjin.domain.calendar import Calendar, calendar_of
from genjin.domain.custom_field import NUMBER, CustomField
from genjin.domain.custom_kind import CustomKind
from genjin.domain.kinds import FOREIGN, KINDS, Group, Kind
from genjin.domain.people import LEFT, NO_LIMITS, DataScope, Department, Option, Organisation, Role, User
from genjin.domain.policy import Viewer, may_administer
from genjin.domain.pools import Pool
from genjin.domain.records import RecordType

FOLLOW_UP_CATEGORY = "follow_up.category"
STATUS_LISTS: Mapping[RecordType, str] = {
    RecordType.LEAD: "lead.status",
    RecordType.CUSTOMER: "customer.status",
    RecordType.OPPORTUNITY: "opportunity.stage",
    RecordType.CONTRACT: "contract.status",
}
"""The option list of each type's status; a contact has none."""


@dataclass(frozen=True)
class Directory:
    """A snapshot that never changes; a new version of the organisation makes a new one."""

    organisation: Organisation
    users: dict[int, User] = field(default_factory=dict)
    departments: dict[int, Department] = field(default_factory=dict)
    roles: dict[int, Role] = field(default_factory=dict)
    options: dict[int, Option] = field(default_factory=dict)
    pools: dict[int, Pool] = field(default_factory=dict)
    custom_fields: dict[int, CustomField] = field(default_factory=dict)
    custom_kinds: dict[int, CustomKind] = field(default_factory=dict)

    def kind(self, code: int) -> Kind:
        """The kind of this code; what is none any more, or here, is FOREIGN."""
        custom = self.custom_kinds.get(code)
        return KINDS.get(code, FOREIGN) if custom is None else custom.kind

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every kind by its name: those that come with Genjin, and the organisation's own, archived ones too."""
        every = (*KINDS.values(), *(custom.kind for custom in self.custom_kinds.values()))
        return {kind.event: kind for kind in every}

    def custom_kind(self, name: str) -> CustomKind | None:
        """The organisation's own kind of this name."""
        kind = self.kinds.get(name)
        return self.custom_kinds.get(kind.code) if kind else None

    def codes_of(self, name: str) -> frozenset[int]:
        """The codes of the kinds that a name stands for: the one of it, or all of a group; none for neither."""
        return frozenset(kind.code for kind in self.kinds.values() if name in (kind.event, kind.group))

    @cached_property
    def talk_codes(self) -> frozenset[int]:
        """The codes of the kinds by which people are in touch: talks, calls and visits."""
        return self.codes_of(Group.TALK) | self.codes_of(Group.CALL) | self.codes_of(Group.VISIT)

    @cached_property
    def calendar(self) -> Calendar:
        return calendar_of(self.organisation.time_zone)

    def by_calendar(self, calendar: Calendar) -> "Directory":
        """The same, but days and times are told by this calendar: by a person's own zone."""
        other = copy(self)
        other.__dict__["calendar"] = calendar
        return other

    @cached_property
    def _viewers(self) -> dict[int, Viewer]:
        return {}

    def viewer(self, user_id: int) -> Viewer | None:
        """What this user may see; None for somebody who is not (or no longer) in the organisation."""
        viewer = self._viewers.get(user_id)
        if viewer is None and (user := self.users.get(user_id)) is not None:
            viewer = self._viewers[user_id] = self._make_viewer(user)
        return viewer

    def is_here(self, user_id: int) -> bool:
        """Whether this is a colleague who has not left, who may be given things."""
        user = self.users.get(user_id)
        return user is not None and user.workflow_state != LEFT

    @property
    def has_administrator(self) -> bool:
        """Whether a colleague is here who can sign in and administers it."""
        return any(self._administers(user) for user in self.users.values())

    def _administers(self, user: User) -> bool:
        viewer = self.viewer(user.id)
        return user.workflow_state != LEFT and user.login is not None and viewer is not None and may_administer(viewer)

    def department_name(self, department_id: int | None) -> str:
        """Empty for none."""
        department = self.departments.get(department_id or 0)
        return department.name if department else ""

    def choices(self, field_name: str) -> Sequence[Option]:
        """The options of one list, in order."""
        return [option for option in self.options.values() if option.field == field_name]

    def label(self, field_name: str, value: str | int | None) -> str:
        """The label of an option by its id (`3462` or `"3462"`); empty when there is none."""
        digits = str(value)
        option = self.options.get(int(digits)) if digits.isdecimal() and len(digits) <= 10 else None
        return option.label if option and option.field == field_name else ""

    def fields_of(self, type_: RecordType | None) -> Sequence[CustomField]:
        """The fields that were added to the form of a record type, or for None of a follow-up, in their order."""
        return self._forms.get(type_, ())

    @cached_property
    def _forms(self) -> Mapping[RecordType | None, Sequence[CustomField]]:
        types = {field.record_type for field in self.custom_fields.values()}
        enabled = [field for field in self.custom_fields.values() if field.enabled]
        return {type_: [field for field in enabled if field.record_type is type_] for type_ in types}

    def below(self, department_ids: Iterable[int]) -> frozenset[int]:
        """These departments and all that lie below them in the tree."""
        found = new = set(department_ids)
        while new:
            new = {d.id for d in self.departments.values() if d.parent_id in new} - found
            found = found | new
        return frozenset(found)

    def tree(self) -> list[Department]:
        """The departments, each followed by those below it."""
        children: dict[int | None, list[Department]] = {}
        for each in self.departments.values():
            children.setdefault(each.parent_id if each.parent_id in self.departments else None, []).append(each)
        found, waiting = list[Department](), children.pop(None, [])[::-1]
        while waiting:
            found.append(waiting.pop())
            waiting += children.pop(found[-1].id, [])[::-1]
        return found

    def depth(self, department_id: int) -> int:
        """How deep a department lies in the tree: 1 at the top."""
        above, passed = self.departments.get(department_id), set[int]()
        while above is not None and above.id not in passed:
            passed.add(above.id)
            above = self.departments.get(above.parent_id or 0)
        return len(passed)

    def _make_viewer(self, user: User) -> Viewer:
        role = self.roles.get(user.role_id)
        scope = role.scope if role else DataScope.SELF
        pools = self.pools.values()
        whole = scope is DataScope.ALL
        return Viewer(
            self.organisation.id,
            user.id,
            scope,
            frozenset() if whole else self._departments_of(user, scope),
            frozenset(pool.id for pool in pools if pool.has_member(user.id, user.department_id)),
            frozenset(pool.id for pool in pools if user.id in pool.admin_ids),
            role.rights if role else NO_LIMITS,
            frozenset(field.name for field in self.custom_fields.values() if field.field_type == NUMBER),
            self._led_by(user, scope),
        )

    def _departments_of(self, user: User, scope: DataScope) -> frozenset[int]:
        """What the user leads; by the scope `department` the own one too."""
        led = self._led_by(user, scope)
        if scope is DataScope.DEPARTMENT and user.department_id is not None:
            return led | {user.department_id}
        return led

    def _led_by(self, user: User, scope: DataScope) -> frozenset[int]:
        """Each department that the user leads with all below; by `department_and_below` the own one with all below."""
        tops = {d.id for d in self.departments.values() if user.id in d.managers}
        if scope is DataScope.DEPARTMENT_AND_BELOW and user.department_id is not None:
            tops.add(user.department_id)
        return self.below(tops)
