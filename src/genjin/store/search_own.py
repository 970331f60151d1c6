"""The keys of the texts that may be found by who sees little. Only among these it is looked for then: of what has a
common word most is others', and to ask of each text whether the viewer sees it takes longest.

It begins at the records that are the viewer's own, theirs to work on, or in their pools: so only who sees no
departments is helped. What is found is asked for as everything is (see search.py); nothing depends on this being exact.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial

from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer
from genjin.domain.records import OF_A_CUSTOMER, RecordType
from genjin.domain.search import Source
from genjin.store.transaction import Row, Tx

MOST_ENTRIES, MOST_RECORDS = 20_000, 2_000
"""Who sees more than that is not helped."""
Own = Callable[[int], Sequence[Row]]
"""Of a source the keys of the texts that may be the viewer's, the oldest first."""
_EVERY = ", ".join(str(int(type_)) for type_ in RecordType)
_BELOW = ", ".join(str(int(type_)) for type_ in sorted(OF_A_CUSTOMER))
_ENTRIES = (
    "SELECT t.at AS at, t.activity_id AS id FROM reached CROSS JOIN timeline t"
    " WHERE t.organisation_id = ? AND t.subject_type = reached.type AND t.subject_id = reached.id"
)
_OWN = {
    Source.TEXT: f"SELECT at, id, 0 AS type FROM ({_ENTRIES}) AS entries",
    Source.COMMENT: (
        f"SELECT c.created_at AS at, c.id AS id, 0 AS type FROM ({_ENTRIES}) AS entries CROSS JOIN comments c"
        " WHERE c.organisation_id = ? AND c.activity_id = entries.id"
    ),
}
_NAMES = (
    "SELECT r.created_at AS at, r.id AS id, r.type AS type FROM reached CROSS JOIN records r"
    " WHERE r.organisation_id = ? AND r.type = reached.type AND r.id = reached.id"
    " UNION ALL SELECT r.created_at, r.id, r.type FROM reached CROSS JOIN records r"
    " WHERE r.organisation_id = ? AND r.customer_id IS NOT NULL AND r.customer_id = reached.id"
    f" AND r.type IN ({_BELOW}) AND reached.type = {int(RecordType.CUSTOMER)}"
)


def own_of(tx: Tx, viewer: Viewer) -> Own | None:
    """What may be the viewer's; None where that is much, or all of a department's."""
    if viewer.scope is DataScope.ALL or viewer.departments:
        return None
    reached, values = _reached(viewer)
    sql = (
        f"WITH reached AS ({reached}) SELECT (SELECT count(*) FROM (SELECT 1 FROM reached LIMIT ?) AS a),"
        f" (SELECT count(*) FROM ({_ENTRIES} LIMIT ?) AS b)"
    )
    more = (MOST_RECORDS + 1, viewer.organisation_id, MOST_ENTRIES + 1)
    [(some_records, entries)] = tx.rows(sql, (*values, *more))
    if some_records > MOST_RECORDS or entries > MOST_ENTRIES:
        return None
    return cache(partial(_own_keys, tx, viewer))


def _own_keys(tx: Tx, viewer: Viewer, source: int) -> Sequence[Row]:
    reached, values = _reached(viewer)
    own = _OWN.get(Source(source), _NAMES)
    its = (viewer.organisation_id,) * own.count("organisation_id = ?")
    return sorted(set(tx.rows(f"WITH reached AS ({reached}) {own}", (*values, *its))))


def _reached(viewer: Viewer) -> tuple[str, tuple[int, ...]]:
    """The records that are the viewer's for their own sake (see visible.py), as a query."""
    its, pools = viewer.organisation_id, sorted(viewer.pools)
    owned = f"SELECT type, id FROM records WHERE organisation_id = ? AND type IN ({_EVERY}) AND owner_id = ?"
    shared = "SELECT record_type, record_id FROM collaborators WHERE organisation_id = ? AND user_id = ?"
    lying = (
        "SELECT type, id FROM records WHERE organisation_id = ? AND pool_id IS NOT NULL"
        f" AND pool_id IN ({', '.join('?' * len(pools))})"
    )
    values = (its, viewer.user_id, its, viewer.user_id)
    if not pools:
        return f"{owned} UNION {shared}", values
    return f"{owned} UNION {shared} UNION {lying}", (*values, its, *pools)
