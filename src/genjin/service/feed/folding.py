"""Reads a feed whose runs of edits are folded: a page ends behind a whole run."""

from genjin.domain.feed import FeedFilter, Key
from genjin.domain.feed_fold import MOST_FOLDED, Run, extend
from genjin.domain.policy import Viewer
from genjin.store import feed
from genjin.store.transaction import Tx

AT_ONCE = 2 * MOST_FOLDED
MOST_READS = 5


def folded_page(
    tx: Tx, viewer: Viewer, wanted: FeedFilter, limit: int, after: Key | None, newest: bool
) -> tuple[list[Run], Key | None]:
    """At most `limit` runs behind `after`, and after which key to go on; None at the end.

    A run may come in two parts where the search for its entries gave up.
    """
    runs, key, keys = list[Run](), after, dict[int, Key]()
    for _ in range(MOST_READS):
        stretch = feed.page(tx, viewer, wanted, AT_ONCE, key, newest)
        extend(runs, stretch.entries, wanted.clock)
        keys |= {facts.id: each for facts, each in zip(stretch.entries, stretch.keys, strict=True)}
        key = stretch.end
        if key is None or len(runs) > limit or len(stretch.entries) < AT_ONCE:
            break
    if key is None and len(runs) <= limit:
        return runs, None
    # What came last may go on behind the last entry that was read.
    whole = runs[: min(limit, len(runs) - 1)]
    if not whole:
        return runs, key
    return whole, keys[whole[-1][-1].id]
