"""A check-in: a visit to a customer, from signing in to signing out (拜访签到)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from genjin.domain.attachment import NOTHING_ATTACHED, Attached
from genjin.domain.json import JsonValue
from genjin.domain.place import Place
from genjin.domain.records import RecordType, Ref

MAX_NOTE = 20_000


@dataclass(frozen=True, slots=True)
class SignOut:
    """The end of a visit. `metres` is as in CheckInDetails."""

    at: int
    place: Place
    metres: int | None = None


@dataclass(frozen=True, slots=True)
class CheckInDetails:
    """The rare parts of a check-in's activity; its note is the activity's text.

    `metres` is how far from the record's address it was made, None where that is not known. `sign_out` is None while
    the visit lasts. `attached` are photos. `captured` is described in kinds.py.
    """

    place: Place | None = None
    metres: int | None = None
    sign_out: SignOut | None = None
    attached: Attached | None = None
    captured: Mapping[str, JsonValue] | None = None


class CheckIn(NamedTuple):
    """Where a check-in is found: its own id, its activity, who made it, and on what. `detail` is the typed address."""

    id: int
    activity_id: int
    author_id: int
    target: Ref
    at: int
    detail: str
    signed_out_at: int | None = None


@dataclass(frozen=True, slots=True)
class CheckInInput:
    """What somebody tells where they are."""

    place: Place
    note: str = ""
    attached: Attached = NOTHING_ATTACHED


@dataclass(frozen=True, slots=True)
class CheckInFilter:
    """What the list is asked for; None means anything. `detail` is a part of the typed address."""

    author_id: int | None = None
    target_type: RecordType | None = None
    target_id: int | None = None
    detail: str = ""
    span: tuple[int, int] | None = None
