"""The log of changes: what was written to it, read in an order to which nothing is added in front of a reader.

On PostgreSQL the order of ids is not that of commits. So a line keeps the transaction that wrote it, lines are in the
order of these, and readers are given only what was written by transactions below the oldest that still runs: of those
all is there, or never will be. SQLite has one writer, so that its lines are numbered in the order of commits.
"""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from genjin.domain.audience import Audience, packed, unpacked
from genjin.domain.change_log import BEGINNING, LogLine, LogOp, Place, PlacedLine
from genjin.domain.records import RecordType, Ref
from genjin.store.tables import changes
from genjin.store.transaction import Row, Tx

_COLUMNS = ("organisation_id", "written_in", "number", "at", "op", "type", "id", "last_id", "before")
_NOW = "CAST(strftime('%s', 'now') AS INTEGER)"
_NUMBERED = (
    f"INSERT INTO changes ({', '.join(_COLUMNS)})"
    " VALUES (?, 0, (SELECT COALESCE(MAX(number), 0) + 1 FROM changes WHERE organisation_id = ? AND written_in = 0),"
    f" {_NOW}, ?, ?, ?, ?, ?)"
)
_PG_NOW = "extract(epoch FROM now())::bigint"
_STAMP = f"SELECT pg_current_xact_id()::text::bigint, {_PG_NOW}"
_OLDEST_RUNNING = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_NEXT = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_THESE = "written_in, number, at, op, type, id, last_id, before FROM changes WHERE organisation_id = ?"
_AFTER = f"SELECT {_THESE} AND (written_in, number) > (?, ?) ORDER BY written_in, number LIMIT ?"
_LAST = f"SELECT {_THESE} AND written_in < ? ORDER BY written_in DESC, number DESC LIMIT 1"
_ALL = 2**31 - 1
_NO_TRANSACTION = 1
"""Above all that SQLite writes."""


class Lines(NamedTuple):
    """Lines in order. `waiting` is whether there are more that cannot be given out yet."""

    lines: list[PlacedLine]
    waiting: bool


def add(tx: Tx, organisation_id: int, lines: Sequence[LogLine]) -> None:
    """Write lines, in this order; whoever listens is told of it when the transaction has been committed."""
    if not lines:
        return
    if tx.engine == "sqlite":
        tx.each(_NUMBERED, [(organisation_id, organisation_id, *_row(line)) for line in lines])
        return
    logged = tx.logged
    if logged.stamp is None:
        logged.stamp = tx.rows(_STAMP, ())[0]
    written_in, at = logged.stamp
    rows: list[Row] = []
    for line in lines:
        logged.count += 1
        rows.append((organisation_id, written_in, logged.count, at, *_row(line)))
    tx.insert(changes, _COLUMNS, rows)
    logged.organisations.add(organisation_id)


def after(tx: Tx, organisation_id: int, place: Place, limit: int) -> Lines:
    """At most `limit` lines behind a place."""
    final = _final_below(tx)
    rows = tx.rows(_AFTER, (organisation_id, place.written_in, place.number, limit))
    given = [row for row in rows if row[0] < final]
    return Lines([_line(row) for row in given], len(given) < len(rows))


def unread(tx: Tx, organisation_id: int, place: Place) -> tuple[list[PlacedLine], Place]:
    """All lines behind a place, also those that are not given out yet, and from where on to look again next time: a
    line that is not given out is among those of the next time too.
    """
    final = _final_below(tx)
    lines = [_line(row) for row in tx.rows(_AFTER, (organisation_id, place.written_in, place.number, _ALL))]
    given = [line.place for line in lines if line.place.written_in < final]
    return lines, given[-1] if given else place


def end(tx: Tx, organisation_id: int) -> Place:
    """Where the log ends now; what is logged from now on is behind it."""
    rows = tx.rows(_LAST, (organisation_id, _final_below(tx)))
    return Place(*rows[0][:3]) if rows else BEGINNING


def is_kept(tx: Tx, organisation_id: int, place: Place) -> bool:
    """Whether everything behind a place is still there. It is not where the place itself is gone, or is another one
    because the database was restored from a backup.
    """
    if place == BEGINNING:
        first = tx.rows(_AFTER, (organisation_id, 0, 0, 1))
        return not first or first[0][3] != LogOp.FLOOR
    if place.written_in >= _final_below(tx):
        return False
    there = "SELECT at FROM changes WHERE organisation_id = ? AND written_in = ? AND number = ?"
    return tx.rows(there, (organisation_id, place.written_in, place.number)) == [(place.at,)]


def trim(tx: Tx, organisation_id: int, seconds: int, most: int) -> int:
    """Let go of lines that were written longer ago than so many seconds; how many of the `most` that were looked at.

    The last of them stays, as the floor: it tells that there were others, and the next number.
    """
    if tx.engine == "postgresql":
        # From before the database was restored into another server, whose transactions are counted anew.
        _run(tx, "DELETE FROM changes WHERE organisation_id = ? AND written_in >= ?", organisation_id, _next(tx))
    rows = tx.rows(_AFTER, (organisation_id, 0, 0, most))
    before = _now(tx) - seconds
    old = 0
    while old < len(rows) and rows[old][2] < before:
        old += 1
    if old == 0 or (old == 1 and rows[0][3] == LogOp.FLOOR):
        return 0
    written_in, number = rows[old - 1][:2]
    _run(
        tx,
        "DELETE FROM changes WHERE organisation_id = ? AND (written_in, number) < (?, ?)",
        *(organisation_id, written_in, number),
    )
    _run(
        tx,
        "UPDATE changes SET op = ?, last_id = NULL, before = NULL"
        " WHERE organisation_id = ? AND written_in = ? AND number = ?",
        *(int(LogOp.FLOOR), organisation_id, written_in, number),
    )
    return old - 1


def wake(tx: Tx, organisation_id: int) -> None:
    """Have whoever listens look again, though no line was written: what is bound late has changed."""
    if tx.engine == "postgresql":
        tx.logged.organisations.add(organisation_id)


def _final_below(tx: Tx) -> int:
    """Below which transaction nothing more will be written. Asked before the lines, in a statement of its own, which
    Citus answers where the transactions are counted that lines are written in.
    """
    return _NO_TRANSACTION if tx.engine == "sqlite" else int(tx.rows(_OLDEST_RUNNING, ())[0][0])


def _next(tx: Tx) -> int:
    return int(tx.rows(_NEXT, ())[0][0])


def _now(tx: Tx) -> int:
    """By the clock of the database, which all that write share."""
    now = _NOW if tx.engine == "sqlite" else _PG_NOW
    return int(tx.rows(f"SELECT {now}", ())[0][0])


def _run(tx: Tx, sql: str, *parameters: object) -> None:
    tx.each(sql, [parameters])


def _row(line: LogLine) -> Row:
    return int(line.op), line.type, line.id, line.last_id, None if line.before is None else _pack(line)


def _line(row: Row) -> PlacedLine:
    written_in, number, at, op, type_, id_, last_id, before = row
    audience, before_at = (None, None) if before is None else _unpack(before)
    return PlacedLine(Place(written_in, number, at), LogLine(LogOp(op), id_, type_, last_id, audience, before_at))


def _pack(line: LogLine) -> bytes:
    assert line.before is not None
    type_, id_ = line.before.target.ref
    more = () if line.before_at is None else (line.before_at,)
    return orjson.dumps([int(type_), id_, packed(line.before), *more])


def _unpack(told: bytes) -> tuple[Audience, int | None]:
    type_, id_, parts, *more = orjson.loads(told)
    return unpacked(Ref(RecordType(type_), id_), parts), more[0] if more else None
