"""The usual way, its data: the very world and history that Genjin holds, with the same ids and token."""

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, create_engine

from bench.filling import BATCH, in_batches
from bench.usual import tables
from bench.world import ORGANISATION, World
from genjin.domain.activity import Draft
from genjin.domain.call import CallDetails, Direction
from genjin.domain.followup import FollowUpDetails
from genjin.domain.people import User
from genjin.domain.records import RecordType

Rows = dict[type[tables.Base], list[dict[str, Any]]]


def fill(url: str, world: World, drafts: Iterable[Draft], ids: Sequence[int], token: str) -> None:
    """Make the tables and fill them."""
    engine = create_engine(url)
    tables.Base.metadata.create_all(engine)
    with closing(engine.raw_connection()) as raw:
        raw.cursor().execute("PRAGMA journal_mode = WAL")
    with engine.begin() as connection:
        rows = _no_rows()
        _people(rows, world, token)
        _insert(connection, rows)
        for some in in_batches(zip(drafts, ids, strict=True), BATCH):
            rows = _no_rows()
            for draft, id_ in some:
                _activity(rows, draft, id_)
            _insert(connection, rows)
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    engine.dispose()


def _no_rows() -> Rows:
    return {mapper.class_: [] for mapper in tables.Base.registry.mappers}


def _insert(connection: Connection, rows: Rows) -> None:
    by_table = {each.__table__: some for each, some in rows.items()}
    for table in tables.Base.metadata.sorted_tables:
        if by_table[table]:
            connection.execute(table.insert(), by_table[table])


def _people(rows: Rows, world: World, token: str) -> None:
    rows[tables.Department] = [{"id": each.id, "name": each.name} for each in world.departments]
    rows[tables.Role] = [{"id": each.id, "scope": each.scope.value} for each in world.roles]
    rows[tables.User] = [_user(each) for each in world.users]
    digest = hashlib.sha256(token.encode()).digest()
    rows[tables.Token] = [{"token_hash": digest, "user_id": world.users[0].id}]
    rows[tables.Category] = [{"id": each.id, "label": each.label} for each in world.options]
    same = [column.name for column in tables.Record.__table__.columns if column.name != "class_name"]
    names = {RecordType.LEAD: "Lead", RecordType.CUSTOMER: "Customer"}
    rows[tables.Record] = [
        {"class_name": names[each.type], **{name: getattr(each, name) for name in same}} for each in world.records
    ]


def _user(user: User) -> dict[str, Any]:
    same = [column.name for column in tables.User.__table__.columns if column.name != "organisation_id"]
    return {"organisation_id": ORGANISATION, **{name: getattr(user, name) for name in same}}


def _activity(rows: Rows, draft: Draft, id_: int) -> None:
    rows[tables.Activity].append(
        {
            "id": id_,
            "kind": draft.kind.event,
            "user_id": draft.actor_id,
            "record_id": draft.target.id,
            "at": draft.at,
            "recorded_at": draft.recorded_at,
        }
    )
    match draft.details:
        case FollowUpDetails():
            _follow_up(rows, draft, draft.details, id_)
        case CallDetails():
            _call(rows, draft, draft.details, id_)


def _follow_up(rows: Rows, draft: Draft, details: FollowUpDetails, id_: int) -> None:
    place = details.place
    rows[tables.FollowUp].append(
        {
            "id": draft.object_id,
            "activity_id": id_,
            "category_id": draft.category_id,
            "text": draft.text,
            "said_at": draft.said_at,
            "remind_at": draft.remind_at,
            "address": place.detail if place else None,
            "lat": place.lat if place else None,
            "lng": place.lng if place else None,
        }
    )
    rows[tables.Mention] += [{"follow_up_id": draft.object_id, "user_id": user} for user in details.mentions]


def _call(rows: Rows, draft: Draft, details: CallDetails, id_: int) -> None:
    outbound = details.direction is Direction.OUTBOUND
    rows[tables.Call].append({"id": draft.object_id, "activity_id": id_, "outbound": outbound, "mode": details.mode})
    rows[tables.Recording] += [
        {"id": each.id, "call_id": draft.object_id, "url": each.url, "seconds": each.seconds, "store": each.store}
        for each in details.recordings
    ]
