"""Which of our objects is which of an upstream's: so that what is read twice is put once, and all that refers to it is
translated. The types are words such as `leads`, `users`, `activities`.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Table, select, text

from genjin.store.tables import (
    activities,
    checkins,
    comments,
    custom_fields,
    departments,
    files,
    follow_ups,
    options,
    pools,
    records,
    roles,
    sync_ids,
    users,
)
from genjin.store.transaction import MOST_IDS, Tx, batched

_HAVE_IDS: tuple[Table, ...] = (
    *(departments, roles, users, options, records, pools, custom_fields),
    *(activities, follow_ups, comments, checkins, files),
)


class Known(NamedTuple):
    """An object of an upstream: its id here; a digest of what was put here last, None while nothing was; and when it
    was taken away because it is no longer there, None unless it was.
    """

    id: int
    told: bytes | None = None
    gone_at: int | None = None


def hold(tx: Tx, organisation_id: int) -> None:
    """Until the transaction ends, nobody else finds ids for what is brought into this organisation: two would not see
    which the other has chosen.
    """
    if tx.engine != "sqlite":  # where every write is alone
        key = f"sync ids {organisation_id}"
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def find(tx: Tx, organisation_id: int, sync_id: int, type_: str, upstream_ids: Iterable[int]) -> dict[int, Known]:
    """Those of these objects of an upstream that are known, by its ids."""
    c, found = sync_ids.c, dict[int, Known]()
    for some in batched(sorted(set(upstream_ids)), MOST_IDS):
        statement = select(c.upstream_id, c.id, c.told, c.gone_at).where(
            c.organisation_id == organisation_id, c.sync_id == sync_id, c.type == type_, c.upstream_id.in_(some)
        )
        found |= {row[0]: Known(*row[1:]) for row in tx.execute(statement)}
    return found


def put(tx: Tx, organisation_id: int, sync_id: int, type_: str, known: Mapping[int, Known]) -> None:
    """Insert or replace, by the upstream's ids."""
    key = {"organisation_id": organisation_id, "sync_id": sync_id, "type": type_}
    tx.put(sync_ids, [key | {"upstream_id": id_} | each._asdict() for id_, each in sorted(known.items())])


def ours(tx: Tx, organisation_id: int, sync_id: int, type_: str, upstream_ids: Iterable[int]) -> dict[int, int]:
    """Our ids of an upstream's objects that are known, by its ids."""
    return {id_: known.id for id_, known in find(tx, organisation_id, sync_id, type_, upstream_ids).items()}


def theirs(tx: Tx, organisation_id: int, sync_id: int, type_: str, ids: Iterable[int]) -> dict[int, int]:
    """An upstream's ids of those of our objects that came from it, by ours."""
    c, found = sync_ids.c, dict[int, int]()
    for some in batched(sorted(set(ids)), MOST_IDS):
        statement = select(c.id, c.upstream_id).where(
            c.organisation_id == organisation_id, c.type == type_, c.id.in_(some), c.sync_id == sync_id
        )
        found |= {row[0]: row[1] for row in tx.execute(statement)}
    return found


def claimed(tx: Tx, organisation_id: int, type_: str, ids: Iterable[int]) -> set[int]:
    """Those of our objects that came from any upstream."""
    c, found = sync_ids.c, set[int]()
    for some in batched(sorted(set(ids)), MOST_IDS):
        statement = select(c.id).where(c.organisation_id == organisation_id, c.type == type_, c.id.in_(some))
        found |= {row[0] for row in tx.execute(statement)}
    return found


def in_use(tx: Tx, organisation_id: int, ids: Collection[int], types: Collection[str]) -> set[int]:
    """Those of these ids that an object has, or is going to have: ids are unique over all types. `types` are those of
    which a synchronisation keeps ids.
    """
    found: set[int] = set()
    for some in batched(sorted(set(ids)), MOST_IDS):
        for table in _HAVE_IDS:
            having = select(table.c.id).where(table.c.organisation_id == organisation_id, table.c.id.in_(some))
            if table is records:  # its key begins with the type
                having = having.where(table.c.type.in_(range(1, 6)))
            found |= {row[0] for row in tx.execute(having)}
        c = sync_ids.c
        kept = select(c.id).where(c.organisation_id == organisation_id, c.type.in_(sorted(types)), c.id.in_(some))
        found |= {row[0] for row in tx.execute(kept)}
    return found
