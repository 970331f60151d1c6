"""Puts the made-up world into a database by the project's own bulk path, and measures that."""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from bench import postgres
from bench.world import LOGIN, ORGANISATION, World
from genjin.domain.activity import Draft
from genjin.domain.followup import FollowUp
from genjin.domain.kinds import FOLLOW_UP_WRITTEN
from genjin.service.activities import record_many
from genjin.service.context import open_installation
from genjin.service.organisation.signin import create_token
from genjin.settings import Settings
from genjin.store import followups, ids, people, records, schema
from genjin.store.database import Database
from genjin.store.transaction import Tx

T = TypeVar("T")
BATCH = 5_000
SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Filled:
    """A database with the world in it. `ids` are those of the activities, in the order of the drafts.

    `seconds` went into the activities alone, and `bytes` of the disk are theirs alone, with their indexes.
    """

    url: str
    token: str
    seconds: float
    ids: Sequence[int]
    bytes: int

    @property
    def rate(self) -> float:
        """Activities a second."""
        return len(self.ids) / self.seconds

    @property
    def bytes_an_activity(self) -> float:
        return self.bytes / len(self.ids)


def fill(url: str, world: World, drafts: Iterable[Draft], last_id: int) -> Filled:
    """Make the schema, put in people and records, then all activities BATCH by BATCH; only these are timed."""
    installation = open_installation(Settings(database_url=url))
    with closing(installation.database) as database:
        schema.upgrade(database)
        database.write(partial(_put_world, world, last_id))
        token = create_token(installation, ORGANISATION, LOGIN, "bench")
        before, seconds, born = bytes_of(url), 0.0, array("q")
        for some in in_batches(drafts, BATCH):
            begun = perf_counter()
            born.extend(record(database, some))
            seconds += perf_counter() - begun
    return Filled(url, token, seconds, born, bytes_of(url) - before)


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`, none of which is made before it is asked for."""
    left = iter(items)
    while some := list(islice(left, size)):
        yield some


def bytes_of(url: str) -> int:
    """The size of a database that nobody writes to, once what is left behind by writing is folded in or swept away."""
    if not url.startswith(SQLITE):
        return postgres.bytes_of(url)
    path = Path(url.removeprefix(SQLITE))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def _put_world(world: World, last_id: int, tx: Tx) -> None:
    people.put_organisation(tx, world.organisation)
    people.put_departments(tx, ORGANISATION, world.departments)
    people.put_roles(tx, ORGANISATION, world.roles)
    people.put_users(tx, ORGANISATION, world.users)
    people.put_options(tx, ORGANISATION, world.options)
    records.put_records(tx, ORGANISATION, world.records)
    ids.raise_floor(tx, last_id)


def record(database: Database, drafts: Sequence[Draft]) -> list[int]:
    def use(tx: Tx) -> list[int]:
        born = record_many(tx, ORGANISATION, drafts)
        found = [
            FollowUp(draft.object_id, facts.id, draft.actor_id, draft.target, draft.at)
            for draft, facts in zip(drafts, born, strict=True)
            if draft.kind is FOLLOW_UP_WRITTEN and draft.object_id is not None
        ]
        followups.put(tx, ORGANISATION, *found)
        return [facts.id for facts in born]

    return database.write(use, ORGANISATION)
