"""When something happened last: on records by their timelines, and of what people did.

What changes a record, or is told by Genjin itself, does not count: nobody has been in touch with anybody. What an
organisation's own kinds tell does, and what was imported.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, KINDS, RETURN_WARNED, Group

QUIET: Sequence[int] = sorted(
    {kind.code for kind in KINDS.values() if kind.group is Group.CHANGE} | {RETURN_WARNED.code}
)
"""The codes of kinds that do not count."""
_QUIET = frozenset(QUIET)
LOUD: Sequence[int] = sorted(KINDS.keys() - set(QUIET))
"""Those of the kinds that come with Genjin and do."""
BY_KIND: Mapping[str, int] = {
    "last_follow_up_at": FOLLOW_UP_WRITTEN.code,
    "last_call_at": CALL_MADE.code,
    "last_visit_at": CHECKED_IN.code,
}
"""The kinds that are also looked at for themselves."""
_CODES = tuple(BY_KIND.values())


class Latest(NamedTuple):
    """The instants at which something happened last: anything, a follow-up, a call, a visit. None for never."""

    last_activity_at: int | None = None
    last_follow_up_at: int | None = None
    last_call_at: int | None = None
    last_visit_at: int | None = None


NEVER = Latest()


class Contact(NamedTuple):
    """What a record keeps of its latest follow-up and call, by the names of its columns."""

    followed_up_at: int | None
    said_followed_up_at: int | None
    called_at: int | None
    remind_at: int | None
    updated_at: int
    customer_id: int | None


def latest_of(by_kind: Mapping[int, int]) -> Latest:
    """Of the latest instant of each kind."""
    last = None
    for kind, at in by_kind.items():
        if kind not in _QUIET and (last is None or at > last):
            last = at
    return Latest(last, *map(by_kind.get, _CODES))


def moved_by(kind: int) -> Sequence[str]:
    """Which of the fields an entry of this kind moves."""
    if kind in QUIET:
        return ()
    return ("last_activity_at", *(name for name, code in BY_KIND.items() if code == kind))
