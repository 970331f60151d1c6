"""What open streams of changes are given: one look at the log for all that wait in an organisation, then what each is
shown of it. For an event loop, but for `alive`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.activity_view import ActivityViews
from genjin.domain.change_log import Place
from genjin.domain.directory import Directory
from genjin.service.context import Installation, Session, session_of
from genjin.service.feed.changes import AT_ONCE, Batch, read_batch
from genjin.service.feed.views import views_of
from genjin.store import tokens
from genjin.store.transaction import Tx


class News(NamedTuple):
    """Lines of the log, and the organisation as it is now."""

    batch: Batch
    directory: Directory

    def session(self, user_id: int) -> Session:
        """What somebody may see now. Raises Unauthenticated for who has left."""
        return session_of(self.directory, user_id)


async def news(installation: Installation, organisation_id: int, place: Place) -> News:
    """What there is behind a place."""

    def use(tx: Tx) -> News:
        batch = read_batch(tx, organisation_id, place, AT_ONCE)
        return News(batch, installation.directories.latest(tx, organisation_id))

    return await installation.database.read_soon(use, organisation_id)


async def show(installation: Installation, session: Session, entries: Sequence[Facts]) -> ActivityViews:
    """All that is shown of these entries, which the viewer sees."""
    return await installation.database.read_soon(lambda tx: views_of(tx, session, entries), session.organisation_id)


def alive(installation: Installation, organisation_id: int, hashes: Sequence[bytes]) -> set[bytes]:
    """Which of these tokens are neither expired nor revoked."""
    now = installation.clock.now()
    return installation.database.read(lambda tx: tokens.alive(tx, organisation_id, hashes, now), organisation_id)
