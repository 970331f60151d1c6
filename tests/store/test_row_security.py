"""Row level security: who does not own the tables sees one organisation, whatever a statement forgets to say."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Table, select
from sqlalchemy.exc import DataError

from genjin.domain.people import Department
from genjin.errors import Invalid, StoreUnavailable
from genjin.store import ids, people, row_security
from genjin.store.database import Database, open_database
from genjin.store.tables import INSTALLATION_TABLES, ONLY_GROW, departments, metadata
from genjin.store.transaction import Tx
from tests.databases import as_role, new_postgres, new_role

Raw = psycopg.Connection[tuple[object, ...]]
OURS, OTHER = 1, 2
TENANT_TABLES = sorted(set(metadata.tables) - INSTALLATION_TABLES)
every_table = pytest.mark.parametrize("name", TENANT_TABLES)


def _row(table: Table, organisation_id: int) -> dict[str, object]:
    """The smallest row that the table takes."""
    values = {int: 1, str: f"x{organisation_id}", bytes: b"{}", bool: False}
    needed = [column for column in table.c if not column.nullable]
    return {column.name: values[column.type.python_type] for column in needed} | {"organisation_id": organisation_id}


def _fill(tx: Tx) -> None:
    for name in TENANT_TABLES:
        table = metadata.tables[name]
        tx.execute(table.insert(), [_row(table, OURS), _row(table, OTHER)])


@pytest.fixture(scope="module")
def filled_url(postgres_server_url: str, postgres_template: str) -> Iterator[str]:
    """A database in which two organisations have a row in every table; who changes it takes that back."""
    with new_postgres(postgres_server_url, postgres_template) as url:
        with closing(open_database(url)) as database:
            database.write(_fill)
        yield url


@pytest.fixture
def connection(filled_url: str, application_role: str) -> Iterator[Raw]:
    """The application role's, in a transaction that comes to nothing."""
    with psycopg.connect(as_role(filled_url, application_role)) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def database(postgres_url: str, application_role: str) -> Iterator[Database]:
    """A database in which organisations 1 to 4 have a department each, as the application role has it open."""
    with closing(open_database(postgres_url)) as owner:
        for organisation_id in range(1, 5):
            owner.write(lambda tx, of=organisation_id: people.put_departments(tx, of, [Department(of, "x")]))
    with closing(open_database(as_role(postgres_url, application_role))) as database:
        yield database


def _changing(name: str) -> tuple[str, ...]:
    """Statements that change all of a table, where that may be."""
    both = (f"UPDATE {name} SET organisation_id = organisation_id", f"DELETE FROM {name}")
    return () if name in ONLY_GROW else both


class TestRawStatements:
    """Statements without any condition, as the application role."""

    @every_table
    def test_touch_the_named_organisation_alone(self, connection: Raw, name: str) -> None:
        _name(connection, OTHER)
        assert _all(connection, name) == [(OTHER,)]
        for command in _changing(name):
            assert connection.execute(command).rowcount == 1
        assert _all(connection, name) == ([(OTHER,)] if name in ONLY_GROW else [])
        _name(connection, OURS)
        assert _all(connection, name) == [(OURS,)]

    @every_table
    def test_write_nothing_for_another(self, connection: Raw, name: str) -> None:
        _name(connection, OTHER)
        why = "permission denied" if name in ONLY_GROW else "row-level security"
        with pytest.raises(InsufficientPrivilege, match=why), connection.transaction():
            connection.execute(f"UPDATE {name} SET organisation_id = 3")
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            _insert(connection, name, 3)

    @every_table
    def test_touch_nothing_where_none_is_named(self, connection: Raw, name: str) -> None:
        listed = [(OURS,), (OTHER,)] if name == "organisations" else []
        assert _all(connection, name) == listed
        for command in _changing(name):
            assert connection.execute(command).rowcount == 0
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            _insert(connection, name, 3)

    def test_see_nothing_once_the_transaction_is_over(self, connection: Raw) -> None:
        _name(connection, OURS)
        assert _all(connection, "users") == [(OURS,)]
        connection.commit()
        assert _all(connection, "users") == []

    @pytest.mark.parametrize(
        "command",
        [
            "TRUNCATE records",
            "ALTER TABLE records DISABLE ROW LEVEL SECURITY",
            "DROP POLICY of_organisation ON records",
            "CREATE TABLE mine (id integer)",
            "UPDATE alembic_version SET version_num = '0'",
            "SET ROLE pg_read_all_data",
            "DELETE FROM audit_log",
        ],
    )
    def test_that_would_get_around_it_are_refused(self, connection: Raw, command: str) -> None:
        with pytest.raises(InsufficientPrivilege):
            connection.execute(command)

    def test_find_who_signs_in_by_exactly_a_login(self, connection: Raw) -> None:
        found = "SELECT organisation_id, user_id, password_hash FROM genjin_sign_in(%s)"
        assert connection.execute(found, ("x1",)).fetchall() == [(OURS, 1, None)]  # it is their phone
        for other in ("x", "x%", "", "_1"):
            assert connection.execute(found, (other,)).fetchall() == []


