"""The commands db and import."""

import json
from pathlib import Path

import psycopg
import pytest

from genjin.demo import EXAMPLE
from genjin.service.context import Installation
from genjin.store import schema
from genjin.store.tables import metadata
from genjin.store.transaction import Tx
from tests.citus import stand_in
from tests.cli.running import Genjin


def test_the_schema_is_laid_and_its_revision_told(genjin: Genjin, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    assert genjin("db", "status", GENJIN_DATABASE_URL=url).exit_code == 1
    laid = genjin("db", "upgrade", GENJIN_DATABASE_URL=url)
    assert laid.exit_code == 0, laid.output
    assert f"revision {schema.known_revision()}; it was at None" in laid.stdout
    assert f"revision {schema.known_revision()}" in genjin("db", "status", GENJIN_DATABASE_URL=url).stdout
    assert "already" in genjin("db", "upgrade", GENJIN_DATABASE_URL=url).stdout


@pytest.mark.parametrize("command", ["serve", "db status", "db upgrade", "init", "user list", "doctor"])
def test_a_newer_schema_is_refused_in_one_line(genjin: Genjin, installation: Installation, command: str) -> None:
    installation.database.write(make_newer)
    result = genjin(*command.split())
    assert result.exit_code == 1
    assert "upgraded by a newer Genjin" in result.output
    assert "Traceback" not in result.output


def test_a_capture_is_imported_once_however_often_it_is_given(genjin: Genjin) -> None:
    first = genjin("import", "capture", str(EXAMPLE))
    assert first.exit_code == 0, first.output
    assert "activities\t6\t6\t0" in first.stdout
    assert "records\t1\t1\t0" in first.stdout
    second = genjin("import", "capture", str(EXAMPLE))
    assert "activities\t6\t0\t0" in second.stdout


def test_keys_that_nobody_knows_are_told(genjin: Genjin, tmp_path: Path) -> None:
    body = json.loads(EXAMPLE.read_text())
    body["data"]["sales_activities"][0]["activities"][0]["mood"] = "sunny"
    file = tmp_path / "with_mood.json"
    file.write_text(json.dumps(body))
    result = genjin("import", "capture", str(file))
    assert result.exit_code == 0
    assert "kept but not served: mood (1)" in result.stderr


def test_a_bad_file_changes_nothing_and_every_problem_is_told_with_file_line_and_path(
    genjin: Genjin, installation: Installation, tmp_path: Path
) -> None:
    body = json.loads(EXAMPLE.read_text())
    body["data"]["sales_activities"][1]["activities"][0]["timestamp"] = "yesterday"
    bad = tmp_path / "bad.jsonl"
    bad.write_text(EXAMPLE.read_text().replace("\n", "") + "\n" + json.dumps(body) + "\n")
    before = _counts(installation)
    result = genjin("import", "capture", str(EXAMPLE), str(bad))
    assert result.exit_code == 1
    where = "data.sales_activities[1].activities[0].timestamp"
    assert f"{bad}:2: {where}: 'yesterday' is no time" in result.stderr
    assert "Nothing was imported." in result.stderr
    assert _counts(installation) == before


def test_at_most_a_hundred_problems_are_printed_and_the_others_counted(genjin: Genjin, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n" * 130)
    lines = genjin("import", "capture", str(bad)).stderr.splitlines()
    assert len(lines) == 102
    assert lines[-2:] == ["and 30 more", "Nothing was imported."]


def test_the_subject_of_a_capture_has_to_be_a_record(genjin: Genjin) -> None:
    for subject in ("customers", "customers/x", "planets/3"):
        result = genjin("import", "capture", str(EXAMPLE), "--subject", subject)
        assert result.exit_code == 1
        assert result.stderr == f"--subject {subject}: write it as leads/123 or customers/123\n"


def make_newer(tx: Tx) -> None:
    """Pretend that a later program upgraded the schema."""
    tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")


def _counts(installation: Installation) -> dict[str, int]:
    def use(tx: Tx) -> dict[str, int]:
        return {name: tx.rows(f"SELECT COUNT(*) FROM {name}", ())[0][0] for name in metadata.tables}

    return installation.database.read(use)


class TestDistribution:
    """`genjin db distribute` and `genjin db check-distribution`."""

    def test_tables_are_distributed_once_and_checked(self, genjin: Genjin, postgres_url: str) -> None:
        stand_in(postgres_url)
        before = genjin("db", "check-distribution", GENJIN_DATABASE_URL=postgres_url)
        assert before.exit_code == 1
        assert "users lies on the coordinator alone: run `genjin db distribute`" in before.stdout
        done = genjin("db", "distribute", GENJIN_DATABASE_URL=postgres_url)
        assert done.exit_code == 0, done.output
        assert "organisations" in done.stdout
        again = genjin("db", "distribute", GENJIN_DATABASE_URL=postgres_url)
        assert again.stdout == "Every table was distributed already.\n"
        after = genjin("db", "check-distribution", GENJIN_DATABASE_URL=postgres_url)
        assert after.exit_code == 0, after.output
        assert after.stdout == "Every table lies where it belongs.\n"
        assert "no extension pg_stat_statements" in after.stderr

    def test_a_statement_that_was_heard_and_names_no_organisation_is_shown(
        self, genjin: Genjin, postgres_url: str
    ) -> None:
        stand_in(postgres_url)
        genjin("db", "distribute", GENJIN_DATABASE_URL=postgres_url)
        with psycopg.connect(postgres_url) as by_hand:
            by_hand.execute("CREATE TABLE heard (query text)")
            by_hand.execute("INSERT INTO heard VALUES ('SELECT name FROM users WHERE organisation_id = $1')")
            by_hand.execute(
                "CREATE VIEW pg_stat_statements AS SELECT query, true AS toplevel, oid AS dbid FROM heard, pg_database"
            )
        good = genjin("db", "check-distribution", GENJIN_DATABASE_URL=postgres_url)
        assert good.exit_code == 0, good.output
        assert "Each of the 1 statements that were heard names its organisation, or needs none." in good.stdout
        with psycopg.connect(postgres_url) as by_hand:
            by_hand.execute("INSERT INTO heard VALUES ('SELECT name FROM users' || chr(10) || ' WHERE id = $1')")
        bad = genjin("db", "check-distribution", GENJIN_DATABASE_URL=postgres_url)
        assert bad.exit_code == 1
        assert bad.stdout == "cannot be routed: SELECT name FROM users WHERE id = $1\n"

    @pytest.mark.parametrize("command", ["distribute", "check-distribution"])
    def test_without_citus_they_say_what_is_missing(self, genjin: Genjin, postgres_url: str, command: str) -> None:
        for result, why in (
            (genjin("db", command), "SQLite is one file on one machine"),
            (genjin("db", command, GENJIN_DATABASE_URL=postgres_url), "CREATE EXTENSION citus"),
        ):
            assert result.exit_code == 1
            assert why in result.stderr
