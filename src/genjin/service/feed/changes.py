"""What is told to who keeps a copy of the feed: what has changed since they looked last, as far as they see it now.

Whoever puts what is `created`, `edited` and `shown` into an empty copy, takes out what is `removed` and all of a record
that is `hidden`, and begins anew at a `reset`, has in the end what they would get by asking for everything. Why that is
so is in docs/discussions/changes.md; a property test holds it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.activity_view import ActivityViews
from genjin.domain.audience import NOT_SEEN, Audience, Seen
from genjin.domain.change_log import LogCursor, LogLine, LogOp, Place, PlacedLine, Walk, seeing
from genjin.domain.policy import Viewer
from genjin.domain.records import Ref
from genjin.domain.told import Tell, Told
from genjin.errors import CursorGone
from genjin.service.context import Installation, Session
from genjin.service.feed.views import views_of
from genjin.service.sweeping import sweep_everywhere
from genjin.store import activities, audiences, changes, timeline
from genjin.store.transaction import Tx

AT_ONCE = 500
"""Lines of the log, or entries of a walk, that are read at once."""
TRIMMED_AT_ONCE = 5_000
FIRST_AT = -(2**62)
"""Before all that happened."""
MOST_LOOKED_AT = 4_000
"""So many are looked at for one page; who sees few of them is told where to go on."""


class ToldPage(NamedTuple):
    """What is told, where the reader is afterwards, and whether there is more already."""

    told: list[Told]
    cursor: LogCursor
    more: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of the log behind a place, with what they are about, for any number of viewers.

    `entries` are by id, without deleted ones, whose targets are there still. `more` is whether there are other lines;
    `waiting`, whether some cannot be given out yet, for which nobody will be woken.
    """

    start: Place
    lines: Sequence[PlacedLine] = ()
    entries: Mapping[int, Facts] = field(default_factory=dict)
    targets: Mapping[int, Ref] = field(default_factory=dict)
    audiences: Mapping[Ref, Audience] = field(default_factory=dict)
    more: bool = False
    waiting: bool = False

    @property
    def end(self) -> Place:
        return self.lines[-1].place if self.lines else self.start

    def seen(self, ref: Ref | None, viewer: Viewer) -> Seen:
        """How the viewer sees what happened on a record, as it is now."""
        audience = None if ref is None else self.audiences.get(ref)
        return NOT_SEEN if audience is None else audience.seen_by(viewer)


def read_changes(
    installation: Installation, session: Session, cursor: LogCursor | None, limit: int, whole: bool = False
) -> ToldPage:
    """What has happened behind a cursor. Without one nothing yet, from now on; or the `whole` feed, entry by entry,
    and what happens meanwhile. Raises CursorGone.
    """
    return installation.database.read(
        lambda tx: page_behind(tx, session, cursor or beginning(tx, session, whole), limit), session.organisation_id
    )


def first_cursor(
    installation: Installation, session: Session, cursor: LogCursor | None, whole: bool = False
) -> LogCursor:
    """Where a stream begins: at a cursor, if what is behind it is kept; without one, at the end. Raises CursorGone."""

    def use(tx: Tx) -> LogCursor:
        if cursor is None:
            return beginning(tx, session, whole)
        if cursor.seen_as == seeing(session.viewer) and not changes.is_kept(tx, session.organisation_id, cursor.place):
            raise CursorGone("what came behind the cursor is kept no longer")
        return cursor

    return installation.database.read(use, session.organisation_id)


def show_changes(
    installation: Installation, session: Session, cursor: LogCursor | None, limit: int, whole: bool = False
) -> tuple[ToldPage, ActivityViews]:
    """The same, with all that is shown of the entries. Raises CursorGone."""

    def use(tx: Tx) -> tuple[ToldPage, ActivityViews]:
        page = page_behind(tx, session, cursor or beginning(tx, session, whole), limit)
        return page, views_of(tx, session, [told.facts for told in page.told if told.facts is not None])

    return installation.database.read(use, session.organisation_id)