def test_every_table_of_tenants_has_the_policy_and_no_other_has_one(postgres_url: str) -> None:
    of_organisation = ("of_organisation", "ALL", "(organisation_id = genjin_organisation())", None)
    listed = ("listed", "SELECT", "(genjin_organisation() IS NULL)", None)
    expected = {name: {of_organisation} for name in TENANT_TABLES}
    expected["organisations"] |= {listed}
    with psycopg.connect(postgres_url) as owner:
        found = dict[str, set[tuple[object, ...]]]()
        for table, *policy in owner.execute("SELECT tablename, policyname, cmd, qual, with_check FROM pg_policies"):
            found.setdefault(table, set()).add(tuple(policy))
        on = owner.execute("SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname").fetchall()
    assert found == expected, "a table of tenants needs its policy: see docs/how-to/add-a-column.md"
    assert [name for (name,) in on] == TENANT_TABLES


def test_a_query_that_names_its_organisation_is_compared_once_and_not_row_by_row(
    filled_url: str, application_role: str
) -> None:
    with psycopg.connect(as_role(filled_url, application_role)) as connection:
        connection.execute("SET enable_seqscan = off")
        query = "EXPLAIN SELECT * FROM timeline WHERE organisation_id = %s AND subject_type = 1 AND subject_id = 1"
        plan = [line.strip() for (line,) in connection.execute(query, (OURS,))]
    assert any(line.startswith("One-Time Filter:") for line in plan), plan
    assert not any(line.startswith("Filter:") for line in plan), plan


@pytest.mark.across
def test_a_read_or_write_sees_its_own_organisation_whoever_had_the_connection_before(database: Database) -> None:
    connections = set[object]()

    def by_hand(tx: Tx) -> list[object]:
        connections.update(tx.rows("SELECT pg_backend_pid()", ()))
        return [row[0] for row in tx.rows("SELECT organisation_id FROM departments", ())]

    def by_statement(tx: Tx) -> list[object]:
        return [row[0] for row in tx.execute(select(departments.c.organisation_id))]

    for use in (by_hand, by_statement):
        for of in (1, 2, None, 2, 1, 3, None, None, 4):
            expected = [] if of is None else [of]
            assert database.write(use, of) == expected
            assert database.read(use, of) == expected
            assert asyncio.run(database.read_soon(use, of)) == expected
    assert len(connections) < 12  # of 27 uses


@pytest.mark.across
def test_a_snapshot_sees_its_own_organisation_or_the_one_that_it_turns_to(database: Database) -> None:
    def seen(tx: Tx) -> list[object]:
        return [row[0] for row in tx.execute(select(departments.c.organisation_id))]

    with database.snapshot(2) as tx:
        assert seen(tx) == [2]
        row_security.turn_to(tx, 3)
        assert seen(tx) == [3]
    with database.snapshot() as tx:
        assert seen(tx) == []


@pytest.mark.across
def test_each_of_many_at_once_sees_its_own(database: Database) -> None:
    def use(tx: Tx) -> set[object]:
        statement = select(departments.c.organisation_id)
        found = [tx.rows("SELECT organisation_id FROM departments", ()), tx.execute(statement).all()]
        return {row[0] for rows in found for row in rows}

    async def look() -> list[set[object]]:
        return await asyncio.gather(*(database.read_soon(use, n % 4 + 1) for n in range(200)))

    with ThreadPoolExecutor(8) as pool:
        for act in (database.read, database.write):
            expected = [n % 4 + 1 for n in range(200)]
            assert list(pool.map(act, [use] * 200, expected)) == [{of} for of in expected]
    assert asyncio.run(look()) == [{n % 4 + 1} for n in range(200)]


@pytest.mark.across
def test_a_statement_that_fails_leaves_no_organisation_behind(database: Database) -> None:
    def fail_by_hand(tx: Tx) -> object:
        return tx.rows("SELECT 1 / id FROM (SELECT 0 AS id FROM departments) d", ())

    def fail(tx: Tx) -> object:
        return tx.execute(select(1 / (departments.c.id - departments.c.id))).all()

    def look(tx: Tx) -> list[object]:
        return [row[0] for row in tx.rows("SELECT organisation_id FROM departments", ())]

    for use in (fail_by_hand, fail):
        for act in (database.read, database.write, lambda *given: asyncio.run(database.read_soon(*given))):
            with pytest.raises((DataError, psycopg.errors.DivisionByZero)):
                act(use, 1)
            assert act(look, None) == []
            assert act(look, 2) == [2]


def test_a_write_may_turn_to_another_organisation(database: Database) -> None:
    def use(tx: Tx) -> None:
        for organisation_id in (3, 4):
            row_security.turn_to(tx, organisation_id)
            people.put_departments(tx, organisation_id, [Department(99, "y")])

    database.write(use)
    for organisation_id in (3, 4):
        found = database.read(lambda tx, of=organisation_id: people.department_list(tx, of), organisation_id)
        assert [department.id for department in found] == [organisation_id, 99]


