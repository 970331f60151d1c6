"""Which records people follow."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, delete, func, insert, literal, select, tuple_

from genjin.domain.follow import FollowKey
from genjin.domain.policy import Viewer
from genjin.domain.records import Record, RecordType, Ref
from genjin.store.records import columns_of_core, record_of
from genjin.store.refs import one_of
from genjin.store.tables import follows, records
from genjin.store.transaction import MOST_IDS, Tx, batched
from genjin.store.visible import visible


def put(tx: Tx, organisation_id: int, user_id: int, ref: Ref, at: int) -> int:
    """Let somebody follow a record from now on, unless they do; since when they do."""
    before = since(tx, organisation_id, user_id, ref)
    if before is not None:
        return before
    row: dict[str, object] = {"record_type": int(ref.type), "record_id": ref.id, "user_id": user_id, "since": at}
    tx.put(follows, [{"organisation_id": organisation_id} | row])
    return at


def since(tx: Tx, organisation_id: int, user_id: int, ref: Ref) -> int | None:
    """Since when somebody follows a record; None for who does not."""
    f = follows.c
    row = tx.execute(select(f.since).where(*_of(organisation_id, ref), f.user_id == user_id)).one_or_none()
    return None if row is None else int(row[0])


def remove(tx: Tx, organisation_id: int, user_id: int, ref: Ref) -> None:
    """Let somebody follow a record no longer."""
    tx.execute(delete(follows).where(*_of(organisation_id, ref), follows.c.user_id == user_id))


def remove_all_of(tx: Tx, organisation_id: int, user_id: int) -> None:
    """Let somebody follow nothing any more."""
    tx.execute(delete(follows).where(follows.c.organisation_id == organisation_id, follows.c.user_id == user_id))


def count(tx: Tx, organisation_id: int, ref: Ref) -> int:
    """How many follow a record."""
    counted = select(func.count()).select_from(follows).where(*_of(organisation_id, ref))
    return int(tx.execute(counted).scalar_one())


def followers(tx: Tx, organisation_id: int, refs: Collection[Ref]) -> dict[Ref, set[int]]:
    """Who follows each of these records, of those that somebody follows."""
    found: dict[Ref, set[int]] = {}
    for some in batched(sorted(refs), MOST_IDS):
        its, values = one_of("record_type", "record_id", some)
        sql = f"SELECT record_type, record_id, user_id FROM follows WHERE organisation_id = ? AND {its}"
        for type_, id_, user_id in tx.rows(sql, (organisation_id, *values)):
            found.setdefault(Ref(RecordType(type_), id_), set()).add(user_id)
    return found


def copy(tx: Tx, organisation_id: int, source: Ref, target: Ref) -> None:
    """Let who follows one record follow another one too."""
    f, there = follows.c, follows.alias("there")
    same = select(there.c.user_id).where(
        there.c.organisation_id == organisation_id,
        there.c.record_type == int(target.type),
        there.c.record_id == target.id,
    )
    fresh = select(f.organisation_id, literal(int(target.type)), literal(target.id), f.user_id, f.since)
    names = ["organisation_id", "record_type", "record_id", "user_id", "since"]
    tx.execute(insert(follows).from_select(names, fresh.where(*_of(organisation_id, source), f.user_id.not_in(same))))


def page(tx: Tx, viewer: Viewer, limit: int, after: FollowKey | None = None) -> list[tuple[FollowKey, Record]]:
    """The records that the viewer follows and sees, the latest follow first."""
    f = follows.c
    key = (f.since, f.record_type, f.record_id)
    its = and_(
        records.c.organisation_id == viewer.organisation_id,
        records.c.type == f.record_type,
        records.c.id == f.record_id,
    )
    wanted = (
        select(*key, *columns_of_core())
        .select_from(follows.join(records, its))
        .where(
            f.organisation_id == viewer.organisation_id,
            f.user_id == viewer.user_id,
            records.c.deleted_at.is_(None),
            visible(viewer),
        )
    )
    if after is not None:
        wanted = wanted.where(tuple_(*key) < tuple_(*after))
    rows = tx.execute(wanted.order_by(*(column.desc() for column in key)).limit(limit))
    return [(FollowKey(*row[:3]), record_of(row[3:])) for row in rows]


def _of(organisation_id: int, ref: Ref) -> Sequence[ColumnElement[bool]]:
    f = follows.c
    return f.organisation_id == organisation_id, f.record_type == int(ref.type), f.record_id == ref.id
