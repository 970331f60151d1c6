"""Puts beside records what is shown with them: a constant number of queries, however many they are."""

from collections.abc import Sequence

from genjin.domain.record_view import RecordView
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.sight import sight_of
from genjin.service.context import Installation, Session
from genjin.service.visibility import seen_many
from genjin.store.transaction import Tx


def show_records(installation: Installation, session: Session, some: Sequence[Record]) -> list[RecordView]:
    """Records as the viewer is shown them, in their order; that the viewer may see them was asked before."""
    return installation.database.read(lambda tx: views_of(tx, session, some))


def views_of(tx: Tx, session: Session, some: Sequence[Record]) -> list[RecordView]:
    """The same inside a transaction."""
    refs = {Ref(RecordType.CUSTOMER, record.customer_id) for record in some if record.customer_id is not None}
    customers = seen_many(tx, session, refs)
    names = {ref: found.name for ref, found in customers.items()}
    sights = (sight_of(session.viewer, each, customers.get(_customer_ref(each))) for each in some)
    return [RecordView(sight.record(each), names, sight) for each, sight in zip(some, sights, strict=True)]


def _customer_ref(record: Record) -> Ref:
    return Ref(RecordType.CUSTOMER, record.customer_id or 0)
