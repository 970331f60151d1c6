"""Puts beside activities what is shown with them: a constant number of queries, however many they are. That the viewer
may see them was asked before.
"""

from collections.abc import Sequence

from genjin.domain.activity import Facts
from genjin.domain.activity_view import ActivityViews
from genjin.domain.kinds import CALL_MADE
from genjin.domain.records import Record, Ref, shown_with
from genjin.domain.sight import Sight, sight_of
from genjin.service.context import Session
from genjin.service.entries.attached import files_of
from genjin.service.visibility import visible_among
from genjin.store import activities, calls, records, sources
from genjin.store.transaction import Tx


def views_of(
    tx: Tx,
    session: Session,
    entries: Sequence[Facts],
    deleted: frozenset[int] = frozenset(),
    as_of: int | None = None,
) -> ActivityViews:
    """All that rendering these activities for the viewer needs; those of `deleted` were taken back. With `as_of` they
    are worded as they were then.
    """
    targets = {facts.target for facts in entries}
    spoken_of = {ref for facts in entries for ref in activities.refs_of(facts)}
    found = records.find_many(tx, session.organisation_id, sorted(targets | spoken_of))
    files = files_of(tx, session, entries)
    return ActivityViews(
        entries=entries,
        targets={ref: found[ref] for ref in targets if ref in found},
        sights=sights_on(tx, session, {ref: found[ref] for ref in targets if ref in found}),
        names=_names(tx, session, {ref: found[ref] for ref in spoken_of if ref in found}),
        files=files.files,
        hidden=files.hidden,
        wordings=activities.wordings(tx, session.organisation_id, entries, as_of),
        deleted=deleted,
        calls=calls.find_many(
            tx, session.organisation_id, {facts.object_id for facts in entries if facts.object_id and _is_call(facts)}
        ),
        externals=sources.of_entries(tx, session.organisation_id, {facts.id for facts in entries}),
    )


def sights_on(tx: Tx, session: Session, targets: dict[Ref, Record]) -> dict[Ref, Sight]:
    """What the viewer is shown of what happened on each of these records; at most one query for what is beside them."""
    beside = {ref: other for ref, record in targets.items() if (other := shown_with(record)) is not None}
    missing = sorted(set(beside.values()) - targets.keys())
    there = targets | records.find_many(tx, session.organisation_id, missing)
    by = {ref: there.get(other) for ref, other in beside.items()}
    return {ref: sight_of(session.viewer, record, _not_deleted(by.get(ref))) for ref, record in targets.items()}


def _is_call(facts: Facts) -> bool:
    return facts.kind == CALL_MADE.code


def _names(tx: Tx, session: Session, found: dict[Ref, Record]) -> dict[Ref, str]:
    """The names of those that the viewer sees."""
    return {ref: found[ref].name for ref in visible_among(tx, session, found)} if found else {}


def _not_deleted(record: Record | None) -> Record | None:
    return None if record is None or record.deleted_at is not None else record
