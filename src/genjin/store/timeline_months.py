"""How many entries a timeline has in each of several spans of time, by its index."""

from collections.abc import Sequence
from itertools import pairwise

from genjin.domain.records import Ref
from genjin.store.timeline_blocks import THIS
from genjin.store.transaction import Tx


def ends(tx: Tx, organisation_id: int, subject: Ref) -> tuple[int, int] | None:
    """When the first and the last entry happened; None where there is none."""
    [(first, last)] = tx.rows(
        f"SELECT (SELECT MIN(at) FROM timeline WHERE {THIS}), (SELECT MAX(at) FROM timeline WHERE {THIS})",
        (*_key(organisation_id, subject), *_key(organisation_id, subject)),
    )
    return None if first is None else (first, last)


def count_in(tx: Tx, organisation_id: int, subject: Ref, bounds: Sequence[int]) -> list[int]:
    """How many entries there are from each of these instants up to the next one; one query."""
    if len(bounds) < 2:
        return []
    spans = ", ".join(["(CAST(? AS bigint), CAST(? AS bigint))"] * (len(bounds) - 1))
    given = [bound for pair in pairwise(bounds) for bound in pair]
    rows = tx.rows(
        f"WITH spans (since, until) AS (VALUES {spans}) SELECT since,"
        f" (SELECT COUNT(*) FROM timeline WHERE {THIS} AND at >= since AND at < until) FROM spans ORDER BY since",
        (*given, *_key(organisation_id, subject)),
    )
    return [row[1] for row in rows]


def _key(organisation_id: int, subject: Ref) -> tuple[int, int, int]:
    return organisation_id, int(subject.type), subject.id
