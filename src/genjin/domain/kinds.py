"""THE registry of kinds: what can happen to a record. A kind is declared here once; how it looks on the wire
is one entry in `wire/timeline/shapes.py`, and docs/how-to/add-a-kind.md lists the files to touch.

What was captured elsewhere may hold values that a kind cannot say. They are kept in the details as
`captured`, key by key of the contract's 50, and served in the place of the computed ones. An activity whose
kind is not known at all is FOREIGN: everything about it that is not bound late is in `captured`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from genjin.domain.call import CallDetails
from genjin.domain.change import ChangeDetails
from genjin.domain.checkin import CheckInDetails
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


@dataclass(frozen=True, slots=True)
class CustomDetails:
    """What a program told of an activity of a kind that the organisation defined (see custom_kind.py)."""

    payload: Mapping[str, JsonValue] | None = None
    captured: Mapping[str, JsonValue] | None = None


Details = (
    CreatedDetails | FollowUpDetails | CallDetails | CheckInDetails | ChangeDetails | ForeignDetails | CustomDetails
)


class Group(StrEnum):
    """What kinds have in common to who reads a timeline."""

    TALK = "talk"
    CALL = "call"
    VISIT = "visit"
    CHANGE = "change"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Kind:
    """`code` is stored and never changes; `event` names it to other programs; `says` is its sentence."""

    code: int
    event: str
    verb: str
    details: type[Details]
    says_zh: str
    says_en: str
    group: Group = Group.CHANGE


FOREIGN = Kind(
    0, "activity.captured", "captured", ForeignDetails, "{actor}：{target}", "{actor}: {target}", Group.SYSTEM
)
RECORD_CREATED = Kind(
    1, "record.created", "create", CreatedDetails, "{actor}新增了{target}", "{actor} created {target}"
)
FOLLOW_UP_WRITTEN = Kind(
    2,
    "follow_up.written",
    "write",
    FollowUpDetails,
    "{actor}跟进了{target}",
    "{actor} followed up with {target}",
    Group.TALK,
)
CALL_MADE = Kind(
    3, "call.made", "call", CallDetails, "{actor}与{target}通话", "{actor} had a call with {target}", Group.CALL
)
CHECKED_IN = Kind(
    4, "checkin.made", "check_in", CheckInDetails, "{actor}拜访了{target}", "{actor} visited {target}", Group.VISIT
)
RECORD_EDITED = Kind(5, "record.edited", "edit", ChangeDetails, "{actor}编辑了{target}", "{actor} edited {target}")
STATUS_CHANGED = Kind(
    6,
    "record.status_changed",
    "change_status",
    ChangeDetails,
    "{actor}变更了{target}的状态",
    "{actor} moved {target} on",
)
RECORD_ASSIGNED = Kind(
    7, "record.assigned", "assign", ChangeDetails, "{actor}转移了{target}", "{actor} handed {target} over"
)
COLLABORATORS_CHANGED = Kind(
    8, "record.shared", "share", ChangeDetails, "{actor}变更了{target}的协作人", "{actor} changed who works on {target}"
)
RECORD_POOLED = Kind(
    9, "record.pooled", "put_back", ChangeDetails, "{actor}将{target}退回公海", "{actor} put {target} into a pool"
)
RECORD_TAKEN = Kind(
    10, "record.taken", "take", ChangeDetails, "{actor}领取了{target}", "{actor} took {target} from a pool"
)
LEAD_CONVERTED = Kind(
    11, "lead.converted", "convert", ChangeDetails, "{actor}将{target}转为客户", "{actor} converted {target}"
)
CONVERSION_UNDONE = Kind(
    12,
    "lead.conversion_undone",
    "undo_conversion",
    ChangeDetails,
    "{actor}撤销了{target}的转换",
    "{actor} undid the conversion of {target}",
)
RECORDS_MERGED = Kind(
    13, "record.merged", "merge", ChangeDetails, "{actor}合并了{target}", "{actor} merged duplicates of {target}"
)
MERGE_UNDONE = Kind(
    14,
    "record.merge_undone",
    "undo_merge",
    ChangeDetails,
    "{actor}撤销了{target}的合并",
    "{actor} undid a merge of {target}",
)
APPROVAL_CHANGED = Kind(
    15,
    "record.approval_changed",
    "approve",
    ChangeDetails,
    "{actor}审批了{target}",
    "{actor} moved {target} in approval",
)
RECORD_DELETED = Kind(
    16, "record.deleted", "delete", ChangeDetails, "{actor}删除了{target}", "{actor} deleted {target}"
)
RECORD_RESTORED = Kind(
    17, "record.restored", "restore", ChangeDetails, "{actor}恢复了{target}", "{actor} restored {target}"
)
RETURN_WARNED = Kind(
    18,
    "record.return_warned",
    "warn",
    ChangeDetails,
    "{target}即将退回公海",
    "{target} will go back to its pool soon",
    Group.SYSTEM,
)

KINDS: Mapping[int, Kind] = {
    kind.code: kind
    for kind in (
        *(FOREIGN, RECORD_CREATED, FOLLOW_UP_WRITTEN, CALL_MADE, CHECKED_IN, RECORD_EDITED, STATUS_CHANGED),
        RECORD_ASSIGNED,
        *(COLLABORATORS_CHANGED, RECORD_POOLED, RECORD_TAKEN, LEAD_CONVERTED, CONVERSION_UNDONE, RECORDS_MERGED),
        *(MERGE_UNDONE, APPROVAL_CHANGED, RECORD_DELETED, RECORD_RESTORED, RETURN_WARNED),
    )
}
