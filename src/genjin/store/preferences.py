"""What people want of the page for people."""

from sqlalchemy import select

from genjin.domain.preferences import Preferences
from genjin.store.tables import preferences
from genjin.store.transaction import Tx


def put(tx: Tx, organisation_id: int, user_id: int, told: Preferences) -> None:
    """Insert or replace."""
    tx.put(preferences, [{"organisation_id": organisation_id, "user_id": user_id, **told._asdict()}])


def find(tx: Tx, organisation_id: int, user_id: int) -> Preferences | None:
    """Somebody's; None for who has said nothing."""
    c = preferences.c
    statement = select(c.language, c.time_zone, c.theme).where(
        c.organisation_id == organisation_id, c.user_id == user_id
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else Preferences(*row)
