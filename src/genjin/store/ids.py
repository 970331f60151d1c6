"""Gives out ids: positive 32-bit integers, unique over all object types, growing with time (decision 11)."""

from sqlalchemy import text
from sqlalchemy.exc import DataError

from genjin.errors import StoreUnavailable
from genjin.store.transaction import Tx

MAX_ID = 2_147_483_647
NONE_LEFT = f"there are no ids left: {MAX_ID} was given out"

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
            raise StoreUnavailable(NONE_LEFT)
        return list(range(last - count + 1, last + 1))
    draw = text("SELECT nextval('genjin_ids') FROM generate_series(1, :count)")
    try:
        return sorted(int(row[0]) for row in tx.execute(draw, {"count": count}))
    except DataError as error:
        raise StoreUnavailable(NONE_LEFT) from error


def highest(tx: Tx) -> int:
    """The highest id that was given out; 0 for none."""
    if tx.engine == "sqlite":
        return int(tx.execute(text("SELECT last_id FROM id_counter")).scalar_one())
    return int(tx.execute(text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM genjin_ids")).scalar_one())


def raise_floor(tx: Tx, last_id: int) -> None:
    """Give out only ids above `last_id` from now on; for ids that were given out elsewhere."""
    if tx.engine == "sqlite":
        tx.execute(text("UPDATE id_counter SET last_id = max(last_id, :last)"), {"last": last_id})
        return
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('genjin_ids'))"))  # one at a time, or one lowers the other's
    above = min(last_id + RACE_MARGIN, MAX_ID)
    raise_it = text(
        "SELECT setval('genjin_ids', :above) FROM genjin_ids"
        " WHERE last_value < :last OR (last_value = :last AND NOT is_called)"
    )
    tx.execute(raise_it, {"above": above, "last": last_id})
