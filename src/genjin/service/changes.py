"""Tells of changes of a record on its timeline, in the transaction that makes them."""

from collections.abc import Sequence

from genjin.domain.activity import Draft, Facts
from genjin.domain.change import Change, ChangeDetails, changes_between
from genjin.domain.kinds import RECORD_ASSIGNED, RECORD_EDITED, STATUS_CHANGED, Kind
from genjin.domain.records import Record, Ref, points_at
from genjin.service import activities
from genjin.store.transaction import Tx


def tell(
    tx: Tx,
    organisation_id: int,
    kind: Kind,
    target: Ref,
    actor_id: int,
    at: int,
    changes: Sequence[Change] = (),
    note: str = "",
    refs: Sequence[Ref] = (),
) -> Facts:
    """Record that something changed."""
    draft = Draft(kind, actor_id, target, at, at, details=ChangeDetails(tuple(changes), note, tuple(refs)))
    return activities.record(tx, organisation_id, draft)


def tell_edit(tx: Tx, organisation_id: int, before: Record, after: Record, actor_id: int, at: int) -> None:
    """Record what an edit changed: a new owner, a new status and all the rest each tell for themselves."""
    edited = changes_between(before, after)
    told: list[tuple[Kind, Sequence[Change]]] = []
    if after.owner_id != before.owner_id:
        told.append((RECORD_ASSIGNED, [Change("owner_id", before.owner_id, after.owner_id)]))
        edited = [change for change in edited if change.field != "department_id"]
    if after.status != before.status:
        told.append((STATUS_CHANGED, [Change("status", before.status, after.status)]))
    if edited:
        told.append((RECORD_EDITED, edited))
    for kind, changes in told:
        tell(tx, organisation_id, kind, after.ref, actor_id, at, changes, refs=_named_in(changes, before, after))


def _named_in(changes: Sequence[Change], before: Record, after: Record) -> list[Ref]:
    """The records that changes speak of: those that it pointed at, and those that it points at now."""
    links = [points_at(record) for record in (before, after)]
    return [found[change.field] for change in changes for found in links if change.field in found]
