"""The migrations make what tables/ says; a schema of another version is told apart, with what to do about it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Table, text
from sqlalchemy.schema import SchemaItem

from genjin.domain.job import JobState
from genjin.domain.people import Organisation
from genjin.errors import SchemaMissing, SchemaTooNew, SchemaTooOld
from genjin.store import ids, jobs, people, schema
from genjin.store.database import Database, open_database
from genjin.store.tables import metadata
from genjin.store.transaction import Tx
from tests.databases import new_postgres, new_sqlite

pytestmark = pytest.mark.across  # a migration goes through all organisations
SECOND = '''"""The second schema."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9000", "{known}", None, None
def upgrade() -> None:
    op.create_table("second", sa.Column("organisation_id", sa.Integer(), primary_key=True))
    {more}
'''


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    with closing(open_database(empty_url)) as database:
        yield database


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a newer Genjin's revisions; `second` puts one into it."""
    copy = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", copy)
    return copy


def test_there_is_one_newest_revision() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.known_revision()]


def test_every_revision_is_told_by_the_name_of_its_file() -> None:
    for script in ScriptDirectory(str(schema.MIGRATIONS)).walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_")


def test_a_server_does_without_the_means_to_migrate_and_what_it_was_not_asked_for() -> None:
    program = "import sys, genjin.app; sys.exit(any(each in sys.modules for each in ('alembic', 'opentelemetry.sdk')))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index ix_phones_ending")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_the_migrations_make_the_tables(database: Database) -> None:
    def include(item: SchemaItem, name: str | None, type_: str, reflected: bool, other: SchemaItem | None) -> bool:
        if name is not None and name.startswith(("search_index", "ix_phones_ending")):  # which Alembic does not know
            return False
        return not isinstance(item, Table) or item.info.get("only_on", database.engine) == database.engine

    def differences(tx: Tx) -> list[object]:
        options = {"compare_type": True, "compare_server_default": True, "include_object": include}
        return list(compare_metadata(MigrationContext.configure(tx.connection, opts=options), metadata))

    assert database.read(differences) == []


def test_the_migrations_make_the_tables_to_the_letter_on_sqlite(sqlite_database: Database, tmp_path: Path) -> None:
    """Types, WITHOUT ROWID and the conditions of partial indexes included."""
    with closing(open_database(new_sqlite(tmp_path / "tables.db"))) as made:
        made.write(lambda tx: metadata.create_all(tx.connection))
        expected = made.read(_sqlite_objects)
    found = sqlite_database.read(_sqlite_objects)
    del found["alembic_version"]
    assert found == expected
    ours = {name: sql for name, sql in found.items() if not name.startswith("search_index_")}
    without_rowid = {name for name, sql in ours.items() if sql.endswith("WITHOUT ROWID")}
    declared = {
        name for name, table in metadata.tables.items() if table.dialect_options["sqlite"]["with_rowid"] is False
    }
    assert without_rowid == declared


def test_the_migrations_make_the_tables_to_the_letter_on_postgresql(
    postgres_url: str, postgres_server_url: str
) -> None:
    tables = [table for table in metadata.sorted_tables if table.info.get("only_on") != "sqlite"]
    with new_postgres(postgres_server_url) as url, closing(open_database(url)) as made:
        made.write(lambda tx: metadata.create_all(tx.connection, tables))
        expected = made.read(_postgres_objects)
    with closing(open_database(postgres_url)) as database:
        assert database.read(_postgres_objects) == expected
        sequence = "SELECT data_type::text, start_value, min_value, max_value, cycle FROM pg_sequences"
        assert database.read(lambda tx: tx.rows(sequence, ())) == [("integer", 1, 1, ids.MAX_ID, False)]


def test_a_database_without_a_schema_is_told_so(empty: Database) -> None:
    assert schema.current_revision(empty) is None
    with pytest.raises(SchemaMissing, match="genjin init"):
        schema.check(empty)


def test_a_fresh_database_has_the_schema_that_this_program_knows(database: Database) -> None:
    assert schema.current_revision(database) == schema.known_revision()
    schema.check(database)


def test_upgrading_twice_is_the_same_as_once(empty: Database) -> None:
    schema.upgrade(empty)
    empty.write(lambda tx: ids.allocate(tx, 5))
    before = empty.read(_objects)
    schema.upgrade(empty)
    assert empty.read(_objects) == before
    assert empty.write(ids.allocate) == [6]
    schema.check(empty)


def test_a_schema_from_a_newer_genjin_is_refused_and_left_alone(database: Database) -> None:
    database.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    for use in (schema.check, schema.upgrade):
        with pytest.raises(SchemaTooNew) as refused:
            use(database)
        assert "9999" in str(refused.value)
        assert "newer Genjin" in str(refused.value)
        assert f"revision {schema.known_revision()}" in str(refused.value)
    assert schema.current_revision(database) == "9999"


def test_an_older_schema_is_told_and_upgraded(database: Database, migrations: Path) -> None:
    known = schema.known_revision()
    _write_second(migrations)
    with pytest.raises(SchemaTooOld, match=rf"revision {known}, not 9000.*genjin db upgrade"):
        schema.check(database)
    schema.upgrade(database)
    schema.check(database)
    assert schema.current_revision(database) == "9000"
    assert "second" in database.read(_objects)


def test_a_migration_that_fails_changes_nothing(database: Database, migrations: Path) -> None:
    known = schema.known_revision()
    _write_second(migrations, "raise ArithmeticError('in the middle')")
    before = database.read(_objects)
    with pytest.raises(ArithmeticError):
        schema.upgrade(database)
    assert database.read(_objects) == before
    assert schema.current_revision(database) == known
    database.write(people.all_organisations)


def test_users_of_before_are_captured_where_they_have_no_login(empty: Database, migrations: Path) -> None:
    """Revision 0003: who was let in had a login from the first version on, and who was captured never had one."""
    newer = _take_out(migrations, "0003")
    schema.upgrade(empty)
    insert = text(
        "INSERT INTO users (organisation_id, id, name, created_at, login, email, phone, role_id, workflow_state, job,"
        " tel, avatar_url, uid) VALUES (1, :id, '小兰', 1, :login, '', '', 0, 'organization_staff', '', '', '', 0)"
    )
    empty.write(lambda tx: [tx.execute(insert, {"id": id_, "login": login}) for id_, login in ((1, None), (2, "lan"))])
    _put_in(newer)
    schema.upgrade(empty)
    found = empty.read(lambda tx: people.user_list(tx, 1))
    assert [(user.id, user.from_capture) for user in found] == [(1, True), (2, False)]


def test_records_of_before_are_found_by_their_names(empty: Database, migrations: Path) -> None:
    """Revision 0005: more of them than are written at once."""
    newer = _take_out(migrations, "0005")
    schema.upgrade(empty)
    insert = text(
        "INSERT INTO records (organisation_id, type, id, name, created_at, updated_at, name_pinyin,"
        " company_name_pinyin) VALUES (:organisation_id, :type, :id, :name, 1, 1, '', '')"
    )
    rows = [
        {"organisation_id": organisation_id, "type": type_, "id": id_, "name": f" Ａcme（{id_}） "}
        for organisation_id in (1, 2)
        for type_ in (1, 2)
        for id_ in range(1, 702)
    ]
    empty.write(lambda tx: tx.execute(insert, rows))
    _put_in(newer)
    schema.upgrade(empty)
    found = empty.read(lambda tx: tx.rows("SELECT id, name_key FROM records", ()))
    assert sorted(found) == sorted((row["id"], f"acme({row['id']})") for row in rows)


def test_a_migration_may_leave_rows_to_jobs_of_each_organisation(database: Database, migrations: Path) -> None:
    """Put in with the migration itself, or not at all when it fails."""
    for id_ in (7, 8):
        database.write(lambda tx, each=id_: people.put_organisation(tx, Organisation(each, "o", f"org{each}")))
    ask = "from genjin.store.migrations.enqueue import enqueue_everywhere; enqueue_everywhere('records.fill_x')"
    _write_second(migrations, f"{ask}; raise ArithmeticError('behind it')")
    with pytest.raises(ArithmeticError):
        schema.upgrade(database)
    assert [database.read(lambda tx, of=id_: jobs.newest(tx, of, 9)) for id_ in (7, 8)] == [[], []]
    (migrations / "versions" / "9000_second.py").unlink()
    _write_second(migrations, ask)
    schema.upgrade(database)
    asked = [job for id_ in (7, 8) for job in database.read(lambda tx, of=id_: jobs.newest(tx, of, 9))]
    assert [(job.task, job.arguments, job.state, job.done) for job in asked] == [
        ("records.fill_x", {}, JobState.WAITING, 0)
    ] * 2
    assert len({job.id for job in asked}) == 2
    assert all(job.due_at == job.created_at > 1_700_000_000 for job in asked)
    assert database.read(lambda tx: jobs.next_due(tx, 7, ["records.fill_x"])) == asked[0].due_at


def test_two_programs_may_upgrade_at_once(empty_url: str) -> None:
    with closing(open_database(empty_url)) as one, closing(open_database(empty_url)) as other:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(schema.upgrade, [one, other]))
        schema.check(one)
        schema.check(other)
        assert one.write(ids.allocate) == [1]


def _take_out(migrations: Path, revision: str) -> dict[Path, str]:
    """Take this revision and all newer ones away; returns what they said."""
    newer = {path: path.read_text() for path in (migrations / "versions").glob("0*.py") if path.name >= revision}
    for path in newer:
        path.unlink()
    return newer


def _put_in(scripts: dict[Path, str]) -> None:
    for path, script in scripts.items():
        path.write_text(script)


def _write_second(migrations: Path, more: str = "") -> None:
    second = SECOND.format(known=schema.known_revision(), more=more)
    (migrations / "versions" / "9000_second.py").write_text(second)


def _objects(tx: Tx) -> dict[str, str]:
    return _sqlite_objects(tx) if tx.engine == "sqlite" else _postgres_objects(tx)


def _sqlite_objects(tx: Tx) -> dict[str, str]:
    """Every table and index by its name: the statement that makes it, blanks apart."""
    rows = tx.rows("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'", ())
    return {name: " ".join(sql.split()) for name, sql in rows}


def _postgres_objects(tx: Tx) -> dict[str, str]:
    """Every column, constraint and index by its name: all that PostgreSQL says of it."""
    sql = (
        "SELECT table_name || '.' || column_name, concat_ws(' ', data_type, character_maximum_length, is_nullable,"
        " column_default) FROM information_schema.columns WHERE table_schema = 'public'"
        " UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype <> 'n'"
        " UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " UNION ALL SELECT relname, relkind::text FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    rows = tx.rows(sql, ())
    return {name: definition for name, definition in rows if not name.startswith("alembic_version")}
