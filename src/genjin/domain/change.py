"""A change of a record: which fields had which value before and after. Values are ids where ids are what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from genjin.domain.json import JsonValue
from genjin.domain.records import Record, Ref

CHANGED_FIELDS = (
    *("name", "company_name", "source", "category", "remind_at", "amount"),
    *("department_id", "customer_id", "opportunity_id"),
)
"""The columns of a record whose edit is told; owner and status have kinds of their own."""


class Change(NamedTuple):
    """One field, named as in Record or, for a detail, as on the wire; `before` and `after` are what was stored."""

    field: str
    before: JsonValue
    after: JsonValue


@dataclass(frozen=True, slots=True)
class ChangeDetails:
    """The rare parts of an activity that tells of a change.

    `note` is a reason that somebody gave or a rule has; `refs` are other records that it speaks of (what a lead
    became, what was merged). `captured` is described in kinds.py.
    """

    changes: tuple[Change, ...] = ()
    note: str = ""
    refs: tuple[Ref, ...] = ()
    captured: Mapping[str, JsonValue] | None = None


def changes_between(before: Record, after: Record) -> Sequence[Change]:
    """What an edit changed: the columns first, then the details by name."""
    columns = [Change(name, getattr(before, name), getattr(after, name)) for name in CHANGED_FIELDS]
    names = sorted({*before.details, *after.details})
    details = [Change(name, before.details.get(name), after.details.get(name)) for name in names]
    return [change for change in (*columns, *details) if change.before != change.after]
