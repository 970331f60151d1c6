"""Follow-ups on the wire: what a write may carry, what it answers with, the items of the list."""

import orjson

from genjin.domain.activity import Facts
from genjin.domain.attachment import Attached
from genjin.domain.calendar import Calendar
from genjin.domain.directory import FOLLOW_UP_CATEGORY, Directory
from genjin.domain.followup import FollowUpFilter, FollowUpInput
from genjin.domain.json import JsonValue
from genjin.domain.place import Place
from genjin.domain.records import Record, RecordType, Ref
from genjin.domain.sight import WHOLE, Sight
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.entries.linked import contacts_of, refs_in, titled
from genjin.wire.files.entry_files import NO_FILES, FilesShown, attached_in, files_to_wire
from genjin.wire.modules import CLASS_NAMES, FOLLOW_UP, display_name
from genjin.wire.params import Params, Value, as_list, subtree, text
from genjin.wire.periods import span_of
from genjin.wire.places import place_in, place_told
from genjin.wire.records.change import NOBODY, Names
from genjin.wire.records.custom_value import read_values, show_value
from genjin.wire.records.parts import address_to_wire
from genjin.wire.targets import Errors, asked_id, asked_type, read_target
from genjin.wire.user import user_or_none

_TITLED = (RecordType.OPPORTUNITY, RecordType.CONTRACT)


def target_of(params: Params) -> Ref:
    """The record a follow-up is written on. Raises Invalid."""
    return read_target(subtree(params, "revisit_log"), "loggable_type", "loggable_id")


def follow_up_input(params: Params, directory: Directory, creating: bool = False) -> FollowUpInput:
    """What is written; fields that the organisation added to the form are read by their names.

    Raises Invalid for a field that cannot be read, and for a required one that is missing when `creating`.
    """
    given = subtree(params, "revisit_log")
    errors: Errors = {}
    told: set[str] = set()

    def moment(key: str, name: str) -> int | None:
        if key not in given:
            return None
        told.add(name)
        found = scalars.instant(given[key], directory.calendar)
        if found is None and given[key] not in (None, ""):
            errors[key] = ["不是有效的时间：YYYY-MM-DD HH:MM"]
        return found

    said_at, remind_at = moment("real_revisit_at", "said_at"), moment("remind_at", "remind_at")
    category_id: int | None = None
    if "category" in given:
        told.add("category_id")
        category_id = scalars.id_or_none(given["category"])
        if category_id is None and given["category"] not in (None, ""):
            errors["category"] = ["不是有效的编号"]
    if "content" in given:
        told.add("text")
    place = place_in(given, errors)
    if place != Place():
        told.add("place")
    mentions = _ids(params.get("at_user_ids", given.get("at_user_ids")), "at_user_ids", errors)
    if "at_user_ids" in params or "at_user_ids" in given:
        told.add("mentions")
    contacts = _ids(params.get("contacts_ids", given.get("contacts_ids")), "contacts_ids", errors)
    if "contacts_ids" in params or "contacts_ids" in given:
        told.add("contacts")
    attached = _attached(params, given, told, errors)
    links = {name: _link(given, name, told, errors) for name in ("opportunity_id", "contract_id")}
    custom = read_values(given, directory.fields_of(None), directory, errors, creating)
    if custom:
        told.add("custom")
    content = text(given, "content")
    if errors:
        raise Invalid(errors)
    return FollowUpInput(
        frozenset(told),
        content,
        category_id,
        said_at,
        remind_at,
        place if "place" in told else None,
        mentions,
        contacts,
        **links,
        attached=attached,
        custom=custom or None,
        status=_choice(given, "status"),
        stage=_choice(given, "stage"),
    )


