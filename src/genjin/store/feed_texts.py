"""Which few entries a feed need look at that asks for a rare text, by the index of searches (see search_hits.py)."""

from collections.abc import Collection
from itertools import islice

from genjin.domain.search import Source, phrase_inside
from genjin.store.search_hits import Between, Sought, hits, sees_all
from genjin.store.transaction import Tx

FEW = 1_000
"""What more entries say is soon found by going through them."""


def few_that_say(tx: Tx, organisation_id: int, parts: Collection[str]) -> list[int] | None:
    """All entries that have one of these parts in what was written, and some others; None where they may be many, or
    where the index does not know.
    """
    phrases = [phrase_inside(part) for part in sorted(parts)]
    if not all(phrases) or not sees_all(tx, organisation_id):
        return None
    found = set[int]()
    for phrase in phrases:
        if phrase is not None:
            sought = Sought(organisation_id, Source.TEXT, (phrase,))
            found.update(hit.key.id for hit in islice(hits(tx, sought, Between()), FEW + 1 - len(found)))
        if len(found) > FEW:
            return None
    return sorted(found)
