"""An activity of an upstream's timeline: read as captured ones are, and then made ours where that says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from genjin.domain.activity import Draft, Facts
from genjin.domain.calendar import Calendar
from genjin.domain.checkin import CheckInDetails, SignOut
from genjin.domain.comment import MAX_COMMENT, Comment
from genjin.domain.directory import Directory
from genjin.domain.followup import FollowUpDetails
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CHECKED_IN
from genjin.domain.people import Organisation
from genjin.domain.place import Place
from genjin.domain.records import Record, RecordType, Ref
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.entries.checkin import check_in_parts
from genjin.wire.modules import CHECK_IN, RECORD_TYPES
from genjin.wire.places import place_told
from genjin.wire.records.parts import address_to_wire
from genjin.wire.timeline.capture import CapturedActivity, activity_from_wire
from genjin.wire.timeline.captured_values import captured_values
from genjin.wire.told import Told

_OF_TARGET = ("is_lead_and_turned", "refer_approve_status", "is_common_customer", "common_customer_source")
"""What an entry says of its record as it is now."""
_CONTACTS = ("revisit_log_contacts", "refers_display")
_TITLED = {
    "revisit_log_opportunity": RecordType.OPPORTUNITY,
    "revisit_log_contract": RecordType.CONTRACT,
}


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """One activity. `draft` has what is ours already; its captured values are the rest.

    `people` are the colleagues who are shown in it, as they came. `links` are what a follow-up is linked to, which is
    ours only if all of them are here; otherwise `links_told` are captured values too. `approval`, `pooled` and
    `came_from` are of its record: its state of approval, whether it lies in a pool, the pool that it came from.
    """

    captured: CapturedActivity
    draft: Draft
    body: Mapping[str, JsonValue]
    people: Sequence[JsonValue] = ()
    comments: Sequence[Comment] = ()
    links: Sequence[Ref] = ()
    links_told: Mapping[str, JsonValue] = field(default_factory=dict)
    approval: str | None = None
    pooled: bool = False
    came_from: str = ""


def entry_from_wire(body: JsonValue, calendar: Calendar) -> ToldEntry:
    """Read one activity. Raises Invalid by key."""
    captured = activity_from_wire(body, calendar)
    assert isinstance(body, Mapping)
    draft, details = captured.draft, captured.draft.details
    if (visit := _check_in(draft, body, calendar)) is not None:
        draft, details = visit
    assert details is not None
    rest = dict(details.captured or {})
    people: list[JsonValue] = [body["user"]]
    if body.get("refer_type") in RECORD_TYPES:
        for key in _OF_TARGET:
            rest.pop(key, None)
    comments = _comments(body, calendar, people)
    if comments is None:
        comments = []
    else:
        rest.pop("comments", None)
        more = (scalars.integer(rest.pop("comments_count", 0)) or 0) - len(comments)
        rest |= {"comments_count": more} if more > 0 else {}
    links: list[Ref] = []
    links_told: dict[str, JsonValue] = {}
    if isinstance(details, FollowUpDetails):
        mentions = _mentions(rest, people)
        place = _place(rest)
        links, links_told = _links(rest, draft.target.type)
        details = replace(details, mentions=mentions, place=place)
    details = replace(details, captured=rest or None)
    approval, source = body.get("refer_approve_status"), body.get("common_customer_source")
    return ToldEntry(
        captured,
        replace(draft, details=details),
        body,
        people,
        comments,
        links,
        links_told,
        approval if isinstance(approval, str) and 0 < len(approval) <= 16 else None,
        body.get("is_common_customer") is True,
        source[:255] if isinstance(source, str) else "",
    )


def _check_in(draft: Draft, body: Mapping[str, JsonValue], calendar: Calendar) -> tuple[Draft, CheckInDetails] | None:
    """The activity as a check-in, if it says nothing else than one of ours would; None otherwise."""
    visit, left = body.get("checkin"), body.get("sign_out")
    if body.get("saleable_type") != CHECK_IN or body.get("activity_type") != "create" or not isinstance(visit, Mapping):
        return None
    id_, place, address = (
        scalars.id_or_none(visit.get("id")),
        place_from_wire(body.get("address")),
        visit.get("address"),
    )
    if id_ is None or place is None or not isinstance(address, Mapping) or body.get("refer_type") not in RECORD_TYPES:
        return None
    sign_out = None
    if isinstance(left, Mapping) and left:
        at, where = scalars.instant(left.get("time"), calendar), {key: left.get(key) for key in ("lat", "lng")}
        there = place_from_wire(address_to_wire({**where, "detail_address": left.get("detail_address")}))
        if at is None or there is None:
            return None
        sign_out = SignOut(at, there, _metres(left.get("distance")))
    details = CheckInDetails(place, _metres(address.get("distance")), sign_out)
    text, name = body.get("origin_description"), body.get("refer_name")
    if not isinstance(text, str) or not isinstance(name, str):
        return None
    rare: dict[str, Any] = {
        "place": asdict(place),
        "metres": details.metres,
        "sign_out": sign_out and {**asdict(sign_out), "place": asdict(sign_out.place)},
    }
    facts = Facts(0, CHECKED_IN.code, 0, 1, 1, id_, draft.at, None, draft.at, None, None, None, None, None)
    target = Record(draft.target.type, draft.target.id, name, None, None, None, 0, 0)
    zone = Directory(Organisation(0, "", "", time_zone=calendar.zone.key))
    told = check_in_parts(facts, rare, target, zone)
    if any(told[key] != body.get(key) for key in ("address", "checkin", "sign_in", "sign_out")):
        return None
    found = replace(draft, kind=CHECKED_IN, object_id=id_, text=text, said_at=None, details=details)
    return found, replace(details, captured=captured_values(body, found, details, calendar))


def _metres(told: JsonValue) -> int | None:
    """`120m`"""
    return scalars.integer(told[:-1]) if isinstance(told, str) and told.endswith("m") else None


def _mentions(rest: dict[str, JsonValue], people: list[JsonValue]) -> tuple[int, ...]:
    """Who is mentioned, if all of them can be read; then it is captured no more."""
    shown = rest.get("at_users")
    if not isinstance(shown, list) or not shown:
        return ()
    found = [scalars.id_or_none(each.get("id")) if isinstance(each, Mapping) else None for each in shown]
    if None in found or len(set(found)) < len(found):
        return ()
    people += rest.pop("at_users")  # type: ignore[arg-type]
    return tuple(id_ for id_ in found if id_ is not None)


def _place(rest: dict[str, JsonValue]) -> Place | None:
    """Where it was written; then it is captured no more."""
    found = place_from_wire(rest.get("address"))
    if found is not None:
        del rest["address"]
    return found


def place_from_wire(shown: JsonValue) -> Place | None:
    """A place of which an address says all; None where it says more, or nothing."""
    if not isinstance(shown, Mapping):
        return None
    detail, lat, lng = (shown.get(key) for key in ("detail_address", "lat", "lng"))
    if not isinstance(detail, str) or not all(isinstance(each, int | float) for each in (lat, lng)):
        return None
    if address_to_wire(place_told({"detail": detail, "lat": lat, "lng": lng})) != shown:
        return None
    return Place(detail, float(lat), float(lng))  # type: ignore[arg-type]


def _links(rest: dict[str, JsonValue], target: RecordType) -> tuple[list[Ref], dict[str, JsonValue]]:
    """The contacts that a follow-up concerns, its opportunity and its contract; and how that was captured."""
    links, told = list[Ref](), dict[str, JsonValue]()
    contacts, rows = rest.get("revisit_log_contacts"), rest.get("refers_display")
    if isinstance(contacts, list) and contacts and isinstance(rows, list) and len(rows) == 2:
        ids = [scalars.id_or_none(each.get("id")) if isinstance(each, Mapping) else None for each in contacts]
        if None not in ids and isinstance(rows[0], Mapping) and rows[0].get("value") == contacts:
            links += [Ref(RecordType.CONTACT, id_) for id_ in ids if id_ is not None]
            told |= {key: rest.pop(key) for key in _CONTACTS}
    for key, type_ in _TITLED.items():
        shown = rest.get(key)
        id_ = scalars.id_or_none(shown.get("id")) if isinstance(shown, Mapping) else None
        if id_ is not None and target is not type_:
            links.append(Ref(type_, id_))
            told[key] = rest.pop(key)
    return links, told


def _comments(body: Mapping[str, JsonValue], calendar: Calendar, people: list[JsonValue]) -> list[Comment] | None:
    """The comments that are shown; None where one of them cannot be read."""
    shown = body.get("comments")
    if shown in (None, []):
        return []
    if not isinstance(shown, list):
        return None
    try:
        found = [_comment(each, body, calendar) for each in shown]
    except Invalid:
        return None
    for each in shown:
        if isinstance(each, Mapping):
            people += [each.get("user"), *(each.get("at_users") or ())]
    return found


def _comment(body: JsonValue, entry: Mapping[str, JsonValue], calendar: Calendar) -> Comment:
    told = Told(body, calendar)
    author, parent = (told.body.get(key) for key in ("user", "parent"))
    if not isinstance(author, Mapping) or told.body.get("audios") not in (None, []):
        raise Invalid({"user": ["is no object, or there is something to hear"]})
    mentioned = told.objects("at_users")
    made, edited = told.minute("created_at"), told.optional_minute("updated_at")
    comment = Comment(
        id=told.id("id"),
        activity_id=scalars.id_or_none(entry.get("id")) or 0,
        author_id=Told(author, calendar).id("id"),
        text=told.text("content", MAX_COMMENT),
        created_at=made or 0,
        parent_id=scalars.id_or_none(parent.get("id")) if isinstance(parent, Mapping) else None,
        edited_at=None if edited == made else edited,
        mentions=tuple(id_ for each in mentioned if (id_ := scalars.id_or_none(each.get("id"))) is not None),
    )
    told.check()
    if not comment.author_id or len(comment.mentions) < len(mentioned):
        raise Invalid({"user.id": ["is no positive 32-bit id"]})
    return comment
