"""Comments on activities. How many an activity has is kept beside its facts, in the transaction that changes it."""

from collections.abc import Iterable, Sequence

import orjson
from pydantic import TypeAdapter
from sqlalchemy import RowMapping, func, select, update

from genjin.domain.comment import Comment
from genjin.store.search_texts import keep_comment
from genjin.store.tables import activities, comments
from genjin.store.transaction import Tx

_PLAIN = ("id", "activity_id", "parent_id", "author_id", "text", "created_at", "edited_at", "deleted_at")
_reader = TypeAdapter(Comment)


def put(tx: Tx, organisation_id: int, *some: Comment) -> None:
    """Insert or replace, with what they are found by. The count is not touched."""
    rows = [
        {"organisation_id": organisation_id}
        | {name: getattr(comment, name) for name in _PLAIN}
        | {"details": _pack(comment)}
        for comment in some
    ]
    tx.put(comments, rows)
    for comment in some:
        keep_comment(tx, organisation_id, comment)


def count(tx: Tx, organisation_id: int, activity_id: int, more: int) -> None:
    """Count comments of an activity in or out."""
    tx.execute(
        update(activities)
        .where(activities.c.organisation_id == organisation_id, activities.c.id == activity_id)
        .values(comment_count=activities.c.comment_count + more)
    )


def count_all(tx: Tx, organisation_id: int) -> None:
    """Count the comments of every activity that has some anew."""
    here = (comments.c.organisation_id == organisation_id, comments.c.deleted_at.is_(None))
    its = select(func.count()).where(*here, comments.c.activity_id == activities.c.id).scalar_subquery()
    some = select(comments.c.activity_id).where(*here)
    tx.execute(
        update(activities)
        .where(activities.c.organisation_id == organisation_id, activities.c.id.in_(some))
        .values(comment_count=its)
    )


def find(tx: Tx, organisation_id: int, comment_id: int) -> Comment | None:
    """One comment that is not deleted."""
    return find_many(tx, organisation_id, [comment_id]).get(comment_id)


def find_many(tx: Tx, organisation_id: int, ids: Iterable[int]) -> dict[int, Comment]:
    """Those of these comments that are not deleted."""
    statement = select(comments).where(
        comments.c.organisation_id == organisation_id, comments.c.id.in_(sorted(ids)), comments.c.deleted_at.is_(None)
    )
    return {row["id"]: _comment(row) for row in tx.execute(statement).mappings()}


def authors(tx: Tx, organisation_id: int, activity_id: int) -> set[int]:
    """Who has written comments on an activity that are there."""
    wrote = select(comments.c.author_id).where(
        comments.c.organisation_id == organisation_id,
        comments.c.activity_id == activity_id,
        comments.c.deleted_at.is_(None),
    )
    return set(tx.execute(wrote.distinct()).scalars())


def page(tx: Tx, organisation_id: int, activity_id: int, offset: int, limit: int) -> tuple[list[Comment], int]:
    """The comments of one activity, the oldest first, and how many there are in all."""
    of_it = (
        comments.c.organisation_id == organisation_id,
        comments.c.activity_id == activity_id,
        comments.c.deleted_at.is_(None),
    )
    total = int(tx.execute(select(func.count()).select_from(comments).where(*of_it)).scalar_one())
    statement = select(comments).where(*of_it).order_by(comments.c.id).offset(offset).limit(limit)
    return [_comment(row) for row in tx.execute(statement).mappings()], total


def newest(tx: Tx, organisation_id: int, activity_ids: Sequence[int], most: int) -> dict[int, list[Comment]]:
    """The `most` newest comments of each activity, the oldest of them first; one query."""
    place = func.row_number().over(partition_by=comments.c.activity_id, order_by=comments.c.id.desc())
    ranked = (
        select(*comments.c, place.label("place"))
        .where(
            comments.c.organisation_id == organisation_id,
            comments.c.activity_id.in_(activity_ids),
            comments.c.deleted_at.is_(None),
        )
        .subquery()
    )
    statement = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.activity_id, ranked.c.id)
    found: dict[int, list[Comment]] = {}
    for row in tx.execute(statement).mappings():
        found.setdefault(row["activity_id"], []).append(_comment(row))
    return found


def _pack(comment: Comment) -> bytes | None:
    if not comment.mentions and not comment.earlier:
        return None
    return orjson.dumps({"mentions": comment.mentions, "earlier": comment.earlier})


def _comment(row: RowMapping) -> Comment:
    return _reader.validate_python({name: row[name] for name in _PLAIN} | orjson.loads(row["details"] or b"{}"))
