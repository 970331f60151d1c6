"""A follow-up: what a colleague wrote about a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType, Ref

MAX_TEXT = 20_000
"""Characters of one follow-up; longer texts are refused."""


CAPTURED_AS: Mapping[str, tuple[str, ...]] = {
    "text": ("description", "origin_description"),
    "said_at": ("real_revisit_at",),
    "remind_at": ("remind_at", "remind_at_display"),
    "category_id": (),
    "place": ("address",),
    "mentions": ("at_users",),
}
"""The fields that an edit may change, each with the captured values (see kinds.py) that its new value replaces."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a follow-up was written: what was typed, and degrees north and east (0.0, 0.0 when not told)."""

    detail: str = ""
    lat: float = 0.0
    lng: float = 0.0


@dataclass(frozen=True, slots=True)
class FollowUpDetails:
    """The rare parts of a follow-up's activity. `captured` is described in kinds.py."""

    place: Place | None = None
    mentions: tuple[int, ...] = ()
    captured: Mapping[str, JsonValue] | None = None


class FollowUp(NamedTuple):
    """Where a follow-up is found: its own id, its activity, its author and its target."""

    id: int
    activity_id: int
    author_id: int
    target: Ref
    at: int


@dataclass(frozen=True, slots=True)
class FollowUpInput:
    """What somebody writes. In an edit, a field that is not in `given` stays as it was.

    `said_at` is when it happened, in the writer's words; `status` is the target's new status.
    """

    given: frozenset[str] = frozenset()
    text: str = ""
    category_id: int | None = None
    said_at: int | None = None
    remind_at: int | None = None
    place: Place | None = None
    mentions: tuple[int, ...] = ()
    status: str | None = None


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    """What the list is asked for; None means anything. `span` is a half-open range of instants.

    `department_id` is the author's department.
    """

    span: tuple[int, int] | None = None
    author_id: int | None = None
    department_id: int | None = None
    target_type: RecordType | None = None
    target_id: int | None = None
