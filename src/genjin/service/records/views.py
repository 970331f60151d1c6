"""Puts beside records what is shown with them: a constant number of queries, however many they are."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from genjin.domain.people import NO_LIMITS, DataScope
from genjin.domain.policy import may_edit
from genjin.domain.record_view import RecordView
from genjin.domain.records import Record, Ref, points_at, shown_with
from genjin.domain.sight import WHOLE, Sight, sight_of
from genjin.service.context import Installation, Session
from genjin.service.records.customer_facts import facts_of
from genjin.service.visibility import seen_many, visible_among
from genjin.store import records
from genjin.store.transaction import Tx


def show_records(installation: Installation, session: Session, some: Sequence[Record]) -> list[RecordView]:
    """Records as the viewer is shown them, in their order; that the viewer may see them was asked before."""
    now = installation.clock.now()

    def use(tx: Tx) -> list[RecordView]:
        views = views_of(tx, session, some)
        facts = facts_of(tx, session, views, now)
        return [replace(view, facts=facts.get(view.record.id, view.facts)) for view in views]

    return installation.read_for(session, use)


def views_of(tx: Tx, session: Session, some: Sequence[Record]) -> list[RecordView]:
    """The same inside a transaction, without what is told of customers alone."""
    refs = {ref for record in some for ref in (*points_at(record).values(), shown_with(record)) if ref is not None}
    found = records.find_many(tx, session.organisation_id, sorted(refs))
    there = {ref: record for ref, record in found.items() if record.deleted_at is None}
    visible = visible_among(tx, session, there)
    names = {ref: there[ref].name for ref in visible}
    return [_view(session, record, names, there, visible) for record in some]


def sights_of(installation: Installation, session: Session, some: Iterable[Record]) -> dict[Ref, Sight]:
    """What the viewer is shown of records that they may see; without a query for who is shown all of them."""
    found = {record.ref: (record, sight_of(session.viewer, record)) for record in some}
    if all(sight is WHOLE for _, sight in found.values()):
        return {ref: sight for ref, (_, sight) in found.items()}
    customers = {ref for record, _ in found.values() if (ref := shown_with(record))}
    there = installation.read_for(session, lambda tx: seen_many(tx, session, customers))
    return {ref: sight_of(session.viewer, each, _beside(each, there)) for ref, (each, _) in found.items()}


def sight_on(tx: Tx, session: Session, ref: Ref) -> Sight:
    """What the viewer is shown of what happened on a record."""
    if session.viewer.scope is DataScope.ALL and session.viewer.rights == NO_LIMITS:
        return WHOLE
    record = records.find(tx, session.organisation_id, ref, with_deleted=True)
    if record is None:
        return Sight(numbers=False)
    beside = shown_with(record)
    customers = seen_many(tx, session, [] if beside is None else [beside])
    return sight_of(session.viewer, record, _beside(record, customers))


def _view(
    session: Session, record: Record, names: Mapping[Ref, str], there: Mapping[Ref, Record], visible: Collection[Ref]
) -> RecordView:
    beside = _beside(record, there)
    sight = sight_of(session.viewer, record, beside if shown_with(record) in visible else None)
    return RecordView(sight.record(record), names, sight, may_edit(session.viewer, record, beside))


def _beside(record: Record, there: Mapping[Ref, Record]) -> Record | None:
    ref = shown_with(record)
    return None if ref is None else there.get(ref)