def trim_changes(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> int:
    """Let go of what was logged longer ago than it is kept, in every organisation; how many lines."""
    seconds = installation.changes_days * 86_400
    return sweep_everywhere(
        installation, lambda tx, organisation_id: changes.trim(tx, organisation_id, seconds, TRIMMED_AT_ONCE), go_on
    )


def beginning(tx: Tx, session: Session, whole: bool = False) -> LogCursor:
    """The cursor at the end of the log as it is now; with `whole`, of who has nothing yet."""
    walk = Walk(None, 0, 0) if whole else None
    return LogCursor(changes.end(tx, session.organisation_id), seeing(session.viewer), walk)


def page_behind(tx: Tx, session: Session, cursor: LogCursor, limit: int) -> ToldPage:
    """The same inside a transaction. Raises CursorGone."""
    if cursor.seen_as != seeing(session.viewer):
        fresh = beginning(tx, session)
        return ToldPage([Told(Tell.RESET, fresh)], fresh, more=False)
    if not changes.is_kept(tx, session.organisation_id, cursor.place):
        raise CursorGone("what came behind the cursor is kept no longer")
    told: list[Told] = []
    for _ in range(MOST_LOOKED_AT // AT_ONCE):
        left = limit - len(told)
        if cursor.walk is not None:
            page = walked(tx, session, cursor, cursor.walk, left)
        else:
            batch = read_batch(tx, session.organisation_id, cursor.place, AT_ONCE)
            page = told_of(batch, session.viewer, cursor, left)
        told += page.told
        cursor = page.cursor
        if not page.more or len(told) >= limit:
            return ToldPage(told, cursor, page.more)
    return ToldPage(told, cursor, more=True)


def read_batch(tx: Tx, organisation_id: int, place: Place, limit: int) -> Batch:
    """At most `limit` lines behind a place; as many queries whatever is in them."""
    lines, waiting = changes.after(tx, organisation_id, place, limit)
    if not lines:
        return Batch(place, waiting=waiting)
    ids = sorted({line.id for _, line in lines if line.op in (LogOp.CREATED, LogOp.EDITED, LogOp.REMOVED)})
    entries = activities.find_many(tx, organisation_id, ids)
    targets = activities.targets_of(tx, organisation_id, [id_ for id_ in ids if id_ not in entries])
    targets |= {id_: facts.target for id_, facts in entries.items()}
    seen_of = {*targets.values(), *(line.ref for _, line in lines if line.op is LogOp.SIGHT)}
    found = audiences.find(tx, organisation_id, seen_of)
    return Batch(place, lines, entries, targets, found, len(lines) == limit, waiting)


def told_of(batch: Batch, viewer: Viewer, cursor: LogCursor, limit: int) -> ToldPage:
    """What of a batch is told to the viewer, who is at its start; up to where a walk has to be made."""
    told: list[Told] = []
    for place, line in batch.lines:
        if len(told) == limit:
            return ToldPage(told, cursor, more=True)
        cursor = replace(cursor, place=place)
        walk = walk_through(line) or _walk_through_sight(batch, viewer, line)
        if walk is not None:
            return ToldPage(told, replace(cursor, walk=walk), more=True)
        told += told_of_line(batch, viewer, line, cursor)
    return ToldPage(told, cursor, batch.more)


def told_of_line(batch: Batch, viewer: Viewer, line: LogLine, cursor: LogCursor) -> Iterator[Told]:
    """What of one line is told to the viewer; what a walk has to be made for is not."""
    seen = batch.seen(line.ref if line.op is LogOp.SIGHT else batch.targets.get(line.id), viewer)
    saw = line.before is not None and line.before.seen_by(viewer).entries
    match line.op:
        case LogOp.CREATED | LogOp.EDITED:
            facts = batch.entries.get(line.id)
            if facts is not None and seen.entries:
                tell = Tell.CREATED if line.op is LogOp.CREATED else Tell.EDITED
                yield Told(tell, cursor, facts)
            elif saw:
                yield Told(Tell.REMOVED, cursor, id=line.id)
        case LogOp.REMOVED if seen.entries:
            yield Told(Tell.REMOVED, cursor, id=line.id)
        case LogOp.SIGHT if saw and not seen.entries:
            yield Told(Tell.HIDDEN, cursor, ref=line.ref)


def walk_through(line: LogLine) -> Walk | None:
    """The walk through what was recorded together with many others."""
    return Walk(None, 0, line.id - 1, line.last_id) if line.op is LogOp.RANGE else None


def _walk_through_sight(batch: Batch, viewer: Viewer, line: LogLine) -> Walk | None:
    """The walk through what came into sight, or is seen otherwise than before."""
    if line.op is LogOp.SIGHT and line.before is not None:
        seen = batch.seen(line.ref, viewer)
        if seen.entries and seen != line.before.seen_by(viewer):
            return Walk(line.ref, FIRST_AT, 0)
    return None


def walked(tx: Tx, session: Session, cursor: LogCursor, walk: Walk, limit: int) -> ToldPage:
    """The next entries of a walk that the viewer sees."""
    organisation_id, viewer = session.organisation_id, session.viewer
    if walk.ref is None:
        entries = activities.between(tx, organisation_id, walk.id, walk.last_id, AT_ONCE)
    else:
        entries = timeline.own_entries(tx, organisation_id, walk.ref, (walk.at, walk.id), AT_ONCE)
    seen_of = audiences.find(tx, organisation_id, {facts.target for facts in entries})
    told: list[Told] = []
    for facts in entries:
        if len(told) == limit:
            return ToldPage(told, cursor, more=True)
        cursor = replace(cursor, walk=walk._replace(at=facts.at, id=facts.id))
        audience = seen_of.get(facts.target)
        if audience is not None and audience.seen_by(viewer).entries:
            told.append(Told(Tell.SHOWN, cursor, facts))
    if len(entries) < AT_ONCE:
        cursor = replace(cursor, walk=None)
    return ToldPage(told, cursor, more=True)
