"""Records that nobody works on go back into their pools by themselves, after a warning.

It goes through the records by id, a few in each transaction, and looks at each again when it has locked it: it may be
stopped anywhere, run twice, or run by two at once, and nothing is done twice.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from genjin.domain.directory import Directory
from genjin.domain.kinds import RETURN_WARNED
from genjin.domain.people import SYSTEM_ID
from genjin.domain.pools import Held, Pool, Return, home_pool, latest_beginning, next_return
from genjin.domain.records import RecordType, Ref
from genjin.service.changes import tell
from genjin.service.context import Installation
from genjin.service.pools.pools import POOLED_TYPES, move_to_pool
from genjin.store import people, pools, records
from genjin.store.transaction import Tx

AT_ONCE = 100
"""The most records of one transaction: others wait for it."""


class Done(NamedTuple):
    """How many records went back, and how many were warned of."""

    returned: int
    warned: int


def return_overdue(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> Done:
    """Put back what is due and warn of what will be, in every organisation, as long as `go_on` says so."""
    returned = warned = 0
    for organisation in installation.database.read(people.all_organisations, organisation_id=None):
        for type_ in sorted(POOLED_TYPES):
            after_id = 0
            while go_on() and (refs := _waiting(installation, organisation.id, type_, after_id)):
                done = installation.database.write(_acting(installation, organisation.id, refs), organisation.id)
                returned, warned, after_id = returned + done.returned, warned + done.warned, refs[-1].id
    return Done(returned, warned)


def _waiting(installation: Installation, organisation_id: int, type_: RecordType, after_id: int) -> Sequence[Ref]:
    """The next records that one of the rules may be for; none where no rule is on."""
    now = installation.clock.now()

    def use(tx: Tx) -> Sequence[Ref]:
        directory = installation.directories.latest(tx, organisation_id)
        there = [pool for pool in directory.pools.values() if pool.type is type_ and pool.rules]
        if not there:
            return []
        before = max(latest_beginning(rule, now, directory.calendar) for pool in there for rule in pool.rules)
        by_follow_up = not any(pool.sold.days for pool in there)
        return pools.waiting(tx, organisation_id, type_, after_id, before, by_follow_up, AT_ONCE)

    return installation.database.read(use, organisation_id)


def _acting(installation: Installation, organisation_id: int, refs: Sequence[Ref]) -> Callable[[Tx], Done]:
    now = installation.clock.now()

    def use(tx: Tx) -> Done:
        directory = installation.directories.latest(tx, organisation_id)
        held = _lock(tx, organisation_id, refs)
        warned_of = pools.warned_of(tx, organisation_id, refs)
        returned = warned = 0
        for each in held:
            ref, pool = each.record.ref, _home(directory, each)
            due = None if pool is None else next_return(pool, each, directory.calendar)
            if pool is None or due is None:
                continue
            if due.at <= now:
                note = f"{due.why}，自动退回"
                move_to_pool(tx, organisation_id, each.record, pool, SYSTEM_ID, now, note)
                returned += 1
            elif due.warn_at is not None and due.warn_at <= now and warned_of.get(ref) != due.at:
                _warn(tx, directory, ref, pool, due, now)
                warned += 1
        return Done(returned, warned)

    return use


def _lock(tx: Tx, organisation_id: int, refs: Sequence[Ref]) -> list[Held]:
    """Those of the records that still have an owner, locked in the order of their ids."""
    found = [records.find_for_update(tx, organisation_id, ref) for ref in refs]
    there = [record for record in found if record is not None and record.owner_id is not None]
    owned = pools.owned(tx, organisation_id, [record.ref for record in there])
    return [Held(record, *owned[record.ref]) for record in there if record.customer_id is None]


def _home(directory: Directory, held: Held) -> Pool | None:
    owner = directory.users.get(held.record.owner_id or 0)
    return home_pool(directory.pools.values(), held.record, owner.department_id if owner else None)


def _warn(tx: Tx, directory: Directory, ref: Ref, pool: Pool, due: Return, now: int) -> None:
    organisation_id = directory.organisation.id
    note = f"将于{directory.calendar.minute(due.at)}退回{pool.name}（{due.why}）"
    tell(tx, organisation_id, RETURN_WARNED, ref, SYSTEM_ID, now, note=note)
    pools.put_warning(tx, organisation_id, ref, due.at)
