"""Entries as pages show them: what /api/v1 says of each, the edits that one of them stands for, and the days."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from genjin.domain.feed import Moment
from genjin.domain.records import Ref
from genjin.service.feed.entry import EntryView
from genjin.service.feed.reading import FeedPage
from genjin.web.calling import PageCall
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
