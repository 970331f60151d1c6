"""Which texts have what is searched for, in the order of time, from any place on. Who may see them is not asked here.

Texts that no index knows yet are gone through one by one, and so are, where the index would not help, the nearest
WALKED others: that finds what is common, and PostgreSQL's index is left with what is rare. It gives texts in no order,
so it is asked for a few, and where there are more for stretches of time, further and further away. SQLite's gives them
in order. Every way of asking looks at the terms themselves, so that what is found has the words side by side.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby
from typing import NamedTuple

import orjson

from genjin.domain.search import Phrase
from genjin.store.search_index import ROWIDS_A_SECOND, rowid_of, scope_of
from genjin.store.transaction import Row, Tx

WALKED = (1_024, 7_168)
"""Texts that are gone through before an index is asked that does not give them in order; the further ones only where it
is not rare.
"""
RARE = 128
"""What is in fewer than one of so many texts is rare."""
FEW = 1_000
"""Texts that PostgreSQL's index is asked for in any order, which are all that have what is rare."""
BACKLOG = 50_000
"""The most that are gone through of those that no index knows yet."""
NEAREST, POSTINGS = 256, 20_000
"""Texts of which the keys are known that are looked at before an index is asked, and rows of SQLite's index that it is
asked for then.
"""
FIRST, GROWTH, MOST = 128, 4, 8_192
"""Texts that an index is asked for at first, how many times more each time, and the most at once."""
CROWDED = 64
"""Rows of one second in SQLite's index, from which on its texts are gone through one by one: an import may have written
very many in one.
"""
SHORT = 4
"""By a beginning shorter than that nothing is looked up where there is something better."""
STRETCH = 22
"""2 ** 22 seconds, about seven weeks, are a stretch of time in PostgreSQL's index."""
STRETCHES = 24
"""So many of them are asked for, one after the other; then all the rest."""
SHIFT = ROWIDS_A_SECOND.bit_length() - 1
_MATCHING = "SELECT rowid FROM search_index WHERE search_index MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid"
_GIVEN = {
    "sqlite": "(SELECT value ->> 0 AS at, value ->> 1 AS id, value ->> 2 AS type FROM json_each(?)) AS given",
    "postgresql": "unnest(CAST(? AS bigint[]), CAST(? AS integer[]), CAST(? AS smallint[])) AS given (at, id, type)",
}


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
    return _each_once(waiting, _indexed(tx, sought, between), between)


def among(tx: Tx, sought: Sought, between: Between, keys: Sequence[Row], is_settled: bool = False) -> Iterator[Hit]:
    """Those of the texts with these keys that have it, in order. The keys are in the order of time, and may be of texts
    that are not there.
    """
    some = list(keys[bisect_right(keys, between.low) : bisect_left(keys, between.high)])
    if between.newest:
        some.reverse()
    waiting = []
    if not is_settled:
        its = set(some)
        waiting = [hit for hit in _walk(tx, "search_backlog", sought, between, BACKLOG) if hit.key in its]
    return _each_once(waiting, _among(tx, sought, between, some), between)


def _each_once(waiting: Iterable[Hit], indexed: Iterable[Hit], between: Between) -> Iterator[Hit]:
    """Those of both in order; what was moved meanwhile is found in both."""
    last = None
    for hit in merge(waiting, indexed, key=lambda hit: hit.key, reverse=between.newest):
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
    for most in WALKED if tx.engine == "postgresql" or not _keys(sought) else ():
        last = _nth(tx, sought, between, most)
        found = _walk(tx, "search_texts", sought, between if last is None else between.before(last), most)
        yield from found
        if last is None:
            return
        between = between.behind(last)
        if len(found) * RARE < most:
            break
    yield from (_by_sqlite if tx.engine == "sqlite" else _by_postgres)(tx, sought, between)


def _among(tx: Tx, sought: Sought, between: Between, keys: Sequence[Row]) -> Iterator[Hit]:
    """The nearest are looked at themselves. Of the others, if they are many, those that the index knows of; and what is
    left behind the nearest of these.
    """
    found = 0
    for hit in _looked_at(tx, sought, between, keys[:NEAREST]):
        found += 1
        yield hit
    left = keys[NEAREST:]
    if len(left) > NEAREST and (tx.engine == "sqlite" or found * RARE < NEAREST):
        ask = _seconds_by_sqlite if tx.engine == "sqlite" else _seconds_by_postgres
        having, behind = ask(tx, sought, between.behind(HitKey(*keys[NEAREST - 1])))
        low, high = (behind.low, behind.high) if behind is not None else (LAST_KEY, FIRST_KEY)
        near = [key for key in left if not low < key < high]
        yield from _looked_at(tx, sought, between, [key for key in near if key[0] in having])
        left = left[len(near) :]
    yield from _looked_at(tx, sought, between, left)


