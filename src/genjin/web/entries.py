"""Entries as pages show them: what /api/v1 says of each, the edits that one of them stands for, and the days."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from genjin.domain.feed import Moment
from genjin.domain.kinds import FOREIGN
from genjin.domain.records import Ref
from genjin.service.feed.entry import EntryView
from genjin.service.feed.reading import FeedPage
from genjin.web.assets import icons_drawn
from genjin.web.calling import PageCall
from genjin.web.looks import ICONS
from genjin.web.texts import _
from genjin.wire.records.custom_value import show_value
from genjin.wire.v1.activity import activity_to_wire
from genjin.wire.v1.feed import folded_to_wire
from genjin.wire.v1.refs import read_ref

Entry = Mapping[str, Any]
"""An Activity of /api/v1; of a page also `folded`, as there, and `run`: each of the edits that it stands for."""


class Day(NamedTuple):
    """A day of the reader's zone with its entries, in the order of their page."""

    date: date
    entries: list[Entry]


def entries_of(call: PageCall, page: FeedPage, clock: Moment = Moment.AT) -> list[Entry]:
    """The entries of a page of a feed, for parts/entry.html."""
    form = replace(call.form, subjects=page.subjects)
    found = list[Entry]()
    for facts in page.views.entries:
        run = page.folded.get(facts.id, ())
        found.append(
            activity_to_wire(facts, page.views, form)
            | {
                "folded": folded_to_wire(run, clock, call.calendar),
                "run": [activity_to_wire(each, page.views, form) for each in run],
            }
        )
    return found


def entry_of(call: PageCall, view: EntryView) -> Entry:
    """One entry by itself; where the address names a record by `subject`, as it is in the timeline of that."""
    form = replace(call.form, subjects=_subjects(call.request.query_params.get("subject", "")))
    return activity_to_wire(view.facts, view.views, form) | {"folded": None, "run": []}


def _subjects(text: str) -> frozenset[Ref]:
    try:
        return frozenset({read_ref(text)})
    except ValueError:
        return frozenset()


def by_day(call: PageCall, entries: Sequence[Entry], clock: Moment = Moment.AT) -> list[Day]:
    """The entries by the days on which they happened. Where clocks are set back over midnight a day comes twice."""
    days: list[Day] = []
    for entry in entries:
        day = call.times.local(entry[clock] or entry["at"]).date()
        if not days or days[-1].date != day:
            days.append(Day(day, []))
        days[-1].entries.append(entry)
    return days


def icon_of(call: PageCall, entry: Entry) -> str:
    """The icon of an entry; of the organisation's own kinds the one that they name, if there is such a one."""
    custom = call.session.directory.custom_kind(entry["kind"])
    if custom is not None and custom.definition.icon in icons_drawn():
        return custom.definition.icon
    return ICONS.get(entry["kind"], ICONS[entry["group"]])


def told_beside(call: PageCall, entry: Entry) -> list[tuple[str, str]]:
    """What an entry says that only its organisation knows the meaning of: fields that were added to follow-ups, what a
    program told of the organisation's own kinds, what a captured entry was called.
    """
    details, directory = entry["details"], call.session.directory
    if entry["kind"] not in ICONS:
        return [(name, _plain(value)) for name, value in details.items() if _plain(value)]
    if entry["kind"] == FOREIGN.event:
        called = details.get("captured", {}).get("activity_type_display")
        return [(call.say(_("Called")), called)] if isinstance(called, str) else []
    given = details.get("custom", {})
    fields = [field for field in directory.fields_of(None) if given.get(field.name)]
    said = [(field, show_value(field, given[field.name], directory)) for field in fields]
    return [(field.label, _plain(text.get(f"{field.name}_display") or text[field.name])) for field, text in said]


def _plain(value: Any) -> str:
    """A value of JSON as people read it; empty for what lies deeper."""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, list):
        return "、".join(filter(None, map(_plain, value)))
    return str(value) if isinstance(value, str | int | float) else ""
