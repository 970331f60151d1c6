"""Records of every type: list, create, read, update, delete."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.domain.json import JsonValue
from genjin.domain.records import Record, RecordFilter, RecordInput, RecordType, Ref
from genjin.errors import Invalid
from genjin.service.records import records
from genjin.service.records.views import show_records
from genjin.wire.envelope import listed
from genjin.wire.params import subtree, text
from genjin.wire.records import forms
from genjin.wire.records.duplicates import check_duplicates
from genjin.wire.records.filter import record_filter
from genjin.wire.records.forms import Form
from genjin.wire.records.input import record_input
from genjin.wire.records.record import record_to_wire
from genjin.wire.scalars import id_or_none, no_id, page_of


class RecordRoutes:
    """The five handlers of one record type."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def list(self, call: SignedIn) -> Response:
        """The records that the caller may see, newest first, filtered and paged."""
        return self._list(call, record_filter(call.params, self.form.type, call.session.directory.calendar))

    def by_name(self, call: SignedIn) -> Response:
        """The same of which `query` is a part of the name, or of its pinyin, and of nothing else."""
        wanted = record_filter(call.params, self.form.type, call.session.directory.calendar)
        return self._list(call, replace(wanted, field="name"))

    def _list(self, call: Call, wanted: RecordFilter) -> Response:
        page = page_of(call.params.get("page"), call.params.get("per_page"))
        found, total = records.list_records(call.installation, call.session, wanted, page)
        return answer(listed(self.form.plural, shown(call, found), total, page))

    def create(self, call: SignedIn) -> Response:
        """Create a record; with `refer_lead_id` a customer is made of that lead. With `check_duplicates` a lead or
        customer that another one is like is refused.
        """
        wanted = self._refer_lead_id(call), text(subtree(call.params, self.form.singular), "approve_status").strip()
        asked = call.installation, call.session, self.form.type, self._input(call, creating=True)
        created = records.create_record(*asked, *wanted, check_duplicates(call.params))
        return answer(shown(call, [created])[0])

    def read(self, call: SignedIn) -> Response:
        """One record."""
        found = records.read_record(call.installation, call.session, self._ref(call))
        return answer(shown(call, [found])[0])

    def update(self, call: SignedIn) -> Response:
        """Change what is given and nothing else. With `check_duplicates` no lead or customer is made like another."""
        ref = self._ref(call)
        given, careful = self._input(call), check_duplicates(call.params)
        changed = records.update_record(call.installation, call.session, ref, given, careful)
        return answer(shown(call, [changed])[0])

    def delete(self, call: SignedIn) -> Response:
        """Delete a record; answers it as it was."""
        deleted = records.delete_record(call.installation, call.session, self._ref(call))
        return answer(shown(call, [deleted])[0])

    def _ref(self, call: Call) -> Ref:
        return Ref(self.form.type, call.id)

    def _input(self, call: Call, creating: bool = False) -> RecordInput:
        given = subtree(call.params, self.form.singular)
        return record_input(given, self.form, call.session.directory, creating)

    def _refer_lead_id(self, call: Call) -> int | None:
        given = call.params.get("refer_lead_id", subtree(call.params, self.form.singular).get("refer_lead_id"))
        if self.form.type is not RecordType.CUSTOMER or no_id(given):
            return None
        lead_id = id_or_none(given)
        if lead_id is None:
            raise Invalid({"refer_lead_id": ["不是有效的编号"]})
        return lead_id


def shown(call: Call, some: Sequence[Record]) -> Sequence[JsonValue]:
    """Records as the caller is shown them."""
    viewer, directory = call.session.viewer, call.session.directory
    return [record_to_wire(each, viewer, directory) for each in show_records(call.installation, call.session, some)]


LEADS, CUSTOMERS = RecordRoutes(forms.LEAD), RecordRoutes(forms.CUSTOMER)
CONTACTS, OPPORTUNITIES = RecordRoutes(forms.CONTACT), RecordRoutes(forms.OPPORTUNITY)
CONTRACTS = RecordRoutes(forms.CONTRACT)
