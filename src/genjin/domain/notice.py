"""A notice: something that a person should know, in their inbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from genjin.domain.json import JsonValue
from genjin.domain.records import Ref

NEWS_SECONDS = 86_400
"""What is written down later than so long after it happened is history, of which nobody is told."""
KEPT_SECONDS = 180 * 86_400
"""How long a notice is kept."""
MOST_COUNTED = 1_000
"""So many unread notices are counted; who has more is told so."""


class NoticeKind(IntEnum):
    """What a notice is about. The numbers are stored; never change one."""

    MENTION = 1
    REPLY = 2
    ASSIGNED = 3
    FOLLOWED = 4
    REMINDER_DUE = 5
    WEBHOOK_OFF = 6


@dataclass(frozen=True, slots=True)
class Notice:
    """`id` names what a person is told of: all who are told of one thing have a notice of the same id.

    It is about the activity `activity_id`, or a comment on it, or the record `ref`, or about what `details` tell; it is
    shown only to who sees that.
    """

    id: int
    user_id: int
    kind: NoticeKind
    at: int
    actor_id: int
    ref: Ref | None = None
    activity_id: int | None = None
    comment_id: int | None = None
    details: Mapping[str, JsonValue] | None = None
    read_at: int | None = None
