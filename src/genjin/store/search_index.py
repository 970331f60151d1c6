"""The index that texts are found by: `search_texts`, and on SQLite beside it the table `search_index` of FTS5.

In both, each term stands behind its organisation and source, so that nobody's texts cost another's search anything.
FTS5 keeps no texts of its own: it forgets one when it is told its terms again, which are those in `search_texts`.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from genjin.store.tables import search_texts
from genjin.store.transaction import Tx

ROWIDS_A_SECOND = 128
"""Rows of FTS5 that the texts of one second share, so that their numbers take few bytes there."""
KEY = ("source", "at", "id", "type")
COLUMNS = ("organisation_id", *KEY, "numbers", "terms")
_TAKE_OUT = (
    "DELETE FROM search_texts WHERE organisation_id = ? AND source = ? AND at = ? AND id = ? AND type = ?"
    " RETURNING terms"
)
_BESIDE = (
    f"SELECT terms FROM search_texts WHERE organisation_id = ? AND source = ? AND at = ? AND id % {ROWIDS_A_SECOND} = ?"
)
_INDEX = "INSERT INTO search_index (rowid, terms) VALUES (?, ?)"
_UNINDEX = "INSERT INTO search_index (search_index, rowid, terms) VALUES ('delete', ?, ?)"


class TextKey(NamedTuple):
    """What a text is of and when that was; `id` and `type` are those of the activity, the comment or the record."""

    source: int
    at: int
    id: int
    type: int = 0


class SearchText(NamedTuple):
    """A text as it is searched. `numbers` is whether a telephone number is in it."""

    key: TextKey
    numbers: bool
    terms: str


def enter(tx: Tx, organisation_id: int, some: Sequence[SearchText]) -> None:
    """Put texts into the index that are not in it."""
    tx.put(search_texts, [row_of(organisation_id, text) for text in some])
    if tx.engine == "sqlite":  # which takes them fastest in the order of its rows
        tx.each(_INDEX, sorted(_entry(organisation_id, text.key, text.terms) for text in some))


def take_out(tx: Tx, organisation_id: int, keys: Iterable[TextKey]) -> None:
    """Take those of these texts out of the index that are in it."""
    for key in keys:
        for (terms,) in tx.rows(_TAKE_OUT, (organisation_id, *key)):
            if tx.engine == "sqlite":
                _forget(tx, organisation_id, key, terms)


def row_of(organisation_id: int, text: SearchText) -> dict[str, object]:
    """The row of a text, in the index and in the backlog."""
    return dict(zip(COLUMNS, (organisation_id, *text.key, text.numbers, text.terms), strict=True))


def rowid_of(at: int, id_: int) -> int:
    """The row of FTS5 that a text shares with a few others; rows are in the order of time."""
    return at * ROWIDS_A_SECOND + id_ % ROWIDS_A_SECOND


def scope_of(organisation_id: int, source: int) -> str:
    """What stands before each term."""
    return f"{organisation_id}x{source}x"


def _forget(tx: Tx, organisation_id: int, key: TextKey, terms: str) -> None:
    """Let a row of FTS5 no longer have these terms, but those of the other texts that share it."""
    tx.each(_UNINDEX, [_entry(organisation_id, key, terms)])
    others = tx.rows(_BESIDE, (organisation_id, key.source, key.at, key.id % ROWIDS_A_SECOND))
    tx.each(_INDEX, [_entry(organisation_id, key, terms) for (terms,) in others])


def _entry(organisation_id: int, key: TextKey, terms: str) -> tuple[int, str]:
    return rowid_of(key.at, key.id), terms.replace(" ", f" {scope_of(organisation_id, key.source)}")
