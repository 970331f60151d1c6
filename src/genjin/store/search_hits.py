"""Which texts have what is searched for, in the order of time, from any place on. Who may see them is not asked here.

Texts that no index knows yet are gone through one by one, and so are, where the index would not help, the nearest
WALKED others: that finds what is common, and PostgreSQL's index is left with what is rare. It gives texts in no order,
so it is asked for stretches of time, further and further away. SQLite's gives them in order. Every way of asking looks
at the terms themselves, so that what is found has the words side by side.
"""

from collections.abc import Iterator, Sequence
from heapq import merge
from typing import NamedTuple

import orjson

from genjin.domain.search import Phrase
from genjin.store.search_index import ROWIDS_A_SECOND, rowid_of, scope_of
from genjin.store.transaction import Row, Tx

WALKED = 8_000
"""Texts that are gone through before an index is asked that does not give them in order."""
BACKLOG = 50_000
"""The most that are gone through of those that no index knows yet."""
FIRST, GROWTH, MOST = 128, 4, 8_192
"""Texts that an index is asked for at first, how many times more each time, and the most at once."""
SHORT = 4
"""By a beginning shorter than that nothing is looked up where there is something better."""
STRETCH = 22
"""2 ** 22 seconds, about seven weeks, are a stretch of time in PostgreSQL's index."""
STRETCHES = (1, 2, 4, 8)
"""So many of them are asked for at a time; then all the rest."""


class HitKey(NamedTuple):
    """The place of a text in the order of time: `id` and `type` as in TextKey. No id is 0."""

    at: int
    id: int
    type: int = 0


FIRST_KEY, LAST_KEY = HitKey(-(2**55), 0), HitKey(2**55, 0)


class Hit(NamedTuple):
    """A text that has it, and whether a telephone number is in it too."""

    key: HitKey
    numbers: bool


class Sought(NamedTuple):
    """What the texts of one source have in their terms, and what they have not; `phrases` say how to look it up."""

    organisation_id: int
    source: int
    phrases: tuple[Phrase, ...]
    without: tuple[Phrase, ...] = ()


class Between(NamedTuple):
    """The texts between two keys, both exclusive, and from which end on."""

    low: HitKey = FIRST_KEY
    high: HitKey = LAST_KEY
    newest: bool = True

    def behind(self, key: HitKey) -> "Between":
        """What is left behind a key."""
        return self._replace(high=key) if self.newest else self._replace(low=key)

    def from_(self, key: HitKey) -> "Between":
        """A key, and what is behind it."""
        if self.newest:
            return self._replace(high=key._replace(type=key.type + 1))
        return self._replace(low=key._replace(type=key.type - 1))

    def before(self, key: HitKey) -> "Between":
        """What comes before it, and itself."""
        if self.newest:
            return self._replace(low=key._replace(type=key.type - 1))
        return self._replace(high=key._replace(type=key.type + 1))


def hits(tx: Tx, sought: Sought, between: Between, is_settled: bool = False) -> Iterator[Hit]:
    """Every text that has it, in order; asked for piece by piece as they are taken. Where it `is_settled` that none
    waited for the index when the search began, nobody looks among those that do.
    """
    # First: what leaves it meanwhile is found behind.
    waiting = [] if is_settled else _walk(tx, "search_backlog", sought, between, BACKLOG)
    last = None
    for hit in merge(waiting, _indexed(tx, sought, between), key=lambda hit: hit.key, reverse=between.newest):
        if hit.key != last:
            yield hit
        last = hit.key


def sees_all(tx: Tx, organisation_id: int) -> bool:
    """Whether every text is found; not while more wait in the backlog than are gone through, or some that nobody has
    looked at.
    """
    sql = (
        "SELECT count(*), count(terms) FROM"
        " (SELECT terms FROM search_backlog WHERE organisation_id = ? LIMIT ?) AS waiting"
    )
    [(waiting, looked_at)] = tx.rows(sql, (organisation_id, BACKLOG + 1))
    return bool(waiting == looked_at <= BACKLOG)


def _indexed(tx: Tx, sought: Sought, between: Between) -> Iterator[Hit]:
    if tx.engine == "postgresql" or not _keys(sought):
        last = _nth(tx, sought, between, WALKED)
        yield from _walk(tx, "search_texts", sought, between if last is None else between.before(last), WALKED)
        if last is None:
            return
        between = between.behind(last)
    yield from (_by_sqlite if tx.engine == "sqlite" else _by_postgres)(tx, sought, between)


def _walk(tx: Tx, table: str, sought: Sought, between: Between, most: int) -> list[Hit]:
    """The first so many texts, gone through one by one."""
    conditions, values = _bounds(between)
    place = "instr" if tx.engine == "sqlite" else "strpos"
    has = [f"{place}(terms, ?) > 0"] * len(sought.phrases) + [f"{place}(terms, ?) = 0"] * len(sought.without)
    sql = (
        f"SELECT at, id, type, numbers FROM (SELECT at, id, type, numbers, terms FROM {table}"
        f" WHERE organisation_id = ? AND source = ? AND {conditions} {_order(between)} LIMIT ?) AS nearest"
        f" WHERE {' AND '.join(has)} {_order(between)}"
    )
    parts = [phrase.part for phrase in (*sought.phrases, *sought.without)]
    return _hits(tx.rows(sql, (sought.organisation_id, sought.source, *values, most, *parts)))


