"""Reads an inbox, and marks what was read. What is in it was told by service/notices.py."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from genjin.domain.activity_view import ActivityViews
from genjin.domain.comment import Comment
from genjin.domain.notice import KEPT_SECONDS, Notice, NoticeKind
from genjin.domain.records import Record, Ref
from genjin.errors import NotFound, Stale
from genjin.service.context import Installation, Session
from genjin.service.feed.views import views_of
from genjin.service.sweeping import sweep_everywhere
from genjin.store import activities, comments, notices, records
from genjin.store.transaction import Tx

FORGOTTEN_AT_ONCE = 1_000


class NoticeViews(NamedTuple):
    """Notices with what they are about."""

    notices: Sequence[Notice]
    views: ActivityViews
    comments: Mapping[int, Comment]
    records: Mapping[Ref, Record]


def read_inbox(
    installation: Installation,
    session: Session,
    limit: int,
    after: int | None = None,
    unread: bool = False,
    kinds: Collection[NoticeKind] = frozenset(NoticeKind),
) -> tuple[NoticeViews, int | None]:
    """A page of the viewer's notices, the latest first, and the id behind which the next one begins."""

    def use(tx: Tx) -> tuple[NoticeViews, int | None]:
        found = notices.page(tx, session.viewer, limit + 1, after, unread, kinds)
        page = found[:limit]
        return views_of_notices(tx, session, page), page[-1].id if len(found) > limit else None

    return installation.read_for(session, use)


def count_unread(installation: Installation, session: Session) -> dict[NoticeKind, int]:
    """How many unread notices of each kind the viewer sees, of the latest MOST_COUNTED."""
    return installation.read_for(session, lambda tx: notices.count_unread(tx, session.viewer))


def read_notice(installation: Installation, session: Session, notice_id: int) -> NoticeViews:
    """One notice. Raises NotFound."""
    return installation.read_for(session, lambda tx: view_notice(tx, session, notice_id))


def mark_notice(
    installation: Installation, session: Session, notice_id: int, read: bool, wanted: Collection[str] | None = None
) -> NoticeViews:
    """Mark one as read, or as unread, if its state is one of those that are `wanted`. Raises NotFound, Stale."""
    now = installation.clock.now()

    def use(tx: Tx) -> NoticeViews:
        notice = _own(tx, session, notice_id)
        if wanted is not None and state_of(notice) not in wanted:
            raise Stale(f"notice {notice_id}")
        if read != (notice.read_at is not None):
            notices.mark(tx, session.viewer, notice_id, now if read else None)
        return views_of_notices(tx, session, [_own(tx, session, notice_id)])

    return installation.database.write(use, session.organisation_id)


def mark_all(installation: Installation, session: Session, until: int | None, kinds: Collection[NoticeKind]) -> int:
    """Mark as read all of these kinds up to and with one; how many were unread."""
    now = installation.clock.now()
    return installation.database.write(
        lambda tx: notices.mark_all(tx, session.viewer, until, kinds, now), session.organisation_id
    )


def forget_notices(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> int:
    """Delete notices that are kept no longer, in every organisation; how many."""
    before = installation.clock.now() - KEPT_SECONDS
    return sweep_everywhere(
        installation,
        lambda tx, organisation_id: notices.forget(tx, organisation_id, before, FORGOTTEN_AT_ONCE),
        go_on,
    )


def view_notice(tx: Tx, session: Session, notice_id: int) -> NoticeViews:
    """One notice within a transaction. Raises NotFound."""
    return views_of_notices(tx, session, [_own(tx, session, notice_id)])


def state_of(notice: Notice) -> str:
    """Names whether and when it was read."""
    return "unread" if notice.read_at is None else str(notice.read_at)


def views_of_notices(tx: Tx, session: Session, some: Sequence[Notice]) -> NoticeViews:
    """Notices that the viewer sees, with what they are about; a constant number of queries."""
    organisation_id = session.organisation_id
    entries = activities.find_many(tx, organisation_id, sorted({n.activity_id for n in some if n.activity_id}))
    said = comments.find_many(tx, organisation_id, {n.comment_id for n in some if n.comment_id})
    refs = sorted({n.ref for n in some if n.ref is not None})
    return NoticeViews(
        some,
        views_of(tx, session, list(entries.values())),
        said,
        records.find_many(tx, organisation_id, refs),
    )


def _own(tx: Tx, session: Session, notice_id: int) -> Notice:
    notice = notices.find_many(tx, session.viewer, [notice_id]).get(notice_id)
    if notice is None:
        raise NotFound(f"no notice {notice_id}")
    return notice
