"""Links to people's calendars, by the SHA-256 of their secret, which itself is never stored."""

from sqlalchemy import delete, select

from genjin.store.tables import calendar_links
from genjin.store.transaction import Tx


def put(tx: Tx, organisation_id: int, user_id: int, secret_hash: bytes, at: int) -> None:
    """Give somebody a link; the one before leads nowhere."""
    remove(tx, organisation_id, user_id)
    row: dict[str, object] = {"secret_hash": secret_hash, "user_id": user_id, "created_at": at}
    tx.put(calendar_links, [{"organisation_id": organisation_id} | row])


def remove(tx: Tx, organisation_id: int, user_id: int) -> bool:
    """Take somebody's link away; whether there was one."""
    c = calendar_links.c
    gone = tx.execute(delete(calendar_links).where(c.organisation_id == organisation_id, c.user_id == user_id))
    return gone.rowcount > 0


def owner(tx: Tx, organisation_id: int, secret_hash: bytes) -> int | None:
    """Whose calendar a link leads to."""
    c = calendar_links.c
    row = tx.execute(
        select(c.user_id).where(c.organisation_id == organisation_id, c.secret_hash == secret_hash)
    ).one_or_none()
    return None if row is None else int(row[0])


def created_at(tx: Tx, organisation_id: int, user_id: int) -> int | None:
    """Since when somebody has a link; None for who has none."""
    c = calendar_links.c
    row = tx.execute(
        select(c.created_at).where(c.organisation_id == organisation_id, c.user_id == user_id)
    ).one_or_none()
    return None if row is None else int(row[0])
