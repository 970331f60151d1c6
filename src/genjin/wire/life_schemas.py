"""What is answered about a record's life, as types (see schemas.py)."""

from typing import Literal

from genjin.wire.record_schemas import Customer
from genjin.wire.sales_activity import Exact
from genjin.wire.schemas import Address, Listed, Minute
from genjin.wire.user import WireUser


class AssistUsers(Listed):
    """Who works on a record beside its owner."""

    assist_users: list[WireUser]


class Merge(Exact):
    """A record that was merged into another."""

    id: int
    merged_id: int
    merged_name: str
    merged_at: Minute
    undone_at: Minute
    user: WireUser | None


class Merges(Listed):
    """What was merged into a record."""

    merges: list[Merge]


class Transferred(Exact):
    """The records that were handed over."""

    ids: list[int]
    total_count: int


class OfferedContact(Exact):
    """The contact that a lead would become."""

    id: Literal[0]
    name: str
    department: str
    job: str
    address: Address


class OfferedCustomer(Customer):
    """The customer that a lead would become; its id is 0."""

    contacts: list[OfferedContact]
    attachments: str
    is_has_policy_for_assist_user: bool
    is_my_assist_entity: bool
    is_subscribed: bool
    cio_pid: str
    not_revisit_at_time_str: str
    flow_into_at: str
    history_contarct_money: str
    total_have_receive_pay: str
    total_not_receive_pay: str
