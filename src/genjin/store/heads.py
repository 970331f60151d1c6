"""The head of a timeline: who asks, which record it is and how long its timeline, in one query, on the hot path."""

from dataclasses import fields
from functools import cache
from typing import NamedTuple

from genjin.domain.records import Record, Ref
from genjin.store.records import COLUMNS, record_of
from genjin.store.tokens import FoundToken
from genjin.store.transaction import Row, Tx

_OF_TOKEN = len(FoundToken._fields)
_INTO = 2 + [field.name for field in fields(Record)].index("merged_into_id")
_TOKEN, _TIMELINE = "t.user_id, t.expires_at, t.revoked_at, o.version", "l.total, l.version"


class Head(NamedTuple):
    """`stored` is the timeline and its record as the store has them: it is equal as long as neither has changed."""

    token: FoundToken
    stored: Row

    @property
    def total(self) -> int:
        """How many entries the timeline has."""
        return self.stored[0] or 0

    @property
    def merged_into_id(self) -> int | None:
        """The record that took the place of this one."""
        found: int | None = self.stored[_INTO]
        return found

    @property
    def record(self) -> Record | None:
        """None when it is missing or deleted."""
        row = self.stored[2:]
        record = None if row[0] is None else record_of(row)
        return None if record is None or record.deleted_at is not None else record


def find(tx: Tx, organisation_id: int, token_hash: bytes, subject: Ref) -> Head | None:
    """The head of this record's timeline for who holds this token, a dead one included; None without a token."""
    key = int(subject.type), subject.id
    rows = tx.rows(_find(tx.engine, tx.read_point), (*key, *key, organisation_id, token_hash))
    if not rows:
        return None
    row = rows[0]
    return Head(FoundToken(*row[:_OF_TOKEN]), row[_OF_TOKEN:])


@cache
def _find(engine: str, read_point: str) -> str:
    return (
        f"SELECT {_TOKEN}, {read_point}, {_TIMELINE}, {COLUMNS[engine]} FROM tokens t"
        " JOIN organisations o ON o.organisation_id = t.organisation_id"
        " LEFT JOIN records ON records.organisation_id = t.organisation_id AND records.type = ? AND records.id = ?"
        " LEFT JOIN timelines l ON l.organisation_id = t.organisation_id AND l.subject_type = ? AND l.subject_id = ?"
        " WHERE t.organisation_id = ? AND t.token_hash = ?"
    )
