"""What belongs to a customer: contacts and opportunities."""

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.api.v2.records import shown
from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType
from genjin.service.records.customer_parts import count_stages, list_parts
from genjin.wire.envelope import listed
from genjin.wire.records.customer import counts_by_stage
from genjin.wire.records.filter import record_filter
from genjin.wire.records.forms import FORMS
from genjin.wire.scalars import page_of


class CustomerParts:
    """The lists of what belongs to a customer; `pooled` ones are of those that lie in pools."""

    def __init__(self, pooled: bool = False) -> None:
        self.pooled = pooled

    def contacts(self, call: SignedIn) -> Response:
        """The contacts of a customer, newest first, filtered and paged."""
        return self._list(call, RecordType.CONTACT)

    def opportunities(self, call: SignedIn) -> Response:
        """The opportunities of a customer, newest first, filtered and paged, and how many there are of each stage."""
        counts = count_stages(call.installation, call.session, call.id)
        told = counts_by_stage(counts, call.session.viewer, call.session.directory)
        return self._list(call, RecordType.OPPORTUNITY, counts_by_stage=told)

    def _list(self, call: Call, type_: RecordType, **more: JsonValue) -> Response:
        page = page_of(call.params.get("page"), call.params.get("per_page"))
        wanted = record_filter(call.params, type_, call.session.directory.calendar)
        found, total = list_parts(call.installation, call.session, call.id, wanted, page, self.pooled)
        return answer(listed(FORMS[type_].plural, shown(call, found), total, page) | more)


OF_CUSTOMERS, OF_POOLED_CUSTOMERS = CustomerParts(), CustomerParts(pooled=True)
