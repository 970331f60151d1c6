"""What may be told of records, as types: the queries of lists and the bodies of writes (see inputs.py)."""

from pydantic import ConfigDict, Field

from genjin.wire.schemas.input_types import (
    Amount,
    ApprovalWord,
    Blank,
    CheckDuplicates,
    Day,
    EntityWord,
    Gender,
    Id,
    IdOrNone,
    IdOrZero,
    Latitude,
    Longitude,
    Moment,
    Name,
    NoList,
    Nothing,
    OptionId,
    Percent,
    QueryDays,
    QueryId,
    QueryPhone,
    QueryText,
    Search,
    SearchedField,
    ShortText,
    Tab,
    Text,
)
from genjin.wire.schemas.inputs import Changes, Input, Paging

_DAYS = "first and last day; one alone is that day"


class RecordQuery(Paging):
    """Which records, in what order."""

    query: Search = Field("", description="a part of the name or company name, or of its pinyin")
    custom_field_name: SearchedField = Field("", description="the one field that `query` is a part of")
    tab_type: Tab = Field(
        "", description="`my`, `sub` (others' records), `common` (in a pool), `assist`, `sub_assist`, `deleted`, or all"
    )
    user_id: QueryId = Field("", description="the owner")
    department_id: QueryId = ""
    status: QueryText = Field("", description="an option's id")
    source: QueryText = Field("", description="an option's id")
    category: QueryText = Field("", description="an option's id")
    approve_status: ApprovalWord = Field("", description="what was never asked to be approved is `approved`")
    created_at: QueryDays = Field(alias="created_at[]", default=[], description=_DAYS)
    updated_at: QueryDays = Field(alias="updated_at[]", default=[], description=_DAYS)
    real_revisit_at: QueryDays = Field(alias="real_revisit_at[]", default=[], description=_DAYS)
    has_phone: QueryText = Field("", description="whether there is a telephone number")
    all_phone_number: QueryPhone = Field("", description="one of the telephone numbers, as a whole")
    sort: QueryText = Field("created_at", description="the field to sort by")
    order: QueryText = Field("desc", description="`asc`, or newest first")


class _OfACustomerQuery(RecordQuery):
    entity: EntityWord = Field("", description="what `entity_id` is")
    entity_id: QueryId = Field("", description="what the records belong to")


class ContactQuery(_OfACustomerQuery):
    """Which contacts, in what order."""


class OpportunityQuery(_OfACustomerQuery):
    """Which opportunities, in what order."""

    stage: QueryText = Field("", description="an option's id")
    kind: QueryText = Field("", description="an option's id")


class ContractQuery(_OfACustomerQuery):
    """Which contracts, in what order."""


class AddressInput(Input):
    """Parts of an address."""

    lat: Latitude = Field(None, description="degrees north (ours)")
    lng: Longitude = Field(None, description="degrees east (ours)")
    detail_address: Text = None
    tel: Text = None
    phone: Text = None
    email: Text = None
    qq: Text = None
    fax: Text = None
    wechat: Text = None
    wangwang: Text = None
    zip: Text = None
    url: Text = None


class _RecordInput(Input):
    user_id: IdOrNone = Field(None, description="the owner; the caller when a new record has none")
    want_department_id: IdOrNone = Field(None, description="the department; the owner's when not told")
    revisit_remind_at: Moment = None
    note: Text = None


class _CompanyInput(_RecordInput):
    company_name: ShortText = None
    status: OptionId = Field(None, description="an option's id")
    source: OptionId = Field(None, description="an option's id")
    customer_requirement: Text = None
    address_attributes: AddressInput | Blank = None


class LeadInput(_CompanyInput):
    """What a lead is to be; what is not given stays as it is."""

    name: Name = Field(None, examples=["示例线索"])
    department: Text = None
    job: Text = None
    channel_code: Text = None


class NewLead(LeadInput):
    """A lead to create."""

    model_config = ConfigDict(json_schema_extra={"required": ["name"]})


class _OwnContact(_RecordInput):
    name: Name = Field(None, examples=["示例联系人"])
    category: OptionId = Field(None, description="an option's id")
    department: Text = None
    job: Text = None
    gender: Gender = None
    birth_date: Day = None
    address_attributes: AddressInput | Blank = None


