"""Pools of leads and of customers that nobody owns (线索池, 公海): who may look into one, and its rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType


@dataclass(frozen=True, slots=True)
class Pool:
    """One pool. Its members see what lies in it and may take it; its administrators also change and hand it out.

    `rules` are the settings of the contract's page on pools (when records come back by themselves, how many one may
    take), by the upstream's names.
    """

    id: int
    type: RecordType
    name: str
    created_at: int
    updated_at: int
    admin_ids: tuple[int, ...] = ()
    open_to_all: bool = True
    department_ids: tuple[int, ...] = ()
    user_ids: tuple[int, ...] = ()
    rules: Mapping[str, JsonValue] = field(default_factory=dict)

    def has_member(self, user_id: int, department_id: int | None) -> bool:
        """Whether somebody of this department may look into the pool."""
        told = user_id in self.admin_ids or user_id in self.user_ids
        return self.open_to_all or told or (department_id is not None and department_id in self.department_ids)
