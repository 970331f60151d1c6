"""Timelines: which activities belong to a record, in order, and any page of them at one cost.

`timeline` is an index in reading order. `timelines` counts its entries. A timeline longer than WHOLE entries
also has skip records in `timeline_blocks`: each block counts the entries from its own key (inclusive) up to the
next block's; the oldest block's key is OLDEST, below every entry. A page is found by adding up blocks from the
nearer end and then skipping at most a block's worth of entries, so its cost does not grow with its number.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import text

from genjin.domain.activity import Facts
from genjin.domain.records import Ref
from genjin.domain.timeline import Page
from genjin.store.database import Tx
from genjin.store.tables import timeline

WHOLE = 512
"""Up to so many entries a timeline, and a block, is left in one piece."""
BLOCK = 256
"""Entries of a new block."""
OLDEST = (-(2**62), 0)
"""The key of a timeline's first block."""
FEW = 32
"""Up to so many new entries the blocks are kept by steps; above, they are laid anew."""


class Place(NamedTuple):
    """One entry's place in one timeline."""

    subject: Ref
    at: int
    activity_id: int
    via: int


def add(tx: Tx, organisation_id: int, places: Sequence[Place]) -> None:
    """Put entries in; none of them may be there yet."""
    for subject in sorted({place.subject for place in places}):
        own = [place for place in places if place.subject == subject]
        total = _count(tx, organisation_id, subject, len(own))
        rows = [
            {
                "organisation_id": organisation_id,
                "subject_type": int(subject.type),
                "subject_id": subject.id,
                "at": place.at,
                "activity_id": place.activity_id,
                "via": place.via,
            }
            for place in own
        ]
        tx.execute(timeline.insert(), rows)
        if total <= WHOLE:
            continue
        if len(own) > FEW or not all(_grow(tx, organisation_id, subject, place) for place in own):
            lay_blocks(tx, organisation_id, subject)


def remove(tx: Tx, organisation_id: int, place: Place) -> None:
    """Take one entry out; nothing happens when it is not there."""
    key = _subject(organisation_id, place.subject) | {"at": place.at, "activity_id": place.activity_id}
    gone = tx.execute(text(f"DELETE FROM timeline WHERE {_OF} AND at = :at AND activity_id = :activity_id"), key)
    if gone.rowcount == 0:
        return
    total = _count(tx, organisation_id, place.subject, -1)
    if total <= WHOLE:
        tx.execute(text(f"DELETE FROM timeline_blocks WHERE {_OF}"), _subject(organisation_id, place.subject))
    else:
        _shrink(tx, organisation_id, place)


def roll_up(tx: Tx, organisation_id: int, source: Ref, subject: Ref) -> int:
    """Let everything of one timeline show in another's too, once each; how many entries came in."""
    copied = tx.execute(
        text(
            "INSERT INTO timeline (organisation_id, subject_type, subject_id, at, activity_id, via)"
            " SELECT organisation_id, CAST(:to_type AS smallint), CAST(:to_id AS integer), at, activity_id, via"
            f" FROM timeline WHERE {_OF} ON CONFLICT DO NOTHING"
        ),
        _subject(organisation_id, source) | {"to_type": int(subject.type), "to_id": subject.id},
    ).rowcount
    if copied and _count(tx, organisation_id, subject, copied) > WHOLE:
        lay_blocks(tx, organisation_id, subject)
    return copied


def page(tx: Tx, organisation_id: int, subject: Ref, wanted: Page) -> tuple[list[Facts], int]:
    """The entries of one page, newest first, and the number of all; on the hot path.

    The cost depends on the page's size, not on its number nor on the timeline's length.
    """
    key = (organisation_id, int(subject.type), subject.id)
    counted = tx.rows(_TOTAL, key)
    total: int = counted[0][0] if counted else 0
    offset, size = wanted.offset, wanted.size
    if offset >= total:
        return [], total
    if total <= WHOLE or offset <= BLOCK:
        rows = tx.rows(_FROM_NEWEST, (*key, size, offset))
    elif offset <= total // 2:
        rows = tx.rows(_SKIP_FROM_NEWEST, (*key, offset, *key, size, offset))
    else:
        size = min(size, total - offset)
        offset = total - offset - size
        rows = tx.rows(_SKIP_FROM_OLDEST, (*key, offset, *key, size, offset))
        rows.reverse()
    return [Facts._make(row) for row in rows], total