class ContactInput(_OwnContact):
    """What a contact is to be; what is not given stays as it is."""

    customer_id: IdOrZero = Field(None, description="whose contact it is")


class NestedContact(_OwnContact):
    """A contact to create with its customer."""

    model_config = ConfigDict(json_schema_extra={"required": ["name"]})


class _OwnOpportunity(_RecordInput):
    title: Name = Field(None, examples=["示例商机"])
    expect_amount: Amount = None
    stage: OptionId = Field(None, description="an option's id")
    source: OptionId = Field(None, description="an option's id")
    kind: OptionId = Field(None, description="an option's id")
    sign_possibility: Percent = None
    expect_sign_date: Day = None
    get_time: Day = None
    customer_requirement: Text = None


class OpportunityInput(_OwnOpportunity):
    """What an opportunity is to be; what is not given stays as it is."""

    customer_id: Id = Field(None, description="whose opportunity it is", examples=[1])


class NestedOpportunity(_OwnOpportunity):
    """An opportunity to create with its customer."""

    model_config = ConfigDict(json_schema_extra={"required": ["title"]})


class ContractInput(_RecordInput):
    """What a contract is to be; what is not given stays as it is."""

    title: Name = Field(None, examples=["示例合同"])
    customer_id: Id = Field(None, description="whose contract it is", examples=[1])
    opportunity_id: IdOrZero = Field(None, description="an opportunity of the same customer")
    total_amount: Amount = None
    status: OptionId = Field(None, description="an option's id")
    category: OptionId = Field(None, description="an option's id")
    payment_type: OptionId = Field(None, description="an option's id")
    start_at: Day = None
    end_at: Day = None
    sign_date: Day = None
    sn: Text = Field(None, description="the contract's number")
    customer_signer: Text = None
    our_signer: Text = None
    special_terms: Text = None


class NewContact(ContactInput):
    """A contact to create."""

    model_config = ConfigDict(json_schema_extra={"required": ["name"]})


class NewOpportunity(OpportunityInput):
    """An opportunity to create."""

    model_config = ConfigDict(json_schema_extra={"required": ["title", "customer_id"]})


class NewContract(ContractInput):
    """A contract to create."""

    model_config = ConfigDict(json_schema_extra={"required": ["title", "customer_id"]})


class CustomerInput(_CompanyInput):
    """What a customer is to be; what is not given stays as it is."""

    name: Name = Field(None, examples=["示例客户"])
    category: OptionId = Field(None, description="an option's id")
    industry: OptionId = Field(None, description="an option's id")
    staff_size: OptionId = Field(None, description="an option's id")
    parent_id: IdOrZero = Field(None, description="the customer above it")
    labels: list[Text] | Text | NoList = None
    contacts_attributes: list[NestedContact | Nothing] | NestedContact | NoList = None
    opportunities_attributes: list[NestedOpportunity | Nothing] | NestedOpportunity | NoList = None


class NewCustomer(CustomerInput):
    """A customer to create."""

    model_config = ConfigDict(json_schema_extra={"required": ["name"]})


class LeadCreation(Input):
    """A lead to create."""

    lead: NewLead
    check_duplicates: CheckDuplicates = None


class LeadUpdate(Changes):
    """Changes of a lead."""

    lead: LeadInput | Blank = None
    check_duplicates: CheckDuplicates = None


class CustomerCreation(Input):
    """A customer to create."""

    customer: NewCustomer
    check_duplicates: CheckDuplicates = None
    refer_lead_id: IdOrZero = Field(None, description="the lead that is converted into this customer")


class CustomerUpdate(Changes):
    """Changes of a customer."""

    customer: CustomerInput | Blank = None
    check_duplicates: CheckDuplicates = None


class ContactCreation(Input):
    """A contact to create."""

    contact: NewContact


class ContactUpdate(Changes):
    """Changes of a contact."""

    contact: ContactInput | Blank = None


class OpportunityCreation(Input):
    """An opportunity to create."""

    opportunity: NewOpportunity


class OpportunityUpdate(Changes):
    """Changes of an opportunity."""

    opportunity: OpportunityInput | Blank = None


class ContractCreation(Input):
    """A contract to create."""

    contract: NewContract


class ContractUpdate(Changes):
    """Changes of a contract."""

    contract: ContractInput | Blank = None
