"""What the API may be told, as types: query parameters and bodies, for the OpenAPI document.

They describe what is read and refused by the other files of this room, no more strictly than those are (decisions
1 and 10); tests/api/test_schemathesis.py holds the two together. No request is checked against them.
"""

from pydantic import BaseModel, ConfigDict, Field

from genjin.wire.schemas.input_types import (
    Anything,
    Blank,
    CallId,
    ClassName,
    CommentText,
    Id,
    IdOrNone,
    IdOrZero,
    Latitude,
    Longitude,
    Mode,
    Moment,
    NoList,
    NotBlank,
    NotBlankQuery,
    NotEmpty,
    Period,
    QueryDay,
    QueryId,
    QueryIds,
    QueryText,
    Scalar,
    Seconds,
    ShortText,
    Talk,
    Text,
    TypeWord,
    Url,
)


class Input(BaseModel):
    """Read liberally: what it does not name is ignored. Its validators are made when somebody asks for the document."""

    model_config = ConfigDict(defer_build=True)


class Changes(Input):
    """A body that may say nothing: a text, a number or an array is one that does, as in Rails."""

    model_config = ConfigDict(json_schema_extra=lambda schema: schema.pop("type"))


class Paging(Input):
    """Which page."""

    page: QueryText = Field("1", description="from 1; what is no page is page 1")
    per_page: QueryText = Field("15", description="1 to 200; what is no size is 15, more than 200 is 200")


class FollowUpQuery(Paging):
    """Which follow-ups."""

    date: Period = Field("", description="`today` when neither this nor a day is given; `other` takes the next two")
    start_date: QueryDay = ""
    end_date: QueryDay = ""
    user_id: QueryId = Field("", description="who wrote them")
    department_id: QueryId = Field("", description="the department of who wrote them")
    loggable_type: TypeWord = Field("", description="the type of the record; its class name is read too")
    loggable_id: QueryId = ""


class UserQuery(Paging):
    """Which colleagues, in what order."""

    name: QueryText = Field("", description="a part of the name, of its pinyin, or of the login")
    department_id: QueryId = Field("", description="with all that lies below it")
    user_id: QueryId = ""
    except_user_id: QueryId = ""
    dingtalk_userid: QueryText = ""
    phone: QueryText = Field("", description="the whole number")
    with_left: QueryText = Field("", description="true: who has left too (ours)")
    sort: QueryText = Field("id", description="`id`, `name`, `created_at`, `department_id` or `role_id`")
    order: QueryText = Field("asc", description="`desc`, or from the first on")


class CallCenterQuery(Paging):
    """Which users a partner asks for."""

    corp_id: NotBlankQuery = Field(description="the organisation's", examples=["gjdemo"])
    user_ids: QueryIds = Field(alias="user_ids[]", description="the users' ids")
    per_page: QueryText = Field("10", description="1 to 200; what is no size is 15, more than 200 is 200")


class Successor(Input):
    """Whose all records become."""

    to_user_id: Id = Field(examples=[1])


class CheckInQuery(Paging):
    """Which check-ins."""

    user_id: QueryId = Field("", description="who made them")
    checkable_type: TypeWord = Field("", description="the type of the record; its class name is read too")
    checkable_id: QueryId = ""
    detail_address: QueryText = Field("", description="a part of the address")
    date: Period = Field("", description="`all` when neither this nor a day is given; `other` takes the next two")
    start_date: QueryDay = ""
    end_date: QueryDay = ""


class CallQuery(Paging):
    """Which calls."""

    date: Period = Field("", description="`all` when neither this nor a day is given; `other` takes the next two")
    start_date: QueryDay = ""
    end_date: QueryDay = ""
    user_id: QueryId = Field("", description="who called")
    department_id: QueryId = Field("", description="the department of who called")
    caller_type: TypeWord = Field("", description="the type of the record; its class name is read too")
    caller_id: QueryId = Field("", description="the record")
    dial_type: QueryText = Field("", description="`outgoing` or `incoming`")
    is_connected: QueryText = ""


class CallerQuery(Input):
    """Whose number."""

    phone: QueryText = Field("", description="in any of the ways in which numbers are written")


class Login(Input):
    """Who signs in."""

    login: NotBlank = Field(description="account or phone", examples=["demo"])
    password: NotEmpty = Field(examples=["demo"])
    corp_id: Text = Field(None, description="the organisation, when the login belongs to several")
    device: Anything = Field(None, description="read by the upstream, ignored here", examples=["open_api"])
    version_code: Anything = Field(None, description="read by the upstream, ignored here", examples=["9.9.9"])


class AppLogin(Login):
    """Who signs in from the mobile application."""

    client_id: Anything = Field(None, description="read by the upstream, ignored here")


class LoggableChanges(Input):
    """What a follow-up changes of its record."""

    status: IdOrNone = Field(None, description="the record's new status, an option's id")
    stage: Anything = Field(None, description="the same of an opportunity; of other records not looked at")


class PlaceInput(Input):
    """The address of a place."""

    detail_address: Text = None


