"""What `genjin db distribute` tells Citus, and what is checked of it. Citus itself is stood in for (tests/citus.py)."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from genjin.errors import Invalid
from genjin.store import distribution, schema
from genjin.store.database import Database, open_database
from genjin.store.tables import metadata
from tests.citus import stand_in, told
from tests.databases import as_role

ON_POSTGRESQL = {name for name, table in metadata.tables.items() if table.info.get("only_on") != "sqlite"}


@pytest.fixture
def url(postgres_url: str) -> str:
    """A migrated database with stand-ins for Citus."""
    stand_in(postgres_url)
    return postgres_url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(open_database(url)) as database:
        yield database


def test_every_table_lies_beside_the_others_of_its_organisation_or_everywhere(database: Database, url: str) -> None:
    names = database.write(distribution.distribute)
    assert sorted(names) == sorted(ON_POSTGRESQL)
    function, *tables = told(url)
    assert function == "function genjin_organisation()"
    everywhere = ["login_failures", "organisations", "schedule", "secrets", "unserved_calls"]
    assert tables[: len(everywhere)] == [f"reference {name}" for name in everywhere]
    first, *rest = tables[len(everywhere) :]
    assert first == "distributed records beside none"
    others = sorted(ON_POSTGRESQL - {"records", *everywhere})
    assert rest == [f"distributed {name} beside records" for name in others]
    assert database.read(distribution.problems) == []


def test_nothing_is_left_out_but_what_only_the_coordinator_reads(database: Database) -> None:
    database.write(distribution.distribute)
    left = database.read(
        lambda tx: tx.rows(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND to_regclass(tablename) NOT IN (SELECT logicalrelid FROM pg_dist_partition) ORDER BY tablename",
            (),
        )
    )
    assert left == [("alembic_version",), ("pg_dist_partition",), ("told",)]


def test_distributing_again_tells_citus_of_new_tables_alone(database: Database, url: str) -> None:
    database.write(distribution.distribute)
    assert database.write(distribution.distribute) == []
    with psycopg.connect(url) as by_hand:
        by_hand.execute("DELETE FROM pg_dist_partition WHERE logicalrelid IN ('calls'::regclass, 'secrets'::regclass)")
    before = len(told(url))
    assert database.read(distribution.problems) == [
        "calls lies on the coordinator alone: run `genjin db distribute`",
        "secrets lies on the coordinator alone: run `genjin db distribute`",
    ]
    assert database.write(distribution.distribute) == ["secrets", "calls"]
    new = [what for what in told(url)[before:] if not what.startswith("function")]
    assert new == ["reference secrets", "distributed calls beside records"]


def test_a_table_that_citus_refuses_leaves_none_distributed(database: Database, url: str) -> None:
    with psycopg.connect(url) as by_hand:
        by_hand.execute("CREATE UNIQUE INDEX across ON users (phone)")
    with pytest.raises(psycopg.Error, match="cannot create constraint on users"):
        database.write(distribution.distribute)
    assert told(url) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("partkey = 'id' WHERE logicalrelid = 'users'::regclass", "users is not distributed by organisation_id"),
        ("colocationid = 9 WHERE logicalrelid = 'calls'::regclass", "calls is not co-located with records"),
        ("repmodel = 's' WHERE logicalrelid = 'secrets'::regclass", "secrets is no reference table"),
        ("partkey = NULL WHERE logicalrelid = 'roles'::regclass", "roles is not distributed by organisation_id"),
    ],
)
def test_what_was_declared_otherwise_is_told_and_not_built_upon(
    database: Database, url: str, change: str, problem: str
) -> None:
    database.write(distribution.distribute)
    with psycopg.connect(url) as by_hand:
        by_hand.execute(f"UPDATE pg_dist_partition SET {change}")
    assert database.read(distribution.problems) == [problem]
    with pytest.raises(Invalid, match=problem):
        database.write(distribution.distribute)


def test_tables_of_others_are_left_alone(database: Database, url: str) -> None:
    with psycopg.connect(url) as by_hand:
        by_hand.execute("CREATE SCHEMA other; CREATE TABLE other.users (id integer)")
        by_hand.execute("INSERT INTO pg_dist_partition VALUES ('other.users', 'h', 'id', 7, 's')")
    database.write(distribution.distribute)
    assert database.read(distribution.problems) == []


def test_it_is_refused_where_there_is_no_citus(sqlite_database: Database, postgres_url: str) -> None:
    with closing(open_database(postgres_url)) as plain:
        for use in (distribution.distribute, distribution.problems):
            with pytest.raises(Invalid, match="no extension citus"):
                plain.write(use)
            with pytest.raises(Invalid, match="Citus distributes PostgreSQL"):
                sqlite_database.write(use)


def test_only_the_owner_of_the_tables_distributes_them(url: str, application_role: str) -> None:
    with psycopg.connect(url) as by_hand:
        by_hand.execute("GRANT SELECT ON pg_dist_partition TO public")
    with closing(open_database(as_role(url, application_role))) as served:
        with pytest.raises(Invalid, match="who owns the tables, can distribute them"):
            served.write(distribution.distribute)
        assert "row level security holds this role" in served.read(distribution.problems)[-1]


def test_the_schema_is_upgraded_where_tables_are_distributed(database: Database) -> None:
    database.write(distribution.distribute)
    schema.upgrade(database)
    schema.check(database)


@pytest.mark.parametrize(
    ("sql", "routed"),
    [
        ("SELECT name FROM users WHERE organisation_id = $1", True),
        ("SELECT name FROM users WHERE id = $1", False),
        ("SELECT * FROM organisations ORDER BY organisation_id", True),
        ("SELECT * FROM organisations o JOIN users u ON u.organisation_id = o.organisation_id", False),
        ("UPDATE schedule SET due_at = $1 WHERE job = $2", True),
        ("SELECT * FROM genjin_sign_in($1)", True),
        ("SELECT * FROM Records", False),
    ],
)
def test_a_statement_is_routed_by_its_organisation_or_needs_no_routing(sql: str, routed: bool) -> None:
    assert distribution.is_routed(sql) is routed


def test_what_the_database_has_heard_is_told(database: Database, url: str) -> None:
    assert database.read(distribution.heard) is None
    with psycopg.connect(url) as by_hand:
        by_hand.execute(
            "CREATE VIEW pg_stat_statements AS SELECT query, toplevel, oid AS dbid FROM pg_database, (VALUES"
            " ('SELECT 1 FROM users', true), ('DROP TABLE users', true), ('SELECT 2', false)) AS v (query, toplevel)"
        )
    assert database.read(distribution.heard) == ["SELECT 1 FROM users"]
