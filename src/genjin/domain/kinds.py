"""THE registry of kinds: what can happen to a record. A kind is declared here once; how it looks on the wire
is one entry in `wire/shapes.py`, and docs/how-to/add-a-kind.md lists the files to touch.

What was captured elsewhere may hold values that a kind cannot say. They are kept in the details as
`captured`, key by key of the contract's 50, and served in the place of the computed ones. An activity whose
kind is not known at all is FOREIGN: everything about it that is not bound late is in `captured`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from genjin.domain.call import CallDetails
from genjin.domain.followup import FollowUpDetails
from genjin.domain.json import JsonValue


@dataclass(frozen=True, slots=True)
class CreatedDetails:
    """A record was created; there is nothing to add. `captured`: see above."""

    captured: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class ForeignDetails:
    """Everything that was captured of an activity of unknown kind."""

    captured: Mapping[str, JsonValue] | None = None


Details = CreatedDetails | FollowUpDetails | CallDetails | ForeignDetails


@dataclass(frozen=True, slots=True)
class Kind:
    """`code` is stored and never changes; `event` names it to other programs; `says` is its sentence."""

    code: int
    event: str
    verb: str
    details: type[Details]
    says_zh: str
    says_en: str

    def erase(self, details: Details) -> Details:
        """The details without personal data; recordings, places and captured values all count as such."""
        match details:
            case CallDetails():
                return replace(details, recordings=(), captured=None)
            case FollowUpDetails():
                return FollowUpDetails()
            case _:
                return replace(details, captured=None)


FOREIGN = Kind(0, "activity.captured", "captured", ForeignDetails, "{actor}：{target}", "{actor}: {target}")
RECORD_CREATED = Kind(
    1, "record.created", "create", CreatedDetails, "{actor}新增了{target}", "{actor} created {target}"
)
FOLLOW_UP_WRITTEN = Kind(
    2, "follow_up.written", "write", FollowUpDetails, "{actor}跟进了{target}", "{actor} followed up with {target}"
)
CALL_MADE = Kind(3, "call.made", "call", CallDetails, "{actor}与{target}通话", "{actor} had a call with {target}")

KINDS: Mapping[int, Kind] = {kind.code: kind for kind in (FOREIGN, RECORD_CREATED, FOLLOW_UP_WRITTEN, CALL_MADE)}