def follow_up_to_wire(
    facts: Facts,
    target: Record,
    directory: Directory,
    now: int,
    linked: Names = NOBODY,
    files: FilesShown = NO_FILES,
    sight: Sight = WHOLE,
) -> dict[str, JsonValue]:
    """The follow-up as its create, read and update answer with it, as far as its record is in `sight`.

    `linked` are names of records that it speaks of.
    """
    calendar, names = directory.calendar, directory.organisation.module_names
    category, class_name = directory.label(FOLLOW_UP_CATEGORY, facts.category_id), CLASS_NAMES[target.type]
    content = sight.text(orjson.loads(facts.text)) if facts.text else ""
    rare = orjson.loads(facts.rare) if facts.rare else {}
    mentioned = (user_or_none(user, directory) for user in rare.get("mentions", ()))
    refs = refs_in(rare)
    files_told = files_to_wire(attached_in(rare), files, (FOLLOW_UP, facts.object_id or 0), calendar)
    data: dict[str, JsonValue] = {
        "id": facts.object_id,
        "content": content,
        "loggable_type": class_name,
        "loggable_id": target.id,
        "loggable": _loggable(target),
        "real_revisit_at": scalars.minute_or_empty(facts.said_at, calendar),
        "created_at": calendar.minute(facts.at),
        "updated_at": calendar.minute(facts.at if facts.edited_at is None else facts.edited_at),
        "attachment_files": files_told["attachment_files"],
        "category_display": category,
        "category_i18n": category,
        "category": "" if facts.category_id is None else str(facts.category_id),
        "lat": rare["place"]["lat"] if rare.get("place") else 0.0,
        "lng": rare["place"]["lng"] if rare.get("place") else 0.0,
        "attachments": files_told["attachments"],
        "image_attachments": files_told["image_attachments"],
        "address": sight.value("", address_to_wire(place_told(rare["place"]))) if rare.get("place") else {},
        "timestamp": calendar.minute(facts.at),
        "refer_type_display": display_name(names, class_name),
        "refer_name": target.name,
        "title": category or display_name(names, FOLLOW_UP),
        "remind_at": "" if facts.remind_at is None else calendar.short(facts.remind_at),
        "is_remind_expired": facts.remind_at is not None and facts.remind_at < now,
        "raw_remind_at": scalars.minute_or_empty(facts.remind_at, calendar),
        "event_url": f"ikcrm://events?klass_name={FOLLOW_UP}&id={facts.object_id}",
        "event_identifier": "",
        "at_users": [user for user in mentioned if user is not None],  # type: ignore[misc]
        "user": user_or_none(facts.actor_id, directory),  # type: ignore[dict-item]
        "audios": files_told["audios"],
        "revisit_log_contacts": contacts_of(refs, linked),
        "revisit_log_opportunity": titled(refs, RecordType.OPPORTUNITY, linked, target),
        "revisit_log_contract": titled(refs, RecordType.CONTRACT, linked, target),
    }
    told = rare.get("custom") or {}
    for field in directory.fields_of(None):
        data |= show_value(field, sight.value(field.name, told.get(field.name)), directory)
    return data


def _loggable(target: Record) -> JsonValue:
    told = str(target.approve_status or target.details.get("approve_status") or "approved")
    title: dict[str, JsonValue] = {"title": target.name} if target.type in _TITLED else {}
    return {"id": target.id, "name": target.name, **title, "approve_status": told}


def follow_up_filter(params: Params, calendar: Calendar, now: int) -> FollowUpFilter:
    """What the list is asked for. Raises Invalid for a filter that cannot be read: it would show too much."""
    errors: Errors = {}
    wanted = FollowUpFilter(
        span=span_of(params, calendar, now, errors, "today"),
        author_id=asked_id(params, "user_id", errors),
        department_id=asked_id(params, "department_id", errors),
        target_type=asked_type(params, "loggable_type", errors),
        target_id=asked_id(params, "loggable_id", errors),
    )
    if errors:
        raise Invalid(errors)
    return wanted


def _attached(params: Params, given: Params, told: set[str], errors: Errors) -> Attached:
    """The files by the parameters that name them."""
    found = {}
    for name, key in (("mixed", "attachment_ids"), ("files", "attachment_file_ids"), ("audios", "audio_ids")):
        found[name] = _ids(params.get(key, given.get(key)), key, errors)
        if key in params or key in given:
            told.add(name)
    return Attached(**found)


def _link(given: Params, key: str, told: set[str], errors: Errors) -> int | None:
    """The id of a linked record; None, which unlinks it, when a client refers to nothing."""
    if key not in given:
        return None
    told.add(key)
    if scalars.no_id(given[key]):
        return None
    found = scalars.id_or_none(given[key])
    if found is None:
        errors[key] = ["不是有效的编号"]
    return found


def _choice(given: Params, key: str) -> str | None:
    """The id of a choice, as it is stored; what is none is looked up as it stands, and not found. None for nothing."""
    told = subtree(given, "loggable_attributes").get(key)
    if told in (None, ""):
        return None
    return str(scalars.id_or_none(told) or told)


def _ids(value: Value, key: str, errors: Errors) -> tuple[int, ...]:
    found = []
    for item in as_list(value):
        if scalars.no_id(item):
            continue
        id_ = scalars.id_or_none(item)
        if id_ is None:
            errors[key] = ["不是有效的编号"]
        elif id_ not in found:
            found.append(id_)
    return tuple(found)
