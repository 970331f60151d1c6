"""Lists of records by when something happened on them last, from any place on; and the same of people.

A list in the order of such a time first goes through the timelines that have one, by an index in that order; then
through the records that have none, which come last whichever way it runs.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, or_, select, tuple_

from genjin.domain.feed import Choice
from genjin.domain.latest import NEVER, Latest
from genjin.domain.policy import Viewer
from genjin.domain.record_list import NEXT_DUE, NOBODY, RecordKey, RecordsAsked
from genjin.domain.records import Record, Ref
from genjin.store.record_filters import named, there
from genjin.store.records import columns_of_core, record_of
from genjin.store.reminders import next_of_records
from genjin.store.tables import LOUD, records, timelines
from genjin.store.transaction import MOST_IDS, Tx, batched
from genjin.store.visible import visible

Found = tuple[RecordKey, Record, Latest]


def page(tx: Tx, viewer: Viewer, asked: RecordsAsked, limit: int, after: RecordKey | None = None) -> list[Found]:
    """At most `limit` records behind `after` that the viewer may see."""
    nexts = next_of_records(viewer.organisation_id, asked.type)
    by, id_ = _column(asked.sort, nexts), _id_beside(asked.sort)
    found = list[Found]()
    if after is None or after.value is not None:
        where, order = [by.is_not(None)], (by.desc(), id_.desc()) if asked.descending else (by.asc(), id_.asc())
        if after is not None:
            where.append(tuple_(by, id_) < tuple_(*after) if asked.descending else tuple_(by, id_) > tuple_(*after))
        if asked.sort == "last_activity_at" and asked.silent_since is not None:
            where.append(by < asked.silent_since)  # where in the index it begins
        found += _rows(tx, viewer, asked, nexts, where, order, limit, has_one=True)
        after = None
    if len(found) < limit and (asked.sort == NEXT_DUE or by.nullable):
        where = [by.is_(None)] if after is None else [by.is_(None), records.c.id > after.id]
        found += _rows(tx, viewer, asked, nexts, where, [records.c.id.asc()], limit - len(found))
    return found


def latest_of(tx: Tx, organisation_id: int, ref: Ref) -> Latest:
    """When something happened on a record last."""
    row = tx.execute(
        select(*_LATEST).where(
            timelines.c.organisation_id == organisation_id,
            timelines.c.subject_type == int(ref.type),
            timelines.c.subject_id == ref.id,
        )
    ).one_or_none()
    return NEVER if row is None else Latest(*row)


def latest_by_kind(
    tx: Tx, organisation_id: int, user_ids: Collection[int], kinds: Collection[int]
) -> dict[int, dict[int, int]]:
    """When each of these people last did something of each of these kinds, if they have: a look into an index each."""
    found: dict[int, dict[int, int]] = {}
    codes = " UNION ALL ".join(f"SELECT {int(code)} AS code" for code in sorted(kinds))
    for some in batched(sorted(user_ids), MOST_IDS):
        whose = f"u.organisation_id = ? AND u.id IN ({', '.join('?' * len(some))})"
        sql = (
            "SELECT u.id, k.code, (SELECT MAX(a.at) FROM activities a WHERE a.organisation_id = ? AND a.actor_id = u.id"
            f" AND a.kind = k.code AND a.deleted_at IS NULL AND {LOUD.replace('kind', 'a.kind')})"
            f" FROM users u CROSS JOIN ({codes}) AS k WHERE {whose}"
        )
        for user_id, code, at in tx.rows(sql, (organisation_id, organisation_id, *some)):
            if at is not None:
                found.setdefault(user_id, {})[code] = at
    return found


_LATEST = [timelines.c[name] for name in Latest._fields]


def _rows(
    tx: Tx,
    viewer: Viewer,
    asked: RecordsAsked,
    nexts: Subquery,
    where: Sequence[ColumnElement[bool]],
    order: Sequence[ColumnElement[Any]],
    limit: int,
    has_one: bool = False,
) -> list[Found]:
    """With `has_one` only records that have what they are sorted by: of a time by its index."""
    its = and_(
        timelines.c.organisation_id == viewer.organisation_id,
        timelines.c.subject_type == int(asked.type),
        timelines.c.subject_id == records.c.id,
    )
    by_index = has_one and asked.sort in Latest._fields
    source: FromClause = timelines.join(records, its) if by_index else records.outerjoin(timelines, its)
    if asked.sort == NEXT_DUE or NEXT_DUE in asked.spans:
        source = source.outerjoin(nexts, nexts.c.id == records.c.id)
    wanted = (
        select(_column(asked.sort, nexts), *_LATEST, *columns_of_core())
        .select_from(source)
        .where(there(viewer.organisation_id, asked.type), visible(viewer), *_conditions(viewer, asked, nexts), *where)
        .order_by(*order)
        .limit(limit)
    )
    found = list[Found]()
    for value, *row in tx.execute(wanted):
        latest, record = Latest(*row[: len(_LATEST)]), record_of(row[len(_LATEST) :])
        found.append((RecordKey(value, record.id), record, latest))
    return found


def _conditions(viewer: Viewer, asked: RecordsAsked, nexts: Subquery) -> Iterator[ColumnElement[bool]]:
    r, t = records.c, timelines.c
    yield from _owned(asked.owners)
    yield from _chosen(r.department_id, asked.departments)
    yield from _chosen(r.status, asked.statuses)
    yield from _chosen(r.pool_id, asked.pools)
    if asked.text:
        yield named(viewer, asked.type, asked.text)
    for name, span in asked.spans.items():
        if span.since is not None:
            yield _column(name, nexts) >= span.since
        if span.until is not None:
            yield _column(name, nexts) < span.until
    if (since := asked.silent_since) is not None:
        yield or_(t.last_activity_at < since, and_(t.last_activity_at.is_(None), r.created_at < since))


def _owned(choice: Choice[int]) -> Iterator[ColumnElement[bool]]:
    owner, wanted, unwanted = records.c.owner_id, choice.wanted, choice.unwanted
    if wanted:
        theirs = owner.in_(sorted(wanted))
        yield or_(theirs, owner.is_(None)) if NOBODY in wanted else theirs
    if unwanted:
        others = owner.not_in(sorted(unwanted))
        yield others if NOBODY in unwanted else or_(others, owner.is_(None))


def _chosen(column: ColumnElement[Any], choice: Choice[Any]) -> Iterator[ColumnElement[bool]]:
    if choice.wanted:
        yield column.in_(sorted(choice.wanted))
    if choice.unwanted:
        yield or_(column.is_(None), column.not_in(sorted(choice.unwanted)))


def _id_beside(name: str) -> Any:
    """The id that an index has beside the column."""
    return timelines.c.subject_id if name in Latest._fields else records.c.id


def _column(name: str, nexts: Subquery) -> Any:
    if name == NEXT_DUE:
        return nexts.c.next_due_at
    return timelines.c[name] if name in Latest._fields else records.c[name]
