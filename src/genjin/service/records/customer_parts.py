"""What belongs to a customer, listed with it: contacts, and opportunities with their stages."""

from collections.abc import Mapping
from dataclasses import replace

from genjin.domain.field_rights import filtered
from genjin.domain.records import Record, RecordFilter, RecordType, Ref
from genjin.domain.timeline import Page
from genjin.errors import NotFound
from genjin.service.context import Installation, Session
from genjin.service.visibility import standing
from genjin.store import records
from genjin.store.transaction import Tx

Counts = Mapping[str | None, tuple[int, int]]
"""How many opportunities have each stage, and their amounts together, in hundredths."""


def list_parts(
    installation: Installation,
    session: Session,
    customer_id: int,
    wanted: RecordFilter,
    page: Page,
    pooled: bool = False,
) -> tuple[list[Record], int]:
    """One page of what belongs to a customer, of the type that is wanted, and the number of all.

    Raises NotFound for a customer that the viewer may not see or, if `pooled`, that lies in no pool; Forbidden for a
    hidden filter.
    """
    asked = filtered(session.viewer, wanted)

    def use(tx: Tx) -> tuple[list[Record], int]:
        of_customer = replace(asked, customer_id=_customer(tx, session, customer_id, pooled).id)
        return records.page(tx, session.viewer, of_customer, page.offset, page.size)

    return installation.read_for(session, use)


def count_stages(installation: Installation, session: Session, customer_id: int) -> Counts:
    """All opportunities of a customer that the viewer may see, by their stages. Raises NotFound."""

    def use(tx: Tx) -> Counts:
        customer = _customer(tx, session, customer_id)
        wanted = RecordFilter(RecordType.OPPORTUNITY, customer_id=customer.id)
        return records.counts_by_status(tx, session.viewer, wanted)

    return installation.read_for(session, use)


def _customer(tx: Tx, session: Session, customer_id: int, pooled: bool = False) -> Record:
    customer = standing(tx, session, Ref(RecordType.CUSTOMER, customer_id))
    if pooled and customer.pool_id is None:
        raise NotFound("lies in no pool")
    return customer
