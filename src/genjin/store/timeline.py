"""Timelines: which activities belong to a record, in order, and any page of them at one cost.

`timeline` is an index in reading order. `timelines` counts its entries. A timeline longer than WHOLE entries
also has skip records in `timeline_blocks`: each block counts the entries from its own key (inclusive) up to the
next block's; the oldest block's key is OLDEST, below every entry. A page is found by adding up blocks from the
nearer end and then skipping at most a block's worth of entries, so its cost does not grow with its number.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import bindparam, text

from genjin.domain.activity import Facts
from genjin.domain.records import RecordType, Ref
from genjin.domain.timeline import Page
from genjin.store.tables import timeline
from genjin.store.transaction import MOST_IDS, Row, Tx, batched

WHOLE = 512
"""Up to so many entries a timeline, and a block, is left in one piece."""
BLOCK = 256
"""Entries of a new block."""
OLDEST = (-(2**62), 0)
"""The key of a timeline's first block."""
NEWEST = (2**62, 0)
"""A key above every entry's."""
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
    if not places:
        return
    by_subject: dict[Ref, list[Place]] = {}
    for place in places:
        by_subject.setdefault(place.subject, []).append(place)
    more = {subject: len(own) for subject, own in sorted(by_subject.items())}
    long_ones = _count_many(tx, organisation_id, more)
    stepwise = {subject for subject in long_ones if len(by_subject[subject]) <= FEW}
    rows = [_row(organisation_id, place) for place in places if place.subject not in stepwise]
    if rows:
        tx.execute(timeline.insert(), rows)
    for subject in long_ones:
        own = by_subject[subject]
        if subject in stepwise:
            _add_one_by_one(tx, organisation_id, subject, own)
        else:
            lay_blocks(tx, organisation_id, subject, min((place.at, place.activity_id) for place in own))


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


def rebuild(tx: Tx, organisation_id: int, subject: Ref, sources: Sequence[Ref]) -> None:
    """Let a timeline hold the own entries of these records, and no others. What happened to a record lies in its own
    timeline at least, so the record itself is one of its sources.
    """
    _count(tx, organisation_id, subject, 0)  # locks the timeline's row, so that nothing comes in between
    key = _subject(organisation_id, subject)
    here = {Ref(RecordType(type_), id_) for type_, id_ in tx.execute(_TARGETS, key)}
    for gone in sorted(here - set(sources)):
        tx.execute(_TAKE_OUT, key | {"of_type": int(gone.type), "of_id": gone.id})
    for source in sources:
        if source != subject:
            tx.execute(_BRING_IN, key | {"of_type": int(source.type), "of_id": source.id})
    mend(tx, organisation_id, subject)


def roll_back(tx: Tx, organisation_id: int, source: Ref, subject: Ref) -> int:
    """Let what happened to one record no longer show in another's timeline; how many entries went."""
    gone = tx.execute(
        text(
            f"DELETE FROM timeline WHERE {_OF} AND via = :via AND (at, activity_id) IN"
            " (SELECT s.at, s.activity_id FROM timeline s WHERE s.organisation_id = :organisation_id"
            " AND s.subject_type = :via AND s.subject_id = :source_id AND s.via = :via)"
        ),
        _subject(organisation_id, subject) | {"via": int(source.type), "source_id": source.id},
    ).rowcount
    if gone and _count(tx, organisation_id, subject, -gone) > WHOLE:
        lay_blocks(tx, organisation_id, subject)
    elif gone:
        tx.execute(text(f"DELETE FROM timeline_blocks WHERE {_OF}"), _subject(organisation_id, subject))
    return gone


def length(tx: Tx, organisation_id: int, subject: Ref) -> tuple[int, int]:
    """How many entries a timeline has, and its version, which is another one after every change of an entry."""
    counted = tx.rows(_LENGTH, (organisation_id, int(subject.type), subject.id))
    return (counted[0][0], counted[0][1]) if counted else (0, 0)


