"""Tallies: how much each colleague did on each day, kept apart by who sees it, so that a report of a year adds up some
ten thousand rows and not a million.

All that happened on one record is seen by the same people, its audience (see domain/audience.py). So a tally is kept
for each day, audience and colleague, and the policy is asked once for each audience that there is. By which audience a
record's entries are counted stands in `tallied_records`. Writers know nothing of tallies: what they do is in the log of
changes, from which `service/reports/tallying.py` keeps them up to date and `service/reports/counting.py` learns what
they do not have yet.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Select, and_, case, delete, func, select, text

from genjin.domain.audience import Audience, packed, unpacked
from genjin.domain.calendar import DAY
from genjin.domain.change_log import Place
from genjin.domain.kinds import CALL_MADE, CHECKED_IN, FOLLOW_UP_WRITTEN, LEAD_CONVERTED, RECORD_CREATED
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.domain.report import NOTHING, Tally
from genjin.store.feed_conditions import DAYS_BEFORE, local_time
from genjin.store.tables import (
    activities,
    calls,
    daily_tallies,
    hourly_tallies,
    tallied_records,
    tally_audiences,
    tally_states,
    timeline,
)
from genjin.store.transaction import MOST_IDS, Row, Tx, batched
from genjin.store.visible import entry_visible

COUNTED = tuple(
    sorted(kind.code for kind in (CALL_MADE, FOLLOW_UP_WRITTEN, CHECKED_IN, RECORD_CREATED, LEAD_CONVERTED))
)
"""The codes of the kinds of which there are tallies."""
NOBODY = -1
"""No user's id."""
_HOURS = range(24)
_OF_CALLS = 3
"""The first so many numbers of a tally are of calls."""


class State(NamedTuple):
    """How far the tallies have come: everything up to this place of the log is in them, but for the `stale` days, which
    have to be counted. `zone` is the one whose days they are of.
    """

    place: Place
    zone: str
    stale: frozenset[int]
    version: int


class Happened(NamedTuple):
    """What is counted of one entry."""

    at: int
    actor_id: int
    kind: int
    target_type: int
    target_id: int
    connected: bool | None
    seconds: int | None

    @property
    def target(self) -> Ref:
        return Ref(RecordType(self.target_type), self.target_id)

    @property
    def tally(self) -> Tally:
        if self.kind == CALL_MADE.code:
            return Tally(1, int(bool(self.connected)), self.seconds or 0)
        lead = self.target_type == RecordType.LEAD
        return Tally(
            follow_ups=int(self.kind == FOLLOW_UP_WRITTEN.code),
            visits=int(self.kind == CHECKED_IN.code),
            leads=int(lead and self.kind == RECORD_CREATED.code),
            conversions=int(self.kind == LEAD_CONVERTED.code),
        )


