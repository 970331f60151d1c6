"""Puts the made-up world into a database by the project's own bulk path, and measures that."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from bench.world import LOGIN, ORGANISATION, World
from genjin.domain.activity import Draft
from genjin.domain.followup import FollowUp
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.service.activities import record_many
from genjin.service.context import open_installation
from genjin.service.signin import create_token
from genjin.settings import Settings
from genjin.store import followups, ids, people, records, schema
from genjin.store.database import Database
from genjin.store.transaction import Tx, batched

BATCH = 5_000


@dataclass(frozen=True)
class Filled:
    """A database with the world in it. `ids` are those of the activities, in the order of the drafts."""

    url: str
    token: str
    seconds: float
    ids: list[int]


def fill(url: str, world: World, drafts: Sequence[Draft], last_id: int) -> Filled:
    """Make the schema, put in people and records, then all activities BATCH by BATCH; only these are timed."""
    installation = open_installation(Settings(database_url=url))
    with closing(installation.database):
        database = installation.database
        schema.upgrade(database)
        database.write(partial(_put_world, world, last_id))
        token = create_token(installation, ORGANISATION, LOGIN, "bench")
        begun = perf_counter()
        born = [id_ for some in batched(drafts, BATCH) for id_ in _record(database, some)]
        return Filled(url, token, perf_counter() - begun, born)


def bytes_of_sqlite(path: Path) -> int:
    """The size of an SQLite file that nobody writes to, with its write-ahead log folded in."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def bytes_without_activities(path: Path, world: World, last_id: int) -> int:
    """The size of an SQLite file with everything of the world but its activities."""
    fill(f"sqlite:///{path}", world, [], last_id)
    return bytes_of_sqlite(path)


def _put_world(world: World, last_id: int, tx: Tx) -> None:
    people.put_organisation(tx, world.organisation)
    people.put_departments(tx, ORGANISATION, world.departments)
    people.put_roles(tx, ORGANISATION, world.roles)
    people.put_users(tx, ORGANISATION, world.users)
    people.put_options(tx, ORGANISATION, world.options)
    records.put_records(tx, ORGANISATION, world.records)
    ids.raise_floor(tx, last_id)


def _record(database: Database, drafts: Sequence[Draft]) -> list[int]:
    def use(tx: Tx) -> list[int]:
        born = record_many(tx, ORGANISATION, drafts)
        found = [
            FollowUp(draft.object_id, facts.id, draft.actor_id, draft.target, draft.at)
            for draft, facts in zip(drafts, born, strict=True)
            if draft.kind is FOLLOW_UP_WRITTEN and draft.object_id is not None
        ]
        followups.put(tx, ORGANISATION, *found)
        return [facts.id for facts in born]

    return database.write(use)
