"""What is needed to write on a record: its choices, the records beside it, quick times, and one's reminders on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from genjin.domain.calendar import Calendar
from genjin.domain.custom_field import CustomField
from genjin.domain.directory import FOLLOW_UP_CATEGORY, STATUS_LISTS
from genjin.domain.field_rights import check_writable
from genjin.domain.people import Option, User
from genjin.domain.phones import first_number
from genjin.domain.policy import may_write_for_others
from genjin.domain.record_view import RecordView
from genjin.domain.records import Record, RecordFilter, RecordType, Ref
from genjin.domain.reminder import Reminder
from genjin.domain.timeline import Page
from genjin.errors import Forbidden, NotFound
from genjin.service.inbox.reminding import reminders_on
from genjin.service.organisation.people import suggest_users
from genjin.service.records.customer_parts import list_parts
from genjin.service.records.views import show_records
from genjin.web.calling import PageCall, Posted
from genjin.web.forms import Typed, new_key
from genjin.web.pages.uploads import uploads_in
from genjin.web.texts import _
from genjin.wire.v1.refs import TYPE_NAMES

PARTS = (RecordType.CONTACT, RecordType.OPPORTUNITY, RecordType.CONTRACT)
"""What belongs to customers."""
MOST_PARTS, MOST_COLLEAGUES = 50, 200
"""How many records and colleagues a form offers."""
AFTERNOON, MORNING = 15, 10
"""The hours that quick reminders are set to."""
LOCAL = "%Y-%m-%dT%H:%M"
"""As a browser's field for times has it."""


class Choice(NamedTuple):
    """A time that is chosen quickly: as the form sends it, and what it is called."""

    value: str
    label: str
    at: int


class Part(NamedTuple):
    """Records of a type that belong to a customer: the newest ones, and how many there are."""

    views: Sequence[RecordView] = ()
    total: int = 0

    def besides(self, ref: Ref) -> list[Record]:
        """The records, but not this one."""
        return [view.record for view in self.views if view.record.ref != ref]


class Callee(NamedTuple):
    """Who can be called: the record or one of its contacts, with a number as it is shown."""

    ref: str
    name: str
    number: str


@dataclass(frozen=True)
class Composer:
    """All that the forms of a record offer."""

    ref: str
    name: str
    type: RecordType
    categories: Sequence[Option]
    statuses: Sequence[Option]
    status_label: str
    callees: Sequence[Callee]
    parts: Mapping[RecordType, Part]
    contacts: Sequence[Record]
    opportunities: Sequence[Record]
    contracts: Sequence[Record]
    custom: Sequence[CustomField]
    quick_times: Sequence[Choice]
    colleagues: Sequence[User]
    reminders: Sequence[Reminder]
    may_say_when: bool
    coordinates: str


def composer_for(call: PageCall, view: RecordView) -> Composer:
    """What may be written on a record that is shown."""
    directory, record = call.session.directory, view.record
    parts = {type_: _part(call, record, type_) for type_ in PARTS}
    beside = {type_: [] if type_ is record.type else part.besides(record.ref) for type_, part in parts.items()}
    statuses = directory.choices(STATUS_LISTS.get(record.type, "")) if _may_move(call, view) else ()
    people = [record, *parts[RecordType.CONTACT].besides(record.ref)]
    return Composer(
        ref=ref_text(record.ref),
        name=record.name,
        type=record.type,
        categories=directory.choices(FOLLOW_UP_CATEGORY),
        statuses=statuses,
        status_label=directory.label(STATUS_LISTS.get(record.type, ""), record.status),
        callees=[_callee(call, each) for each in people],
        parts=parts,
        contacts=beside[RecordType.CONTACT],
        opportunities=beside[RecordType.OPPORTUNITY],
        contracts=beside[RecordType.CONTRACT],
        custom=directory.fields_of(None),
        quick_times=quick_times(call.calendar, call.now),
        colleagues=[] if call.is_partial else suggest_users(call.session, "", MOST_COLLEAGUES),
        reminders=reminders_on(call.installation, call.session, record.ref),
        may_say_when=may_write_for_others(call.viewer),
        coordinates=directory.organisation.coordinates.value,
    )


def typed_again(call: PageCall, form: Posted, errors: Mapping[str, Sequence[str]], key: str = "") -> Typed:
    """A form as it was sent, with what is wrong with it."""
    users = call.session.directory.users
    mentioned = [users[int(id_)] for id_ in form.texts("at_user_ids") if id_.isdecimal() and int(id_) in users]
    return Typed(form, errors, uploads_in(call, form), mentioned, key or form.text("key") or new_key())


def quick_times(calendar: Calendar, now: int) -> list[Choice]:
    """This afternoon, tomorrow, next Monday and in a week: those that are still to come, each once."""
    today = calendar.local(now).date()
    monday = today + timedelta(days=7 - today.weekday())
    offered = (
        (today, AFTERNOON, _("This afternoon")),
        (today + timedelta(days=1), MORNING, _("Tomorrow")),
        (monday, MORNING, _("Next Monday")),
        (today + timedelta(days=7), MORNING, _("In a week")),
    )
    found: dict[int, Choice] = {}
    for day, hour, label in offered:
        local = datetime(day.year, day.month, day.day, hour)
        at = calendar.instant(local)
        if at > now:
            found.setdefault(at, Choice(local.strftime(LOCAL), label, at))
    return list(found.values())


def ref_text(ref: Ref) -> str:
    """`customers/12`, which is its path too."""
    return f"{TYPE_NAMES[ref.type]}/{ref.id}"


def _may_move(call: PageCall, view: RecordView) -> bool:
    """Whether the viewer may give the record another status."""
    try:
        check_writable(call.viewer, view.record.type, "status")
    except Forbidden:
        return False
    return view.editable


def _part(call: PageCall, record: Record, type_: RecordType) -> Part:
    """What belongs to the customer of a record, as it is shown; nothing where that is not seen."""
    customer_id = record.id if record.type is RecordType.CUSTOMER else record.customer_id
    if customer_id is None or record.type is RecordType.LEAD:
        return Part()
    try:
        page = Page(1, MOST_PARTS)
        found, total = list_parts(call.installation, call.session, customer_id, RecordFilter(type_), page)
    except NotFound:
        return Part()
    return Part(show_records(call.installation, call.session, found), total)


def _callee(call: PageCall, record: Record) -> Callee:
    return Callee(ref_text(record.ref), record.name, first_number(record.details, call.viewer.number_fields))
