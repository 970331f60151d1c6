"""Tokens, by their SHA-256, and the count of failed sign-ins. A token itself is never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, or_, select, update

from genjin.store.changes import wake
from genjin.store.read_point import ReadPoint
from genjin.store.tables import login_failures, tokens
from genjin.store.transaction import MOST_IDS, Tx, batched


class FoundToken(NamedTuple):
    """Whose a token is and until when, the organisation's version, and from where on its holder's reads have to see all
    (read_point.py); None where there are no replicas.
    """

    user_id: int
    expires_at: int | None
    revoked_at: int | None
    version: int
    read_point: str | None

    @property
    def since(self) -> ReadPoint | None:
        """The same, for one request."""
        return None if self.read_point is None else ReadPoint.parse(self.read_point)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner may see it: everything but the token."""

    id: int
    user_id: int
    label: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None


def add_token(tx: Tx, organisation_id: int, token_hash: bytes, row: TokenRow) -> None:
    """Store a new token's hash."""
    tx.execute(
        tokens.insert(),
        {
            "organisation_id": organisation_id,
            "token_hash": token_hash,
            "id": row.id,
            "user_id": row.user_id,
            "label": row.label,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
            "revoked_at": row.revoked_at,
        },
    )


def find_token(tx: Tx, organisation_id: int, token_hash: bytes) -> FoundToken | None:
    """A token, dead ones included."""
    rows = tx.rows(_find(tx.read_point), (organisation_id, token_hash))
    return FoundToken(*rows[0]) if rows else None


def token_list(tx: Tx, organisation_id: int) -> list[TokenRow]:
    """All tokens of the organisation, by id."""
    return _rows(tx, _of(organisation_id).order_by(tokens.c.id))


def token_page(tx: Tx, organisation_id: int, user_id: int | None, before: int | None, limit: int) -> list[TokenRow]:
    """At most so many tokens with ids below one, of everybody or of a user, the latest first."""
    statement = _of(organisation_id)
    if user_id is not None:
        statement = statement.where(tokens.c.user_id == user_id)
    if before is not None:
        statement = statement.where(tokens.c.id < before)
    return _rows(tx, statement.order_by(tokens.c.id.desc()).limit(limit))


def token_of(tx: Tx, organisation_id: int, token_id: int) -> TokenRow | None:
    """One token by its id."""
    return next(iter(_rows(tx, _of(organisation_id).where(tokens.c.id == token_id))), None)


def alive(tx: Tx, organisation_id: int, hashes: Sequence[bytes], now: int) -> set[bytes]:
    """Which of these tokens are neither expired nor revoked."""
    c, found = tokens.c, set[bytes]()
    for some in batched(hashes, MOST_IDS):
        living = select(c.token_hash).where(
            c.organisation_id == organisation_id,
            c.token_hash.in_(some),
            c.revoked_at.is_(None),
            or_(c.expires_at.is_(None), c.expires_at > now),
        )
        found |= {bytes(row[0]) for row in tx.execute(living)}
    return found


def revoke_token(tx: Tx, organisation_id: int, token_id: int, at: int) -> bool:
    """Revoke one token; False when there is no live token of this id."""
    result = tx.execute(
        update(tokens)
        .where(tokens.c.organisation_id == organisation_id, tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    wake(tx, organisation_id)
    return result.rowcount == 1


def revoke_hashed(tx: Tx, organisation_id: int, token_hash: bytes, at: int) -> None:
    """Revoke the token of this hash, if it lives."""
    tx.execute(
        update(tokens)
        .where(
            tokens.c.organisation_id == organisation_id,
            tokens.c.token_hash == token_hash,
            tokens.c.revoked_at.is_(None),
        )
        .values(revoked_at=at)
    )
    wake(tx, organisation_id)


def revoke_user_tokens(tx: Tx, organisation_id: int, user_id: int, at: int) -> int:
    """Revoke every live token of a user; how many there were."""
    result = tx.execute(
        update(tokens)
        .where(tokens.c.organisation_id == organisation_id, tokens.c.user_id == user_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    wake(tx, organisation_id)
    return result.rowcount


def failures(tx: Tx, key: bytes) -> tuple[int, int]:
    """(start of the window, failures in it); (0, 0) when there is none."""
    statement = select(login_failures.c.window_start, login_failures.c.failures).where(
        login_failures.c.login_hash == key
    )
    row = tx.execute(statement).one_or_none()
    return (0, 0) if row is None else (row[0], row[1])


def set_failures(tx: Tx, key: bytes, window_start: int, count: int) -> None:
    """Remember a failure."""
    tx.put(login_failures, [{"login_hash": key, "window_start": window_start, "failures": count}])


def clear_failures(tx: Tx, key: bytes, older_than: int) -> None:
    """Forget these failures, and all whose window began before `older_than`."""
    tx.execute(
        delete(login_failures).where(
            (login_failures.c.login_hash == key) | (login_failures.c.window_start < older_than)
        )
    )


def _of(organisation_id: int) -> Select[*tuple[Any, ...]]:
    columns = [tokens.c[name] for name in ("id", "user_id", "label", "created_at", "expires_at", "revoked_at")]
    return select(*columns).where(tokens.c.organisation_id == organisation_id)


def _rows(tx: Tx, statement: Select[*tuple[Any, ...]]) -> list[TokenRow]:
    return [TokenRow(**row) for row in tx.execute(statement).mappings()]


@cache
def _find(read_point: str) -> str:
    return (
        f"SELECT t.user_id, t.expires_at, t.revoked_at, o.version, {read_point}"
        " FROM tokens t JOIN organisations o ON o.organisation_id = t.organisation_id"
        " WHERE t.organisation_id = ? AND t.token_hash = ?"
    )
