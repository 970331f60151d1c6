"""The answer of `GET /api/v2/:entity_type/:entity_id/sales_activities`: its 50 keys in their order, and its envelope.

This is the one definition of the contract: the OpenAPI schema, the templates of the hot path and the reading of
captured answers all come from these types. Every field is explained in docs/reference/contract.md.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from genjin.wire.comment import WireComment
from genjin.wire.user import WireUser


class Exact(BaseModel):
    """No other keys than these. Its validators are made when they are needed, which a server does not."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Audio(Exact):
    """A recording. The duration is in seconds, once as text and once as a number."""

    id: int
    file_url: str
    mp3_file_url: str
    duration: str
    duration_seconds: int
    oss_type: int | None
    is_convert_to_mp3: bool


class AttachmentFile(Exact):
    """A file of an entry: an element of `attachments`, `image_attachments` and `attachment_files`."""

    id: int
    file_url: str = Field(description="of a picture its thumbnail")
    origin_url: str
    public_url: str
    name: str
    file_file_name: str
    file_content_type: str
    file_file_size: int
    attachmentable_id: int | None
    attachmentable_type: str | None
    upload_time: str = Field(description="YYYY-MM-DD HH:MM")
    note: str
    sub_type: str


class Named(Exact):
    """A record that an entry is linked to."""

    id: int
    name: str


class Titled(Exact):
    """An opportunity or contract."""

    id: int
    title: str


class RefersDisplay(Exact):
    """A row of related records."""

    label: str
    value: list[Named]
    type: str


class RevisitLogStub(Exact):
    """The follow-up behind the activity, and whether the viewer owns and wrote it."""

    id: int
    is_user_self: bool
    is_creator_self: bool


class ReferInfo(Exact):
    """Points at the record that it happened on."""

    id: int
    type: str
    source: str | None
    sub_id: int | None
    source_app: int


class Empty(Exact):
    """`{}`"""


class SalesActivity(Exact):
    """One activity. Every one has these 50 keys; one that does not apply has its own empty form (decision 5)."""

    id: int
    user: WireUser | Empty
    title: str
    timestamp: str = Field(description="YYYY-MM-DD HH:MM in the organisation's zone; orders the list")
    description: str
    comments_count: int
    refer_type_display: str
    comments: list[WireComment]
    refer_type: str
    refer_name: str
    refer_id: int
    is_common_customer: bool
    attachments: list[AttachmentFile]
    image_attachments: list[AttachmentFile]
    attachment_files: list[AttachmentFile]
    address: dict[str, Any]
    remind_at: str
    remind_at_display: str
    saleable_name: str
    saleable_id: int | dict[str, Any] = Field(description="an id; of a created record its raw dump (decision 4)")
    saleable_type: str
    saleable_type_display: str
    saleable_dial_type: str
    activity_type_display: str
    activity_type: str
    audios: list[Audio]
    at_users: list[WireUser]
    real_revisit_at: str
    is_lead_and_turned: bool
    revisit_log_contacts: list[Named]
    updated_at: str
    created_at: str
    real_created_at: str
    call_type_display: str
    origin_description: str
    common_customer_source: str | None
    revisit_log: RevisitLogStub | Empty
    refers_display: list[RefersDisplay] | None
    revisit_log_contract: Titled | None
    revisit_log_opportunity: Titled | None
    checkin: dict[str, Any]
    sign_in: dict[str, Any]
    sign_out: dict[str, Any]
    contacts: list[Named]
    contract: Titled | Empty
    opportunity: Titled | Empty
    refer_approve_status: str | None
    refer_info: ReferInfo | Empty
    from_skb_info: dict[str, Any]
    call_mode: int


KEYS = tuple(SalesActivity.model_fields)


class DayGroup(Exact):
    """The activities of one day, newest first."""

    date: str = Field(description="YYYY-MM-DD 星期X", pattern=r"^\d{4}-\d{2}-\d{2} 星期[一二三四五六日]$")
    activities: list[SalesActivity]


class UserConfigColumns(BaseModel):
    """Column settings of the follow-up card."""

    revisit_log: list[Any]
    dx_revisit_log: Any = None


class SalesActivities(Exact):
    """The answer's `data`."""

    sales_activities: list[DayGroup]
    default_image_url: str
    user_config_columns: UserConfigColumns
    total_count: int
    per_page: int
    page: int
