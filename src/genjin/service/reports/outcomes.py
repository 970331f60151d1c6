"""What came of it: feeds counted by what their records are, and what their entries come to. Each figure is counted by
the filter of the feed that it links to.
"""

from collections.abc import Sequence
from typing import Any

from genjin.domain.feed import FeedFilter
from genjin.domain.records import RecordType
from genjin.domain.report import Trait
from genjin.service.context import Installation, Session
from genjin.service.feed.reading import check_shown, settled
from genjin.store import feed_sums
from genjin.store.feed_sums import Answered, Stay
from genjin.store.transaction import Tx


def count_each(
    installation: Installation, session: Session, some: Sequence[FeedFilter], trait: Trait
) -> list[dict[Any, int]]:
    """How many entries each of these feeds has, by what their records have in this column now. Raises Forbidden where
    one asks for what is hidden.
    """

    def use(tx: Tx) -> list[dict[Any, int]]:
        if trait != "owner_id":
            check_shown(session.viewer, RecordType.LEAD, trait)
        return [feed_sums.count_by(tx, session.viewer, settled(tx, session, wanted), trait) for wanted in some]

    return installation.read_for(session, use)


def answers_to(installation: Installation, session: Session, wanted: FeedFilter) -> list[Answered]:
    """After how long somebody was in touch, for each entry of a feed."""
    return installation.read_for(
        session, lambda tx: feed_sums.answers(tx, session.viewer, settled(tx, session, wanted))
    )


def statuses_of(
    installation: Installation, session: Session, left: FeedFilter, now: FeedFilter
) -> tuple[list[Stay], list[Stay]]:
    """The statuses that were left by the entries of one feed, with how long records had been in them; and those that
    the records of another one are in now. Raises Forbidden where statuses are hidden.
    """

    moment = installation.clock.now()

    def use(tx: Tx) -> tuple[list[Stay], list[Stay]]:
        asked = settled(tx, session, left), settled(tx, session, now)
        for type_ in left.record.types.wanted:
            check_shown(session.viewer, type_, "status")
        stays = feed_sums.stays(tx, session.viewer, asked[0])
        return stays, feed_sums.here(tx, session.viewer, asked[1], moment)

    return installation.read_for(session, use)
