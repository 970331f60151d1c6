"""The records that the API answers with, as types (see answers.py)."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, RootModel

from genjin.wire.records.parts import Address
from genjin.wire.sales_activity import Empty, Exact
from genjin.wire.schemas.answers import Listed, Minute
from genjin.wire.user import WireUser

Day = Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", examples=["2024-04-04"])]
"""YYYY-MM-DD, or empty."""
Money = Annotated[str, Field(pattern=r"^(-?[0-9]+\.[0-9]{1,2})?$", examples=["1234.5"])]
"""A decimal number, or empty where none was told."""


class DepartmentName(Exact):
    """A department."""

    id: int
    name: str


class RecordName(Exact):
    """Another record."""

    id: int
    name: str


class _Record(Exact):
    model_config = ConfigDict(extra="allow")  # fields that the organisation added

    id: int
    user_id: int = Field(description="the owner; 0 for none")
    user_name: str
    created_at: Minute
    updated_at: Minute
    revisit_remind_at: Minute
    real_revisit_at: Minute
    is_own: bool
    is_user_self: bool
    is_editable: bool
    need_hidden_dispose: bool
    approve_status: str
    approve_status_i18n: str
    note: str
    user: WireUser | None = Field(description="the owner")
    creator: WireUser | None
    owned_department: DepartmentName | Empty
    before_user: WireUser | Empty
    before_owned_department: DepartmentName | Empty


class _Company(_Record):
    name: str
    company_name: str
    qixinbao_id: str
    attachment: Empty
    card_attachment: Empty
    address: Address
    status: str = Field(description="an option's id")
    status_mapped: str = Field(description="the option's label")
    status_display: str
    source: str
    source_mapped: str
    source_display: str
    customer_requirement: str


class Lead(_Company):
    """A lead."""

    department: str
    job: str
    channel_code: str
    turned_to_customer: bool = Field(description="whether it was converted")
    turned_customer_id: int = Field(description="the customer that it became; 0 for none")
    turned_to_customer_name: str


class PhoneOfCustomer(Exact):
    """A telephone number of a customer or of one of its contacts."""

    label: str
    call_field_name: str
    custom_field_name: str
    phone: str
    phone_hidden_result: str = Field(description="the masked number, where the caller is not shown it in full")
    is_invisible: bool = Field(description="whether the number is masked")
    is_enable: bool
    entity_class: Literal["Customer", "Contact"]
    entity_id: int


class ContactOfCustomer(Exact):
    """A contact as its customer shows it."""

    id: int
    name: str
    department: str
    job: str
    address: Address


class Customer(_Company):
    """A customer."""

    category: str
    category_mapped: str
    category_display: str
    industry: str
    industry_mapped: str
    industry_display: str
    staff_size: str
    staff_size_mapped: str
    staff_size_display: str
    user_third_userid: str | None
    labels: list[str]
    parent_id: int = Field(description="0 for none")
    parent: RecordName | Empty
    last_revist_log_content: str
    last_called_at: Minute
    will_flow_time: Minute = Field(description="when it goes back into its pool by itself")
    flow_into_at: Minute = Field(description="when it came into the pool that it lies in")
    not_revisit_at_time_str: str
    phones_data: list[PhoneOfCustomer]
    contacts: list[ContactOfCustomer] = Field(description="the first 100")
    attachments: str = Field(description="how many files are attached")
    history_contarct_money: Money = Field(description="what its contracts add up to")
    total_have_receive_pay: Money
    total_not_receive_pay: Money
    is_my_assist_entity: bool = Field(description="whether the caller is a collaborator")
    is_has_policy_for_assist_user: bool
    is_subscribed: bool
    cio_pid: str
    custom_field_template_id: int | None
    custom_field_template_i18n: str
    wx_external_userid: str | None
    wx_contact_type: int | None


class _OfACustomer(_Record):
    customer_id: int = Field(description="0 for none")
    customer_name: str = Field(description="empty when the caller may not see the customer")


class Contact(_OfACustomer):
    """A contact of a customer."""

    name: str
    category: str = Field(description="an option's id")
    category_mapped: str = Field(description="the option's label")
    category_display: str
    department: str
    job: str
    gender: str = Field(description="`male`, `female` or empty")
    gender_i18n: str
    birth_date: Day
    address: Address


class Opportunity(_OfACustomer):
    """An opportunity with a customer."""

    title: str
    title_pinyin: str
    expect_amount: Money
    sign_possibility: int = Field(description="percent")
    stage: str = Field(description="an option's id")
    stage_mapped: str = Field(description="the option's label")
    stage_display: str
    source: str
    source_mapped: str
    source_display: str
    kind: str
    kind_mapped: str
    kind_display: str
    expect_sign_date: Day
    get_time: Day
    customer_requirement: str


class Contract(_OfACustomer):
    """A contract with a customer."""

    title: str
    title_pinyin: str
    sn: str
    opportunity_id: int = Field(description="0 for none")
    opportunity_title: str
    total_amount: Money
    received_payments_amount: Money
    unreceived_amount: Money
    status: str = Field(description="an option's id")
    status_mapped: str = Field(description="the option's label")
    status_display: str
    category: str
    category_mapped: str
    category_display: str
    payment_type: str
    payment_type_mapped: str
    payment_type_display: str
    start_at: Day
    end_at: Day
    sign_date: Day
    customer_signer: str
    our_signer: str
    special_terms: str


class ApprovedRecord(RootModel[Customer | Contract]):
    """A customer or a contract."""


class Leads(Listed):
    """A page of leads."""

    leads: list[Lead]


class Customers(Listed):
    """A page of customers."""

    customers: list[Customer]


class Contacts(Listed):
    """A page of contacts."""

    contacts: list[Contact]


class Opportunities(Listed):
    """A page of opportunities."""

    opportunities: list[Opportunity]


class StageCount(Exact):
    """How many opportunities have a stage."""

    id: str = Field(description="the option's id; empty for what has no stage")
    value: str = Field(description="the option's label")
    count: int
    amount: Money = Field(description="what they add up to")


class OpportunitiesOfCustomer(Opportunities):
    """A page of a customer's opportunities, and all of them counted."""

    counts_by_stage: list[StageCount]


class Contracts(Listed):
    """A page of contracts."""

    contracts: list[Contract]
