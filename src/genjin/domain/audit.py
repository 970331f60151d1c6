"""The audit log: who did which act of administration when, and what changed by it. It only grows.

Secrets are never in it: neither passwords and tokens, nor what signs webhooks, nor the paths that these lead to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from genjin.domain.change import Change
from genjin.domain.json import JsonValue


class Act(StrEnum):
    """What was done, as `noun.verb`; the noun is a group by which acts are asked for together."""

    SIGNED_IN = "sign_in.done"
    SIGN_IN_FAILED = "sign_in.failed"
    USER_ADDED = "user.added"
    USER_CHANGED = "user.changed"
    USER_LEFT = "user.left"
    PASSWORD_SET = "user.password_set"
    DEPARTMENT_ADDED = "department.added"
    DEPARTMENT_CHANGED = "department.changed"
    DEPARTMENT_REMOVED = "department.removed"
    ROLE_ADDED = "role.added"
    ROLE_CHANGED = "role.changed"
    ROLE_REMOVED = "role.removed"
    ORGANISATION_CHANGED = "organisation.changed"
    OPTION_ADDED = "option.added"
    OPTION_CHANGED = "option.changed"
    FIELD_ADDED = "field.added"
    FIELD_CHANGED = "field.changed"
    KIND_ADDED = "kind.added"
    KIND_CHANGED = "kind.changed"
    POOL_ADDED = "pool.added"
    POOL_CHANGED = "pool.changed"
    TOKEN_ISSUED = "token.issued"
    TOKEN_REVOKED = "token.revoked"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_REMOVED = "webhook.removed"
    JOB_RETRIED = "job.retried"
    JOB_CANCELLED = "job.cancelled"
    RECORDS_TRANSFERRED = "records.transferred"
    RECORDS_EXPORTED = "records.exported"
    TABLE_IMPORTED = "records.imported"
    DATABASE_MOVED = "data.moved"
    DATA_BACKED_UP = "data.backed_up"
    DATA_RESTORED = "data.restored"
    DATA_EXPORTED = "data.exported"
    DATA_IMPORTED = "data.imported"
    DATA_SYNCHRONISED = "data.synchronised"

    @property
    def group(self) -> str:
        """The noun."""
        return self.partition(".")[0]


GROUPS = tuple(dict.fromkeys(act.group for act in Act))


class Subject(NamedTuple):
    """What an act was done to: its id, where it has one, and what it was called then."""

    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Noted:
    """One act. `actor_id` is SYSTEM_ID for the installation's operator, and for who failed to sign in."""

    id: int
    at: int
    actor_id: int
    act: Act
    subject: Subject
    changes: tuple[Change, ...] = ()


class AuditKey(NamedTuple):
    """The place of an act in the log, by time."""

    at: int
    id: int


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which acts are asked for, in `since` <= at < `until`. None and empty mean any."""

    actor_id: int | None = None
    acts: frozenset[Act] = frozenset()
    since: int | None = None
    until: int | None = None


def acts_of(name: str) -> frozenset[Act]:
    """The acts that a name stands for: the one of it, or all of a group; none for neither."""
    return frozenset(act for act in Act if name in (act.value, act.group))


def differences(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> Sequence[Change]:
    """What an act changed, in the order in which it is told; an empty text is as good as none."""
    told = [Change(name, before.get(name), after.get(name)) for name in dict.fromkeys((*before, *after))]
    return [change for change in told if (change.before or None) != (change.after or None)]
