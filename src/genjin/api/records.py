"""Leads and customers: list, create, read, update, delete."""

from collections.abc import Sequence

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordInput, RecordType, Ref
from genjin.errors import Invalid
from genjin.service import records
from genjin.wire.envelope import listed
from genjin.wire.params import subtree
from genjin.wire.record import record_filter, record_input, record_to_wire
from genjin.wire.scalars import id_or_none, no_id, page_of


class RecordRoutes:
    """The five handlers of one record type. `singular` names the parameters (`lead[name]`), `plural` the list."""

    def __init__(self, type_: RecordType, singular: str, plural: str) -> None:
        self.type, self.singular, self.plural = type_, singular, plural

    def list(self, call: SignedIn) -> Response:
        """The records that the caller may see, newest first, filtered and paged."""
        page = page_of(call.params.get("page"), call.params.get("per_page"))
        wanted = record_filter(call.params, self.type, call.session.directory.calendar)
        found, total = records.list_records(call.installation, call.session, wanted, page)
        return answer(listed(self.plural, self._wire_all(call, found), total, page))

    def create(self, call: SignedIn) -> Response:
        """Create a record; with `refer_lead_id` a customer is made of that lead."""
        lead_id = self._refer_lead_id(call)
        created = records.create_record(call.installation, call.session, self.type, self._input(call), lead_id)
        return answer(self._wire(call, created))

    def read(self, call: SignedIn) -> Response:
        """One record."""
        return answer(self._wire(call, records.read_record(call.installation, call.session, self._ref(call))))

    def update(self, call: SignedIn) -> Response:
        """Change what is given and nothing else."""
        ref = self._ref(call)
        changed = records.update_record(call.installation, call.session, ref, self._input(call))
        return answer(self._wire(call, changed))

    def delete(self, call: SignedIn) -> Response:
        """Delete a record; answers it as it was."""
        deleted = records.delete_record(call.installation, call.session, self._ref(call))
        return answer(self._wire(call, deleted))

    def _ref(self, call: Call) -> Ref:
        return Ref(self.type, call.id)

    def _input(self, call: Call) -> RecordInput:
        return record_input(subtree(call.params, self.singular), self.type, call.session.directory)

    def _refer_lead_id(self, call: Call) -> int | None:
        given = call.params.get("refer_lead_id", subtree(call.params, self.singular).get("refer_lead_id"))
        if self.type is not RecordType.CUSTOMER or no_id(given):
            return None
        lead_id = id_or_none(given)
        if lead_id is None:
            raise Invalid({"refer_lead_id": ["不是有效的编号"]})
        return lead_id

    def _wire(self, call: Call, record: Record) -> JsonValue:
        return self._wire_all(call, [record])[0]

    def _wire_all(self, call: Call, some: Sequence[Record]) -> Sequence[JsonValue]:
        viewer, directory = call.session.viewer, call.session.directory
        customers = records.customer_names(call.installation, call.session, some)
        return [record_to_wire(r, viewer, directory, customers.get(r.customer_id or 0, "")) for r in some]


LEADS = RecordRoutes(RecordType.LEAD, "lead", "leads")
CUSTOMERS = RecordRoutes(RecordType.CUSTOMER, "customer", "customers")