def lay_blocks(tx: Tx, organisation_id: int, subject: Ref) -> None:
    """Lay all skip records of a timeline anew from its entries."""
    key = _subject(organisation_id, subject)
    tx.execute(text(f"DELETE FROM timeline_blocks WHERE {_OF}"), key)
    tx.execute(
        text(
            "INSERT INTO timeline_blocks (organisation_id, subject_type, subject_id, at, activity_id, entries)"
            " SELECT organisation_id, subject_type, subject_id,"
            " CASE WHEN place = 0 THEN :oldest_at ELSE at END, CASE WHEN place = 0 THEN :oldest_id ELSE activity_id END,"
            " CASE WHEN total - place < :block THEN total - place ELSE :block END"
            " FROM (SELECT organisation_id, subject_type, subject_id, at, activity_id,"
            " ROW_NUMBER() OVER (ORDER BY at, activity_id) - 1 AS place, COUNT(*) OVER () AS total"
            f" FROM timeline WHERE {_OF}) AS numbered WHERE place % :block = 0"
        ),
        key | {"block": BLOCK, "oldest_at": OLDEST[0], "oldest_id": OLDEST[1]},
    )


class Miscount(NamedTuple):
    """A timeline whose kept counts are not what its entries say."""

    subject_type: int
    subject_id: int
    kept: int
    found: int


def recount(tx: Tx, organisation_id: int) -> list[Miscount]:
    """Every timeline whose total or blocks are wrong."""
    rows = tx.execute(
        text(
            "SELECT s.subject_type, s.subject_id, COALESCE(t.total, 0), COALESCE(e.found, 0), b.blocks FROM"
            " (SELECT DISTINCT subject_type, subject_id FROM timeline WHERE organisation_id = :organisation_id"
            " UNION SELECT subject_type, subject_id FROM timelines WHERE organisation_id = :organisation_id) AS s"
            " LEFT JOIN timelines t ON t.organisation_id = :organisation_id"
            " AND t.subject_type = s.subject_type AND t.subject_id = s.subject_id"
            " LEFT JOIN (SELECT subject_type, subject_id, COUNT(*) AS found FROM timeline"
            " WHERE organisation_id = :organisation_id GROUP BY subject_type, subject_id) AS e"
            " ON e.subject_type = s.subject_type AND e.subject_id = s.subject_id"
            " LEFT JOIN (SELECT subject_type, subject_id, SUM(entries) AS blocks FROM timeline_blocks"
            " WHERE organisation_id = :organisation_id GROUP BY subject_type, subject_id) AS b"
            " ON b.subject_type = s.subject_type AND b.subject_id = s.subject_id"
        ),
        {"organisation_id": organisation_id},
    )
    return [
        Miscount(subject_type, subject_id, kept, found)
        for subject_type, subject_id, kept, found, blocks in rows
        if kept != found or (kept > WHOLE and blocks != found) or (kept <= WHOLE and blocks is not None)
    ]


def _count(tx: Tx, organisation_id: int, subject: Ref, more: int) -> int:
    """Count entries in or out; the new total. Holds the timeline's row until the transaction ends."""
    return int(
        tx.execute(
            text(
                "INSERT INTO timelines (organisation_id, subject_type, subject_id, total, version)"
                " VALUES (:organisation_id, :subject_type, :subject_id, :more, 1)"
                " ON CONFLICT (organisation_id, subject_type, subject_id)"
                " DO UPDATE SET total = timelines.total + excluded.total, version = timelines.version + 1"
                " RETURNING total"
            ),
            _subject(organisation_id, subject) | {"more": more},
        ).scalar_one()
    )


def _grow(tx: Tx, organisation_id: int, subject: Ref, place: Place) -> bool:
    """Count a new entry in its block; False when the timeline has no blocks yet."""
    key = _subject(organisation_id, subject)
    grown = tx.execute(_GROW, key | {"at": place.at, "activity_id": place.activity_id, "more": 1}).one_or_none()
    if grown is None:
        return False
    at, activity_id, entries = grown
    if entries > WHOLE:
        lower = {"at": at, "activity_id": activity_id}
        middle = tx.execute(_NTH_OF_BLOCK, key | lower | {"nth": BLOCK}).one()
        upper: dict[str, object] = {"new_at": middle[0], "new_id": middle[1], "entries": entries - BLOCK, "kept": BLOCK}
        tx.execute(_SPLIT_INSERT, key | upper)
        tx.execute(_SPLIT_UPDATE, key | lower | upper)
    return True


