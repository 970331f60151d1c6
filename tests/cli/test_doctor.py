"""The command doctor."""

from pathlib import Path

from sqlalchemy import text

from genjin.demo import EXAMPLE
from genjin.importers.capture import import_captures
from genjin.service.context import Installation, open_installation
from genjin.service.doctor import examine
from genjin.service.organisation.organisations import NewUser, found_organisation
from genjin.service.reports.tallying import keep_tallies
from genjin.settings import Settings
from genjin.store.transaction import Tx
from tests.cli.running import Genjin


def test_a_sound_installation_of_either_engine_passes_every_check(database_url: str, tmp_path: Path) -> None:
    installation = open_installation(Settings(database_url=database_url, files_url=f"file:{tmp_path}/files"))
    try:
        found_organisation(installation, "长江贸易", "", "Asia/Shanghai", NewUser("admin", "管理员", "x"))
        findings = list(examine(installation))
        # The PostgreSQL of the tests runs without fsync, which is just what the doctor is there to say.
        durable = [each for each in findings if each.id == "W005"]
        assert [each.level for each in durable] == ["ok" if installation.database.engine == "sqlite" else "warning"]
        assert {each.level for each in findings if each.id != "W005"} == {"ok"}
        checks = set("E002 E003 E004 W005 W006 E008 E009 W010 E011 E015 W016 E017".split())
        assert {each.id for each in findings} == checks | (
            set() if installation.database.engine == "sqlite" else {"W012"}
        )
    finally:
        installation.database.close()


def test_counters_are_mended_on_either_engine(database_url: str) -> None:
    installation = open_installation(Settings(database_url=database_url))
    try:
        import_captures(installation, [EXAMPLE])
        installation.database.write(spoil)
        assert [each.level for each in examine(installation) if each.id == "E009"] == ["error"]
        assert [each.level for each in examine(installation, "mend") if each.id == "E009"] == ["ok"]
        assert [each.found for each in examine(installation) if each.id == "E009"] == [
            "企业11300332: every timeline's counters are right"
        ]
    finally:
        installation.database.close()


def test_tallies_are_mended_on_either_engine(database_url: str) -> None:
    installation = open_installation(Settings(database_url=database_url))
    try:
        import_captures(installation, [EXAMPLE])
        keep_tallies(installation)
        installation.database.write(
            lambda tx: tx.execute(text("UPDATE daily_tallies SET follow_ups = follow_ups + 1")), organisation_id=None
        )
        levels = {how: [f.level for f in examine(installation, how) if f.id == "E015"] for how in ("check", "mend")}
        assert levels == {"check": ["error"], "mend": ["ok"]}
        assert [f.found for f in examine(installation) if f.id == "E015"] == [
            "企业11300332: what reports are made of is right"
        ]
    finally:
        installation.database.close()


def test_counters_that_are_wrong_are_an_error_until_they_are_mended(genjin: Genjin, installation: Installation) -> None:
    assert genjin("import", "capture", str(EXAMPLE)).exit_code == 0
    installation.database.write(spoil)
    found = genjin("doctor")
    assert found.exit_code == 1
    assert "E009\terror" in found.stdout
    assert "genjin doctor --recount" in found.stdout
    mended = genjin("doctor", "--recount")
    assert mended.exit_code == 0, mended.output
    assert "1 timeline(s) were counted anew" in mended.stdout
    assert genjin("doctor").exit_code == 0


def test_a_place_where_no_file_can_be_kept_is_an_error(genjin: Genjin, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    found = genjin("doctor", GENJIN_FILES_URL=f"file:{tmp_path}/file/below")
    assert found.exit_code == 1
    assert "E011\terror" in found.stdout
    assert "GENJIN_FILES_URL" in found.stdout


def test_an_organisation_that_nobody_can_sign_in_to_is_a_warning(genjin: Genjin) -> None:
    assert genjin("import", "capture", str(EXAMPLE)).exit_code == 0
    found = genjin("doctor")
    assert found.exit_code == 0
    assert "W010\twarning" in found.stdout
    assert "genjin user add LOGIN --organisation org11300332" in found.stdout


def test_ids_that_run_out_and_unknown_time_zones_are_told(genjin: Genjin, installation: Installation) -> None:
    def spoil(tx: Tx) -> None:
        tx.connection.exec_driver_sql("UPDATE id_counter SET last_id = 2147483000")
        tx.connection.exec_driver_sql("UPDATE organisations SET time_zone = 'Mars/Olympus'")

    installation.database.write(spoil)
    found = genjin("doctor")
    assert found.exit_code == 1
    assert "W006\twarning\t647 ids are left" in found.stdout
    assert "E008\terror" in found.stdout


def test_what_keeps_it_from_looking_further_is_told(genjin: Genjin, tmp_path: Path) -> None:
    not_one = tmp_path / "letter.txt"
    not_one.write_text("Dear Sir or Madam, this is no database. " * 100)
    for settings, told in (
        ({"GENJIN_LOG_FORMAT": "verse"}, "E001\terror\tGENJIN_LOG_FORMAT"),
        ({"GENJIN_DATABASE_URL": f"sqlite:///{tmp_path}/missing.db"}, "E002\terror\tthere is no database"),
        ({"GENJIN_DATABASE_URL": f"sqlite:///{not_one}"}, "E002\terror\tthe database cannot be reached"),
        (
            {"GENJIN_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"},
            "E002\terror\tthe database cannot be reached",
        ),
    ):
        result = genjin("doctor", **settings)
        assert result.exit_code == 1, result.output
        assert told in result.stdout


def spoil(tx: Tx) -> None:
    """Count every timeline wrongly, and give it a block that it should not have."""
    tx.connection.exec_driver_sql("UPDATE timelines SET total = total + 5")
    tx.connection.exec_driver_sql(
        "INSERT INTO timeline_blocks (organisation_id, subject_type, subject_id, at, activity_id, entries)"
        " SELECT organisation_id, subject_type, subject_id, 0, 1, 7 FROM timelines"
    )
