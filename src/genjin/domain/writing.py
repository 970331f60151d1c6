"""Entries that programs write: of whichever kind, by whomever, whenever, and known to another system by its own id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from genjin.domain.call import CallReport
from genjin.domain.checkin import CheckInInput
from genjin.domain.followup import FollowUpInput
from genjin.domain.json import JsonValue
from genjin.domain.place import Place
from genjin.domain.records import Ref
from genjin.errors import GenjinError, Invalid

MAX_SOURCE, MAX_EXTERNAL_ID = 64, 255
"""Characters of the names of other systems, and of their ids."""
MOST_AT_ONCE = 1_000


class External(NamedTuple):
    """What an entry is called elsewhere: unique in an organisation."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Original:
    """Who did something, and when, where that is not who writes it down now; None is the writer, and now."""

    actor_id: int | None = None
    at: int | None = None


AS_WRITTEN = Original()


@dataclass(frozen=True, slots=True)
class SignedOut:
    """When and where a visit ended; None is now."""

    at: int | None
    place: Place


@dataclass(frozen=True, slots=True)
class VisitInput:
    """A check-in, and its end where that is told too. In a change, a field that is not in `given` stays as it was."""

    given: frozenset[str]
    check_in: CheckInInput
    signed_out: SignedOut | None = None


@dataclass(frozen=True, slots=True)
class CustomInput:
    """An entry of a kind that the organisation defined, by its code. In a change, a field that is not in `given` stays
    as it was.
    """

    code: int
    given: frozenset[str] = frozenset()
    payload: Mapping[str, JsonValue] = field(default_factory=dict)
    text: str = ""
    said_at: int | None = None


Content = FollowUpInput | CallReport | VisitInput | CustomInput
"""What is said, by the kind's own words."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to write: on which record, and what it says."""

    target: Ref
    content: Content
    original: Original = AS_WRITTEN
    external: External | None = None


class Written(NamedTuple):
    """The id of an entry that was to be written, and whether it is a new one."""

    id: int
    is_new: bool


Asked = NewEntry | Invalid
"""An entry to write, or what is wrong with how it was told."""
Outcome = Written | GenjinError
"""What became of it."""