def touch(tx: Tx, organisation_id: int, subjects: Iterable[Ref]) -> None:
    """Tell that something in these timelines is not what it was."""
    touched = text(f"UPDATE timelines SET version = version + 1 WHERE {_OF}")
    tx.execute(touched, [_subject(organisation_id, subject) for subject in sorted(set(subjects))])


def page(tx: Tx, organisation_id: int, subject: Ref, wanted: Page, total: int | None = None) -> tuple[list[Facts], int]:
    """The entries of one page, newest first, and the number of all; on the hot path.

    `total` is the timeline's length, where the caller has asked for it already.
    The cost depends on the page's size, not on its number nor on the timeline's length.
    """
    key = (organisation_id, int(subject.type), subject.id)
    if total is None:
        total = length(tx, organisation_id, subject)[0]
    offset, size = wanted.offset, wanted.size
    if offset >= total:
        return [], total
    if offset <= BLOCK or total <= WHOLE:
        rows = tx.rows(_NEWEST, (*key, size, offset, organisation_id))
    elif offset <= total // 2:
        blocks = tx.rows(_BLOCKS_NEWEST_FIRST, key)
        index, before = _enter(blocks, offset)
        at, activity_id = blocks[index - 1][:2] if index else NEWEST
        rows = tx.rows(_BELOW, (*key, at, activity_id, size, offset - before, organisation_id))
    else:
        size = min(size, total - offset)
        offset = total - offset - size
        blocks = tx.rows(_BLOCKS_OLDEST_FIRST, key)
        index, before = _enter(blocks, offset)
        at, activity_id = blocks[index][:2] if index < len(blocks) else OLDEST
        rows = tx.rows(_FROM, (*key, at, activity_id, size, offset - before, organisation_id))
    rows.sort(key=_order, reverse=True)
    return [Facts._make(row) for row in rows], total


def lay_blocks(tx: Tx, organisation_id: int, subject: Ref, since: tuple[int, int] = OLDEST) -> None:
    """Lay skip records anew from the timeline's entries: all of them, or the block that holds the key `since`
    and the newer ones.
    """
    key = _subject(organisation_id, subject)
    found = tx.execute(_BLOCK_OF, key | {"at": since[0], "activity_id": since[1]}).one_or_none()
    lower = (
        {"lower_at": OLDEST[0], "lower_id": OLDEST[1]}
        if found is None
        else {"lower_at": found[0], "lower_id": found[1]}
    )
    tx.execute(
        text(f"DELETE FROM timeline_blocks WHERE {_OF} AND (at, activity_id) >= (:lower_at, :lower_id)"), key | lower
    )
    tx.execute(_LAY, key | lower | {"block": BLOCK})


def _enter(blocks: Sequence[Row], offset: int) -> tuple[int, int]:
    """The index of the block that holds the entry at `offset`, and how many entries lie before that block."""
    before = 0
    for index, (_, _, entries) in enumerate(blocks):
        if before + entries > offset:
            return index, before
        before += entries
    return len(blocks), before


class Miscount(NamedTuple):
    """A timeline whose kept counts are not what its entries say; the totals agree when only a block is wrong."""

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
    wrong_blocks = {tuple(row) for row in tx.execute(_WRONG_BLOCKS, {"organisation_id": organisation_id})}
    return [
        Miscount(subject_type, subject_id, kept, found)
        for subject_type, subject_id, kept, found, blocks in rows
        if kept != found
        or (kept > WHOLE and blocks != found)
        or (kept <= WHOLE and blocks is not None)
        or (subject_type, subject_id) in wrong_blocks
    ]


def mend(tx: Tx, organisation_id: int, subject: Ref) -> None:
    """Make a timeline's total and blocks what its entries say."""
    _count(tx, organisation_id, subject, 0)  # locks the timeline's row, so that nothing comes in between
    key = _subject(organisation_id, subject)
    total = int(tx.execute(text(f"SELECT COUNT(*) FROM timeline WHERE {_OF}"), key).scalar_one())
    tx.execute(text(f"UPDATE timelines SET total = :total WHERE {_OF}"), key | {"total": total})
    if total > WHOLE:
        lay_blocks(tx, organisation_id, subject)
    else:
        tx.execute(text(f"DELETE FROM timeline_blocks WHERE {_OF}"), key)