def _shrink(tx: Tx, organisation_id: int, place: Place) -> None:
    key = _subject(organisation_id, place.subject)
    shrunk = tx.execute(_GROW, key | {"at": place.at, "activity_id": place.activity_id, "more": -1}).one_or_none()
    if shrunk is None:
        lay_blocks(tx, organisation_id, place.subject)
    elif shrunk[2] == 0 and (shrunk[0], shrunk[1]) != OLDEST:
        block = key | {"at": shrunk[0], "activity_id": shrunk[1]}
        tx.execute(text(f"DELETE FROM timeline_blocks WHERE {_OF} AND at = :at AND activity_id = :activity_id"), block)


def _subject(organisation_id: int, subject: Ref) -> dict[str, object]:
    return {"organisation_id": organisation_id, "subject_type": int(subject.type), "subject_id": subject.id}


_OF = "organisation_id = :organisation_id AND subject_type = :subject_type AND subject_id = :subject_id"

_GROW = text(
    f"UPDATE timeline_blocks SET entries = entries + :more WHERE {_OF} AND (at, activity_id) ="
    f" (SELECT at, activity_id FROM timeline_blocks WHERE {_OF} AND (at, activity_id) <= (:at, :activity_id)"
    " ORDER BY at DESC, activity_id DESC LIMIT 1) RETURNING at, activity_id, entries"
)
_NTH_OF_BLOCK = text(
    f"SELECT at, activity_id FROM timeline WHERE {_OF} AND (at, activity_id) >= (:at, :activity_id)"
    " ORDER BY at, activity_id LIMIT 1 OFFSET :nth"
)
_SPLIT_INSERT = text(
    "INSERT INTO timeline_blocks (organisation_id, subject_type, subject_id, at, activity_id, entries)"
    " VALUES (:organisation_id, :subject_type, :subject_id, :new_at, :new_id, :entries)"
)
_SPLIT_UPDATE = text(
    f"UPDATE timeline_blocks SET entries = :kept WHERE {_OF} AND at = :at AND activity_id = :activity_id"
)

# The hand-written queries of the hot path.
_THIS = "{0}.organisation_id = ? AND {0}.subject_type = ? AND {0}.subject_id = ?"
_TOTAL = f"SELECT total FROM timelines t WHERE {_THIS.format('t')}"
_ENTRIES = (
    f"SELECT {', '.join('a.' + name for name in Facts._fields)} FROM timeline t"
    " JOIN activities a ON a.organisation_id = t.organisation_id AND a.id = t.activity_id"
    f" WHERE {_THIS.format('t')}"
)
_NEWEST_FIRST = " ORDER BY t.at DESC, t.activity_id DESC LIMIT ? OFFSET "
_OLDEST_FIRST = " ORDER BY t.at, t.activity_id LIMIT ? OFFSET "
_FROM_NEWEST = f"{_ENTRIES}{_NEWEST_FIRST}?"
_SKIP_FROM_NEWEST = (
    "WITH added AS (SELECT b.at, b.activity_id, SUM(b.entries) OVER (ORDER BY b.at DESC, b.activity_id DESC) AS skipped"
    f" FROM timeline_blocks b WHERE {_THIS.format('b')}),"
    " bound AS (SELECT at, activity_id, skipped FROM added WHERE skipped <= ? ORDER BY skipped DESC LIMIT 1)"
    f" {_ENTRIES} AND (t.at, t.activity_id) <"
    f" (COALESCE((SELECT at FROM bound), {2**62}), COALESCE((SELECT activity_id FROM bound), 0))"
    f"{_NEWEST_FIRST}CAST(? - COALESCE((SELECT skipped FROM bound), 0) AS integer)"
)
_SKIP_FROM_OLDEST = (
    "WITH added AS (SELECT b.at, b.activity_id,"
    " SUM(b.entries) OVER (ORDER BY b.at, b.activity_id) - b.entries AS skipped"
    f" FROM timeline_blocks b WHERE {_THIS.format('b')}),"
    " bound AS (SELECT at, activity_id, skipped FROM added WHERE skipped <= ? ORDER BY skipped DESC LIMIT 1)"
    f" {_ENTRIES} AND (t.at, t.activity_id) >="
    " ((SELECT at FROM bound), (SELECT activity_id FROM bound))"
    f"{_OLDEST_FIRST}CAST(? - (SELECT skipped FROM bound) AS integer)"
)
