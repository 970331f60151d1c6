"""What open streams of inboxes are given: who of an organisation is told by lines of the log, and of what. For an event
loop, but for `first_place`.
"""

from collections.abc import Sequence

from genjin.domain.change_log import LogLine, LogOp, Place, PlacedLine
from genjin.errors import CursorGone
from genjin.service.context import Installation, Session
from genjin.service.inbox.reading import NoticeViews, views_of_notices
from genjin.store import changes, notices
from genjin.store.transaction import Tx


def first_place(installation: Installation, session: Session, place: Place | None) -> Place:
    """Where a stream begins: behind a place, if that is kept; without one at the end. Raises CursorGone."""

    def use(tx: Tx) -> Place:
        if place is None:
            return changes.end(tx, session.organisation_id)
        if not changes.is_kept(tx, session.organisation_id, place):
            raise CursorGone("what came behind the cursor is kept no longer")
        return place

    return installation.database.read(use, session.organisation_id)


def told_by(lines: Sequence[PlacedLine]) -> list[int]:
    """The ids of the notices of which these lines tell."""
    found: list[LogLine] = [line for _, line in lines if line.op is LogOp.NOTICE]
    return [line.id for line in found]


async def told_to(installation: Installation, organisation_id: int, ids: Sequence[int]) -> set[int]:
    """Who has one of these notices."""

    def use(tx: Tx) -> set[int]:
        return {user_id for some in notices.recipients(tx, organisation_id, ids).values() for user_id in some}

    return await installation.database.read_soon(use, organisation_id)


async def show_notices(installation: Installation, session: Session, ids: Sequence[int]) -> NoticeViews:
    """Those of these notices that the viewer has and sees, in the order of the ids."""

    def use(tx: Tx) -> NoticeViews:
        found = notices.find_many(tx, session.viewer, ids)
        return views_of_notices(tx, session, [found[id_] for id_ in ids if id_ in found])

    return await installation.database.read_soon(use, session.organisation_id)
