"""A timeline as a whole, its months, and its pages by number."""

from genjin.domain.feed import Choice, Facet, FeedFilter, Key, Moment
from genjin.domain.feed_fold import Run, extend, folded
from genjin.domain.records import Ref
from genjin.domain.timeline import Month, Page, TimelineHead
from genjin.errors import NotFound
from genjin.service.context import Installation, Session
from genjin.service.feed.reading import FeedPage, standing_subjects
from genjin.service.feed.views import views_of
from genjin.store import feed_counts, records, timeline, timeline_months
from genjin.store.transaction import Tx


def read_head(installation: Installation, session: Session, subject: Ref) -> TimelineHead:
    """The timeline of what stands for a record now, all of which is seen by who sees that. Raises NotFound."""

    def use(tx: Tx) -> TimelineHead:
        ref = standing_subjects(tx, session, [subject])[subject]
        record = records.find(tx, session.organisation_id, ref)
        if record is None:
            raise NotFound("no such record")
        total, _ = timeline.length(tx, session.organisation_id, ref)
        wanted = FeedFilter(subjects=Choice(frozenset({ref})))
        counts = feed_counts.count(tx, session.viewer, wanted, [Facet.KIND], session.directory.calendar)
        span = timeline_months.ends(tx, session.organisation_id, ref)
        return TimelineHead(ref, record.name, total, counts.by[Facet.KIND], counts.reached is None, span)

    return installation.read_for(session, use)


def read_months(installation: Installation, session: Session, subject: Ref) -> tuple[Ref, list[Month]]:
    """The months in which something happened, the newest first, and the record that stands for the subject now. Raises
    NotFound.
    """
    calendar = session.directory.calendar

    def use(tx: Tx) -> tuple[Ref, list[Month]]:
        ref = standing_subjects(tx, session, [subject])[subject]
        span = timeline_months.ends(tx, session.organisation_id, ref)
        months = [] if span is None else calendar.months(*span)
        bounds = [calendar.day_start(month) for month in months]
        counts = timeline_months.count_in(tx, session.organisation_id, ref, bounds)
        found = zip(months, bounds, bounds[1:], counts, strict=False)
        told = [Month(month.year, month.month, since, until, n) for month, since, until, n in found if n]
        return ref, told[::-1]

    return installation.database.read(use, session.organisation_id)


def read_numbered(installation: Installation, session: Session, subject: Ref, page: Page) -> tuple[FeedPage, int]:
    """A page of a timeline by its number, the newest entries first, with runs of edits folded within it; and how many
    entries there are. Raises NotFound.
    """

    def use(tx: Tx) -> tuple[FeedPage, int]:
        ref = standing_subjects(tx, session, [subject])[subject]
        entries, total = timeline.page(tx, session.organisation_id, ref, page)
        runs = list[Run]()
        extend(runs, entries, Moment.AT)
        views = views_of(tx, session, [folded(run) for run in runs])
        end = Key(entries[-1].at, entries[-1].id) if page.offset + page.size < total else None
        return FeedPage(views, end, frozenset({ref}), None, {run[0].id: run for run in runs if len(run) > 1}), total

    return installation.read_for(session, use)
