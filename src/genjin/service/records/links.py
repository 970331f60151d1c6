"""What a record points at: the customer and the opportunity that it belongs to, and the customer above it."""

from dataclasses import replace

from genjin.domain.records import Record, RecordType, Ref, points_at
from genjin.errors import Invalid
from genjin.service.context import Session
from genjin.service.visibility import seen_many
from genjin.store import lineage, records
from genjin.store.transaction import Tx

MAX_ABOVE = 32
"""So many customers may lie above each other."""
_NEED_A_CUSTOMER = frozenset({RecordType.OPPORTUNITY, RecordType.CONTRACT})
_NOT_THERE = {"customer_id": "没有这个客户", "opportunity_id": "没有这个商机", "parent_id": "没有这个客户"}


def link(tx: Tx, session: Session, before: Record | None, after: Record) -> Record:
    """The record to store: what it points at anew and was merged stands for what took its place.

    Raises Invalid for what it points at anew and the viewer does not see, for an opportunity of another customer,
    for customers above each other in a circle, and without the customer that it needs.
    """
    known = {} if before is None else points_at(before)
    anew = {field: ref for field, ref in points_at(after).items() if known.get(field) != ref}
    # Whoever merges the customer waits for this, or is waited for: no record is left with one that is merged away.
    lineage.lock(tx, session.organisation_id, [ref for field, ref in anew.items() if field == "customer_id"])
    found = seen_many(tx, session, anew.values()) if anew else {}
    errors = {field: [_NOT_THERE[field]] for field, ref in anew.items() if ref not in found}
    for field, ref in anew.items():
        if ref in found and (kept_id := found[ref].merged_into_id) is not None:
            anew[field] = Ref(ref.type, kept_id)
            after = _pointed(after, field, kept_id)
    if after.opportunity_id is not None and anew.keys() & {"customer_id", "opportunity_id"} and not errors:
        ref = Ref(RecordType.OPPORTUNITY, after.opportunity_id)
        opportunity = found.get(ref) or records.find(tx, session.organisation_id, ref)
        if opportunity is not None and opportunity.customer_id != after.customer_id:
            errors["opportunity_id"] = ["该商机不属于该客户"]
    if after.customer_id is None and after.type in _NEED_A_CUSTOMER:
        errors.setdefault("customer_id", ["不能为空"])
    if "parent_id" in anew and not errors and _is_above(tx, session, after, anew["parent_id"]):
        errors["parent_id"] = ["不能是自己或自己的下级"]
    if errors:
        raise Invalid(errors)
    return after


def _pointed(record: Record, field: str, id_: int) -> Record:
    if field == "parent_id":
        return replace(record, details={**record.details, field: id_})
    return replace(record, **{field: id_})  # type: ignore[arg-type]


def _is_above(tx: Tx, session: Session, customer: Record, parent: Ref) -> bool:
    """Whether a customer lies above the one that is to be its parent."""
    above: Ref | None = parent
    for _ in range(MAX_ABOVE):
        if above is None or above == customer.ref:
            return above is not None
        found = records.find(tx, session.organisation_id, above)
        above = None if found is None else points_at(found).get("parent_id")
    return True
