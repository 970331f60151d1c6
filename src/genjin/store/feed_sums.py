"""What the entries of a feed come to, all of them: how many there are by what their record is, how long it took until
somebody was in touch, how long records had been in the statuses that they left.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from genjin.domain.activity import Facts
from genjin.domain.feed import NONE, FeedFilter, status_left
from genjin.domain.kinds import RECORD_CREATED, STATUS_CHANGED
from genjin.domain.policy import Viewer
from genjin.domain.report import Trait
from genjin.store import feed
from genjin.store.feed_conditions import TALKS, talks_on
from genjin.store.feed_wording import NOW
from genjin.store.tables import activities, records, timeline
from genjin.store.transaction import Tx


class Answered(NamedTuple):
    """Who owns an entry's record now, and the seconds from the entry until somebody was in touch; None for not yet."""

    owner_id: int | None
    seconds: int | None


class Stay(NamedTuple):
    """That a record left a status, or is in it, and for how many seconds, None where that is not known."""

    status: str
    seconds: int | None


def count_by(tx: Tx, viewer: Viewer, wanted: FeedFilter, trait: Trait) -> dict[Any, int]:
    """How many entries there are by what their record has in this column now."""
    found = dict[Any, int]()
    for way in feed.ways_of(tx, viewer, wanted):
        told = select(_of_record(viewer, records.c[trait]).label("by"), func.count())
        for key, count in tx.execute(_all(told, way, wanted).group_by("by")):
            found[key] = found.get(key, 0) + count
    return found


def answers(tx: Tx, viewer: Viewer, wanted: FeedFilter) -> list[Answered]:
    """When somebody was in touch after each entry: the first talk, call or visit in the timeline of its record."""
    a, found = activities.c, list[Answered]()
    first = select(func.min(TALKS)).where(*talks_on(viewer.organisation_id, wanted.talked.kinds), a.at <= TALKS)
    for way in feed.ways_of(tx, viewer, wanted):
        told = select(_of_record(viewer, records.c.owner_id), first.correlate(activities).scalar_subquery() - a.at)
        found += [Answered._make(row) for row in tx.execute(_all(told, way, wanted))]
    return found


def stays(tx: Tx, viewer: Viewer, wanted: FeedFilter) -> list[Stay]:
    """The statuses that were left by entries that tell of a change of status."""
    return [stay for way in feed.ways_of(tx, viewer, wanted) for stay in _stays(tx, viewer, wanted, way)]


def here(tx: Tx, viewer: Viewer, wanted: FeedFilter, now: int) -> list[Stay]:
    """In which status the records of these entries are, and for how long."""
    found = list[Stay]()
    for way in feed.ways_of(tx, viewer, wanted):
        told = select(_of_record(viewer, records.c.status), _entered(viewer))
        for status, since in tx.execute(_all(told, way, wanted)):
            found.append(Stay(status or NONE, None if since is None else max(now - since, 0)))
    return found


def _stays(tx: Tx, viewer: Viewer, wanted: FeedFilter, way: feed.Way) -> Iterator[Stay]:
    columns = list(NOW.columns.values())
    for *facts, since in tx.execute(_all(select(*columns, _entered(viewer, before=True)), way, wanted)):
        entry = Facts._make(facts)
        status = status_left(entry)
        if status is not None:
            yield Stay(status, None if since is None else entry.at - since)


def _entered(viewer: Viewer, before: bool = False) -> ColumnElement[int]:
    """When the record of an entry came into the status that it is in, or that it was in before the entry."""
    a, t, told = activities.c, timeline.alias("its").c, activities.alias("entered").c
    earlier = (t.at < a.at) | ((t.at == a.at) & (t.activity_id < a.id))
    return (
        select(t.at)
        .where(
            t.organisation_id == viewer.organisation_id,
            t.subject_type == a.target_type,
            t.subject_id == a.target_id,
            *((earlier,) if before else ()),
            told.organisation_id == viewer.organisation_id,
            told.id == t.activity_id,
            told.target_type == a.target_type,
            told.target_id == a.target_id,
            told.kind.in_((RECORD_CREATED.code, STATUS_CHANGED.code)),
        )
        .order_by(t.at.desc(), t.activity_id.desc())
        .limit(1)
        .correlate(activities)
        .scalar_subquery()
    )


def _all(told: Any, way: feed.Way, wanted: FeedFilter) -> Any:
    return feed.within(told, way, feed.span_of(wanted, None, True), None, newest=True)


def _of_record(viewer: Viewer, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of the record that an entry happened on."""
    r, a = records.c, activities.c
    its = (r.organisation_id == viewer.organisation_id, r.type == a.target_type, r.id == a.target_id)
    return select(column).where(*its).correlate(activities).scalar_subquery()
