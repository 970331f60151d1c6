"""Follow-ups: where each one's id leads, and the list over all records. What they say is in their activities."""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import RowMapping, Select, and_, delete, func, select

from genjin.domain.activity import Facts
from genjin.domain.followup import FollowUp, FollowUpFilter
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store.entries import Asked, count, entries, facts_of
from genjin.store.tables import activities, follow_ups, records
from genjin.store.transaction import MOST_IDS, Tx, batched


def put(tx: Tx, organisation_id: int, *some: FollowUp) -> None:
    """Insert or replace."""
    rows: list[dict[str, object]] = [
        {
            "organisation_id": organisation_id,
            "id": follow_up.id,
            "activity_id": follow_up.activity_id,
            "author_id": follow_up.author_id,
            "target_type": int(follow_up.target.type),
            "target_id": follow_up.target.id,
            "at": follow_up.at,
        }
        for follow_up in some
    ]
    tx.put(follow_ups, rows)


def add(tx: Tx, organisation_id: int, some: Iterable[FollowUp]) -> None:
    """Insert follow-ups that are not there yet."""
    columns = ("organisation_id", "id", "activity_id", "author_id", "target_type", "target_id", "at")
    rows = [
        (organisation_id, id_, activity_id, author_id, int(target[0]), target[1], at)
        for id_, activity_id, author_id, target, at in some
    ]
    tx.insert(follow_ups, columns, rows)


def find(tx: Tx, organisation_id: int, follow_up_id: int) -> FollowUp | None:
    """One follow-up that is not deleted."""
    statement = select(follow_ups).where(
        follow_ups.c.organisation_id == organisation_id, follow_ups.c.id == follow_up_id
    )
    row = tx.execute(statement).mappings().one_or_none()
    return None if row is None else _follow_up(row)


def find_many(tx: Tx, organisation_id: int, ids: Sequence[int]) -> dict[int, FollowUp]:
    """Those of these follow-ups that are not deleted."""
    found: dict[int, FollowUp] = {}
    for some in batched(sorted(set(ids)), MOST_IDS):
        statement = select(follow_ups).where(follow_ups.c.organisation_id == organisation_id, follow_ups.c.id.in_(some))
        found |= {row["id"]: _follow_up(row) for row in tx.execute(statement).mappings()}
    return found


def _follow_up(row: RowMapping) -> FollowUp:
    target = Ref(RecordType(row["target_type"]), row["target_id"])
    return FollowUp(row["id"], row["activity_id"], row["author_id"], target, row["at"])


def activity_ids(tx: Tx, organisation_id: int, ids: Sequence[int]) -> dict[int, int]:
    """The activity of each of these follow-ups that is there."""
    statement = select(follow_ups.c.id, follow_ups.c.activity_id).where(
        follow_ups.c.organisation_id == organisation_id, follow_ups.c.id.in_(ids)
    )
    return {row[0]: row[1] for row in tx.execute(statement)}


def remove(tx: Tx, organisation_id: int, follow_up_id: int) -> None:
    """Its id leads nowhere from now on."""
    tx.execute(
        delete(follow_ups).where(follow_ups.c.organisation_id == organisation_id, follow_ups.c.id == follow_up_id)
    )


def latest(tx: Tx, organisation_id: int, customer_ids: Sequence[int]) -> dict[int, str]:
    """The texts of the latest follow-ups on these customers and on what belongs to them, by the customer's id."""
    found: dict[int, str] = {}
    for some in batched(sorted(set(customer_ids)), MOST_IDS):
        for customer_id, text in tx.execute(_latest(organisation_id, some)):
            found[customer_id] = orjson.loads(text) if text else ""
    return found


def _latest(organisation_id: int, customer_ids: Sequence[int]) -> Select[tuple[int, bytes | None]]:
    columns = follow_ups.c.activity_id, follow_ups.c.at, follow_ups.c.id
    itself = select(follow_ups.c.target_id.label("customer_id"), *columns).where(
        follow_ups.c.organisation_id == organisation_id,
        follow_ups.c.target_type == int(RecordType.CUSTOMER),
        follow_ups.c.target_id.in_(customer_ids),
    )
    of_target = and_(
        follow_ups.c.organisation_id == organisation_id,
        follow_ups.c.target_type == records.c.type,
        follow_ups.c.target_id == records.c.id,
    )
    below = select(records.c.customer_id, *columns).join(follow_ups, of_target)
    below = below.where(records.c.organisation_id == organisation_id, records.c.customer_id.in_(customer_ids))
    every = itself.union_all(below).subquery("every")
    nth = func.row_number().over(partition_by=every.c.customer_id, order_by=(every.c.at.desc(), every.c.id.desc()))
    ranked = select(every.c.customer_id, every.c.activity_id, nth.label("nth")).subquery("ranked")
    said = and_(activities.c.organisation_id == organisation_id, activities.c.id == ranked.c.activity_id)
    return select(ranked.c.customer_id, activities.c.text).join(activities, said).where(ranked.c.nth == 1)


def page(tx: Tx, viewer: Viewer, wanted: FollowUpFilter, offset: int, limit: int) -> tuple[list[Facts], int]:
    """Follow-ups on records that the viewer may see, newest first, and how many there are in all."""
    f = follow_ups.c
    asked = Asked(wanted.span, wanted.author_id, wanted.target_type, wanted.target_id, wanted.department_id)
    found = entries(viewer, f.author_id, f.at, asked)
    return facts_of(tx, follow_ups, found, offset, limit), count(tx, found)