def _count(tx: Tx, organisation_id: int, subject: Ref, more: int) -> int:
    """Count entries in or out; the new total. Holds the timeline's row until the transaction ends."""
    key = _subject(organisation_id, subject) | {"more": more}
    return int(tx.execute(text(f"{_COUNT} RETURNING total"), key).scalar_one())


def _count_many(tx: Tx, organisation_id: int, more: Mapping[Ref, int]) -> list[Ref]:
    """Count entries into several timelines; those that are longer than WHOLE now."""
    if len(more) == 1:
        return [subject for subject, count in more.items() if _count(tx, organisation_id, subject, count) > WHOLE]
    tx.execute(text(_COUNT), [_subject(organisation_id, subject) | {"more": count} for subject, count in more.items()])
    longer = text(
        "SELECT subject_type, subject_id FROM timelines"
        " WHERE organisation_id = :organisation_id AND total > :whole AND subject_id IN :ids"
    ).bindparams(bindparam("ids", expanding=True))
    found: list[Ref] = []
    for some in batched(sorted({subject.id for subject in more}), MOST_IDS):
        rows = tx.execute(longer, {"organisation_id": organisation_id, "whole": WHOLE, "ids": some})
        found += [Ref(RecordType(subject_type), subject_id) for subject_type, subject_id in rows]
    return [subject for subject in found if subject in more]


def _add_one_by_one(tx: Tx, organisation_id: int, subject: Ref, own: Sequence[Place]) -> None:
    """Put a few entries into a long timeline. Each is counted before the next one comes: a block is split by what
    lies in it, so an entry that lay there uncounted would be counted twice or on the wrong side.
    """
    for place in own:
        tx.execute(timeline.insert(), _row(organisation_id, place))
        if not _grow(tx, organisation_id, subject, place):
            lay_blocks(tx, organisation_id, subject)


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


def _row(organisation_id: int, place: Place) -> dict[str, object]:
    key = _subject(organisation_id, place.subject)
    return key | {"at": place.at, "activity_id": place.activity_id, "via": place.via}


def _subject(organisation_id: int, subject: Ref) -> dict[str, object]:
    return {"organisation_id": organisation_id, "subject_type": int(subject.type), "subject_id": subject.id}


_OF = "organisation_id = :organisation_id AND subject_type = :subject_type AND subject_id = :subject_id"

