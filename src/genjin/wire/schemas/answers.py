"""What the API answers with, as types. They describe, for the OpenAPI document, what the other files of the wire
write; tests/api/test_schemathesis.py holds the two together. The timeline's types are in wire/sales_activity.py.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from genjin.wire.comment import WireComment
from genjin.wire.entries.checkin import CheckInObject
from genjin.wire.envelope import Bare, Flat
from genjin.wire.files.file import FileDump
from genjin.wire.records.parts import Address
from genjin.wire.sales_activity import AttachmentFile, Audio, Empty, Exact, Named, Titled
from genjin.wire.user import FullUser, RoleName, WireUser

Minute = Annotated[
    str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2})?$", examples=["2024-04-04 10:30"])
]
"""YYYY-MM-DD HH:MM in the organisation's zone, or empty."""


class Life(Bare):
    """The process lives."""

    status: Literal["ok"]


class ReplicaState(Exact):
    """Whether a replica answers reads, and how far it is behind, as far as that is known."""

    used: bool
    lag_bytes: int | None
    lag_seconds: float | None


class Readiness(Bare):
    """The server can serve, or only read while the disk is full. `replicas` is there where GENJIN_REPLICA_URLS names
    some, in their order.
    """

    status: Literal["ok", "read_only"]
    replicas: tuple[ReplicaState, ...] = ()


class Unready(Bare):
    """Why the server cannot serve."""

    status: Literal["unavailable"]
    reason: str


class Loggable(Exact):
    """The record that a follow-up was written on."""

    id: int
    name: str
    title: str = Field("", description="of an opportunity or contract, its name again")
    approve_status: str


class FollowUp(BaseModel):
    """A follow-up (跟进). The fields that the organisation added to the form stand beside these, by their names."""

    id: int
    content: str
    loggable_type: str = Field(description="the class of the record")
    loggable_id: int
    loggable: Loggable
    real_revisit_at: Minute
    created_at: Minute
    updated_at: Minute
    attachment_files: list[AttachmentFile]
    category_display: str
    category_i18n: str
    category: str = Field(description="the category's id as text; empty for none")
    lat: float
    lng: float
    attachments: list[AttachmentFile]
    image_attachments: list[AttachmentFile]
    address: Address | Empty
    timestamp: Minute
    refer_type_display: str
    refer_name: str
    title: str
    remind_at: str = Field(description="MM月DD日 HH:MM, or empty")
    is_remind_expired: bool
    raw_remind_at: Minute
    event_url: str
    event_identifier: str
    at_users: list[WireUser]
    user: WireUser | None = Field(description="who wrote it")
    audios: list[Audio] = Field(description="voice notes")
    revisit_log_contacts: list[Named]
    revisit_log_opportunity: Titled | None
    revisit_log_contract: Titled | None


class Comments(Exact):
    """A page of comments, the oldest first."""

    comments: list[WireComment]
    total_count: int
    per_page: int
    page: int
    has_next_page: bool


class DialLog(Exact):
    """A call, as the telephone told of it."""

    id: int
    call_id: str
    caller_id: int = Field(description="the record that was called")
    caller_type: str
    user_id: int = Field(description="who called")
    organization_id: int
    number: str
    name: str
    name_type: str
    number_type: str
    dial_type: str
    talk_time: int = Field(description="seconds")
    is_connected: bool
    created_at: Minute
    updated_at: Minute


class CallerAnswer(Exact):
    """Whom a number belongs to; empty, with the id 0, when nobody is known by it."""

    name: str
    company_name: str = Field(description="of a contact its customer")
    entity_id: int
    entity_name: str = Field(description="the class: Contact, Customer or Lead")


class DialLogAnswer(Exact):
    """A call under its name."""

    dial_log: DialLog


class LoginAnswer(Exact):
    """A fresh token and whose it is."""

    user_token: str = Field(description="the token to send with every other call")
    user_id: int
    corp_id: str
    uid: int
    avatar_url: str
    confirmed_phone: bool
    set_password: bool
    fill_user_info: bool
    is_expired: bool
    api_host: str
    crm_app_token: str


class Listed(Exact):
    """A page of a list."""

    total_count: int = Field(description="over all pages")
    per_page: int
    page: int
    has_next_page: bool


class Files(Listed):
    """A page of files."""

    attachments: list[FileDump]


class FollowUps(Listed):
    """A page of follow-ups."""

    revisit_logs: list[FollowUp]


class Users(Listed):
    """A page of colleagues."""

    users: list[FullUser]


class UserChoice(Exact):
    """A colleague as one choice of a select box."""

    value: int = Field(description="the same as `id`")
    text: str = Field(description="the same as `name`")
    id: int
    name: str
    department_id: int | None
    department_name: str
    avatar_url: str


class UserChoices(Exact):
    """All colleagues."""

    simple_users: list[UserChoice]


class SimpleUsers(Flat):
    """All colleagues, once in `data` and once beside it."""

    data: UserChoices
    simple_users: list[UserChoice]


class DepartmentRow(Exact):
    """A department in the tree."""

    id: int
    name: str
    parent_id: int | None = Field(description="null at the top")
    depth: int = Field(description="1 at the top")
    users_count: int = Field(description="colleagues in it and below")
    manager_ids: list[int] = Field(description="who leads it")


class Departments(Exact):
    """The organisation's tree."""

    departments: list[DepartmentRow]
    total_count: int


class Permissions(Exact):
    """What the organisation asks for, and what the caller may do."""

    customer_approve: bool = Field(description="whether new customers are approved")
    contract_approve: bool
    role_json: RoleName | Empty
    entity_grant_scope: str = Field(description="whose records the caller sees")
    is_super_user: bool
    manage_users: bool
    enabled_number_hidden_dispose: bool = Field(description="whether telephone numbers are masked for the caller")
    hidden_fields: list[str] = Field(examples=[["customer.note"]])
    read_only_fields: list[str]


class Leaving(Exact):
    """Who left, and what was handed over."""

    user: FullUser
    transferred_count: int = Field(description="records that they owned")
    assisted_count: int = Field(description="records that they worked on")


class CallCenterUsers(Exact):
    """A page of users, as partners are answered."""

    list: list[WireUser]
    total_count: int
    total_pages: int
    current_page: int
    per_page: int


class DialLogs(Listed):
    """A page of calls."""

    dial_logs: list[DialLog]


class CheckIns(Listed):
    """A page of check-ins."""

    checkins: list[CheckInObject]


class OrganisationName(Exact):
    """An organisation to choose at sign-in."""

    corp_id: str
    name: str


class Refusal(BaseModel):
    """What is said instead of an answer."""

    model_config = ConfigDict(extra="forbid")

    code: int = Field(ge=1, description="never 0")
    message: str = Field(description="for people")
    error: str = Field(description="for programs")
    data: None
    errors: dict[str, list[str]] = Field(default_factory=dict, description="what is wrong, by field")
    org_list: list[OrganisationName] = Field(
        default_factory=list, description="the login belongs to these; sign in again with the `corp_id` of one"
    )
    api_message: str = Field(default="", description="the message again, beside `org_list`")
    request_id: str = Field(default="", description="finds an internal error in the server's log")
