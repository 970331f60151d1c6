"""The log of changes: what has to be told to who keeps a copy of the feed, in order, and where a reader of it is.

A line names what to look at again; what is told of it is what the reader sees of it by then. So a reader that has come
to the end of the log has what it would have been given if it had asked for everything.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

from genjin.domain.audience import Audience
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref


class LogOp(IntEnum):
    """What a line tells. The numbers are stored; never change one.

    SIGHT: who sees what happened on a record has changed. RANGE: many activities were recorded at once, all of them
    between two ids. FLOOR: what was logged up to here is kept no longer. NOTICE: people were told of something, by
    notices of this id; that is no change of the feed.
    """

    CREATED = 1
    EDITED = 2
    REMOVED = 3
    SIGHT = 4
    RANGE = 5
    FLOOR = 6
    NOTICE = 7


class Place(NamedTuple):
    """Where a line stands in the log of its organisation, which is in the order of its places; and when it was written.

    `written_in` is the transaction that wrote it, by PostgreSQL's count of them; 0 on SQLite.
    """

    written_in: int
    number: int
    at: int


BEGINNING = Place(0, 0, 0)
"""Before the first line."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `ref` is the record of SIGHT, `id` that of the notices of NOTICE; the others are about the activity
    `id`, RANGE up to `last_id`.

    `before` is who saw what happened on the record before, of SIGHT, and of an edit by which an entry went from one
    record, or from one time, to another; `before_at` is when such an entry had happened before.
    """

    op: LogOp
    id: int
    type: int = 0
    last_id: int | None = None
    before: Audience | None = None
    before_at: int | None = None

    @property
    def ref(self) -> Ref:
        return Ref(RecordType(self.type), self.id)


class PlacedLine(NamedTuple):
    """A line, and where it stands."""

    place: Place
    line: LogLine


class Walk(NamedTuple):
    """What is gone through entry by entry: what happened on a record, in the order of its timeline, or with no record
    the activities of the organisation by id. `at` and `id` are of the last one that was dealt with.
    """

    ref: Ref | None
    at: int
    id: int
    last_id: int | None = None


@dataclass(frozen=True, slots=True)
class LogCursor:
    """Where a reader is: behind a line, and where it goes on with a walk before the next line comes.

    `seen_as` is who the reader was, and with which rights (see `seeing`).
    """

    place: Place
    seen_as: str
    walk: Walk | None = None

    def parts(self) -> list[int | str | None]:
        """What `cursor_of` reads."""
        told: list[int | str | None] = [*self.place, self.seen_as]
        if self.walk is not None:
            ref = self.walk.ref
            told += [None if ref is None else int(ref.type), None if ref is None else ref.id, *self.walk[1:]]
        return told


def cursor_of(parts: Sequence[Any]) -> LogCursor:
    """The cursor of what `parts` told."""
    written_in, number, at, seen_as, *walk = parts
    place = Place(written_in, number, at)
    if not walk:
        return LogCursor(place, seen_as)
    type_, id_, *rest = walk
    return LogCursor(place, seen_as, Walk(None if type_ is None else Ref(RecordType(type_), id_), *rest))


def seeing(viewer: Viewer) -> str:
    """Another string for everybody who may see other things, and for whom things are shown otherwise."""
    told = [
        viewer.organisation_id,
        viewer.user_id,
        viewer.scope,
        sorted(viewer.departments),
        sorted(viewer.pools),
        sorted(viewer.led_pools),
        sorted(viewer.number_fields),
        sorted(viewer.rights.hidden),
        viewer.rights.phones_masked,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
