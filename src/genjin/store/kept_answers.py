"""Answers to requests with an Idempotency-Key, by the hash of the key."""

from typing import NamedTuple

from sqlalchemy import bindparam, delete, select

from genjin.errors import InFlight
from genjin.store.tables import kept_answers
from genjin.store.transaction import Tx


class KeptRow(NamedTuple):
    """An answer as it lies in the store, in the order of its columns. `headers` is JSON."""

    request_hash: bytes
    answered_at: int
    status: int
    headers: bytes
    body: bytes


def take(tx: Tx, organisation_id: int, key_hash: bytes, after: int) -> KeptRow | None:
    """The answer that was given for a key, if that was after an instant; else the key is this transaction's own until
    it ends. Raises InFlight while it is another's.

    On SQLite whoever writes has everything to themselves.
    """
    if tx.engine == "postgresql" and not _is_free(tx, organisation_id, key_hash):
        raise InFlight
    statement = select(*(kept_answers.c[name] for name in KeptRow._fields)).where(
        kept_answers.c.organisation_id == organisation_id,
        kept_answers.c.key_hash == key_hash,
        kept_answers.c.answered_at > after,
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else KeptRow._make(row)


def put(tx: Tx, organisation_id: int, key_hash: bytes, kept: KeptRow) -> None:
    """Keep an answer, in the place of an older one."""
    tx.put(kept_answers, [{"organisation_id": organisation_id, "key_hash": key_hash, **kept._asdict()}])


def forget(tx: Tx, organisation_id: int, before: int, at_once: int) -> int:
    """Delete some of the answers that were given before an instant; how many."""
    some = select(kept_answers.c.key_hash).where(
        kept_answers.c.organisation_id == organisation_id, kept_answers.c.answered_at < before
    )
    found = [row[0] for row in tx.execute(some.limit(at_once))]
    theirs = kept_answers.c.key_hash.in_(bindparam("keys", expanding=True))
    statement = delete(kept_answers).where(kept_answers.c.organisation_id == organisation_id, theirs)
    tx.execute(statement, {"keys": found})
    return len(found)


def _is_free(tx: Tx, organisation_id: int, key_hash: bytes) -> bool:
    number = int.from_bytes(key_hash[:8], signed=True) ^ organisation_id
    return bool(tx.rows("SELECT pg_try_advisory_xact_lock(?::bigint)", (number,))[0][0])
