"""Counts timelines anew and tells which are kept wrongly: all of an organisation at once, or part by part.

A part is bounded by how many entries it reads, not by how many timelines: one that is longer than a part is checked
some blocks at a time. Every comparison is one statement, so that what others write meanwhile is in both of its sides.
"""

from typing import NamedTuple

from sqlalchemy import func, select, text

from genjin.domain.latest import Latest
from genjin.domain.records import RecordType, Ref
from genjin.store import timeline_blocks as blocks
from genjin.store.tables import timelines
from genjin.store.timeline import LATEST_COUNTED, LATEST_FOUND, NEVER_AT
from genjin.store.timeline_blocks import OF
from genjin.store.transaction import Tx

Subject = tuple[int, int]
"""The type and id of the record whose timeline it is."""
LAST: Subject = (32_767, 0)
"""Behind every timeline."""


class Miscount(NamedTuple):
    """A timeline whose kept counts or latest times are not what its entries say; the totals agree when only a block or
    a time is wrong.
    """

    subject_type: int
    subject_id: int
    kept: int
    found: int

    @property
    def subject(self) -> Ref:
        return Ref(RecordType(self.subject_type), self.subject_id)


class Position(NamedTuple):
    """Where a part begins: with this timeline, and, when it is a long one that was begun already, with this block."""

    subject_type: int = 0
    subject_id: int = 0
    block_at: int | None = None
    block_id: int | None = None


BEGINNING = Position()


class Part(NamedTuple):
    """What one part came to: where the next one begins, None at the end; timelines that were finished; wrong ones."""

    next: Position | None
    timelines: int
    wrong: list[Miscount]


def recount(tx: Tx, organisation_id: int) -> list[Miscount]:
    """Every timeline whose total or blocks are wrong."""
    return _between(tx, organisation_id, BEGINNING[:2], LAST).wrong


