"""Who calls: the record that has a telephone number, of those whose numbers the viewer is shown."""

from genjin.domain.call import Caller
from genjin.domain.field_rights import hidden_numbers
from genjin.domain.phones import normal_number
from genjin.domain.records import Record, RecordType, Ref
from genjin.service.context import Installation, Session
from genjin.service.records.views import views_of
from genjin.service.visibility import seen_many
from genjin.store import phones
from genjin.store.transaction import Tx

_FIRST = (RecordType.CONTACT, RecordType.CUSTOMER, RecordType.LEAD)
"""Whom a number is most likely to be: the person before the company, a customer before who may become one."""
MOST = 200
"""Records of one number that are looked at."""


def find_caller(installation: Installation, session: Session, number: str) -> Caller | None:
    """The person or company with this number whom the viewer worked on last; None for a stranger.

    Who is shown masked numbers finds nobody by them: otherwise they could be guessed, digit by digit.
    """
    wanted = normal_number(number)

    def use(tx: Tx) -> Caller | None:
        refs = phones.records_with(tx, session.organisation_id, wanted, MOST) if wanted else []
        found = seen_many(tx, session, refs)
        merged = {Ref(ref.type, each.merged_into_id) for ref, each in found.items() if each.merged_into_id is not None}
        found = {ref: each for ref, each in found.items() if each.merged_into_id is None} | seen_many(
            tx, session, merged
        )
        found = {ref: each for ref, each in found.items() if not hidden_numbers(session.viewer, ref.type)}
        shown = [view.record for view in views_of(tx, session, list(found.values())) if view.sight.numbers]
        for type_ in _FIRST:
            of_type = [record for record in shown if record.type is type_]
            if of_type:
                best = max(of_type, key=lambda record: (record.updated_at, record.id))
                return Caller(best.ref, best.name, _company(tx, session, best))
        return None

    return installation.read_for(session, use)


def _company(tx: Tx, session: Session, record: Record) -> str:
    if record.type is not RecordType.CONTACT or record.customer_id is None:
        return record.company_name or ""
    customer = Ref(RecordType.CUSTOMER, record.customer_id)
    found = seen_many(tx, session, [customer]).get(customer)
    return found.name if found else ""
