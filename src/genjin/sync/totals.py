"""What is not here as it is there: how long each list and each timeline is, and what could not be taken in."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from genjin.domain.records import Ref
from genjin.domain.sync import Misfit, Unit
from genjin.service.context import Installation
from genjin.store import records, sync_ids, syncs, timeline
from genjin.store.transaction import Tx
from genjin.sync.keeping import Keeper
from genjin.sync.lists import LISTS, WITH_TIMELINES
from genjin.wire.v1.refs import TYPE_NAMES, TypeName, read_ref

AT_ONCE = 500


class Difference(NamedTuple):
    """What was told there, and what is here; None where there is no such thing."""

    unit: str
    theirs: int
    ours: int | None


def differences(keeper: Keeper) -> Iterator[Difference]:
    """Of each list and timeline that is not as long here as it was there when it was read last."""
    of = keeper.organisation_id, keeper.sync.id
    for name in LISTS:
        yield from keeper.read(partial(_of_list, *of, name))
    for type_ in WITH_TIMELINES:
        for some in keeper.listed(type_):
            yield from keeper.read(partial(_of_timelines, *of, some))


def _of_list(organisation_id: int, sync_id: int, name: TypeName, tx: Tx) -> list[Difference]:
    told = syncs.find_units(tx, organisation_id, sync_id, [name]).get(name)
    if told is None or told.total is None:
        return []
    ours = syncs.count_listed(tx, organisation_id, sync_id, name)
    return [] if ours == told.total else [Difference(name, told.total, ours)]


def _of_timelines(organisation_id: int, sync_id: int, units: list[Unit], tx: Tx) -> list[Difference]:
    """`units` are of one list."""
    told = {unit.name: unit for unit in units if unit.read_at is not None and not unit.state.get("refused")}
    refs = {name: read_ref(name) for name in told}
    if not refs:
        return []
    [type_] = {ref.type for ref in refs.values()}
    here = sync_ids.ours(tx, organisation_id, sync_id, TYPE_NAMES[type_], [ref.id for ref in refs.values()])
    there = records.find_many(tx, organisation_id, [Ref(type_, id_) for id_ in here.values()])
    found = list[Difference]()
    for name, unit in told.items():
        ours = there.get(Ref(type_, here.get(refs[name].id, 0)))
        if ours is not None and ours.deleted_at is not None:
            continue
        length = None if ours is None else timeline.length(tx, organisation_id, ours.ref)[0]
        if length != unit.total:
            found.append(Difference(name, unit.total or 0, length))
    return found


def misfits(installation: Installation, organisation_id: int) -> Iterator[tuple[str, str, Misfit]]:
    """What could not be taken in, each with the name of its server and of its unit."""
    database = installation.database
    for sync in database.read(lambda tx: syncs.sync_list(tx, organisation_id), organisation_id):
        after = ("", -1)
        while some := database.read(partial(_misfits, organisation_id, sync.id, after), organisation_id):
            yield from ((sync.source, unit, misfit) for unit, _, misfit in some)
            after = some[-1][:2]


def _misfits(organisation_id: int, sync_id: int, after: tuple[str, int], tx: Tx) -> list[tuple[str, int, Misfit]]:
    return syncs.misfit_list(tx, organisation_id, sync_id, AT_ONCE, after)
