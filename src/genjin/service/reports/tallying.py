"""Keeps the tallies up to date, from the log of changes: how they are counted, and put right.

Whatever is done here can be done again: a day is counted as a whole, and what happened on a record is moved from the
audience that it is counted by to the one that it has. So lines of the log may be read twice, which those of
transactions that overlap are.
"""

from collections.abc import Callable, Collection, Mapping

from genjin.domain.calendar import Calendar, calendar_of
from genjin.domain.records import Ref
from genjin.domain.report import NOTHING, Tally
from genjin.service.context import Installation
from genjin.service.reports.counting import news, usable
from genjin.service.sweeping import sweep
from genjin.store import audiences, changes, people, tallies
from genjin.store.tallies import Daily, Happened, Hourly, State
from genjin.store.transaction import Tx

COUNTED_AT_ONCE = 3_000
"""Entries of one transaction, or a little more: a day is not taken apart. It holds the writer for some hundredths of a
second.
"""
MOVED_AT_ONCE = 100
"""Records of one transaction whose entries are counted by another audience."""


def keep_tallies(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> int:
    """Bring the tallies of every organisation up to date; how many days and records were counted anew."""
    total = 0
    for organisation in installation.database.read(people.all_organisations, organisation_id=None):
        if go_on():
            total += keep_tallies_of(installation, organisation.id, go_on)
    return total


def keep_tallies_of(installation: Installation, organisation_id: int, go_on: Callable[[], bool] = lambda: True) -> int:
    """The same of one organisation."""
    if not installation.database.read(lambda tx: _behind(tx, organisation_id), organisation_id):
        return 0
    moved = sweep(installation, organisation_id, _take_news, go_on)
    return moved + sweep(installation, organisation_id, _count_some, go_on)


def rebuild_tallies(tx: Tx, organisation_id: int) -> State:
    """Throw the tallies of an organisation away; every day that something happened on is to be counted."""
    tallies.hold(tx, organisation_id)
    calendar, zone = _calendar(tx, organisation_id)
    tallies.forget(tx, organisation_id)
    place, ends = changes.end(tx, organisation_id), tallies.ends(tx, organisation_id)
    days = [] if ends is None else range(calendar.day_of_span(ends[0]), calendar.day_of_span(ends[1]) + 1)
    state = State(place, zone, frozenset(days), 0)
    tallies.put_state(tx, organisation_id, state)
    return state


def wrong_days(installation: Installation, organisation_id: int) -> list[int]:
    """The days of which the tallies are not what the entries say, those left out that are to be counted anyway. What
    seems wrong is looked at again, since others write meanwhile.
    """

    def days(tx: Tx) -> range:
        calendar, zone = _calendar(tx, organisation_id)
        ends = tallies.ends(tx, organisation_id)
        if ends is None or usable(tx, organisation_id, zone) is None:
            return range(0)
        return range(calendar.day_of_span(ends[0]), calendar.day_of_span(ends[1]) + 1)

    def is_right(tx: Tx, day: int) -> bool:
        calendar, zone = _calendar(tx, organisation_id)
        state = usable(tx, organisation_id, zone)
        if state is None:
            return True
        fresh = news(tx, organisation_id, state.place, calendar)
        return day in state.stale | fresh.days or check_day(tx, organisation_id, day, fresh.refs)

    def found_wrong(day: int) -> bool:
        return not installation.database.read(lambda tx: is_right(tx, day), organisation_id)

    return [day for day in installation.database.read(days, organisation_id) if found_wrong(day) and found_wrong(day)]


def check_day(tx: Tx, organisation_id: int, day: int, moved: Collection[Ref] = ()) -> bool:
    """Whether the tallies of a day are what its entries say. What happened on a record that was `moved` since then is
    counted by the audience that it had.
    """
    calendar, _ = _calendar(tx, organisation_id)
    entries = tallies.happened(tx, organisation_id, *calendar.span(day))
    found = audiences.find(tx, organisation_id, {entry.target for entry in entries})
    by = dict.fromkeys(found, 0) | tallies.known_ids(tx, organisation_id, found)
    by |= tallies.counted_as(tx, organisation_id, [ref for ref in found if ref in moved])
    return tallies.day_kept(tx, organisation_id, day) == _tallied(entries, by, calendar)


def _behind(tx: Tx, organisation_id: int) -> bool:
    """Whether there is anything to do."""
    _, zone = _calendar(tx, organisation_id)
    state = usable(tx, organisation_id, zone)
    return state is None or bool(state.stale) or bool(changes.unread(tx, organisation_id, state.place)[0])


def _take_news(tx: Tx, organisation_id: int) -> int:
    """Note which days have to be counted, and count by their present audience what happened on some records; how many
    of these there were. Only when none is left are the lines behind it.
    """
    tallies.hold(tx, organisation_id)
    calendar, zone = _calendar(tx, organisation_id)
    state = usable(tx, organisation_id, zone)
    if state is None:
        rebuild_tallies(tx, organisation_id)
        return 0
    fresh = news(tx, organisation_id, state.place, calendar)
    stale = state.stale | fresh.days
    moved = _move_some(tx, organisation_id, fresh.refs, stale, calendar)
    place = state.place if moved else fresh.place
    if moved or stale != state.stale or place != state.place:
        tallies.put_state(tx, organisation_id, State(place, zone, stale, state.version))
    return moved


def _move_some(tx: Tx, organisation_id: int, refs: Collection[Ref], stale: Collection[int], calendar: Calendar) -> int:
    counted = tallies.counted_as(tx, organisation_id, refs)
    now = tallies.ids_of_audiences(tx, organisation_id, audiences.find(tx, organisation_id, counted))
    others = [ref for ref in sorted(now) if now[ref] != counted[ref]][:MOVED_AT_ONCE]
    daily, hourly = dict[tuple[int, int, int], Tally](), dict[tuple[int, int, int, int], Tally]()
    for ref in others:
        for entry in tallies.happened_on(tx, organisation_id, ref):
            day, hour, who = calendar.day_of_span(entry.at), calendar.hour(entry.at), entry.actor_id
            if day in stale:
                continue
            for audience_id, tally in ((counted[ref], NOTHING.minus(entry.tally)), (now[ref], entry.tally)):
                key = day, audience_id, who
                daily[key] = daily.get(key, NOTHING).plus(tally)
                if tally.calls:
                    by_hour = day, hour, audience_id, who
                    hourly[by_hour] = hourly.get(by_hour, NOTHING).plus(tally)
    if others:
        tallies.move(tx, organisation_id, daily, hourly)
        tallies.count_as(tx, organisation_id, {ref: now[ref] for ref in others})
        tallies.forget_audiences(tx, organisation_id, {counted[ref] for ref in others})
    return len(others)


def _count_some(tx: Tx, organisation_id: int) -> int:
    """Count some of the days that have to be, the latest first; how many."""
    tallies.hold(tx, organisation_id)
    calendar, zone = _calendar(tx, organisation_id)
    state = tallies.find_state(tx, organisation_id)
    if state is None or state.zone != zone:
        return 0
    done, counted = list[int](), 0
    for day in sorted(state.stale, reverse=True):
        counted += _count_day(tx, organisation_id, day, calendar)
        done.append(day)
        if counted >= COUNTED_AT_ONCE or len(done) >= COUNTED_AT_ONCE // 10:
            break
    if done:
        tallies.put_state(tx, organisation_id, state._replace(stale=state.stale.difference(done)))
    return len(done)


def _count_day(tx: Tx, organisation_id: int, day: int, calendar: Calendar) -> int:
    """Count a day; how many entries it has. A record that nothing was counted of yet is counted by its audience."""
    entries = tallies.happened(tx, organisation_id, *calendar.span(day))
    refs = {entry.target for entry in entries}
    by = tallies.counted_as(tx, organisation_id, refs)
    fresh = audiences.find(tx, organisation_id, refs - by.keys())
    if fresh:
        found = tallies.ids_of_audiences(tx, organisation_id, fresh)
        tallies.count_as(tx, organisation_id, found)
        by |= found
    tallies.put_day(tx, organisation_id, day, *_tallied(entries, by, calendar))
    return len(entries)


def _tallied(entries: Collection[Happened], by: Mapping[Ref, int], calendar: Calendar) -> tuple[Daily, Hourly]:
    """The tallies of a day, by the audiences of the records; what happened on no record is seen by nobody."""
    daily, hourly = Daily(), Hourly()
    for entry in entries:
        audience_id, tally = by.get(entry.target), entry.tally
        if audience_id is None or tally == NOTHING:
            continue
        daily[audience_id, entry.actor_id] = daily.get((audience_id, entry.actor_id), NOTHING).plus(tally)
        if tally.calls:
            key = calendar.hour(entry.at), audience_id, entry.actor_id
            hourly[key] = hourly.get(key, NOTHING).plus(tally)
    return daily, hourly


def _calendar(tx: Tx, organisation_id: int) -> tuple[Calendar, str]:
    organisation = people.organisation(tx, organisation_id)
    assert organisation is not None
    return calendar_of(organisation.time_zone), organisation.time_zone
