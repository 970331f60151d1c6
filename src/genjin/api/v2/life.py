"""What happens to a record in its life: handing over, collaborators, conversion, merging, approval, restoring."""

from collections.abc import Sequence

from starlette.responses import Response

from genjin.api.answers import answer
from genjin.api.calling import Call, SignedIn
from genjin.api.v2.records import shown
from genjin.domain.approval import Act
from genjin.domain.records import Record, Ref
from genjin.domain.timeline import Page
from genjin.errors import Invalid
from genjin.service.records.approvals import move_approval
from genjin.service.records.assignment import assign, list_collaborators, set_collaborators
from genjin.service.records.conversion import offer_customer, undo_conversion
from genjin.service.records.merging import list_merges, merge_records, undo_merge
from genjin.service.records.restoring import restore_record
from genjin.wire.envelope import listed
from genjin.wire.records import forms
from genjin.wire.records.forms import Form
from genjin.wire.records.life import (
    approval_told,
    collaborators,
    ids_of,
    lead_told,
    merge_to_wire,
    new_owner,
    note_of,
    offer_to_wire,
    type_told,
    users_to_wire,
)
from genjin.wire.scalars import id_or_none, page_of, truth


class LifeRoutes:
    """The handlers of one record type."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def update_user(self, call: SignedIn) -> Response:
        """Hand a record over to another owner; with a customer go those of its contacts, opportunities and contracts
        that its owner had too.
        """
        owner_id = new_owner(call.params, self.form.singular)
        return self._answer(call, assign(call.installation, call.session, [self._ref(call)], owner_id))

    def assist_users(self, call: SignedIn) -> Response:
        """Who works on a record beside its owner."""
        page = page_of(call.params.get("page"), call.params.get("per_page"))
        found, total = list_collaborators(call.installation, call.session, self._ref(call), page)
        return answer(listed("assist_users", users_to_wire(found, call.session.directory), total, page))

    def update_assist_user(self, call: SignedIn) -> Response:
        """Say who works on a record beside its owner; answers with them."""
        wanted = collaborators(call.params, self.form.singular)
        chosen = set_collaborators(call.installation, call.session, self._ref(call), wanted)
        users = users_to_wire(chosen, call.session.directory)
        return answer(listed("assist_users", users, len(users), Page(1, max(len(users), 1))))

    def undo_turn(self, call: SignedIn) -> Response:
        """Undo the conversion of a lead; with `delete_customer` the customer is deleted, if nothing happened to it."""
        ref, delete = self._ref(call), truth(call.params.get("delete_customer"))
        return self._answer(call, [undo_conversion(call.installation, call.session, ref, delete)])

    def merge(self, call: SignedIn) -> Response:
        """Merge duplicates into this record, which stays as it is; their ids stand for it from now on."""
        merge_ids = ids_of(call.params, "merge_ids")
        return self._answer(call, [merge_records(call.installation, call.session, self._ref(call), merge_ids)])

    def merges(self, call: SignedIn) -> Response:
        """What was merged into this record, the newest first; undone merges too."""
        page = page_of(call.params.get("page"), call.params.get("per_page"))
        found, total = list_merges(call.installation, call.session, self._ref(call), page)
        rows = [merge_to_wire(merge, merged, call.session.directory) for merge, merged in found]
        return answer(listed("merges", rows, total, page))

    def undo_merge(self, call: SignedIn) -> Response:
        """Undo a merge into this record; answers with the record that stands for itself again."""
        merge_id = id_or_none(call.params.get("merge_id"))
        if merge_id is None:
            raise Invalid({"merge_id": ["不能为空"]})
        return self._answer(call, [undo_merge(call.installation, call.session, self._ref(call), merge_id)])

    def restore(self, call: SignedIn) -> Response:
        """Bring a deleted record back as it was."""
        return self._answer(call, [restore_record(call.installation, call.session, self._ref(call))])

    def submit(self, call: SignedIn) -> Response:
        """Ask for the approval of a record that was denied or taken back."""
        return self._approval(call, Act.SUBMIT)

    def approve(self, call: SignedIn) -> Response:
        """Approve a record that waits for it; for administrators and managers of its department."""
        return self._approval(call, Act.APPROVE)

    def deny(self, call: SignedIn) -> Response:
        """Deny a record that waits for approval; for administrators and managers of its department."""
        return self._approval(call, Act.DENY)

    def revert(self, call: SignedIn) -> Response:
        """Take back what was submitted, or, for who may approve, an approval."""
        return self._approval(call, Act.REVERT)

    def _approval(self, call: Call, act: Act) -> Response:
        note = note_of(call.params)
        return self._answer(call, [move_approval(call.installation, call.session, self._ref(call), act, note)])

    def _ref(self, call: Call) -> Ref:
        return Ref(self.form.type, call.id)

    def _answer(self, call: Call, records: Sequence[Record]) -> Response:
        return answer(shown(call, records)[0])


def new_from_lead(call: SignedIn) -> Response:
    """The customer that a lead would become, as a form to fill in: its id is 0, and so is that of its contact."""
    offered = offer_customer(call.installation, call.session, lead_told(call.params))
    return answer(offer_to_wire(offered, call.session.viewer, call.session.directory))


def approve(call: SignedIn) -> Response:
    """Approve the customer or contract that `key` says it is, in the words of the old web client."""
    return _by_key(call, Act.APPROVE)


def deny(call: SignedIn) -> Response:
    """Deny the customer or contract that `key` says it is, in the words of the old web client."""
    return _by_key(call, Act.DENY)


def transfer_many(call: SignedIn) -> Response:
    """Hand several records of one type over to another owner: all of them, or none."""
    type_ = type_told(call.params)
    refs = [Ref(type_, id_) for id_ in ids_of(call.params, "ids")]
    handed = assign(call.installation, call.session, refs, new_owner(call.params, ""))
    return answer({"ids": [record.id for record in handed], "total_count": len(handed)})


def _by_key(call: Call, act: Act) -> Response:
    type_, note = approval_told(call.params)
    return answer(shown(call, [move_approval(call.installation, call.session, Ref(type_, call.id), act, note)])[0])


LEADS, CUSTOMERS, CONTACTS, OPPORTUNITIES, CONTRACTS = (
    LifeRoutes(form) for form in (forms.LEAD, forms.CUSTOMER, forms.CONTACT, forms.OPPORTUNITY, forms.CONTRACT)
)
