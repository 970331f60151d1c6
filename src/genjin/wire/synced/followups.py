"""A follow-up as the list of follow-ups tells of it, beside the timeline that shows it. All ids are the upstream's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from genjin.domain.activity import Draft
from genjin.domain.calendar import Calendar
from genjin.domain.custom_field import CustomField
from genjin.domain.followup import FollowUpDetails
from genjin.domain.json import JsonValue
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.domain.records import RecordType, Ref
from genjin.wire import scalars
from genjin.wire.modules import RECORD_TYPES, type_of_class
from genjin.wire.records.forms import MAX_TEXT
from genjin.wire.synced.entries import place_from_wire
from genjin.wire.synced.records import read_added
from genjin.wire.told import MAX_INDEXED, Told


@dataclass(frozen=True, slots=True)
class ToldFollowUp:
    """A follow-up as an activity whose own id is not told. `links` are what it is linked to, `people` the colleagues
    who are shown in it, `target_name` and `category` are as they are called.
    """

    draft: Draft
    target_name: str
    category: str
    links: Sequence[Ref] = ()
    people: Sequence[JsonValue] = ()
    custom: Mapping[str, JsonValue] = field(default_factory=dict)


def follow_up_place(body: JsonValue) -> tuple[int, Ref] | None:
    """The id of an item, and the record that it was written on; None where one of them cannot be read."""
    if not isinstance(body, Mapping):
        return None
    id_, target_id, name = (body.get(key) for key in ("id", "loggable_id", "loggable_type"))
    found, on = scalars.id_or_none(id_), scalars.id_or_none(target_id)
    type_ = type_of_class(name) if isinstance(name, str) else None
    return None if found is None or on is None or type_ is None else (found, Ref(type_, on))


def follow_up_from_wire(body: JsonValue, added: Sequence[CustomField], calendar: Calendar) -> ToldFollowUp:
    """An item of the list. `added` are the fields that the form has beside its own. Raises Invalid."""
    told = Told(body, calendar)
    type_ = RECORD_TYPES.get(told.text("loggable_type", MAX_INDEXED))
    if type_ is None:
        told.errors["loggable_type"] = ["is no record of ours"]
    author, mentioned = told.body.get("user"), told.objects("at_users")
    made, edited = told.minute("created_at") or 0, told.optional_minute("updated_at")
    custom = {each.name: read_added(each, told) for each in added if each.name in told.body}
    draft = Draft(
        kind=FOLLOW_UP_WRITTEN,
        actor_id=_id(author) or 0,
        target=Ref(type_ or RecordType.LEAD, told.id("loggable_id")),
        at=made,
        recorded_at=made,
        object_id=told.id("id"),
        said_at=told.optional_minute("real_revisit_at"),
        edited_at=None if edited == made else edited,
        remind_at=told.optional_minute("raw_remind_at"),
        text=told.text("content", MAX_TEXT),
        details=FollowUpDetails(
            place=place_from_wire(told.body.get("address")),
            mentions=tuple(id_ for each in mentioned if (id_ := scalars.id_or_none(each.get("id"))) is not None),
        ),
    )
    links = [Ref(RecordType.CONTACT, id_) for each in told.objects("revisit_log_contacts") if (id_ := _id(each))]
    for key, linked in (
        ("revisit_log_opportunity", RecordType.OPPORTUNITY),
        ("revisit_log_contract", RecordType.CONTRACT),
    ):
        if (id_ := _id(told.body.get(key))) and linked is not type_:
            links.append(Ref(linked, id_))
    category, name = told.text("category_display", MAX_INDEXED), told.text("refer_name", MAX_TEXT)
    if not draft.actor_id:
        told.errors["user.id"] = ["is no positive 32-bit id"]
    told.check()
    custom = {key: value for key, value in custom.items() if value not in (None, "", [])}
    return ToldFollowUp(draft, name, category, links, [author, *mentioned], custom)


def _id(value: JsonValue) -> int | None:
    return scalars.id_or_none(value.get("id")) if isinstance(value, Mapping) else None