class Who(NamedTuple):
    """Whose doings are counted: one of `wanted` (None: anybody's), and none of `unwanted`."""

    wanted: frozenset[int] | None = None
    unwanted: frozenset[int] = frozenset()

    def has(self, actor_id: int) -> bool:
        """Whether theirs are."""
        return (self.wanted is None or actor_id in self.wanted) and actor_id not in self.unwanted

    def condition(self, column: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
        """The same in SQL."""
        if self.wanted is not None:
            yield column.in_(sorted(self.wanted) or [NOBODY])
        if self.unwanted:
            yield column.not_in(sorted(self.unwanted))


Daily = dict[tuple[int, int], Tally]
"""Tallies of a day by audience and colleague."""
Hourly = dict[tuple[int, int, int], Tally]
"""The same of calls by hour, audience and colleague."""


def find_state(tx: Tx, organisation_id: int) -> State | None:
    """How far the tallies of an organisation have come; None where there are none."""
    row = tx.execute(select(tally_states).where(tally_states.c.organisation_id == organisation_id)).one_or_none()
    if row is None:
        return None
    _, written_in, number, at, zone, stale, version = row
    return State(Place(written_in, number, at), zone, frozenset(orjson.loads(stale)), version)


def put_state(tx: Tx, organisation_id: int, state: State) -> None:
    """Tell how far they have come now; its version is one more."""
    values = dict(zip(("written_in", "number", "at"), state.place, strict=True))
    told = {"time_zone": state.zone, "stale": orjson.dumps(sorted(state.stale)), "version": state.version + 1}
    tx.put(tally_states, [{"organisation_id": organisation_id, **values, **told}])


def version(tx: Tx, organisation_id: int) -> int:
    """Another number after every change of the tallies; 0 where there are none."""
    found = select(tally_states.c.version).where(tally_states.c.organisation_id == organisation_id)
    return tx.execute(found).scalar() or 0


def hold(tx: Tx, organisation_id: int) -> None:
    """Let nobody else change the tallies until this transaction ends."""
    if tx.engine == "postgresql":
        key = f"tallies {organisation_id}"
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def forget(tx: Tx, organisation_id: int) -> None:
    """Throw all tallies away."""
    for table in (tally_states, tally_audiences, tallied_records, daily_tallies, hourly_tallies):
        tx.execute(delete(table).where(table.c.organisation_id == organisation_id))


def ends(tx: Tx, organisation_id: int) -> tuple[int, int] | None:
    """When the first and the last activity of an organisation happened; None where there is none."""
    row = tx.execute(
        select(
            *(
                select(extreme(activities.c.at))
                .where(activities.c.organisation_id == organisation_id)
                .scalar_subquery()
                for extreme in (func.min, func.max)
            )
        )
    ).one()
    return None if row[0] is None else (row[0], row[1])


def moments_of(tx: Tx, organisation_id: int, ids: Collection[int], spans: Iterable[tuple[int, int]]) -> set[int]:
    """When these activities happened, and those with ids in these spans; taken back or not."""
    a = activities.c
    found = set[int]()
    for some in batched(sorted(ids), MOST_IDS):
        found.update(tx.execute(select(a.at).where(a.organisation_id == organisation_id, a.id.in_(some))).scalars())
    for first, last in spans:
        within = select(a.at).distinct().where(a.organisation_id == organisation_id, a.id.between(first, last))
        found.update(tx.execute(within).scalars())
    return found


def happened(tx: Tx, organisation_id: int, since: int, until: int) -> list[Happened]:
    """What is counted, of all of the organisation in a span of time."""
    a = activities.c
    wanted = _told(organisation_id).where(a.organisation_id == organisation_id, a.at >= since, a.at < until)
    return [Happened._make(row) for row in tx.execute(wanted)]


def happened_on(tx: Tx, organisation_id: int, ref: Ref) -> list[Happened]:
    """What is counted, of what happened on one record."""
    t, a = timeline.c, activities.c
    ids = select(t.activity_id).where(
        t.organisation_id == organisation_id,
        t.subject_type == int(ref.type),
        t.subject_id == ref.id,
        t.via == int(ref.type),
    )
    wanted = _told(organisation_id).where(a.organisation_id == organisation_id, a.id.in_(ids), a.target_id == ref.id)
    return [Happened._make(row) for row in tx.execute(wanted.where(a.target_type == int(ref.type)))]


def audiences_kept(tx: Tx, organisation_id: int) -> dict[int, Audience]:
    """Every audience of which there are tallies, by its id."""
    kept = select(tally_audiences.c.id, tally_audiences.c.told)
    rows = tx.execute(kept.where(tally_audiences.c.organisation_id == organisation_id))
    return {row[0]: _audience(row[1]) for row in rows}


def ids_of_audiences(tx: Tx, organisation_id: int, some: Mapping[Ref, Audience]) -> dict[Ref, int]:
    """The ids of these audiences; one that is not known yet is given one. Called while the tallies are held."""
    known = _known(tx, organisation_id)
    found, fresh = dict[Ref, int](), list[Row]()
    following = max(known.values(), default=0) + 1
    for ref, audience in some.items():
        told = _told_of(ref, audience)
        if told not in known:
            known[told] = following
            fresh.append((organisation_id, following, told))
            following += 1
        found[ref] = known[told]
    tx.insert(tally_audiences, ("organisation_id", "id", "told"), fresh)
    return found


def known_ids(tx: Tx, organisation_id: int, some: Mapping[Ref, Audience]) -> dict[Ref, int]:
    """The ids of those of these audiences that are known."""
    known = _known(tx, organisation_id)
    told = {ref: _told_of(ref, audience) for ref, audience in some.items()}
    return {ref: known[its] for ref, its in told.items() if its in known}


def counted_as(tx: Tx, organisation_id: int, refs: Collection[Ref]) -> dict[Ref, int]:
    """By which audience what happened on these records is counted; without those of which nothing is."""
    t, found = tallied_records.c, dict[Ref, int]()
    for type_ in RecordType:
        for some in batched(sorted(ref.id for ref in refs if ref.type is type_), MOST_IDS):
            where = (t.organisation_id == organisation_id, t.type == int(type_), t.id.in_(some))
            rows = tx.execute(select(t.id, t.audience_id).where(*where))
            found |= {Ref(type_, row[0]): row[1] for row in rows}
    return found


def count_as(tx: Tx, organisation_id: int, some: Mapping[Ref, int]) -> None:
    """Say so for these records."""
    rows: list[dict[str, object]] = [
        {"organisation_id": organisation_id, "type": int(ref.type), "id": ref.id, "audience_id": audience_id}
        for ref, audience_id in some.items()
    ]
    tx.put(tallied_records, rows)


def forget_audiences(tx: Tx, organisation_id: int, ids: Collection[int]) -> None:
    """Throw away those of these audiences by which nothing is counted any more."""
    r = tallied_records.c
    used = select(r.audience_id).where(r.organisation_id == organisation_id, r.audience_id.in_(sorted(ids)))
    gone = sorted(set(ids) - set(tx.execute(used.distinct()).scalars()))
    a = tally_audiences.c
    tx.execute(delete(tally_audiences).where(a.organisation_id == organisation_id, a.id.in_(gone)))


def put_day(tx: Tx, organisation_id: int, day: int, daily: Daily, hourly: Hourly) -> None:
    """Let the tallies of a day be these and no others."""
    d, h = daily_tallies.c, hourly_tallies.c
    tx.execute(delete(daily_tallies).where(d.organisation_id == organisation_id, d.day == day))
    tx.execute(delete(hourly_tallies).where(h.organisation_id == organisation_id, h.hour.in_(_HOURS), h.day == day))
    keys = ("organisation_id", "day", "audience_id", "actor_id")
    tx.insert(
        daily_tallies, (*keys, *Tally._fields), [(organisation_id, day, *key, *tally) for key, tally in daily.items()]
    )
    rows = [(organisation_id, day, *key, *tally[:_OF_CALLS]) for key, tally in hourly.items()]
    columns = ("organisation_id", "day", "hour", "audience_id", "actor_id", *Tally._fields[:_OF_CALLS])
    tx.insert(hourly_tallies, columns, rows)


def day_kept(tx: Tx, organisation_id: int, day: int) -> tuple[Daily, Hourly]:
    """The tallies of a day; none of them is of nothing."""
    d, h = daily_tallies.c, hourly_tallies.c
    rows = tx.execute(select(daily_tallies).where(d.organisation_id == organisation_id, d.day == day))
    daily = {(row[2], row[3]): Tally._make(row[4:]) for row in rows}
    told = select(h.hour, h.audience_id, h.actor_id, *(h[name] for name in Tally._fields[:_OF_CALLS]))
    rows = tx.execute(told.where(h.organisation_id == organisation_id, h.hour.in_(_HOURS), h.day == day))
    hourly = {(row[0], row[1], row[2]): Tally(*row[3:]) for row in rows}
    return _some(daily), _some(hourly)


def move(
    tx: Tx, organisation_id: int, daily: Mapping[tuple[int, int, int], Tally], hourly: Mapping[Any, Tally]
) -> None:
    """Add to tallies, or take away where a number is below 0: by day, audience and colleague, of calls by day, hour,
    audience and colleague.
    """
    tx.each(_add(daily_tallies.name, 3, len(Tally._fields)), [(organisation_id, *k, *t) for k, t in daily.items()])
    rows = [(organisation_id, *key, *tally[:_OF_CALLS]) for key, tally in hourly.items()]
    tx.each(_add(hourly_tallies.name, 4, _OF_CALLS), rows)


def kept_by(
    tx: Tx,
    organisation_id: int,
    days: tuple[int, int],
    stale: Collection[int],
    unseen: Collection[int],
    seen: Collection[int],
    who: Who,
    columns: Sequence[str],
    numbers: Collection[str] = Tally._fields,
) -> dict[tuple[int, ...], Tally]:
    """The tallies of the days from one to another, but for stale ones, of the audiences that see them, by `columns`:
    actor_id, day or hour. Those `numbers` alone are told, the others are 0; by hour there are only those of calls.
    """
    table = hourly_tallies if "hour" in columns else daily_tallies
    c, told = table.c, [name for name in Tally._fields if name in numbers and name in table.c]
    where = [c.organisation_id == organisation_id, c.day.between(*days), *who.condition(c.actor_id)]
    if "hour" in columns:
        where.append(c.hour.in_(_HOURS))  # so that the key leads to the days
    if stale:
        where.append(c.day.not_in(sorted(stale)))
    if unseen:
        where.append(
            c.audience_id.in_(sorted(seen)) if len(seen) < len(unseen) else c.audience_id.not_in(sorted(unseen))
        )
    by = [c[name] for name in columns]
    sums = select(*by, *(func.sum(c[name]) for name in told)).where(*where).group_by(*by)
    rows = tx.execute(sums)
    return {tuple(row[: len(by)]): Tally(**dict(zip(told, map(int, row[len(by) :]), strict=True))) for row in rows}


def live_by(
    tx: Tx,
    viewer: Viewer,
    since: int,
    until: int,
    who: Who,
    columns: Sequence[str],
    offsets: Sequence[tuple[int, int]],
) -> dict[tuple[int, ...], Tally]:
    """The same, counted anew as the feed counts it, of a span of time."""
    a = activities.c
    local = local_time(a.at, offsets)
    told = {"actor_id": a.actor_id, "day": local // DAY - DAYS_BEFORE, "hour": local // 3600 % 24}
    by = [told[name].label(f"by_{name}") for name in columns]
    lead = a.target_type == int(RecordType.LEAD)
    is_call = a.kind == CALL_MADE.code
    ones = (
        is_call,
        and_(is_call, calls.c.connected),
        a.kind == FOLLOW_UP_WRITTEN.code,
        a.kind == CHECKED_IN.code,
        and_(lead, a.kind == RECORD_CREATED.code),
        a.kind == LEAD_CONVERTED.code,
    )
    counts = [func.sum(case((one, 1), else_=0)) for one in ones]
    sums = [*counts[:2], func.sum(case((is_call, func.coalesce(calls.c.seconds, 0)), else_=0)), *counts[2:]]
    wanted = (
        select(*by, *sums)
        .select_from(activities.outerjoin(calls, _its_call(viewer.organisation_id)))
        .where(a.organisation_id == viewer.organisation_id, a.at >= since, a.at < until, a.deleted_at.is_(None))
        .where(a.kind.in_(COUNTED), entry_visible(viewer), *who.condition(a.actor_id))
    )
    rows = tx.execute(wanted.group_by(*(each.name for each in by)))
    return {tuple(row[: len(by)]): Tally(*map(int, row[len(by) :])) for row in rows}


def _told(organisation_id: int) -> Select[Any]:
    a = activities.c
    told = select(a.at, a.actor_id, a.kind, a.target_type, a.target_id, calls.c.connected, calls.c.seconds)
    source = activities.outerjoin(calls, _its_call(organisation_id))
    return told.select_from(source).where(a.deleted_at.is_(None), a.kind.in_(COUNTED))


def _its_call(organisation_id: int) -> ColumnElement[bool]:
    a = activities.c
    its = (calls.c.organisation_id == organisation_id, calls.c.id == a.object_id)
    return and_(*its, a.kind == CALL_MADE.code)


def _known(tx: Tx, organisation_id: int) -> dict[bytes, int]:
    kept = select(tally_audiences.c.told, tally_audiences.c.id)
    rows = tx.execute(kept.where(tally_audiences.c.organisation_id == organisation_id))
    return {bytes(row[0]): row[1] for row in rows}


def _told_of(ref: Ref, audience: Audience) -> bytes:
    return orjson.dumps([int(ref.type), packed(audience)])


@lru_cache(maxsize=10_000)
def _audience(told: bytes) -> Audience:
    type_, parts = orjson.loads(told)
    return unpacked(Ref(RecordType(type_), 0), parts)


def _some(tallies: dict[Any, Tally]) -> dict[Any, Tally]:
    return {key: tally for key, tally in tallies.items() if tally != NOTHING}


def _add(table: str, keys: int, numbers: int) -> str:
    names = ("organisation_id", "day", *(("hour",) if keys == 4 else ()), "audience_id", "actor_id")
    counts = Tally._fields[:numbers]
    more = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in counts)
    marks = ", ".join("?" * (len(names) + len(counts)))
    return (
        f"INSERT INTO {table} ({', '.join((*names, *counts))}) VALUES ({marks})"
        f" ON CONFLICT ({', '.join(names)}) DO UPDATE SET {more}"
    )
