"""Pools of leads and of customers."""

from collections.abc import Iterable

import orjson
from pydantic import TypeAdapter
from sqlalchemy import select

from genjin.domain.pools import Pool
from genjin.store.tables import pools
from genjin.store.transaction import Tx

_reader = TypeAdapter(Pool)
_PLAIN = ("id", "type", "name", "created_at", "updated_at")


def put_pools(tx: Tx, organisation_id: int, some: Iterable[Pool]) -> None:
    """Insert or replace."""
    rows = [
        {"organisation_id": organisation_id}
        | {name: getattr(pool, name) for name in _PLAIN}
        | {"settings": orjson.dumps({n: getattr(pool, n) for n in Pool.__slots__ if n not in _PLAIN})}
        for pool in some
    ]
    tx.put(pools, rows)


def pool_list(tx: Tx, organisation_id: int) -> list[Pool]:
    """All pools, by id."""
    statement = select(pools).where(pools.c.organisation_id == organisation_id).order_by(pools.c.id)
    return [
        _reader.validate_python({name: row[name] for name in _PLAIN} | orjson.loads(row["settings"]))
        for row in tx.execute(statement).mappings()
    ]