class FollowUpInput(Input):
    """What a follow-up is to say; what is not given stays as it is."""

    content: Text = Field(None, examples=["已电话沟通，约下周拜访。"])
    category: IdOrNone = Field(None, description="an option's id")
    real_revisit_at: Moment = Field(None, description="when it happened", examples=["2024-04-04 10:30"])
    remind_at: Moment = Field(None, description="when to be reminded")
    loggable_attributes: LoggableChanges | Blank = None
    address_attributes: PlaceInput | Blank = None
    lat: Latitude = Field(None, description="degrees north")
    lng: Longitude = Field(None, description="degrees east")
    opportunity_id: IdOrZero = Field(None, description="the opportunity that it belongs to (ours)")
    contract_id: IdOrZero = Field(None, description="the contract that it belongs to (ours)")


class NewFollowUp(FollowUpInput):
    """A follow-up and the record that it is written on."""

    loggable_type: ClassName = Field(examples=["Lead"])
    loggable_id: Id = Field(examples=[1])


class FollowUpCreation(Input):
    """A follow-up to write."""

    revisit_log: NewFollowUp
    at_user_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="colleagues to mention")
    contacts_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="contacts concerned")
    attachment_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="uploaded pictures, or any files")
    attachment_file_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="uploaded files")
    audio_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="uploaded voice notes")


class FollowUpUpdate(Changes):
    """Changes of a follow-up."""

    revisit_log: FollowUpInput | Blank = None
    at_user_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="colleagues to mention")
    contacts_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="contacts concerned")
    attachment_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="uploaded pictures, or any files")
    attachment_file_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="uploaded files")
    audio_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="uploaded voice notes")


class AudioInput(Input):
    """A recording that lies elsewhere (ours)."""

    file_url: Url = Field(examples=["https://example.com/recording.mp3"])
    mp3_file_url: Scalar = None
    duration: Seconds = Field(None, description="seconds")


class CallInput(Input):
    """What the telephone tells of a call; all values may be texts."""

    call_id: ShortText = None
    number: ShortText = Field(None, examples=["13400000001"])
    name: ShortText = None
    name_type: ShortText = None
    number_type: ShortText = None
    dial_type: ShortText = Field(None, description="`outgoing` or `incoming`", examples=["outgoing"])
    talk_time: Talk = Field(None, description="seconds", examples=["0"])
    call_mode: Mode = None
    is_connected: Scalar = Field(None, description="read as a truth value, whatever it says", examples=["false"])


class NewCall(CallInput):
    """A call and the record that is called."""

    caller_type: ClassName = Field(examples=["Lead"])
    caller_id: Id = Field(examples=[1])


class _Recordings(Input):
    audio_ids: list[IdOrZero] | IdOrZero | NoList = Field(
        None, description="uploaded recordings; `0` is the dialler's none", examples=[["0"]]
    )
    audios: list[AudioInput] | AudioInput | NoList = Field(None, description="recordings that lie elsewhere (ours)")


class CallStart(_Recordings):
    """A call that begins."""

    dial_log: NewCall


class CallEnd(_Recordings, Changes):
    """A call that is over."""

    dial_log: CallInput | Blank = None


class CommentInput(Input):
    """What a comment is to say; what is not given stays as it is."""

    content: CommentText = None
    parent_id: IdOrZero = Field(None, description="the comment that it replies to; it stays the same")
    at_user_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="mentioned colleagues")


class NewComment(CommentInput):
    """What is said about an activity."""

    content: CommentText
    parent_id: IdOrZero = Field(None, description="the comment that it replies to")


class CommentCreation(Input):
    """A comment on the activity that the path names."""

    comment: NewComment


class PlacedComment(NewComment):
    """A comment, and the activity that it is on."""

    sales_activity_id: Id


class PlacedCommentCreation(Input):
    """A comment on the activity that the body names."""

    comment: PlacedComment


class CommentUpdate(Changes):
    """What is changed of a comment."""

    comment: CommentInput | Blank = None


class HangUp(Input):
    """A notice that a call is over; what is told of it may also stand in `dial_log`."""

    call_id: CallId = Field(examples=["c-20240404-17"])
    talk_time: Talk = Field(None, description="seconds")
    is_connected: Scalar = Field(None, description="read as a truth value, whatever it says")


class SignOutInput(Input):
    """Where somebody leaves from."""

    detail_address: Text = None
    address_attributes: PlaceInput | Blank = None
    lat: Latitude = Field(None, description="degrees north")
    lng: Longitude = Field(None, description="degrees east")


class CheckInInput(SignOutInput):
    """Where somebody is, and what they note."""

    note: Text = Field(None, examples=["前台说采购下周回来"])
    checkable_type: ClassName = Field(examples=["Customer"])
    checkable_id: Id = Field(examples=[1])


class CheckInCreation(Input):
    """Signing in at a record's."""

    checkin: CheckInInput
    attachment_ids: list[IdOrZero] | IdOrZero | NoList = Field(None, description="uploaded photos")


class CheckInEnd(Changes):
    """Signing out."""

    checkin: SignOutInput | Blank = None