def _looked_at(tx: Tx, sought: Sought, between: Between, keys: Sequence[Row]) -> Iterator[Hit]:
    """Those of the texts with these keys that have it; they are looked at piece by piece."""
    has, parts = _has_it(tx.engine, sought)
    sql = (
        f"SELECT s.at, s.id, s.type, s.numbers FROM {_GIVEN[tx.engine]} CROSS JOIN search_texts s"
        " WHERE s.organisation_id = ? AND s.source = ? AND s.at = given.at AND s.id = given.id AND s.type = given.type"
        f" AND {has}"
    )
    start, most = 0, FIRST
    while some := keys[start : start + most]:
        given = [orjson.dumps(some).decode()] if tx.engine == "sqlite" else map(list, zip(*some, strict=True))
        rows = tx.rows(sql, (*given, sought.organisation_id, sought.source, *parts))
        yield from sorted(_hits(rows), reverse=between.newest)
        start, most = start + most, min(most * GROWTH, MOST)


def _walk(tx: Tx, table: str, sought: Sought, between: Between, most: int) -> list[Hit]:
    """The first so many texts, gone through one by one."""
    conditions, values = _bounds(between)
    has, parts = _has_it(tx.engine, sought)
    sql = (
        f"SELECT at, id, type, numbers FROM (SELECT at, id, type, numbers, terms FROM {table}"
        f" WHERE organisation_id = ? AND source = ? AND {conditions} {_order(between)} LIMIT ?) AS nearest"
        f" WHERE {has} {_order(between)}"
    )
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
    for some in _rows_by_sqlite(tx, sought, between):
        counts = Counter(some)
        crowded = {second for second, count in counts.items() if count >= CROWDED}
        for is_crowded, alike in groupby(counts, crowded.__contains__):
            if is_crowded:
                for second in alike:
                    low, high = max(between.low, HitKey(second, 0)), min(between.high, HitKey(second + 1, 0))
                    yield from _one_by_one(tx, sought, Between(low, high, between.newest))
            else:
                yield from _of_seconds(tx, sought, between, list(alike))