def recount_part(tx: Tx, organisation_id: int, position: Position, entries: int) -> Part:
    """The same from this position on, for as many timelines as have about so many entries together, at least 1."""
    if position.block_at is None:
        before = _reach(tx, organisation_id, position[:2], entries)
        part = _between(tx, organisation_id, position[:2], before)
        if part.timelines or part.next is None:
            return part
        position = part.next  # what comes next is longer than a part
    return _long(tx, organisation_id, position, max(1, entries // blocks.BLOCK))


def count_timelines(tx: Tx, organisation_id: int) -> int:
    """How many timelines there are to go through."""
    counted = select(func.count()).select_from(timelines).where(timelines.c.organisation_id == organisation_id)
    return int(tx.execute(counted).scalar_one())


def _reach(tx: Tx, organisation_id: int, first: Subject, entries: int) -> Subject:
    """The first timeline that does not lie wholly within so many entries, nor among so many timelines."""
    key = _bounds(organisation_id, first, LAST) | {"entries": entries}
    found = [tx.execute(statement, key).one_or_none() for statement in (_NTH_ENTRY, _NTH_TIMELINE)]
    return min((LAST, *((row[0], row[1]) for row in found if row is not None)))


def _between(tx: Tx, organisation_id: int, first: Subject, before: Subject) -> Part:
    key = _bounds(organisation_id, first, before)
    rows = tx.execute(_COUNTED, key).all()
    wrong_parts = {tuple(row) for statement in (_WRONG_BLOCKS, _WRONG_LATEST) for row in tx.execute(statement, key)}
    wrong = [
        Miscount(subject_type, subject_id, kept, found)
        for subject_type, subject_id, kept, found, counted in rows
        if kept != found
        or (kept > blocks.WHOLE and counted != found)
        or (kept <= blocks.WHOLE and counted is not None)
        or (subject_type, subject_id) in wrong_parts
    ]
    return Part(None if before == LAST else Position(*before), len(rows), wrong)


def _long(tx: Tx, organisation_id: int, position: Position, most: int) -> Part:
    """Some blocks of one timeline, and after the last of them its total. What seems wrong is counted as a whole."""
    subject = position[:2]
    key = {"organisation_id": organisation_id, "subject_type": subject[0], "subject_id": subject[1]}
    begin = blocks.OLDEST if position.block_at is None else (position.block_at, position.block_id)
    rows = tx.execute(_BLOCKS_FROM, key | {"at": begin[0], "activity_id": begin[1], "most": most}).all()
    if rows and all(entries == counted for entries, _, _, counted in rows):
        _, next_at, next_id, _ = rows[-1]
        if next_at is not None:
            return Part(Position(*subject, next_at, next_id), 0, [])
        kept, in_blocks = tx.execute(_TOTALS, key).one()
        if kept == in_blocks and kept > blocks.WHOLE and not tx.execute(_LATEST_IS_WRONG, key).all():
            return Part(Position(subject[0], subject[1] + 1), 1, [])
    return _between(tx, organisation_id, subject, (subject[0], subject[1] + 1))


def _bounds(organisation_id: int, first: Subject, before: Subject) -> dict[str, object]:
    return {
        "organisation_id": organisation_id,
        "first_type": first[0],
        "first_id": first[1],
        "before_type": before[0],
        "before_id": before[1],
    }


_FROM_ON = "organisation_id = :organisation_id AND (subject_type, subject_id) >= (:first_type, :first_id)"
_WITHIN = f"{_FROM_ON} AND (subject_type, subject_id) < (:before_type, :before_id)"
_NTH_ENTRY = text(
    f"SELECT subject_type, subject_id FROM timeline WHERE {_FROM_ON}"
    " ORDER BY subject_type, subject_id, at, activity_id LIMIT 1 OFFSET :entries"
)
_NTH_TIMELINE = text(
    f"SELECT subject_type, subject_id FROM timelines WHERE {_FROM_ON}"
    " ORDER BY subject_type, subject_id LIMIT 1 OFFSET :entries"
)
_COUNTED = text(
    "SELECT subject_type, subject_id, COALESCE(MAX(kept), 0), COALESCE(MAX(found), 0), MAX(in_blocks) FROM"
    " (SELECT subject_type, subject_id, CAST(total AS bigint) AS kept, CAST(NULL AS bigint) AS found,"
    f" CAST(NULL AS bigint) AS in_blocks FROM timelines WHERE {_WITHIN}"
    f" UNION ALL SELECT subject_type, subject_id, NULL, COUNT(*), NULL FROM timeline WHERE {_WITHIN}"
    " GROUP BY subject_type, subject_id"
    f" UNION ALL SELECT subject_type, subject_id, NULL, NULL, SUM(entries) FROM timeline_blocks WHERE {_WITHIN}"
    " GROUP BY subject_type, subject_id) AS counted GROUP BY subject_type, subject_id"
)
_IN_BLOCK = (
    "(SELECT COUNT(*) FROM timeline e WHERE e.organisation_id = :organisation_id"
    " AND e.subject_type = b.subject_type AND e.subject_id = b.subject_id"
    " AND (e.at, e.activity_id) >= (b.at, b.activity_id) AND (e.at, e.activity_id) < (b.next_at, b.next_id))"
)
_WRONG_BLOCKS = text(
    "SELECT DISTINCT b.subject_type, b.subject_id FROM"
    f" (SELECT subject_type, subject_id, at, activity_id, entries, LEAD(at, 1, {blocks.NEWEST[0]}) OVER later AS"
    f" next_at, LEAD(activity_id, 1, 0) OVER later AS next_id FROM timeline_blocks WHERE {_WITHIN}"
    " WINDOW later AS (PARTITION BY subject_type, subject_id ORDER BY at, activity_id)) AS b"
    f" WHERE b.entries <> {_IN_BLOCK}"
)
_WRONG_LATEST = text(
    f"SELECT k.subject_type, k.subject_id FROM (SELECT * FROM timelines WHERE {_WITHIN}) AS k LEFT JOIN"
    f" (SELECT t.subject_type, t.subject_id, {LATEST_COUNTED} FROM (SELECT * FROM timeline WHERE {_WITHIN}) AS t"
    " JOIN activities a ON a.organisation_id = t.organisation_id AND a.id = t.activity_id"
    " GROUP BY t.subject_type, t.subject_id) AS f"
    " ON f.subject_type = k.subject_type AND f.subject_id = k.subject_id WHERE "
    + " OR ".join(f"COALESCE(k.{name}, {NEVER_AT}) <> COALESCE(f.{name}, {NEVER_AT})" for name in Latest._fields)
)
_LATEST_IS_WRONG = text(
    f"SELECT 1 FROM timelines WHERE {OF} AND ("
    + " OR ".join(
        f"COALESCE({name}, {NEVER_AT}) <> COALESCE({found}, {NEVER_AT})" for name, found in LATEST_FOUND.items()
    )
    + ")"
)
_BLOCKS_FROM = text(
    f"SELECT b.entries, NULLIF(b.next_at, {blocks.NEWEST[0]}), b.next_id, {_IN_BLOCK} FROM"
    f" (SELECT subject_type, subject_id, at, activity_id, entries, LEAD(at, 1, {blocks.NEWEST[0]}) OVER later AS"
    f" next_at, LEAD(activity_id, 1, 0) OVER later AS next_id FROM timeline_blocks WHERE {OF}"
    " AND (at, activity_id) >= (:at, :activity_id) WINDOW later AS (ORDER BY at, activity_id)"
    " ORDER BY at, activity_id LIMIT :most) AS b ORDER BY b.at, b.activity_id"
)
_TOTALS = text(
    "SELECT COALESCE(SUM(total), 0),"
    f" (SELECT COALESCE(SUM(entries), 0) FROM timeline_blocks WHERE {OF}) FROM timelines WHERE {OF}"
)
