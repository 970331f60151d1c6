"""Reading a feed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.activity_view import ActivityViews
from genjin.domain.feed import ANY, Choice, Counts, Facet, FeedFilter, Key
from genjin.domain.feed_fold import Run, folded
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.domain.sight import fields_of, wire_name
from genjin.errors import Forbidden, NotFound
from genjin.service.context import Installation, Session
from genjin.service.feed.folding import folded_page
from genjin.service.feed.views import views_of
from genjin.service.visibility import seen_many
from genjin.store import feed, feed_counts
from genjin.store.transaction import Tx

FEW_ACTORS = feed.MOST_WAYS
_NOBODY = -1
"""No user's id."""


class FeedPage(NamedTuple):
    """Entries with what is shown beside them, and after which key to go on; None at the end. `subjects` are the records
    whose timelines they are from, if it is those. `folded` are the entries of a run, by the id of the first one.
    """

    views: ActivityViews
    end: Key | None
    subjects: frozenset[Ref]
    counts: Counts | None = None
    folded: Mapping[int, Sequence[Facts]] = {}


def read_feed(
    installation: Installation,
    session: Session,
    wanted: FeedFilter,
    limit: int,
    after: Key | None = None,
    newest: bool = True,
    facets: Collection[Facet] = (),
    fold: bool = False,
) -> FeedPage:
    """A page of what the viewer sees, and how much there is by these facets. It may have fewer entries than `limit`,
    even none, and more behind them. Raises NotFound for a subject that the viewer does not see.
    """

    def use(tx: Tx) -> FeedPage:
        asked = settled(tx, session, wanted)
        runs, end = _runs(tx, session.viewer, asked, limit, after, newest, fold)
        counts = _counts(tx, session, asked, facets, newest) if facets else None
        views = views_of(tx, session, [folded(run) for run in runs], as_of=asked.as_of)
        return FeedPage(views, end, asked.subjects.wanted, counts, {run[0].id: run for run in runs if len(run) > 1})

    return installation.read_for(session, use)


def count_feed(installation: Installation, session: Session, wanted: FeedFilter, facets: Collection[Facet]) -> Counts:
    """How much there is of what the viewer sees, by these facets, without reading it. Raises NotFound, Forbidden."""

    def use(tx: Tx) -> Counts:
        return _counts(tx, session, settled(tx, session, wanted), facets, newest=True)

    return installation.read_for(session, use)


def _runs(
    tx: Tx, viewer: Viewer, asked: FeedFilter, limit: int, after: Key | None, newest: bool, fold: bool
) -> tuple[list[Run], Key | None]:
    if fold:
        return folded_page(tx, viewer, asked, limit, after, newest)
    stretch = feed.page(tx, viewer, asked, limit, after, newest)
    return [[facts] for facts in stretch.entries], stretch.end


def _counts(tx: Tx, session: Session, asked: FeedFilter, facets: Collection[Facet], newest: bool) -> Counts:
    return feed_counts.count(tx, session.viewer, asked, facets, session.directory.calendar, newest)


def settled(tx: Tx, session: Session, wanted: FeedFilter) -> FeedFilter:
    """A filter whose subjects are what stands for them now, and whose departments take in what lies below them.

    Raises NotFound for a subject that is not there or not seen, Forbidden where it asks for what is hidden.
    """
    _check_hidden(session.viewer, wanted)
    if subjects := wanted.subjects:
        standing = standing_subjects(tx, session, subjects.wanted | subjects.unwanted)
        some = ([standing[ref] for ref in given] for given in (subjects.wanted, subjects.unwanted))
        wanted = replace(wanted, subjects=Choice(*map(frozenset, some)))
    return _with_departments(session, wanted)


def _check_hidden(viewer: Viewer, wanted: FeedFilter) -> None:
    """Raises Forbidden where entries are asked for by a field that the viewer's role hides."""
    record = wanted.record
    asked = {"status": bool(record.statuses or wanted.left), "source": bool(record.sources)}
    for type_ in record.types.wanted or RecordType:
        for column, told in asked.items():
            if told:
                check_shown(viewer, type_, column)


def check_shown(viewer: Viewer, type_: RecordType, column: str) -> None:
    """Raises Forbidden where the viewer's role hides this column of records of a type."""
    if (name := wire_name(type_, column)) in fields_of(type_, viewer.rights.hidden):
        raise Forbidden(f"您没有权限按 {type_.name.lower()}.{name} 查询")


def standing_subjects(tx: Tx, session: Session, refs: Iterable[Ref]) -> dict[Ref, Ref]:
    """What stands for each of these records now. Raises NotFound for one that is not there or not seen."""
    found = seen_many(tx, session, refs)
    if unknown := sorted(set(refs) - found.keys()):
        raise NotFound(", ".join(f"{ref.type.name} {ref.id}" for ref in unknown))
    return {
        ref: ref if record.merged_into_id is None else Ref(ref.type, record.merged_into_id)
        for ref, record in found.items()
    }


def _with_departments(session: Session, wanted: FeedFilter) -> FeedFilter:
    """Where few colleagues are in the departments that are asked for, they are asked for by their ids."""
    if not wanted.departments:
        return wanted
    directory, asked = session.directory, wanted.departments
    below = Choice(directory.below(asked.wanted), directory.below(asked.unwanted))
    theirs = frozenset(user.id for user in directory.users.values() if user.department_id in below.wanted)
    if not asked.wanted or len(theirs) > FEW_ACTORS or wanted.actors.wanted:
        return replace(wanted, departments=below)
    actors = replace(wanted.actors, wanted=theirs or frozenset({_NOBODY}))
    return replace(wanted, departments=replace(ANY, unwanted=below.unwanted), actors=actors)
