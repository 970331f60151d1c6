"""Blocks: what a timeline longer than WHOLE entries is counted by, so that any page of it is found soon.

Each block counts the entries from its own key (inclusive) up to the next block's; the oldest block's key is OLDEST,
below every entry.
"""

from collections.abc import Sequence

from sqlalchemy import text

from genjin.domain.records import Ref
from genjin.store.tables import timeline_blocks
from genjin.store.transaction import Row, Tx

Key = tuple[int, int]
"""Where an entry, or a block, lies: its instant and the id of the activity."""
WHOLE = 512
"""Up to so many entries a timeline, and a block, is left in one piece."""
BLOCK = 256
"""Entries of a new block."""
OLDEST = (-(2**62), 0)
"""The key of a timeline's first block."""
NEWEST = (2**62, 0)
"""A key above every entry's."""
OF = "organisation_id = :organisation_id AND subject_type = :subject_type AND subject_id = :subject_id"
THIS = "organisation_id = ? AND subject_type = ? AND subject_id = ?"
"""One timeline, in a statement of Core's and in one by hand."""


def lay(tx: Tx, organisation_id: int, subject: Ref, since: Key = OLDEST) -> None:
    """Lay blocks anew from the timeline's entries: all of them, or the block that holds the key `since`
    and the newer ones.
    """
    key = subject_key(organisation_id, subject)
    found = tx.execute(_BLOCK_OF, key | {"at": since[0], "activity_id": since[1]}).one_or_none()
    lower = (
        {"lower_at": OLDEST[0], "lower_id": OLDEST[1]}
        if found is None
        else {"lower_at": found[0], "lower_id": found[1]}
    )
    tx.execute(
        text(f"DELETE FROM timeline_blocks WHERE {OF} AND (at, activity_id) >= (:lower_at, :lower_id)"), key | lower
    )
    if tx.engine == "sqlite":
        _lay_by_steps(tx, (organisation_id, int(subject.type), subject.id), (lower["lower_at"], lower["lower_id"]))
    else:
        tx.execute(_LAY, key | lower | {"block": BLOCK})


def _lay_by_steps(tx: Tx, key: Row, lower: Key) -> None:
    """Where each statement is a call, and all who write wait: this takes a tenth of the time that numbering takes."""
    rows, columns = list[Row](), tuple(timeline_blocks.c.keys())
    while following := tx.rows(_STEP, (*key, *lower, BLOCK)):
        rows.append((*key, *lower, BLOCK))
        [lower] = following
    [(left,)] = tx.rows(_LEFT, (*key, *lower))
    if left:
        rows.append((*key, *lower, left))
    tx.insert(timeline_blocks, columns, rows)


def drop(tx: Tx, organisation_id: int, subject: Ref) -> None:
    """A timeline that is no longer than WHOLE has none."""
    tx.execute(text(f"DELETE FROM timeline_blocks WHERE {OF}"), subject_key(organisation_id, subject))


def grow(tx: Tx, organisation_id: int, subject: Ref, place: Key) -> bool:
    """Count a new entry in its block; False when the timeline has no blocks yet."""
    key = subject_key(organisation_id, subject)
    grown = tx.execute(_GROW, key | {"at": place[0], "activity_id": place[1], "more": 1}).one_or_none()
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


def shrink(tx: Tx, organisation_id: int, subject: Ref, place: Key) -> None:
    """Count an entry out of its block; the last one takes its block along."""
    key = subject_key(organisation_id, subject)
    shrunk = tx.execute(_GROW, key | {"at": place[0], "activity_id": place[1], "more": -1}).one_or_none()
    if shrunk is None:
        lay(tx, organisation_id, subject)
    elif shrunk[2] == 0 and (shrunk[0], shrunk[1]) != OLDEST:
        block = key | {"at": shrunk[0], "activity_id": shrunk[1]}
        tx.execute(text(f"DELETE FROM timeline_blocks WHERE {OF} AND at = :at AND activity_id = :activity_id"), block)


def subject_key(organisation_id: int, subject: Ref) -> dict[str, object]:
    """The parameters of OF."""
    return {"organisation_id": organisation_id, "subject_type": int(subject.type), "subject_id": subject.id}


def reach(tx: Tx, sql: str, key: Row, offset: int) -> tuple[list[Row], int, int]:
    """Blocks from one end on, the index of that which holds the entry at `offset`, and how many entries lie before it;
    on the hot path. Only as many are read as it takes where none of them has lost entries; where some have, all.
    """
    few = offset // BLOCK + 2
    blocks = tx.rows(f"{sql} LIMIT ?", (*key, few))
    index, before = _enter(blocks, offset)
    if index == few:
        blocks = tx.rows(sql, key)
        index, before = _enter(blocks, offset)
    return blocks, index, before


def _enter(blocks: Sequence[Row], offset: int) -> tuple[int, int]:
    before = 0
    for index, (_, _, entries) in enumerate(blocks):
        if before + entries > offset:
            return index, before
        before += entries
    return len(blocks), before


_GROW = text(
    f"UPDATE timeline_blocks SET entries = entries + :more WHERE {OF} AND (at, activity_id) ="
    f" (SELECT at, activity_id FROM timeline_blocks WHERE {OF} AND (at, activity_id) <= (:at, :activity_id)"
    " ORDER BY at DESC, activity_id DESC LIMIT 1) RETURNING at, activity_id, entries"
)
_BLOCK_OF = text(
    f"SELECT at, activity_id FROM timeline_blocks WHERE {OF} AND (at, activity_id) <= (:at, :activity_id)"
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
    f" FROM timeline WHERE {OF} AND (at, activity_id) >= (:lower_at, :lower_id)) AS numbered WHERE place % :block = 0"
)
_ON = f"FROM timeline WHERE {THIS} AND (at, activity_id) >= (?, ?)"
_STEP = f"SELECT at, activity_id {_ON} ORDER BY at, activity_id LIMIT 1 OFFSET ?"
_LEFT = f"SELECT COUNT(*) {_ON}"
_NTH_OF_BLOCK = text(
    f"SELECT at, activity_id FROM timeline WHERE {OF} AND (at, activity_id) >= (:at, :activity_id)"
    " ORDER BY at, activity_id LIMIT 1 OFFSET :nth"
)
_SPLIT_INSERT = text(
    "INSERT INTO timeline_blocks (organisation_id, subject_type, subject_id, at, activity_id, entries)"
    " VALUES (:organisation_id, :subject_type, :subject_id, :new_at, :new_id, :entries)"
)
_SPLIT_UPDATE = text(
    f"UPDATE timeline_blocks SET entries = :kept WHERE {OF} AND at = :at AND activity_id = :activity_id"
)

_BLOCKS = f"SELECT at, activity_id, entries FROM timeline_blocks WHERE {THIS} ORDER BY"
NEWEST_FIRST = f"{_BLOCKS} at DESC, activity_id DESC"
OLDEST_FIRST = f"{_BLOCKS} at, activity_id"
"""The blocks of one timeline, from either end; on the hot path."""
