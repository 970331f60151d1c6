"""Activities as they are written through /api/v1: one or many, each by the words of its kind, and changes of them."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, SkipValidation, Tag, ValidationError

from genjin.domain.activity import Facts
from genjin.domain.attachment import Attached
from genjin.domain.call import CallReport, Recording
from genjin.domain.checkin import CheckInInput
from genjin.domain.directory import Directory
from genjin.domain.followup import MAX_TEXT, FollowUpInput
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, Kind
from genjin.domain.place import Place
from genjin.domain.records import RecordType, Ref
from genjin.domain.writing import (
    MAX_EXTERNAL_ID,
    MAX_SOURCE,
    MOST_AT_ONCE,
    Content,
    CustomInput,
    External,
    NewEntry,
    Original,
    SignedOut,
    VisitInput,
)
from genjin.errors import Forbidden, Invalid
from genjin.wire.entries.call import MAX_SECONDS
from genjin.wire.places import MAX_DETAIL
from genjin.wire.records.custom_value import read_values
from genjin.wire.v1.refs import TYPES, TypeName
from genjin.wire.v1.shared import Given, Id
from genjin.wire.v1.times import Moment

MAX_NAME = 255
WRITTEN = (FOLLOW_UP_WRITTEN, CALL_MADE, CHECKED_IN)
"""The kinds that come with Genjin and may be written; the others tell of what happens to records."""
Name = Annotated[str, Field(max_length=MAX_NAME)]
Ids = list[Id]


class GivenRef(Given):
    """A record by its type and id."""

    type: TypeName
    id: Id


class GivenPlace(Given):
    """Where it was; coordinates are kept as exactly as the organisation allows."""

    detail: str = Field("", max_length=MAX_DETAIL)
    lat: float = Field(0.0, ge=-90, le=90)
    lng: float = Field(0.0, ge=-180, le=180)


class FollowUpWords(Given):
    """What only a follow-up says."""

    place: GivenPlace | None = None
    mentions: Ids = Field([], description="Colleagues.")
    contacts: Ids = Field([], description="Of the customer.")
    opportunity_id: Id | None = None
    contract_id: Id | None = None
    voice_notes: Ids = Field([], description="Uploaded recordings.")
    custom: dict[str, Any] = Field({}, description="Fields that the organisation added, by their names.")
    status_id: Id | None = Field(None, description="The record's new status, of an opportunity its stage: a choice.")


class GivenRecording(Given):
    """A recording that lies elsewhere."""

    url: str = Field(pattern=r"^https?://\S+$", max_length=2000)
    mp3_url: str | None = Field(None, pattern=r"^https?://\S+$", max_length=2000, description="Else the url.")
    seconds: int = Field(0, ge=0, le=MAX_SECONDS)


class CallWords(Given):
    """What only a call says."""

    direction: Literal["outbound", "inbound"] = "outbound"
    number: Name = Field("", description="Of the other side.")
    name: Name = Field("", description="Who was called, in the telephone's words.")
    seconds: int = Field(0, ge=0, le=MAX_SECONDS, description="Of talk.")
    connected: bool = False
    mode: int = Field(0, ge=0, le=32_767, description="How it was placed.")
    recordings: list[GivenRecording] = Field([], max_length=20)


class GivenEnd(Given):
    """The end of a visit; now where nothing is said."""

    at: Moment | None = None
    place: GivenPlace = GivenPlace()


class VisitWords(Given):
    """What only a check-in says."""

    place: GivenPlace = GivenPlace()
    signed_out: GivenEnd | None = None


Words = FollowUpWords | CallWords | VisitWords


class NewActivity(Given):
    """An activity to write."""

    kind: str = Field(max_length=64, description="Such as `follow_up.written`.")
    subject: GivenRef
    text: str = Field("", max_length=MAX_TEXT)
    said_at: Moment | None = Field(None, description="When its writer says it happened; of a follow-up.")
    remind_at: Moment | None = Field(None, description="Of a follow-up.")
    category_id: Id | None = Field(None, description="Of a follow-up: a choice.")
    details: dict[str, Any] = Field({}, description="What only this kind says.")
    files: Ids = Field([], max_length=100, description="Uploads; of a call its recordings.")
    actor_id: Id | None = Field(None, description="Who did it; administrators may name others.")
    at: Moment | None = Field(None, description="When it happened; administrators may say another time than now.")
    source: str | None = Field(None, min_length=1, max_length=MAX_SOURCE, description="The system that it came from.")
    external_id: str | None = Field(
        None, min_length=1, max_length=MAX_EXTERNAL_ID, description="Its id there: the same one is the same activity."
    )


class NewActivities(Given):
    """Many activities to write."""

    items: list[SkipValidation[NewActivity]] = Field(min_length=1, max_length=MOST_AT_ONCE)
    atomic: bool = Field(False, description="Whether none is written when one is refused.")


Writing = Annotated[
    Annotated[NewActivity, Tag("(one)")] | Annotated[NewActivities, Tag("(many)")],
    Discriminator(lambda value: "(many)" if isinstance(value, dict) and "items" in value else "(one)"),
]
"""One or many; each of many is read by itself, so that one that cannot be read does not keep out the others."""


class ActivityChange(Given):
    """What is to be changed of an activity; what is not given stays as it is."""

    text: str = Field("", max_length=MAX_TEXT)
    said_at: Moment | None = None
    remind_at: Moment | None = Field(None, description="Null for no reminder.")
    category_id: Id | None = None
    details: dict[str, Any] = Field({}, description="What only its kind says; what is not given stays as it is.")
    files: Ids = Field([], max_length=100)


def read_item(item: Any, directory: Directory) -> NewEntry:
    """One of many. Raises Invalid."""
    try:
        return new_entry(NewActivity.model_validate(item), directory)
    except ValidationError as error:
        raise Invalid(_told(error)) from None


def new_entry(given: NewActivity, directory: Directory) -> NewEntry:
    """What is to be written. Raises Invalid."""
    kind = directory.kinds.get(given.kind)
    if kind is None or not _is_written(kind, directory):
        raise Invalid({"kind": ["is not one that may be written"]})
    if (given.source is None) != (given.external_id is None):
        missing = "source" if given.source is None else "external_id"
        raise Invalid({missing: ["has to be given with the other one"]})
    named = None if given.source is None or given.external_id is None else External(given.source, given.external_id)
    return NewEntry(
        target=Ref(RecordType(TYPES[given.subject.type]), given.subject.id),
        content=_content(kind, given, directory, creating=True),
        original=Original(given.actor_id, given.at),
        external=named,
    )


def change_of(given: ActivityChange, directory: Directory) -> Callable[[Facts], Content]:
    """Reads what is to be changed by the words of the kind that the activity turns out to be of. Raises Invalid,
    Forbidden for a kind that is not changed.
    """

    def read(facts: Facts) -> Content:
        kind = directory.kind(facts.kind)
        if not _is_written(kind, directory):
            raise Forbidden("这类动态不能修改")
        return _content(kind, given, directory, creating=False)

    return read


def renamed(error: Invalid) -> Invalid:
    """What the use cases of the kinds say of their fields, by the names that these have here."""
    return Invalid({NAMES.get(field, field): texts for field, texts in error.errors.items()})


NAMES: Mapping[str, str] = {
    "content": "text",
    "note": "text",
    "category": "category_id",
    "at_user_ids": "details.mentions",
    "contacts_ids": "details.contacts",
    "opportunity_id": "details.opportunity_id",
    "contract_id": "details.contract_id",
    "loggable_attributes.status": "details.status_id",
    "loggable_attributes.stage": "details.status_id",
    "signed_out_at": "details.signed_out.at",
    "attachment_ids": "files",
    "audio_ids": "files",
}


def _content(kind: Kind, given: NewActivity | ActivityChange, directory: Directory, creating: bool) -> Content:
    """What is said, by the words of the kind. Raises Invalid."""
    if wrong := sorted(given.model_fields_set & _FOREIGN.get(kind.code, _FOREIGN_TO_CUSTOM)):
        raise Invalid({name: [f"is not a field of {kind.event}"] for name in wrong})
    if kind.code in directory.custom_kinds:
        told = frozenset("payload" if name == "details" else name for name in given.model_fields_set)
        return CustomInput(kind.code, told, given.details, given.text, given.said_at)
    match _words(_WORDS[kind.code], given.details):
        case FollowUpWords() as words:
            return _follow_up(given, words, directory, creating)
        case CallWords() as words:
            return _call(given, words)
        case VisitWords() as words:
            return _visit(given, words, creating)


def _is_written(kind: Kind, directory: Directory) -> bool:
    return kind in WRITTEN or kind.code in directory.custom_kinds


def _follow_up(
    given: NewActivity | ActivityChange, words: FollowUpWords, directory: Directory, creating: bool
) -> FollowUpInput:
    errors: dict[str, list[str]] = {}
    fields = directory.fields_of(None)
    unknown = words.custom.keys() - {field.name for field in fields}
    errors |= {name: ["没有这个字段"] for name in sorted(unknown)}
    custom = read_values(words.custom, fields, directory, errors, creating)
    if errors:
        raise Invalid({f"details.custom.{name}": texts for name, texts in errors.items()})
    parts = {"voice_notes": "audios"}
    told = {"mixed" if name == "files" else name for name in given.model_fields_set}
    told |= {parts.get(name, name) for name in words.model_fields_set if name != "custom"}
    status = None if words.status_id is None else str(words.status_id)
    return FollowUpInput(
        frozenset(told) | ({"custom"} if custom else set()),
        given.text,
        given.category_id,
        given.said_at,
        given.remind_at,
        _place(words.place) if words.place else None,
        tuple(dict.fromkeys(words.mentions)),
        tuple(dict.fromkeys(words.contacts)),
        words.opportunity_id,
        words.contract_id,
        Attached(mixed=tuple(dict.fromkeys(given.files)), audios=tuple(dict.fromkeys(words.voice_notes))),
        custom or None,
        status=status,
        stage=status,
    )


def _call(given: NewActivity | ActivityChange, words: CallWords) -> CallReport:
    told = {"dial_type" if name == "direction" else name for name in words.model_fields_set}
    return CallReport(
        frozenset(told),
        number=words.number,
        name=words.name,
        dial_type={"outbound": "outgoing", "inbound": "incoming"}[words.direction],
        mode=words.mode,
        seconds=words.seconds,
        connected=words.connected,
        recordings=tuple(Recording(0, each.url, each.mp3_url or each.url, each.seconds) for each in words.recordings),
        audio_ids=tuple(dict.fromkeys(given.files)),
    )


def _visit(given: NewActivity | ActivityChange, words: VisitWords, creating: bool) -> VisitInput:
    if not creating and ("place" in words.model_fields_set or given.files):
        raise Invalid({"details.place" if "place" in words.model_fields_set else "files": ["is not changed"]})
    end = words.signed_out
    return VisitInput(
        frozenset({"note"} if "text" in given.model_fields_set else set()),
        CheckInInput(_place(words.place), given.text, Attached(mixed=tuple(dict.fromkeys(given.files)))),
        None if end is None else SignedOut(end.at, _place(end.place)),
    )


def _words(model: type[Words], details: Mapping[str, Any]) -> Words:
    try:
        return model.model_validate(details)
    except ValidationError as error:
        raise Invalid({f"details.{field}": texts for field, texts in _told(error).items()}) from None


def _place(given: GivenPlace) -> Place:
    return Place(given.detail, given.lat, given.lng)


def _told(error: ValidationError) -> dict[str, list[str]]:
    """What pydantic says, by the path of the field."""
    told: dict[str, list[str]] = {}
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        told.setdefault(".".join(map(str, each["loc"])), []).append(each["msg"].removeprefix("Value error, "))
    return told


_WORDS: Mapping[int, type[Words]] = {
    FOLLOW_UP_WRITTEN.code: FollowUpWords,
    CALL_MADE.code: CallWords,
    CHECKED_IN.code: VisitWords,
}
_FOREIGN_TO_CUSTOM = frozenset({"remind_at", "category_id", "files"})
_FOREIGN: Mapping[int, frozenset[str]] = {
    FOLLOW_UP_WRITTEN.code: frozenset(),
    CALL_MADE.code: frozenset({"said_at", "remind_at", "category_id", "text"}),
    CHECKED_IN.code: frozenset({"said_at", "remind_at", "category_id"}),
}
"""Fields that a kind does not have."""
