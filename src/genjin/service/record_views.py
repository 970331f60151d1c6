"""Puts beside records what is shown with them: a constant number of queries, however many they are."""

from collections.abc import Sequence

from genjin.domain.record_view import RecordView
from genjin.domain.records import Record, RecordType, Ref
from genjin.service.context import Installation, Session
from genjin.service.visibility import seen_many
from genjin.store.transaction import Tx


def show_records(installation: Installation, session: Session, some: Sequence[Record]) -> list[RecordView]:
    """Records as the viewer is shown them, in their order; that the viewer may see them was asked before."""
    return installation.database.read(lambda tx: views_of(tx, session, some))


def views_of(tx: Tx, session: Session, some: Sequence[Record]) -> list[RecordView]:
    """The same inside a transaction."""
    refs = {Ref(RecordType.CUSTOMER, record.customer_id) for record in some if record.customer_id is not None}
    names = {ref: found.name for ref, found in seen_many(tx, session, refs).items()}
    return [RecordView(record, names) for record in some]
