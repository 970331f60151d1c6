"""Check-ins on the wire: what one carries, the object that it is answered with, and its parts in an activity."""

from collections.abc import Mapping

import orjson
from pydantic import Field

from genjin.domain.activity import Facts
from genjin.domain.calendar import Calendar
from genjin.domain.checkin import CheckInFilter, CheckInInput
from genjin.domain.directory import Directory
from genjin.domain.json import JsonValue
from genjin.domain.place import Place
from genjin.domain.records import Record, Ref
from genjin.domain.sight import WHOLE, Sight
from genjin.errors import Invalid
from genjin.wire import scalars
from genjin.wire.files.entry_files import NO_FILES, FilesShown, attached_in, files_to_wire
from genjin.wire.modules import CHECK_IN, CLASS_NAMES, display_name
from genjin.wire.params import Params, subtree, text
from genjin.wire.periods import span_of
from genjin.wire.places import place_in, place_told
from genjin.wire.records.parts import Address, address_to_wire
from genjin.wire.sales_activity import AttachmentFile, Exact, Named
from genjin.wire.targets import Errors, asked_id, asked_type, read_target
from genjin.wire.user import WireUser, user_or_none

Parts = dict[str, JsonValue]


class VisitAddress(Address):
    """Where somebody signed in or out; the coordinates as exact as the organisation keeps them."""

    id: int = Field(description="the check-in's")
    distance: str = Field(description="from the record's address, such as `120m`; empty when it is not known")
    off_distance: str = Field(description="the same of signing out")
    gaode_staticmap: str


class Visit(Exact):
    """Signing in or out."""

    id: int = Field(description="the check-in's")
    time: str = Field(description="YYYY-MM-DD HH:MM")
    detail_address: str
    lat: float
    lng: float
    distance: str


class CheckInStub(Exact):
    """The check-in behind an activity."""

    id: int
    checkin_name: str = Field(description="the name of the record that was visited")
    created_at: str = Field(description="YYYY-MM-DD HH:MM")
    address: VisitAddress


class CheckInObject(CheckInStub):
    """A check-in (拜访签到)."""

    note: str
    attachments: list[AttachmentFile] = Field(description="photos")
    checkable_type: str
    checkable_id: int
    checkable_type_display: str
    checkable: dict[str, Named] = Field(description="the record, under its class in lower case")
    sign_in: Visit
    sign_out: Visit | dict[str, JsonValue] = Field(description="`{}` while the visit lasts")
    user: WireUser | None


def target_of(params: Params) -> Ref:
    """The record that is visited. Raises Invalid."""
    return read_target(subtree(params, "checkin"), "checkable_type", "checkable_id")


def check_in_input(params: Params) -> CheckInInput:
    """Where somebody is, and what they note. Raises Invalid."""
    given = subtree(params, "checkin")
    errors: Errors = {}
    place, note = place_in(given, errors), text(given, "note")
    found = scalars.ids(params.get("attachment_ids", given.get("attachment_ids")))
    if found is None:
        errors["attachment_ids"] = ["不是有效的编号"]
    if errors:
        raise Invalid(errors)
    return CheckInInput(place, note, CheckInInput(place).attached._replace(mixed=found or ()))


def sign_out_place(params: Params) -> Place:
    """Where somebody signs out; it may be told nowhere. Raises Invalid."""
    errors: Errors = {}
    place = place_in(subtree(params, "checkin") or params, errors)
    if errors:
        raise Invalid(errors)
    return place


def check_in_filter(params: Params, calendar: Calendar, now: int) -> CheckInFilter:
    """What the list is asked for. Raises Invalid for a filter that cannot be read: it would show too much."""
    errors: Errors = {}
    wanted = CheckInFilter(
        author_id=asked_id(params, "user_id", errors),
        target_type=asked_type(params, "checkable_type", errors),
        target_id=asked_id(params, "checkable_id", errors),
        detail=text(params, "detail_address").strip(),
        span=span_of(params, calendar, now, errors, "all"),
    )
    if errors:
        raise Invalid(errors)
    return wanted


def check_in_to_wire(
    facts: Facts, target: Record, directory: Directory, files: FilesShown, sight: Sight = WHOLE
) -> Parts:
    """The check-in as every answer of its own has it."""
    rare, class_name = orjson.loads(facts.rare or b"{}"), CLASS_NAMES[target.type]
    told = check_in_parts(facts, rare, target, directory, files, sight)
    stub = told["checkin"]
    assert isinstance(stub, Mapping)
    return {
        **stub,
        "note": sight.text(orjson.loads(facts.text)) if facts.text else "",
        "attachments": told["attachments"],
        "checkable_type": class_name,
        "checkable_id": target.id,
        "checkable_type_display": display_name(directory.organisation.module_names, class_name),
        "checkable": {class_name.lower(): {"id": target.id, "name": target.name}},
        "sign_in": told["sign_in"],
        "sign_out": told["sign_out"],
        "user": user_or_none(facts.actor_id, directory),  # type: ignore[dict-item]
    }


def check_in_parts(
    facts: Facts,
    rare: Mapping[str, JsonValue],
    target: Record,
    directory: Directory,
    files: FilesShown = NO_FILES,
    sight: Sight = WHOLE,
) -> Parts:
    """The keys of an activity that a check-in fills by itself."""
    minute, id_, place = directory.calendar.minute, facts.object_id or 0, _mapping(rare.get("place"))
    left, told = _mapping(rare.get("sign_out")), _metres(rare.get("metres"))
    address = address_to_wire(place_told(place))
    off = _metres(left.get("metres"))
    beside: Parts = {"distance": told, "off_distance": off, "gaode_staticmap": ""}
    parts: Parts = {
        "address": address,
        "checkin": {
            "id": id_,
            "checkin_name": target.name,
            "created_at": minute(facts.at),
            "address": {"id": id_, **address, **beside},
        },
        "sign_in": _visit(id_, minute(facts.at), place, told),
        "sign_out": _visit(id_, minute(int(str(left["at"]))), _mapping(left.get("place")), off) if left else {},
    }
    shown = {key: sight.value(key, value) for key, value in parts.items()}
    return shown | files_to_wire(attached_in(rare), files, (CHECK_IN, id_), directory.calendar)


def _visit(id_: int, time: str, place: Mapping[str, JsonValue], metres: str) -> Parts:
    return {"id": id_, "time": time, **place_told(place), "distance": metres}


def _metres(value: JsonValue) -> str:
    return "" if value is None else f"{value}m"


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, Mapping) else {}
