"""What the parameters of a feed mean, in words: for the chips that tell what an address asks for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from genjin.domain.directory import STATUS_LISTS, Directory
from genjin.domain.records import RecordType
from genjin.web.calling import PageCall
from genjin.web.queries import Address
from genjin.web.texts import _
from genjin.wire.v1.feed import NOT

GROUPS: Mapping[str, str] = {
    "talk": _("Follow-ups"),
    "call": _("Calls"),
    "visit": _("Visits"),
    "change": _("Changes"),
    "system": _("System"),
}
KINDS: Mapping[str, str] = {
    **GROUPS,
    "follow_up.written": _("Follow-ups"),
    "call.made": _("Calls"),
    "checkin.made": _("Visits"),
    "record.created": _("Created"),
    "record.edited": _("Edited"),
    "record.status_changed": _("Status changed"),
    "record.assigned": _("Handed over"),
    "record.shared": _("Collaborators changed"),
    "record.pooled": _("Put into a pool"),
    "record.taken": _("Taken from a pool"),
    "lead.converted": _("Converted into a customer"),
    "lead.conversion_undone": _("Conversion undone"),
    "record.merged": _("Merged"),
    "record.merge_undone": _("Merging undone"),
    "record.approval_changed": _("Approval"),
    "record.deleted": _("Deleted"),
    "record.restored": _("Restored"),
    "record.return_warned": _("About to return to the pool"),
    "activity.captured": _("Captured elsewhere"),
}
TYPES: Mapping[str, str] = {
    "leads": _("Leads"),
    "customers": _("Customers"),
    "contacts": _("Contacts"),
    "opportunities": _("Opportunities"),
    "contracts": _("Contracts"),
}
HAS: Mapping[str, str] = {
    "recording": _("With a recording"),
    "picture": _("With a picture"),
    "comment": _("With a comment"),
}
_PLAIN: Mapping[tuple[str, str], str] = {
    ("converted", "1"): _("Leads that are customers now"),
    ("converted", "0"): _("Not on leads that are customers now"),
    ("standing", "1"): _("On records that are still there"),
    ("standing", "0"): _("On records that are gone"),
    ("connected", "1"): _("Answered calls"),
    ("connected", "0"): _("Calls that nobody answered"),
    ("answered", "yes"): _("Somebody was in touch"),
    ("answered", "!yes"): _("Nobody was in touch"),
    ("via", "own"): _("On the record itself"),
    ("via", "relation"): _("Through other records"),
    ("order", "oldest"): _("The oldest first"),
}
_OF_THE_SHOWING = ("order", "fold", "counts", "group", "clock", "format", "period")


def kind_name(call: PageCall, name: str) -> str:
    """What a kind or a group of kinds is called; an organisation's own kind by its label."""
    if name in KINDS:
        return call.say(KINDS[name])
    custom = call.session.directory.custom_kind(name)
    if custom is None:
        return name
    return (custom.definition.label_zh if call.language == "zh" else custom.definition.label_en) or name


def chips(call: PageCall, address: Address) -> list[tuple[str, Address]]:
    """What an address asks for, a text each, and the address that does not ask for it. The days are one text."""
    told = list[tuple[str, Address]]()
    if days := _days(call, address):
        told.append((days, address.without("from", "to")))
    for name, value in address.pairs:
        if text := _said(call, name, value):
            told.append((text, address.dropping(name, value)))
    return told


def _days(call: PageCall, address: Address) -> str:
    first, last = ((address.values(name) or [""])[-1] for name in ("from", "to"))
    if first and first == last:
        day = _date(first)
        return first if day is None else f"{call.times.day(day)} {call.times.weekday(day)}"
    if not first:
        return call.say(_("Up to %(day)s"), day=_day(call, last)) if last else ""
    return f"{_day(call, first)} – {_day(call, last)}" if last else call.say(_("From %(day)s"), day=_day(call, first))


def _day(call: PageCall, text: str) -> str:
    day = _date(text)
    return text if day is None else call.times.day(day)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _said(call: PageCall, name: str, value: str) -> str:
    if (name, value) in _PLAIN:
        return call.say(_PLAIN[name, value])
    if name in _OF_THE_SHOWING or name not in _SAID:
        return ""
    plain = value.removeprefix(NOT)
    said = _SAID[name](call, plain)
    return call.say(_("Not: %(what)s"), what=said) if value.startswith(NOT) else said


def _person(call: PageCall, value: str) -> str:
    if value == "me":
        return call.say(_("Me"))
    if value == "none":
        return call.say(_("Nobody"))
    user = call.session.directory.users.get(_number(value))
    return user.name if user else value


def _option(fields: Sequence[str]) -> Callable[[PageCall, str], str]:
    def label(call: PageCall, value: str) -> str:
        if value == "none":
            return call.say(_("None"))
        directory: Directory = call.session.directory
        return next((text for field in fields if (text := directory.label(field, value))), value)

    return label


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _span(call: PageCall, value: str) -> str:
    first, _sep, last = value.partition("..")
    return call.say(
        _("A talk, call or visit between %(first)s and %(last)s"), first=_day(call, first), last=_day(call, last)
    )


_STATUSES = _option([STATUS_LISTS[type_] for type_ in RecordType if type_ in STATUS_LISTS])
_SAID: Mapping[str, Callable[[PageCall, str], str]] = {
    "kind": kind_name,
    "actor": _person,
    "owner": lambda call, value: call.say(_("Owner: %(who)s"), who=_person(call, value)),
    "department": lambda call, value: call.session.directory.department_name(_number(value)) or value,
    "subject": lambda call, value: call.say(_("On %(what)s"), what=value),
    "type": lambda call, value: call.say(TYPES.get(value, value)),
    "has": lambda call, value: call.say(HAS.get(value, value)),
    "via": lambda call, value: call.say(TYPES.get(value, value)),
    "q": lambda _call, value: f"“{value}”",
    "status": lambda call, value: call.say(_("Status now: %(what)s"), what=_STATUSES(call, value)),
    "left_status": lambda call, value: call.say(_("Left status: %(what)s"), what=_STATUSES(call, value)),
    "record_source": lambda call, value: call.say(
        _("Source: %(what)s"), what=_option(["lead.source", "customer.source"])(call, value)
    ),
    "answered": lambda call, value: call.say(
        _("Somebody was in touch within %(hours)s hours"), hours=f"{_number(value) / 3600:g}"
    ),
    "active": _span,
    "hour": lambda _call, value: f"{value}:00 – {value}:59",
    "as_of": lambda call, value: call.say(_("As it was known at %(time)s"), time=value),
}
