"""What a customer has on the wire beside the fields of its form."""

from collections.abc import Iterator, Mapping

from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.policy import Viewer
from genjin.domain.record_view import RecordView
from genjin.domain.records import Record, RecordType
from genjin.wire import scalars
from genjin.wire.modules import CLASS_NAMES
from genjin.wire.records.parts import address_to_wire

NUMBERS = {"tel": "电话", "phone": "手机"}
"""The parts of an address that are called, and what they are labelled."""


def customer_only(view: RecordView, viewer: Viewer, directory: Directory) -> dict[str, JsonValue]:
    """The keys that no other type has."""
    record, facts, calendar = view.record, view.facts, directory.calendar
    owner = directory.users.get(record.owner_id or 0)
    parent_id = record.details.get("parent_id")
    parent = view.name_of(RecordType.CUSTOMER, parent_id if isinstance(parent_id, int) else None)
    idle = facts.idle_days
    return {
        "user_third_userid": owner.third_userid if owner else None,
        "parent": {"id": parent_id, "name": parent} if parent else {},
        "last_revist_log_content": facts.last_words,
        "last_called_at": scalars.minute_or_empty(record.called_at, calendar),
        "will_flow_time": scalars.minute_or_empty(facts.flows_at, calendar),
        "flow_into_at": scalars.minute_or_empty(record.pooled_at if record.pool_id else None, calendar),
        "not_revisit_at_time_str": f"{idle}天未跟进" if idle else "",
        "phones_data": list(_phones(view)),
        "contacts": [contact_in_customer(contact) for contact in facts.contacts],
        "attachments": str(facts.files),
        "history_contarct_money": scalars.money(facts.contracted),
        "total_have_receive_pay": scalars.money(0),
        "total_not_receive_pay": scalars.money(facts.contracted),
        "is_my_assist_entity": viewer.user_id in record.collaborators,
        "is_has_policy_for_assist_user": view.editable,
        "is_subscribed": False,
        "cio_pid": "",
        "custom_field_template_id": None,
        "custom_field_template_i18n": "",
        "wx_external_userid": None,
        "wx_contact_type": None,
    }


def contact_in_customer(contact: Record) -> dict[str, JsonValue]:
    """A contact as its customer shows it."""
    told = {name: scalars.text_of(contact.details.get(name)) for name in ("department", "job")}
    address = address_to_wire(contact.details.get("address"))
    return {"id": contact.id, "name": contact.name, **told, "address": address}


def counts_by_stage(
    counts: Mapping[str | None, tuple[int, int]], viewer: Viewer, directory: Directory
) -> list[JsonValue]:
    """A row for every stage in order, and one without an id for what has none of them; none where it is hidden."""
    hidden = viewer.rights.hidden
    if "opportunity.stage" in hidden:
        return []
    stages = {str(option.id): option.label for option in directory.choices("opportunity.stage")}
    rest = [counts[status] for status in counts if status not in stages]
    rows = [(id_, label, *counts.get(id_, (0, 0))) for id_, label in stages.items()]
    if rest:
        rows.append(("", "", sum(count for count, _ in rest), sum(amount for _, amount in rest)))
    shows_amounts = "opportunity.expect_amount" not in hidden
    return [
        {"id": id_, "value": label, "count": count, "amount": scalars.money(amount if shows_amounts else None)}
        for id_, label, count, amount in rows
    ]


def _phones(view: RecordView) -> Iterator[JsonValue]:
    """The customer's numbers, and then its contacts', labelled with whose they are."""
    for record in (view.record, *view.facts.contacts):
        address = record.details.get("address")
        for part, label in NUMBERS.items():
            number = scalars.text_of(address.get(part)) if isinstance(address, Mapping) else ""
            if number:
                yield {
                    "label": label if record is view.record else f"{record.name} {label}",
                    "call_field_name": part,
                    "custom_field_name": f"address.{part}",
                    "phone": number,
                    "phone_hidden_result": "" if view.sight.numbers else number,
                    "is_invisible": not view.sight.numbers,
                    "is_enable": True,
                    "entity_class": CLASS_NAMES[record.type],
                    "entity_id": record.id,
                }
