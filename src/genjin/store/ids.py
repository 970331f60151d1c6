"""Gives out ids: positive 32-bit integers, unique over all object types, growing with time (decision 11)."""

from sqlalchemy import text

from genjin.errors import StoreUnavailable
from genjin.store.database import Tx

MAX_ID = 2_147_483_647


RACE_MARGIN = 1000
"""Ids that other sessions may draw between the two halves of `raise_floor` on PostgreSQL."""


def allocate(tx: Tx, count: int = 1) -> list[int]:
    """The next `count` ids, ascending. Raises StoreUnavailable when there are none left."""
    if count < 1:
        return []
    if tx.engine == "sqlite":
        update = text("UPDATE id_counter SET last_id = last_id + :count RETURNING last_id")
        last = int(tx.execute(update, {"count": count}).scalar_one())
        if last > MAX_ID:
            raise StoreUnavailable(f"there are no ids left: {MAX_ID} was given out")
        return list(range(last - count + 1, last + 1))
    draw = text("SELECT nextval('genjin_ids') FROM generate_series(1, :count)")
    return sorted(int(row[0]) for row in tx.execute(draw, {"count": count}))


def raise_floor(tx: Tx, last_id: int) -> None:
    """Give out only ids above `last_id` from now on; for ids that were given out elsewhere."""
    if tx.engine == "sqlite":
        tx.execute(text("UPDATE id_counter SET last_id = max(last_id, :last)"), {"last": last_id})
        return
    above = min(last_id + RACE_MARGIN, MAX_ID)
    raise_it = text("SELECT setval('genjin_ids', :above) FROM genjin_ids WHERE last_value < :last")
    tx.execute(raise_it, {"above": above, "last": last_id})
