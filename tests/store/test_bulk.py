"""Many rows at once are what they are one by one: on each engine, for who owns the tables, for the role that serves."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import select

from genjin.domain.activity import Draft, Facts
from genjin.domain.call import CallDetails, Direction, Recording
from genjin.domain.change import ChangeDetails
from genjin.domain.followup import FollowUpDetails
from genjin.domain.kinds import CALL_MADE, FOLLOW_UP_WRITTEN, RECORD_CREATED, RECORD_EDITED, CreatedDetails
from genjin.domain.place import Place
from genjin.domain.records import RecordType, Ref
from genjin.service.activities import record_many
from genjin.store import activities
from genjin.store.database import Database, open_database
from genjin.store.recount import recount
from genjin.store.tables import activities as activities_table
from genjin.store.tables import search_backlog, timelines
from genjin.store.tables import timeline as timeline_table
from genjin.store.transaction import MANY, Tx
from tests.databases import as_role

TABLES = (activities_table, timeline_table, timelines)
FAR = 4_102_444_800
OURS = 1


def _draft(n: int) -> Draft:
    """One after the other of every kind of value that a column may have."""
    target = Ref(RecordType(1 + n % 5), 2_147_483_647 - n % 7)
    once = Draft(RECORD_CREATED, 1, target, at=n, recorded_at=n, details=CreatedDetails())
    match n % 5:
        case 0:
            return once
        case 1:
            written = replace(once, kind=FOLLOW_UP_WRITTEN, object_id=n + 1, category_id=2_147_483_647)
            details = FollowUpDetails(Place("上海市世纪大道１００号😀", 31.2, -121.5), mentions=(7, 2_147_483_647))
            text = '引号"、反斜杠\\、制表\t、空\0、换行\n，２０２４年２月２９日 👩‍👩‍👧' * 40
            return replace(written, text=text, details=details, said_at=-n, remind_at=FAR + n)
        case 2:
            recording = Recording(n, "https://recordings.example.com/1.mp3", "", 0, 1)
            call = CallDetails(Direction.OUTBOUND, 13, recordings=(recording,) * 30)
            return replace(once, kind=CALL_MADE, object_id=2_147_483_647, details=call)
        case 3:
            return replace(once, kind=RECORD_EDITED, edited_at=FAR * 1000, details=ChangeDetails())
        case _:
            return replace(once, at=-62_135_596_800 + n, recorded_at=0, details=None)


DRAFTS = [_draft(n) for n in range(3 * MANY)]


@pytest.fixture
def role_url(postgres_url: str, application_role: str) -> str:
    return as_role(postgres_url, application_role)


@pytest.fixture(params=["sqlite_url", "postgres_url", "role_url"])
def opened(request: pytest.FixtureRequest) -> Iterator[Database]:
    with closing(open_database(request.getfixturevalue(request.param))) as database:
        loads = database.write(lambda tx: tx.load is not None, OURS)
        assert loads == (request.param == "postgres_url")
        yield database


def _all(tx: Tx) -> list[tuple[object, ...]]:
    return [
        (table.name, *row)
        for table in TABLES
        for row in tx.execute(select(table).where(table.c.organisation_id == OURS).order_by(*table.primary_key))
    ]


def test_many_at_once_are_what_they_are_one_by_one(opened: Database) -> None:
    def at_once(tx: Tx) -> list[Facts]:
        return record_many(tx, OURS, DRAFTS, from_capture=True)

    def one_by_one(tx: Tx) -> None:
        for table in (*TABLES, search_backlog):
            tx.execute(table.delete().where(table.c.organisation_id == OURS))
        for start in range(0, len(DRAFTS), MANY - 1):
            record_many(tx, OURS, drafts[start : start + MANY - 1], from_capture=True)
        tx.execute(timelines.update().where(timelines.c.organisation_id == OURS).values(version=1))

    born = opened.write(at_once, OURS)
    drafts = [replace(draft, id=facts.id) for draft, facts in zip(DRAFTS, born, strict=True)]
    loaded = opened.read(_all, OURS)
    found = opened.read(lambda tx: activities.find_many(tx, OURS, [facts.id for facts in born]), OURS)
    assert [found[facts.id] for facts in born] == born
    opened.write(one_by_one, OURS)
    assert opened.read(_all, OURS) == loaded
    assert not opened.read(lambda tx: recount(tx, OURS), OURS)


def test_none_is_there_when_one_of_many_was_there_already(opened: Database) -> None:
    [there] = opened.write(lambda tx: record_many(tx, OURS, DRAFTS[:1]), OURS)
    before = opened.read(_all, OURS)
    again = [*DRAFTS[1:], replace(DRAFTS[0], id=there.id)]
    with pytest.raises(Exception, match=r"(?i)unique") as raised:
        opened.write(lambda tx: record_many(tx, OURS, again), OURS)
    assert opened.engine == "sqlite" or isinstance(raised.value, psycopg.errors.UniqueViolation)
    assert opened.read(_all, OURS) == before
    opened.write(lambda tx: record_many(tx, OURS, DRAFTS), OURS)