def _nth(tx: Tx, sought: Sought, between: Between, nth: int) -> HitKey | None:
    """The key of the nth text, whatever is in it; None where there are fewer."""
    conditions, values = _bounds(between)
    sql = (
        "SELECT at, id, type FROM search_texts"
        f" WHERE organisation_id = ? AND source = ? AND {conditions} {_order(between)} LIMIT 1 OFFSET ?"
    )
    rows = tx.rows(sql, (sought.organisation_id, sought.source, *values, nth - 1))
    return HitKey(*rows[0]) if rows else None


def _by_sqlite(tx: Tx, sought: Sought, between: Between) -> Iterator[Hit]:
    """From the index, whose rows a few texts of one second share: so it is always asked for whole seconds."""
    scope = scope_of(sought.organisation_id, sought.source)
    words = [f'"{scope}{key}"' for key in _keys(sought)]
    wanted = " AND ".join([*words, *(f'"{scope}{beginning}" *' for beginning in _beginnings(sought))])
    low, high = rowid_of(between.low.at, 0), rowid_of(between.high.at, ROWIDS_A_SECOND - 1)
    way = "DESC" if between.newest else "ASC"
    sql = f"SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid {way}"
    most = FIRST
    while True:
        rows = tx.rows(f"{sql} LIMIT ?", (wanted, low, high, most))
        more = len(rows) == most
        if more:
            second = rows[-1][0] // ROWIDS_A_SECOND
            first, last = rowid_of(second, 0), rowid_of(second, ROWIDS_A_SECOND - 1)
            rest = (first, rows[-1][0] - 1) if between.newest else (rows[-1][0] + 1, last)
            rows += tx.rows(sql, (wanted, *rest))
            low, high = (low, first - 1) if between.newest else (last + 1, high)
        yield from _of_rows(tx, sought, between, [row[0] for row in rows])
        if not more:
            return
        most = min(most * GROWTH, MOST)


def _of_rows(tx: Tx, sought: Sought, between: Between, rowids: Sequence[int]) -> list[Hit]:
    """The texts that share these rows of SQLite's index and do have it. All of each second are looked at: an import may
    have written many in one.
    """
    has = ["instr(terms, ?) > 0"] * len(sought.phrases) + ["instr(terms, ?) = 0"] * len(sought.without)
    sql = (
        "SELECT at, id, type, numbers FROM (SELECT value AS second FROM json_each(?)) CROSS JOIN search_texts"
        " WHERE organisation_id = ? AND source = ? AND at = second"
        f" AND {' AND '.join(has)} {_order(between)}"
    )
    parts = [phrase.part for phrase in (*sought.phrases, *sought.without)]
    # The bounds are compared here: by them, the database would look for each row among all texts between them.
    seconds = orjson.dumps(sorted({rowid // ROWIDS_A_SECOND for rowid in rowids})).decode()
    found = _hits(tx.rows(sql, (seconds, sought.organisation_id, sought.source, *parts)))
    return [hit for hit in found if between.low < hit.key < between.high]


def _by_postgres(tx: Tx, sought: Sought, between: Between) -> Iterator[Hit]:
    """From the index, stretch by stretch: it gives all that a stretch has, to be put in order."""
    nearest = _nth(tx, sought, between, 1)
    if nearest is None:
        return
    scope, step = scope_of(sought.organisation_id, sought.source), -1 if between.newest else 1
    words = [*(f"'{scope}{key}'" for key in _keys(sought)), *(f"'{scope}{b}':*" for b in _beginnings(sought))]
    stretch = nearest.at >> STRETCH
    for count in STRETCHES:
        asked = range(stretch, stretch + step * count, step)
        either = " | ".join(f"'{scope}~{each}'" for each in asked)
        yield from _called(tx, sought, between, " & ".join([*words, f"({either})"]))
        stretch += step * count
    edge = (stretch + (1 if between.newest else 0)) << STRETCH
    yield from _called(tx, sought, between.behind(HitKey(edge, 0)), " & ".join(words))


def _called(tx: Tx, sought: Sought, between: Between, wanted: str) -> Iterator[Hit]:
    parts = [[phrase.part for phrase in some] for some in (sought.phrases, sought.without)]
    sql = (
        "SELECT at, id, type, numbers FROM genjin_search(?, CAST(? AS smallint), CAST(? AS tsquery), CAST(? AS text[]),"
        " CAST(? AS text[]), ?, ?, ?, ?, ?, ?)"
    )
    most = FIRST
    while True:
        low, high = between.low, between.high
        keys = (low.at, low.id, high.at, high.id)
        rows = tx.rows(sql, (sought.organisation_id, sought.source, wanted, *parts, *keys, between.newest, most))
        found = sorted(_hits(rows), reverse=between.newest)
        yield from (hit for hit in found if between.low < hit.key < between.high)
        if len(found) < most:
            return
        between = between.behind(found[-1].key)
        most = min(most * GROWTH, MOST)


def _keys(sought: Sought) -> list[str]:
    return sorted({key for phrase in sought.phrases for key in phrase.keys})


def _beginnings(sought: Sought) -> list[str]:
    """Those by which something is looked up."""
    some = sorted({phrase.beginning for phrase in sought.phrases if phrase.beginning}, key=len)
    longer = [beginning for beginning in some if len(beginning) >= SHORT]
    return longer or ([] if _keys(sought) else some[-1:])


def _bounds(between: Between) -> tuple[str, tuple[int, ...]]:
    return "(at, id, type) > (?, ?, ?) AND (at, id, type) < (?, ?, ?)", (*between.low, *between.high)


def _order(between: Between) -> str:
    return "ORDER BY at DESC, id DESC, type DESC" if between.newest else "ORDER BY at, id, type"


def _hits(rows: Sequence[Row]) -> list[Hit]:
    return [Hit(HitKey(at, id_, type_), bool(numbers)) for at, id_, type_, numbers in rows]
