"""Searching for who sees little: their own texts are looked at one by one, which takes less than to look up a common
word and to ask of each text that has it whether they see it.

It begins at the records that are the viewer's own, theirs to work on, or in their pools: so only who sees no
departments is helped. What is found is asked for as everything is (see search.py); nothing depends on this being exact.
"""

from collections.abc import Iterator

from genjin.domain.people import DataScope
from genjin.domain.policy import Viewer
from genjin.domain.records import OF_A_CUSTOMER, RecordType
from genjin.domain.search import Source
from genjin.store.search_hits import Between, Hit, HitKey, Sought
from genjin.store.transaction import Tx

MOST_ENTRIES, MOST_RECORDS = 5_000, 2_000
"""Who sees more than that is not helped."""
_EVERY = ", ".join(str(int(type_)) for type_ in RecordType)
_BELOW = ", ".join(str(int(type_)) for type_ in sorted(OF_A_CUSTOMER))
_ENTRIES = (
    "SELECT t.at AS at, t.activity_id AS id FROM reached CROSS JOIN timeline t"
    " WHERE t.organisation_id = ? AND t.subject_type = reached.type AND t.subject_id = reached.id"
)
_OWN = {
    Source.TEXT: f"SELECT DISTINCT at, id, 0 AS type FROM ({_ENTRIES}) AS entries",
    Source.COMMENT: (
        f"SELECT DISTINCT c.created_at AS at, c.id AS id, 0 AS type FROM ({_ENTRIES}) AS entries CROSS JOIN comments c"
        " WHERE c.organisation_id = ? AND c.activity_id = entries.id"
    ),
}
_NAMES = (
    "SELECT r.created_at AS at, r.id AS id, r.type AS type FROM reached CROSS JOIN records r"
    " WHERE r.organisation_id = ? AND r.type = reached.type AND r.id = reached.id"
    " UNION SELECT r.created_at, r.id, r.type FROM reached CROSS JOIN records r"
    " WHERE r.organisation_id = ? AND r.customer_id IS NOT NULL AND r.customer_id = reached.id"
    f" AND r.type IN ({_BELOW}) AND reached.type = {int(RecordType.CUSTOMER)}"
)


def sees_little(tx: Tx, viewer: Viewer) -> bool:
    """Whether the viewer sees so little that it is looked at one by one."""
    if viewer.scope is DataScope.ALL or viewer.departments:
        return False
    reached, values = _reached(viewer)
    sql = (
        f"WITH reached AS ({reached}) SELECT (SELECT count(*) FROM (SELECT 1 FROM reached LIMIT ?) AS a),"
        f" (SELECT count(*) FROM ({_ENTRIES} LIMIT ?) AS b)"
    )
    more = (MOST_RECORDS + 1, viewer.organisation_id, MOST_ENTRIES + 1)
    [(some_records, entries)] = tx.rows(sql, (*values, *more))
    return bool(some_records <= MOST_RECORDS and entries <= MOST_ENTRIES)


def own_hits(tx: Tx, viewer: Viewer, sought: Sought, between: Between) -> Iterator[Hit]:
    """Every text that has it and that the viewer may see, and few others, in order."""
    reached, values = _reached(viewer)
    own = _OWN.get(Source(sought.source), _NAMES)
    its = (viewer.organisation_id,) * own.count("organisation_id = ?")
    place = "instr" if tx.engine == "sqlite" else "strpos"
    has = [f"{place}(s.terms, ?) > 0"] * len(sought.phrases) + [f"{place}(s.terms, ?) = 0"] * len(sought.without)
    parts = [phrase.part for phrase in (*sought.phrases, *sought.without)]
    texts = (
        "SELECT s.at, s.id, s.type, s.numbers FROM own CROSS JOIN {} s WHERE s.organisation_id = ? AND s.source = ?"
        f" AND s.at = own.at AND s.id = own.id AND s.type = own.type AND {' AND '.join(has)}"
    )
    asked = (viewer.organisation_id, sought.source, *parts)
    # What is moved from the one to the other meanwhile is found behind.
    both = f"{texts.format('search_backlog')} UNION ALL {texts.format('search_texts')}"
    rows = tx.rows(f"WITH reached AS ({reached}), own AS ({own}) {both}", (*values, *its, *asked, *asked))
    hits = {HitKey(at, id_, type_): bool(numbers) for at, id_, type_, numbers in rows}
    for key in sorted(hits, reverse=between.newest):
        if between.low < key < between.high:
            yield Hit(key, hits[key])


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
