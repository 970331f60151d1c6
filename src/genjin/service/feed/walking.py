"""Reads all of a feed, as it is at one moment."""

from collections.abc import Iterator

from genjin.domain.activity_view import ActivityViews
from genjin.domain.feed import FeedFilter, Key
from genjin.service.context import Installation, Session
from genjin.service.feed.reading import settled
from genjin.service.feed.views import views_of
from genjin.store import feed

AT_ONCE = 1_000
"""Entries that are read together, and in memory."""


class FeedWalk:
    """What the viewer sees of a feed, in order, at most `most` entries of it. In the end `count` says how many, and
    `more` whether there are others. One thread walks; others go on writing, and none of it is seen.
    """

    def __init__(
        self, installation: Installation, session: Session, wanted: FeedFilter, most: int, newest: bool = True
    ) -> None:
        self.count, self.more = 0, False
        self._database, self._session = installation.database, session
        self._wanted, self._most, self._newest = wanted, most, newest

    def __iter__(self) -> Iterator[ActivityViews]:
        """Some entries after the other, with what is shown beside them. Raises NotFound for a subject that the viewer
        does not see, Forbidden, StoreUnavailable.
        """
        session = self._session
        key: Key | None = None
        with self._database.snapshot(session.organisation_id) as tx:
            asked = settled(tx, session, self._wanted)
            while not self.more:
                stretch = feed.page(tx, session.viewer, asked, AT_ONCE, key, self._newest)
                some = stretch.entries[: self._most - self.count]
                self.more = len(some) < len(stretch.entries)
                if some:
                    self.count += len(some)
                    yield views_of(tx, session, some, as_of=asked.as_of)
                key = stretch.end
                if key is None:
                    return
