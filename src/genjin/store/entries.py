"""What happened on records that a viewer may see, of one table - follow-ups, calls or check-ins - newest first."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, Table, and_, func, select

from genjin.domain.activity import Facts
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType
from genjin.store.tables import activities, records, users
from genjin.store.transaction import Tx
from genjin.store.visible import visible

Rows = Select[*tuple[Any, ...]]


class Asked(NamedTuple):
    """What a list is asked for; None means anything. `span` is a half-open range of instants; `author_id` did it, or
    somebody of `department_id`.
    """

    span: tuple[int, int] | None = None
    author_id: int | None = None
    target_type: RecordType | None = None
    target_id: int | None = None
    department_id: int | None = None


def entries(
    viewer: Viewer, author: Column[Any], at: Column[Any], asked: Asked, more: Iterable[ColumnElement[bool]] = ()
) -> Rows:
    """The rows of a table, whose columns `author` and `at` are, with what else they have to fulfil."""
    table: Table = author.table
    t, r, u = table.c, records.c, users.c
    conditions = [visible(viewer), r.deleted_at.is_(None), t.organisation_id == viewer.organisation_id, *more]
    if asked.span is not None:
        conditions += [at >= asked.span[0], at < asked.span[1]]
    for column, value in (
        (author, asked.author_id),
        (t.target_type, asked.target_type),
        (t.target_id, asked.target_id),
    ):
        if value is not None:
            conditions.append(column == int(value))
    if asked.department_id is not None:
        colleagues = select(u.id).where(
            u.organisation_id == viewer.organisation_id, u.department_id == asked.department_id
        )
        conditions.append(author.in_(colleagues))
    on_record = and_(r.organisation_id == t.organisation_id, r.type == t.target_type, r.id == t.target_id)
    listed = select(table).select_from(table.join(records, on_record)).where(*conditions)
    return listed.order_by(at.desc(), t.id.desc())


def count(tx: Tx, found: Rows) -> int:
    """How many there are in all."""
    return int(tx.execute(found.with_only_columns(func.count()).order_by(None)).scalar_one())


def facts_of(tx: Tx, table: Table, found: Rows, offset: int, limit: int) -> list[Facts]:
    """One page of their activities."""
    said = and_(activities.c.organisation_id == table.c.organisation_id, activities.c.id == table.c.activity_id)
    facts = found.join(activities, said).with_only_columns(*(activities.c[name] for name in Facts._fields))
    return [Facts._make(row) for row in tx.execute(facts.offset(offset).limit(limit))]
