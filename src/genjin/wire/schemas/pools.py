"""Pools in the OpenAPI document: what goes in and what comes out (see inputs.py and answers.py)."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from genjin.domain.pools import MOST_DAYS
from genjin.wire.sales_activity import Exact
from genjin.wire.schemas.answers import Minute
from genjin.wire.schemas.input_types import (
    Anything,
    Blank,
    CheckDuplicates,
    Id,
    IdOrZero,
    Name,
    NoList,
    QueryId,
    Search,
)
from genjin.wire.schemas.inputs import Changes, Input, Paging
from genjin.wire.schemas.record_bodies import NewCustomer, NewLead, RecordQuery
from genjin.wire.user import WireUser

Days = Annotated[
    Any,
    WithJsonSchema(
        {"type": ["integer", "string", "null"], "minimum": 0, "maximum": MOST_DAYS, "pattern": "^([0-9]{1,3})?$"}
    ),
]
Ids = list[IdOrZero] | IdOrZero | NoList
ClockIn = Annotated[Any, WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"})]
Clock = Annotated[str, Field(pattern="^[0-9]{2}:[0-9]{2}$", examples=["16:00"])]


class PoolQuery(RecordQuery):
    """Which records that lie in pools, in what order."""

    common_id: QueryId = Field("", description="the pool; all that the caller may look into when not told")


class MemberQuery(Paging):
    """Which members of a pool."""

    query: Search = Field("", description="a part of the name, or of its pinyin")


class Administrators(Exact):
    """Who hands out what lies in a pool."""

    user_ids: list[int]


class Members(Exact):
    """Who may take what lies in a pool."""

    all: bool
    department_ids: list[int]
    user_ids: list[int]


class Rule(Exact):
    """When records go back by themselves; it is off while `max_unfollow_day` is 0."""

    enable_time: Minute = Field(description="since when it counts; empty while it is off")
    flow_into_type: int = Field(description="always 0")
    max_unfollow_day: int
    flow_into_time: Clock
    notify_before_unfollow_day: int = Field(description="0 for no warning")
    notify_time: Clock
    customer_categories: dict[str, str] = Field(description="`1` for those that it is for; for all when none is")


class OwnerRule(Rule):
    """The rule for records that nobody follows up."""

    astrict_unsold: bool = Field(description="whether customers with a contract are spared")


class Rules(Exact):
    """The rules of a pool."""

    owner: OwnerRule
    unsold: Rule = Field(description="the rule for customers without a contract")


class Columns(Exact):
    """Always empty."""

    super: list[str]
    common: list[str]


class CommonSetting(Exact):
    """A pool (线索池, 公海)."""

    id: int
    organization_id: int
    name: str
    admin_list: Administrators
    member_list: Members
    rule_type: int = Field(description="0: no rule, 1: of follow-ups, 2: of sales, 3: both")
    rule_config: Rules
    limit_grab_enable: bool
    limit_grab_day: int = Field(description="in which nobody takes again what they lost to the pool")
    limit_grab_enable_time: Minute
    custom_column_list: Columns
    filter_column_list: list[str]
    created_at: Minute
    updated_at: Minute


class CommonSettings(Exact):
    """The pools that the caller may look into."""

    common_settings: list[CommonSetting]


class PoolMembers(Exact):
    """A page of the members of a pool."""

    members: list[WireUser]
    total_count: int
    per_page: int
    page: int
    has_next_page: bool


class RawRecord(BaseModel):
    """A record as the upstream dumps it raw: its column names, ISO times, null for empty."""

    model_config = ConfigDict(extra="allow")

    id: int
    user_id: int | None
    name: str


class AdministratorsInput(Input):
    """Who hands out what lies in a pool."""

    user_ids: Ids = None


class MembersInput(Input):
    """Who may take what lies in a pool."""

    all: Anything = Field(None, description="read as a truth value, whatever it is")
    department_ids: Ids = None
    user_ids: Ids = None


class RuleInput(Input):
    """When records go back by themselves."""

    max_unfollow_day: Days = Field(None, description="0 turns the rule off", examples=[30])
    flow_into_time: ClockIn = Field(None, examples=["16:00"])
    notify_before_unfollow_day: Days = Field(None, description="0 for no warning")
    notify_time: ClockIn = None


class OwnerRuleInput(RuleInput):
    """When records that nobody follows up go back."""

    astrict_unsold: Anything = Field(None, description="read as a truth value, whatever it is")


class RulesInput(Input):
    """The rules of a pool."""

    owner: OwnerRuleInput | Blank = None
    unsold: RuleInput | Blank = None


class CommonSettingInput(Input):
    """What a pool is to be; what is not given stays as it is."""

    name: Name = Field(None, examples=["华东公海"])
    admin_list: AdministratorsInput | Blank = None
    member_list: MembersInput | Blank = None
    rule_type: Anything = Field(None, description="0 turns both rules off; anything else is not looked at")
    rule_config: RulesInput | Blank = None
    limit_grab_enable: Anything = Field(None, description="read as a truth value, whatever it is")
    limit_grab_day: Days = None


class NewCommonSetting(CommonSettingInput):
    """A pool to make."""

    model_config = ConfigDict(json_schema_extra={"required": ["name"]})


class CommonSettingCreation(Input):
    """A pool to make."""

    common_setting: NewCommonSetting


class CommonSettingUpdate(Changes):
    """Changes of a pool."""

    common_setting: CommonSettingInput | Blank = None


class PutBack(Changes):
    """Into which pool."""

    common_id: IdOrZero = Field(None, description="the record's own pool when not told")


class Taking(Changes):
    """Nothing is asked for."""


class HandingOut(Input):
    """To whom."""

    user_id: Id


class PooledLeadCreation(Input):
    """A lead to create in a pool."""

    common_id: Id
    lead: NewLead
    check_duplicates: CheckDuplicates = None


class PooledCustomerCreation(Input):
    """A customer to create in a pool."""

    common_id: Id
    customer: NewCustomer
    check_duplicates: CheckDuplicates = None