def _rows_by_sqlite(tx: Tx, sought: Sought, between: Between) -> Iterator[list[int]]:
    """Of which seconds the rows of SQLite's index are that have the terms, piece by piece, in order. A few texts of one
    second share a row, so whole seconds are asked for.
    """
    (wanted, low, high), most = _match(sought, between), FIRST
    sql = f"{_MATCHING} {_way(between)}"
    while True:
        rows = tx.rows(f"{sql} LIMIT ?", (wanted, low, high, most))
        more = len(rows) == most
        if more:
            second = rows[-1][0] // ROWIDS_A_SECOND
            first, last = rowid_of(second, 0), rowid_of(second, ROWIDS_A_SECOND - 1)
            rest = (first, rows[-1][0] - 1) if between.newest else (rows[-1][0] + 1, last)
            rows += tx.rows(sql, (wanted, *rest))
            low, high = (low, first - 1) if between.newest else (last + 1, high)
        yield [row[0] // ROWIDS_A_SECOND for row in rows]
        if not more:
            return
        most = min(most * GROWTH, MOST)


def _seconds_by_sqlite(tx: Tx, sought: Sought, between: Between) -> tuple[frozenset[int], Between | None]:
    """The seconds of the nearest rows of the index that have the terms, and what is behind them, if there is more."""
    # As one JSON text they take less than half of the time of so many rows.
    sql = f"SELECT json_group_array(rowid >> {SHIFT}) FROM ({_MATCHING} {_way(between)} LIMIT ?)"
    [(told,)] = tx.rows(sql, (*_match(sought, between), POSTINGS))
    found: list[int] = orjson.loads(told)
    if len(found) < POSTINGS:
        return frozenset(found), None
    edge = min(found) + 1 if between.newest else max(found)  # of the last second there may be more
    return frozenset(found), between.behind(HitKey(edge, 0))


def _match(sought: Sought, between: Between) -> tuple[str, int, int]:
    """What SQLite's index is asked, and the first and the last row."""
    scope = scope_of(sought.organisation_id, sought.source)
    words = [f'"{scope}{key}"' for key in _keys(sought)]
    wanted = " AND ".join([*words, *(f'"{scope}{beginning}" *' for beginning in _beginnings(sought))])
    return wanted, rowid_of(between.low.at, 0), rowid_of(between.high.at, ROWIDS_A_SECOND - 1)


def _way(between: Between) -> str:
    return "DESC" if between.newest else "ASC"


def _one_by_one(tx: Tx, sought: Sought, between: Between) -> Iterator[Hit]:
    """Every text that has it, gone through as far as they are taken."""
    most = FIRST
    while (last := _nth(tx, sought, between, most)) is not None:
        yield from _walk(tx, "search_texts", sought, between.before(last), most)
        between, most = between.behind(last), min(most * GROWTH, MOST)
    yield from _walk(tx, "search_texts", sought, between, most)


def _of_seconds(tx: Tx, sought: Sought, between: Between, some: Sequence[int]) -> list[Hit]:
    """The texts of these seconds that have it. All of each are looked at: several may share a row of the index."""
    has, parts = _has_it(tx.engine, sought)
    sql = (
        "SELECT at, id, type, numbers FROM (SELECT value AS second FROM json_each(?)) CROSS JOIN search_texts"
        " WHERE organisation_id = ? AND source = ? AND at = second"
        f" AND {has} {_order(between)}"
    )
    # The bounds are compared here: by them, the database would look for each row among all texts between them.
    given = orjson.dumps(some).decode()
    found = _hits(tx.rows(sql, (given, sought.organisation_id, sought.source, *parts)))
    return [hit for hit in found if between.low < hit.key < between.high]


def _by_postgres(tx: Tx, sought: Sought, between: Between) -> Iterator[Hit]:
    """From the index: all, if they are few; else stretch by stretch, of which it gives all that each has, to be put in
    order.
    """
    nearest = _nth(tx, sought, between, 1)
    if nearest is None:
        return
    wanted = _query(sought)
    few = _few_by_postgres(tx, sought, between)
    if few is not None:
        yield from sorted(few, reverse=between.newest)
        return
    scope, step = scope_of(sought.organisation_id, sought.source), -1 if between.newest else 1
    stretch = nearest.at >> STRETCH
    for _ in range(STRETCHES):
        yield from _in_pieces(tx, sought, between, f"{wanted} & '{scope}~{stretch}'")
        stretch += step
    edge = (stretch + (1 if between.newest else 0)) << STRETCH
    yield from _in_pieces(tx, sought, between.behind(HitKey(edge, 0)), wanted)


def _seconds_by_postgres(tx: Tx, sought: Sought, between: Between) -> tuple[frozenset[int], Between | None]:
    """The same of PostgreSQL's index: of all of it, or of nothing."""
    few = _few_by_postgres(tx, sought, between)
    return (frozenset(), between) if few is None else (frozenset(hit.key.at for hit in few), None)


def _few_by_postgres(tx: Tx, sought: Sought, between: Between) -> list[Hit] | None:
    """All that have it, in no order; None where these are many."""
    found = _called(tx, sought, between, _query(sought), None, FEW + 1)
    return [hit for hit in found if between.low < hit.key < between.high] if len(found) <= FEW else None


def _in_pieces(tx: Tx, sought: Sought, between: Between, wanted: str) -> Iterator[Hit]:
    most = FIRST
    while True:
        found = sorted(_called(tx, sought, between, wanted, between.newest, most), reverse=between.newest)
        yield from (hit for hit in found if between.low < hit.key < between.high)
        if len(found) < most:
            return
        between = between.behind(found[-1].key)
        most = min(most * GROWTH, MOST)


def _called(tx: Tx, sought: Sought, between: Between, wanted: str, newest: bool | None, most: int) -> list[Hit]:
    """What PostgreSQL's index has between two keys, both inclusive, of all of which the nearest, or any for None."""
    parts = [[phrase.part for phrase in some] for some in (sought.phrases, sought.without)]
    sql = (
        "SELECT at, id, type, numbers FROM genjin_search(?, CAST(? AS smallint), CAST(? AS tsquery), CAST(? AS text[]),"
        " CAST(? AS text[]), ?, ?, ?, ?, CAST(? AS boolean), ?)"
    )
    low, high = between.low, between.high
    keys = (low.at, low.id, high.at, high.id)
    return _hits(tx.rows(sql, (sought.organisation_id, sought.source, wanted, *parts, *keys, newest, most)))


def _query(sought: Sought) -> str:
    """What PostgreSQL's index is asked."""
    scope = scope_of(sought.organisation_id, sought.source)
    words = [*(f"'{scope}{key}'" for key in _keys(sought)), *(f"'{scope}{b}':*" for b in _beginnings(sought))]
    return " & ".join(words)


def _has_it(engine: str, sought: Sought, terms: str = "terms") -> tuple[str, list[str]]:
    """The condition that a text has it, whose terms are in this column, and its values."""
    place = "instr" if engine == "sqlite" else "strpos"
    has = [f"{place}({terms}, ?) > 0"] * len(sought.phrases) + [f"{place}({terms}, ?) = 0"] * len(sought.without)
    return " AND ".join(has), [phrase.part for phrase in (*sought.phrases, *sought.without)]


def _keys(sought: Sought) -> list[str]:
    """The terms by which it is looked up."""
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
