"""Puts pools: their names. Who may look into one, and what goes back into it by itself, is said here."""

from collections.abc import Sequence

from genjin.domain.json import JsonValue
from genjin.domain.pools import Pool
from genjin.domain.records import RecordType
from genjin.importers.synced.bringing import Bringing
from genjin.importers.synced.ids import POOLS, remember, settle
from genjin.store import ids, people, pools
from genjin.store.sync_ids import Known
from genjin.wire.synced.pools import pool_from_wire

NAMES = {RecordType.LEAD: "线索池", RecordType.CUSTOMER: "公海"}


def put_pools(into: Bringing, type_: RecordType, bodies: Sequence[JsonValue]) -> None:
    """The pools of leads, or those of customers. One that is called the same here is the same."""
    read = into.read_each(POOLS, bodies, lambda body: pool_from_wire(body, into.calendar))
    told = {each.id: each for each in read}
    same = {pool.name: pool.id for pool in into.directory.pools.values() if pool.type is type_}
    known = settle(into, POOLS, told, {id_: same[each.name] for id_, each in told.items() if each.name in same})
    put: dict[int, Known] = {}
    for id_, each in told.items():
        if known[id_].told is None:
            if known[id_].id not in into.directory.pools:
                _put(into, known[id_].id, type_, each.name)
            put[id_] = known[id_]._replace(told=each.name.encode())
    remember(into, POOLS, put)


def pool_of(into: Bringing, type_: RecordType, name: str = "") -> int:
    """The pool of this name; without one, the first of the type."""
    there = (pool for pool in into.directory.pools.values() if pool.type is type_ and name in ("", pool.name))
    found = next((pool.id for pool in there), None)
    return found or _put(into, ids.allocate(into.tx)[0], type_, name or NAMES[type_])


def _put(into: Bringing, id_: int, type_: RecordType, name: str) -> int:
    pools.put_pools(into.tx, into.organisation_id, [Pool(id_, type_, name, into.now, into.now, open_to_all=False)])
    people.bump_version(into.tx, into.organisation_id)
    into.forget_directory()
    into.count(POOLS, True)
    return id_