def test_ids_are_drawn_counted_and_raised(database: Database) -> None:
    assert database.write(ids.allocate) == [1]
    database.write(lambda tx: ids.raise_floor(tx, 5000))
    assert database.read(ids.highest) > 5000


class TestGranting:
    """`genjin db grant`, in the store."""

    def test_it_gives_just_the_rights_that_are_needed(self, postgres_url: str, application_role: str) -> None:
        tables = [name for name, table in metadata.tables.items() if table.info.get("only_on") != "sqlite"]
        served = {"SELECT", "INSERT", "UPDATE", "DELETE"}
        expected = dict.fromkeys(tables, served) | {"alembic_version": {"SELECT"}}
        expected |= {name: {"SELECT", "INSERT"} for name in ONLY_GROW}
        assert _rights(postgres_url, application_role) == expected
        with closing(open_database(postgres_url)) as owner, psycopg.connect(postgres_url, autocommit=True) as by_hand:
            grant_all = sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA public TO {}")
            by_hand.execute(grant_all.format(sql.Identifier(application_role)))
            assert _rights(postgres_url, application_role) != expected
            for _ in range(2):
                owner.write(lambda tx: row_security.grant(tx, application_role))
                assert _rights(postgres_url, application_role) == expected

    def test_it_holds_for_tables_that_come_later(self, postgres_url: str, application_role: str) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as owner:
            owner.execute("CREATE TABLE later (id integer)")
        assert _rights(postgres_url, application_role)["later"] == {"SELECT", "INSERT", "UPDATE", "DELETE"}

    def test_nobody_else_may_look_for_who_signs_in(
        self, postgres_server_url: str, postgres_url: str, application_role: str
    ) -> None:
        asked = "SELECT has_function_privilege(%s, 'genjin_sign_in(text)', 'EXECUTE')"
        with new_role(postgres_server_url) as stranger, psycopg.connect(postgres_url) as owner:
            may = [owner.execute(asked, (role,)).fetchone() for role in (application_role, stranger)]
        assert may == [(True,), (False,)]

    def test_a_role_that_nothing_would_hold_is_refused(self, postgres_server_url: str, postgres_url: str) -> None:
        with (
            closing(open_database(postgres_url)) as database,
            new_role(postgres_server_url, "BYPASSRLS") as bypassing,
            new_role(postgres_server_url) as member,
            psycopg.connect(postgres_url, autocommit=True) as owner,
        ):
            [(me,)] = owner.execute("SELECT current_user").fetchall()
            owner.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(me), sql.Identifier(member)))
            for role in (me, bypassing, member):
                with pytest.raises(Invalid, match="would not hold"):
                    database.write(lambda tx, role=role: row_security.grant(tx, role))
            with pytest.raises(Invalid, match="no role 'no; such'"):
                database.write(lambda tx: row_security.grant(tx, "no; such"))

    def test_only_the_owner_may(self, database: Database, application_role: str) -> None:
        with pytest.raises(Invalid, match="who owns the tables, can grant rights"):
            database.write(lambda tx: row_security.grant(tx, application_role))

    def test_a_role_without_rights_is_told_so(self, postgres_server_url: str, postgres_url: str) -> None:
        with (
            new_role(postgres_server_url) as role,
            closing(open_database(as_role(postgres_url, role))) as database,
            pytest.raises(StoreUnavailable, match="permission denied for table organisations"),
        ):
            database.read(people.all_organisations)

    def test_sqlite_has_no_roles(self, sqlite_database: Database) -> None:
        with pytest.raises(Invalid, match="SQLite has no roles"):
            sqlite_database.write(lambda tx: row_security.grant(tx, "x"))


def test_the_lock_is_on_for_the_application_role_alone(
    database: Database, postgres_url: str, empty_postgres_url: str
) -> None:
    assert database.read(row_security.is_locked) is True
    for url in (postgres_url, empty_postgres_url):
        with closing(open_database(url)) as owner:
            assert owner.read(row_security.is_locked) is False


@pytest.fixture
def empty_postgres_url(postgres_server_url: str) -> Iterator[str]:
    with new_postgres(postgres_server_url) as url:
        yield url


def _name(connection: Raw, organisation_id: int) -> None:
    connection.execute("SELECT set_config('genjin.organisation_id', %s, true)", (str(organisation_id),))


def _all(connection: Raw, table: str) -> list[tuple[object, ...]]:
    return sorted(connection.execute(f"SELECT organisation_id FROM {table}").fetchall())


def _insert(connection: Raw, table: str, organisation_id: int) -> None:
    row = _row(metadata.tables[table], organisation_id)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", list(row.values())
    )


def _rights(url: str, role: str) -> dict[str, set[str]]:
    """What the role may do to each table."""
    found = dict[str, set[str]]()
    with psycopg.connect(url) as owner:
        asked = "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s"
        for table, right in owner.execute(asked, (role,)):
            found.setdefault(table, set()).add(right)
    return found