_TARGETS = text(
    "SELECT DISTINCT a.target_type, a.target_id FROM timeline t JOIN activities a"
    " ON a.organisation_id = t.organisation_id AND a.id = t.activity_id WHERE t.organisation_id = :organisation_id"
    " AND t.subject_type = :subject_type AND t.subject_id = :subject_id"
)
_OWN = (
    " FROM timeline t JOIN activities a ON a.organisation_id = t.organisation_id AND a.id = t.activity_id"
    " WHERE t.organisation_id = :organisation_id AND t.subject_type = :of_type AND t.subject_id = :of_id"
    " AND a.target_type = :of_type AND a.target_id = :of_id"
)
_TAKE_OUT = text(f"DELETE FROM timeline WHERE {_OF} AND (at, activity_id) IN (SELECT t.at, t.activity_id{_OWN})")
_BRING_IN = text(
    "INSERT INTO timeline (organisation_id, subject_type, subject_id, at, activity_id, via)"
    " SELECT t.organisation_id, CAST(:subject_type AS smallint), CAST(:subject_id AS integer), t.at, t.activity_id,"
    f" t.via{_OWN} ON CONFLICT DO NOTHING"
)
_COUNT = (
    "INSERT INTO timelines (organisation_id, subject_type, subject_id, total, version)"
    " VALUES (:organisation_id, :subject_type, :subject_id, :more, 1)"
    " ON CONFLICT (organisation_id, subject_type, subject_id)"
    " DO UPDATE SET total = timelines.total + excluded.total, version = timelines.version + 1"
)
_GROW = text(
    f"UPDATE timeline_blocks SET entries = entries + :more WHERE {_OF} AND (at, activity_id) ="
    f" (SELECT at, activity_id FROM timeline_blocks WHERE {_OF} AND (at, activity_id) <= (:at, :activity_id)"
    " ORDER BY at DESC, activity_id DESC LIMIT 1) RETURNING at, activity_id, entries"
)
_BLOCK_OF = text(
    f"SELECT at, activity_id FROM timeline_blocks WHERE {_OF} AND (at, activity_id) <= (:at, :activity_id)"
    " ORDER BY at DESC, activity_id DESC LIMIT 1"
)
_LAY = text(
    "INSERT INTO timeline_blocks (organisation_id, subject_type, subject_id, at, activity_id, entries)"
    " SELECT organisation_id, subject_type, subject_id,"
    " CASE WHEN place = 0 THEN :lower_at ELSE at END,"
    " CASE WHEN place = 0 THEN :lower_id ELSE activity_id END,"
    " CASE WHEN total - place < :block THEN total - place ELSE :block END"
    " FROM (SELECT organisation_id, subject_type, subject_id, at, activity_id,"
    " ROW_NUMBER() OVER (ORDER BY at, activity_id) - 1 AS place, COUNT(*) OVER () AS total"
    f" FROM timeline WHERE {_OF} AND (at, activity_id) >= (:lower_at, :lower_id)) AS numbered WHERE place % :block = 0"
)
_WRONG_BLOCKS = text(
    "SELECT DISTINCT b.subject_type, b.subject_id FROM"
    f" (SELECT subject_type, subject_id, at, activity_id, entries, LEAD(at, 1, {2**62}) OVER later AS next_at,"
    " LEAD(activity_id, 1, 0) OVER later AS next_id FROM timeline_blocks WHERE organisation_id = :organisation_id"
    " WINDOW later AS (PARTITION BY subject_type, subject_id ORDER BY at, activity_id)) AS b"
    " WHERE b.entries <> (SELECT COUNT(*) FROM timeline e WHERE e.organisation_id = :organisation_id"
    " AND e.subject_type = b.subject_type AND e.subject_id = b.subject_id"
    " AND (e.at, e.activity_id) >= (b.at, b.activity_id) AND (e.at, e.activity_id) < (b.next_at, b.next_id))"
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

# The hand-written queries of the hot path. The page is cut from the index before the activities are looked up, so
# that skipping costs an index step and not a look-up; the few rows are put in order by `page`.
_THIS = "organisation_id = ? AND subject_type = ? AND subject_id = ?"
_LENGTH = f"SELECT total, version FROM timelines WHERE {_THIS}"
_BLOCKS = f"SELECT at, activity_id, entries FROM timeline_blocks WHERE {_THIS} ORDER BY"
_BLOCKS_NEWEST_FIRST = f"{_BLOCKS} at DESC, activity_id DESC"
_BLOCKS_OLDEST_FIRST = f"{_BLOCKS} at, activity_id"


def _page_query(bound: str, order: str) -> str:
    return (
        f"SELECT {', '.join('a.' + name for name in Facts._fields)}"
        f" FROM (SELECT activity_id FROM timeline WHERE {_THIS}{bound} ORDER BY {order} LIMIT ? OFFSET ?) AS t"
        " JOIN activities a ON a.organisation_id = ? AND a.id = t.activity_id"
    )


_NEWEST = _page_query("", "at DESC, activity_id DESC")
_BELOW = _page_query(" AND (at, activity_id) < (?, ?)", "at DESC, activity_id DESC")
_FROM = _page_query(" AND (at, activity_id) >= (?, ?)", "at, activity_id")
_order = itemgetter(Facts._fields.index("at"), Facts._fields.index("id"))
