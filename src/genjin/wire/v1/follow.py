"""Followed records as /api/v1 shows them."""

from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.domain.records import Record
from genjin.wire.v1.refs import NamedRecord, named_to_wire
from genjin.wire.v1.shared import Next, Shown
from genjin.wire.v1.times import ShownTime, iso_time


class FollowObject(Shown):
    """A record that the caller follows."""

    record: NamedRecord
    since: ShownTime


class FollowList(Shown):
    """The records that the caller follows and sees, the latest follow first."""

    items: list[FollowObject]
    next: Next


def follow_to_wire(record: Record, since: int, calendar: Calendar) -> dict[str, JsonValue]:
    """As FollowObject."""
    return {"record": named_to_wire(record.ref, record.name), "since": iso_time(since, calendar)}
