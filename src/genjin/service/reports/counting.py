"""How much was done, by colleague, day or hour: what the tallies have, corrected by what they do not have yet.

The figures are those of the feed at this moment, for this viewer. What was logged since the tallies were brought up to
date says which days they are wrong about - these are counted from the entries - and of which records others see now
what happened on them: of each of these that came into the viewer's sight, or left it, the entries are added or taken
away. See docs/discussions/reports.md.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from genjin.domain.audience import NOT_SEEN, Audience
from genjin.domain.calendar import Calendar, day_number
from genjin.domain.change_log import LogOp, Place
from genjin.domain.feed import Choice
from genjin.domain.policy import Viewer
from genjin.domain.records import Ref
from genjin.domain.report import NOTHING, Asked, Tally
from genjin.service.context import Installation, Session
from genjin.store import audiences, changes, tallies
from genjin.store.tallies import State, Who
from genjin.store.transaction import Tx

Column = Literal["actor_id", "day", "hour"]
Key = tuple[int, ...]
"""What something is counted by: a value of each column."""
DAYS_AT_ONCE = 31
"""Of one statement that counts days from their entries."""
TRIES = 5
"""Other writers bring the tallies up to date between two statements of one report hardly ever twice."""


class News(NamedTuple):
    """What the tallies do not have: days to be counted anew, and records which others may see now; and up to where the
    log was read.
    """

    days: frozenset[int]
    refs: frozenset[Ref]
    place: Place


def count_done(
    installation: Installation,
    session: Session,
    asked: Asked,
    column: Column,
    numbers: Collection[str] = Tally._fields,
) -> dict[int, Tally]:
    """What the viewer sees of what was done, by id of the actor, day since 1970-01-01, or hour of the day (calls only);
    what there is nothing of is left out. Only those `numbers` of the tallies are meant, whatever the others are.
    """
    return {key: tally for (key,), tally in _counted(installation, session, asked, (column,), numbers).items()}


def count_each_day(
    installation: Installation, session: Session, asked: Asked, numbers: Collection[str] = Tally._fields
) -> dict[tuple[int, int], Tally]:
    """The same by both, id of the actor and day."""
    found = _counted(installation, session, asked, ("actor_id", "day"), numbers)
    return {(actor_id, day): tally for (actor_id, day), tally in found.items()}


def _counted(
    installation: Installation, session: Session, asked: Asked, columns: Sequence[Column], numbers: Collection[str]
) -> dict[Key, Tally]:
    def use(tx: Tx) -> dict[Key, Tally]:
        for _ in range(TRIES):
            before = tallies.version(tx, session.organisation_id)
            found = _count(tx, session, asked, columns, numbers)
            if tallies.version(tx, session.organisation_id) == before:
                break
        return {key: tally for key, tally in found.items() if tally != NOTHING}

    return installation.read_for(session, use)


def who_of(session: Session, asked: Asked) -> Who:
    """Whose doings are asked for: a feed with the same parameters has those of the same colleagues."""
    directory = session.directory

    def of(departments: Collection[int]) -> frozenset[int]:
        below = directory.below(departments)
        return frozenset(user.id for user in directory.users.values() if user.department_id in below)

    named: Choice[int] = asked.departments
    unwanted = asked.actors.unwanted | of(named.unwanted)
    if not asked.actors.wanted and not named.wanted:
        return Who(None, unwanted)
    wanted = asked.actors.wanted if not named.wanted else of(named.wanted)
    return Who(wanted & asked.actors.wanted if asked.actors.wanted else wanted, unwanted)


def usable(tx: Tx, organisation_id: int, zone: str) -> State | None:
    """How far the tallies have come, where they are any use: of these days, and with all that was logged since."""
    state = tallies.find_state(tx, organisation_id)
    if state is None or state.zone != zone or not changes.is_kept(tx, organisation_id, state.place):
        return None
    return state


def news(tx: Tx, organisation_id: int, place: Place, calendar: Calendar) -> News:
    """What was logged behind a place."""
    lines, read_to = changes.unread(tx, organisation_id, place)
    ids, spans, refs, moments = set[int](), list[tuple[int, int]](), set[Ref](), set[int]()
    for _, line in lines:
        match line.op:
            case LogOp.SIGHT:
                refs.add(line.ref)
            case LogOp.RANGE:
                spans.append((line.id, line.last_id or line.id))
            case LogOp.CREATED | LogOp.EDITED | LogOp.REMOVED:
                ids.add(line.id)
                moments.update(() if line.before_at is None else (line.before_at,))
    moments |= tallies.moments_of(tx, organisation_id, ids, spans)
    return News(frozenset(map(calendar.day_of_span, moments)), frozenset(refs), read_to)


def _count(
    tx: Tx, session: Session, asked: Asked, columns: Sequence[Column], numbers: Collection[str]
) -> dict[Key, Tally]:
    organisation_id, calendar, who = session.organisation_id, session.directory.calendar, who_of(session, asked)
    days = range(day_number(asked.period.first), day_number(asked.period.last) + 1)
    state = usable(tx, organisation_id, session.directory.organisation.time_zone)
    if state is None:
        return _live(tx, session.viewer, calendar, _with_entries(tx, organisation_id, days, calendar), who, columns)
    fresh = news(tx, organisation_id, state.place, calendar)
    stale = sorted(day for day in state.stale | fresh.days if day in days)
    kept = tallies.audiences_kept(tx, organisation_id)
    seen = {id_ for id_, audience in kept.items() if audience.seen_by(session.viewer).entries}
    span = (days[0], days[-1])
    found = tallies.kept_by(tx, organisation_id, span, stale, kept.keys() - seen, seen, who, columns, numbers)
    _add_all(found, _live(tx, session.viewer, calendar, stale, who, columns))
    for ref, sign in _crossed(tx, session.viewer, fresh.refs, kept).items():
        for entry in tallies.happened_on(tx, organisation_id, ref):
            day = calendar.day_of_span(entry.at)
            if day in days and day not in stale and who.has(entry.actor_id):
                told = {"actor_id": entry.actor_id, "day": day, "hour": calendar.hour(entry.at)}
                by = tuple(told[column] for column in columns)
                now = found.get(by, NOTHING)
                found[by] = now.plus(entry.tally) if sign > 0 else now.minus(entry.tally)
    return found


def _crossed(tx: Tx, viewer: Viewer, refs: Collection[Ref], kept: Mapping[int, Audience]) -> dict[Ref, int]:
    """Of which of these records the viewer sees what happened on them otherwise than the tallies know: 1 for those that
    came into sight, -1 for those that left it.
    """
    counted = tallies.counted_as(tx, viewer.organisation_id, refs)
    now = audiences.find(tx, viewer.organisation_id, counted)
    crossed = dict[Ref, int]()
    for ref, audience_id in counted.items():
        was = kept[audience_id].seen_by(viewer) if audience_id in kept else NOT_SEEN
        sees = now[ref].seen_by(viewer) if ref in now else NOT_SEEN
        if was.entries != sees.entries:
            crossed[ref] = 1 if sees.entries else -1
    return crossed


def _live(
    tx: Tx, viewer: Viewer, calendar: Calendar, days: Collection[int], who: Who, columns: Sequence[Column]
) -> dict[Key, Tally]:
    """These days, counted from the entries, some at a time."""
    found = dict[Key, Tally]()
    for run in _runs(sorted(days), calendar):
        since, until = calendar.span(run[0])[0], calendar.span(run[-1])[1]
        for key, tally in tallies.live_by(
            tx, viewer, since, until, who, columns, calendar.offsets(since, until)
        ).items():
            if len(run) == 1:
                key = tuple(run[0] if name == "day" else value for name, value in zip(columns, key, strict=True))
            _add_all(found, {key: tally})
    return found


def _runs(days: Sequence[int], calendar: Calendar) -> Iterator[Sequence[int]]:
    """Days that follow each other, DAYS_AT_ONCE at most, none of which sets the clocks: such a one is alone."""
    run = list[int]()
    for day in days:
        since, until = calendar.span(day)
        alone = calendar.offset(since) != calendar.offset(until - 1)
        if run and (alone or day != run[-1] + 1 or len(run) == DAYS_AT_ONCE):
            yield run
            run = []
        run.append(day)
        if alone:
            yield run
            run = []
    if run:
        yield run


def _add_all(found: dict[Key, Tally], more: Mapping[Key, Tally]) -> None:
    for key, tally in more.items():
        found[key] = found.get(key, NOTHING).plus(tally)


def _with_entries(tx: Tx, organisation_id: int, days: range, calendar: Calendar) -> range:
    """Those of the days between the first and the last activity that there is."""
    ends = tallies.ends(tx, organisation_id)
    if ends is None:
        return range(0)
    first, last = map(calendar.day_of_span, ends)
    return range(max(days.start, first), min(days.stop, last + 1))
