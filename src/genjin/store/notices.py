"""Notices: written for many people at once, read by one, as far as they see what they are about by now."""

from collections.abc import Collection, Iterable, Sequence

import orjson
from sqlalchemy import ColumnElement, FromClause, RowMapping, Select, and_, delete, func, or_, select, update

from genjin.domain.notice import MOST_COUNTED, Notice, NoticeKind
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store.tables import activities, comments, notices
from genjin.store.transaction import MOST_IDS, Tx, batched
from genjin.store.visible import entry_visible, named_visible

_COLUMNS = (
    *("organisation_id", "user_id", "id", "kind", "at", "actor_id", "record_type", "record_id", "activity_id"),
    *("comment_id", "details"),
)


def add(tx: Tx, organisation_id: int, some: Iterable[Notice]) -> None:
    """Insert notices; nobody has one of these ids yet."""
    rows = [
        (
            *(organisation_id, notice.user_id, notice.id, int(notice.kind), notice.at, notice.actor_id),
            None if notice.ref is None else int(notice.ref.type),
            None if notice.ref is None else notice.ref.id,
            *(notice.activity_id, notice.comment_id),
            None if notice.details is None else orjson.dumps(notice.details),
        )
        for notice in some
    ]
    tx.insert(notices, _COLUMNS, rows)


def page(
    tx: Tx,
    viewer: Viewer,
    limit: int,
    after: int | None = None,
    unread: bool = False,
    kinds: Collection[NoticeKind] = frozenset(NoticeKind),
) -> list[Notice]:
    """The viewer's notices of these kinds with lower ids than `after`, the latest first."""
    n = notices.c
    wanted = _seen(viewer).where(n.kind.in_(sorted(kinds)))
    if after is not None:
        wanted = wanted.where(n.id < after)
    if unread:
        wanted = wanted.where(n.read_at.is_(None))
    return [_notice(row) for row in tx.execute(wanted.order_by(n.id.desc()).limit(limit)).mappings()]


def find_many(tx: Tx, viewer: Viewer, ids: Sequence[int]) -> dict[int, Notice]:
    """Those of these notices that the viewer has and sees."""
    found: dict[int, Notice] = {}
    for some in batched(ids, MOST_IDS):
        rows = tx.execute(_seen(viewer).where(notices.c.id.in_(some))).mappings()
        found |= {row["id"]: _notice(row) for row in rows}
    return found


def count_unread(tx: Tx, viewer: Viewer) -> dict[NoticeKind, int]:
    """How many of the latest MOST_COUNTED unread notices of each kind there are."""
    n = notices.c
    unread = _seen(viewer).where(n.read_at.is_(None)).order_by(n.id.desc()).limit(MOST_COUNTED).subquery()
    counted = select(unread.c.kind, func.count()).group_by(unread.c.kind)
    return {NoticeKind(kind): int(count) for kind, count in tx.execute(counted)}


def mark(tx: Tx, viewer: Viewer, notice_id: int, read_at: int | None) -> None:
    """Set when one was read; None for unread."""
    tx.execute(update(notices).where(*_its(viewer), notices.c.id == notice_id).values(read_at=read_at))


def mark_all(tx: Tx, viewer: Viewer, until: int | None, kinds: Collection[NoticeKind], read_at: int) -> int:
    """Mark as read all unread ones of these kinds, up to and with this id; how many."""
    which: list[ColumnElement[bool]] = [notices.c.read_at.is_(None), notices.c.kind.in_(sorted(kinds))]
    if until is not None:
        which.append(notices.c.id <= until)
    return tx.execute(update(notices).where(*_its(viewer), *which).values(read_at=read_at)).rowcount


def recipients(tx: Tx, organisation_id: int, ids: Collection[int]) -> dict[int, list[int]]:
    """Who has a notice of each of these ids, whether they see it or not."""
    found: dict[int, list[int]] = {}
    for some in batched(sorted(ids), MOST_IDS):
        whose = select(notices.c.id, notices.c.user_id).where(
            notices.c.organisation_id == organisation_id, notices.c.id.in_(some)
        )
        for id_, user_id in tx.execute(whose.order_by(notices.c.id, notices.c.user_id)):
            found.setdefault(id_, []).append(user_id)
    return found


def forget(tx: Tx, organisation_id: int, before: int, limit: int) -> int:
    """Delete up to `limit` notices from before this instant; how many."""
    n = notices.c
    old = select(n.user_id, n.id).where(n.organisation_id == organisation_id, n.at < before).limit(limit)
    gone = [tuple(row) for row in tx.execute(old)]
    for user_id in {row[0] for row in gone}:
        ids = [id_ for whose, id_ in gone if whose == user_id]
        tx.execute(delete(notices).where(n.organisation_id == organisation_id, n.user_id == user_id, n.id.in_(ids)))
    return len(gone)


def _seen(viewer: Viewer) -> Select[*tuple[object, ...]]:
    """The viewer's notices of what is there and seen: entries that were not taken back, comments, records."""
    n = notices.c
    entry = and_(
        activities.c.organisation_id == viewer.organisation_id,
        activities.c.id == n.activity_id,
        activities.c.deleted_at.is_(None),
    )
    comment = and_(
        comments.c.organisation_id == viewer.organisation_id,
        comments.c.id == n.comment_id,
        comments.c.deleted_at.is_(None),
    )
    source: FromClause = notices.outerjoin(activities, entry).outerjoin(comments, comment)
    of_an_entry = and_(activities.c.id.is_not(None), entry_visible(viewer))
    of_a_record = and_(
        n.activity_id.is_(None), or_(n.record_id.is_(None), named_visible(viewer, n.record_type, n.record_id))
    )
    shown = (or_(of_a_record, of_an_entry), or_(n.comment_id.is_(None), comments.c.id.is_not(None)))
    return select(*notices.c).select_from(source).where(*_its(viewer), *shown)


def _its(viewer: Viewer) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return notices.c.organisation_id == viewer.organisation_id, notices.c.user_id == viewer.user_id


def _notice(row: RowMapping) -> Notice:
    return Notice(
        *(row["id"], row["user_id"], NoticeKind(row["kind"]), row["at"], row["actor_id"]),
        ref=None if row["record_id"] is None else Ref(RecordType(row["record_type"]), row["record_id"]),
        activity_id=row["activity_id"],
        comment_id=row["comment_id"],
        details=None if row["details"] is None else orjson.loads(row["details"]),
        read_at=row["read_at"],
    )
