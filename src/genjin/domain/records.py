"""Leads, customers, contacts, opportunities and contracts: the business records that things happen to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from genjin.domain.json import JsonValue


class RecordType(IntEnum):
    """The numbers are stored; never change one."""

    LEAD = 1
    CUSTOMER = 2
    CONTACT = 3
    OPPORTUNITY = 4
    CONTRACT = 5


OF_A_CUSTOMER = frozenset({RecordType.CONTACT, RecordType.OPPORTUNITY, RecordType.CONTRACT})
"""The types that belong to a customer: who sees it sees them."""
MERGEABLE = frozenset({RecordType.LEAD, RecordType.CUSTOMER})
"""The types of which duplicates are merged."""
TITLED = frozenset({RecordType.OPPORTUNITY, RecordType.CONTRACT})
"""The types whose name is called a title."""


class Ref(NamedTuple):
    """Points at one record of the organisation at hand."""

    type: RecordType
    id: int


@dataclass(frozen=True, slots=True)
class Record:
    """A lead, customer, contact, opportunity or contract; an opportunity's and a contract's `name` is its title.

    `owner_id` is None for a record without an owner, such as one in a pool (`pool_id`). `customer_id` is the customer
    that the history rolls up to: what a lead was converted into, or whose contact it is. `merged_into_id` is the
    record of the same type that took its place, and that was itself merged into no other. `status` is an opportunity's
    stage. `amount` is money in hundredths (分). `approve_status` is None where nothing is approved. `collaborators` are
    users who work on it beside its owner. `details` holds what no rule looks at (job, note, address, custom fields,
    ...). `captured` is the raw dump of an imported record, as it came; None for one of our own.
    """

    type: RecordType
    id: int
    name: str
    owner_id: int | None
    creator_id: int | None
    department_id: int | None
    created_at: int
    updated_at: int
    company_name: str | None = None
    status: str | None = None
    source: str | None = None
    category: str | None = None
    before_owner_id: int | None = None
    before_department_id: int | None = None
    customer_id: int | None = None
    turned_at: int | None = None
    followed_up_at: int | None = None
    said_followed_up_at: int | None = None
    remind_at: int | None = None
    deleted_at: int | None = None
    name_pinyin: str = ""
    company_name_pinyin: str = ""
    pool_id: int | None = None
    pooled_at: int | None = None
    from_pool_id: int | None = None
    approve_status: str | None = None
    amount: int | None = None
    opportunity_id: int | None = None
    merged_into_id: int | None = None
    called_at: int | None = None
    collaborators: frozenset[int] = frozenset()
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    captured: Mapping[str, JsonValue] | None = None

    @property
    def ref(self) -> Ref:
        return Ref(self.type, self.id)


def shown_with(record: Record) -> Ref | None:
    """The record by whose sight this one is shown too: what took its place, else the customer that it rolls up to."""
    if record.merged_into_id is not None:
        return Ref(record.type, record.merged_into_id)
    return None if record.customer_id is None else Ref(RecordType.CUSTOMER, record.customer_id)


def points_at(record: Record) -> dict[str, Ref]:
    """The other records that a record names, by the field that does."""
    parent_id = record.details.get("parent_id")
    told = (
        ("customer_id", RecordType.CUSTOMER, record.customer_id),
        ("opportunity_id", RecordType.OPPORTUNITY, record.opportunity_id),
        ("parent_id", RecordType.CUSTOMER, parent_id if isinstance(parent_id, int) else None),
    )
    return {field: Ref(type_, id_) for field, type_, id_ in told if id_ is not None}


@dataclass(frozen=True, slots=True)
class RecordInput:
    """What somebody wants a record to be: only what was given; None means "make it empty".

    `columns` holds fields of Record by name: name, company_name, status, source, category, owner_id, department_id,
    remind_at, amount, customer_id, opportunity_id; `details` replaces details one by one. `nested` is what a customer
    is written with, by the place where it was told.
    """

    columns: Mapping[str, str | int | None] = field(default_factory=dict)
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    nested: Sequence[tuple[str, "NestedInput"]] = ()


@dataclass(frozen=True, slots=True)
class NestedInput:
    """A contact or opportunity of the customer that is written; without an `id` a new one. With `delete`, it is deleted
    instead.
    """

    type: RecordType
    given: RecordInput
    id: int | None = None
    delete: bool = False


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What a list is asked for. None means anything; `tab` is my, sub, common, assist, my_assist,
    sub_assist, deleted or empty.

    `created` and its like are half-open ranges of instants. `query` is a part of the names, or of the one `field` that
    is named: name, company_name, a detail or a part of one, such as `address.tel`. `phone` is in the form of
    `normal_number`. `customer_id` and `opportunity_id` are what the records belong to. `sort` is a column of SORTABLE.
    """

    type: RecordType
    tab: str = ""
    query: str = ""
    owner_id: int | None = None
    department_id: int | None = None
    status: str | None = None
    source: str | None = None
    category: str | None = None
    created: tuple[int, int] | None = None
    updated: tuple[int, int] | None = None
    sort: str = "created_at"
    descending: bool = True
    pool_id: int | None = None
    said_followed_up: tuple[int, int] | None = None
    approve_status: str | None = None
    customer_id: int | None = None
    opportunity_id: int | None = None
    has_phone: bool | None = None
    phone: str = ""
    field: str = ""


SORTABLE = frozenset(
    {
        *("id", "name", "created_at", "updated_at", "status", "source", "category", "remind_at"),
        *("said_followed_up_at", "called_at", "amount"),
    }
)
