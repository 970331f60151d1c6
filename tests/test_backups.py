"""A backup under load, restored: what was acknowledged before it began is there, whole, on both engines."""

import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner, Result

from genjin.cli import app
from genjin.exporters.manifest import MANIFEST, read_manifest, sum_of, write_manifest
from genjin.store import schema
from tests import samples
from tests.api.uploading import follow, upload
from tests.cli.running import GENJIN, Genjin, environment
from tests.databases import as_role, new_postgres, new_sqlite, postgres_programs
from tests.store.test_migrations import SECOND
from tests.store.test_migrations import migrations as migrations
from tests.test_durability import Writer, client_of, serving, written
from tests.world import World, new_lead, opened, settle, timeline_of

WRITERS = 3
AT_LEAST = 15
"""Follow-ups that are written before a backup begins, and again while it is made and behind it."""
pytestmark = pytest.mark.across  # a backup counts the rows of all organisations
DATA = os.urandom(300_000)


@pytest.fixture
def genjin(founded_url: str) -> Genjin:
    """Commands on an installation of SQLite, unless they are told of another."""
    return lambda *arguments, **settings: run(*arguments, **({"GENJIN_DATABASE_URL": founded_url} | settings))


def run(*arguments: str, **settings: str) -> Result:
    programs = {"GENJIN_POSTGRES_PROGRAMS": postgres_programs()}
    return CliRunner().invoke(app, list(arguments), env=programs | settings)


@pytest.fixture
def new_url(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where nothing is yet, of the engine of `database_url`."""
    if database_url.startswith("sqlite"):
        yield new_sqlite(tmp_path / "restored" / "genjin.db")
    else:
        with new_postgres(request.getfixturevalue("postgres_server_url")) as url:
            yield url


def test_a_backup_under_load_is_restored_with_all_that_was_acknowledged_before_it(
    database_url: str, new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where the files of PostgreSQL are; those of SQLite are beside it
    site, folder = settle(database_url), tmp_path / "backups" / "first"
    with serving(database_url) as (_, address), client_of(address, site) as client:
        lead_id = new_lead(client)
        link = upload(client, DATA, "数据.bin")["origin_url"].removeprefix(address)
        upload(client, samples.picture(), "图.png")
        writers = [Writer(address, site, lead_id) for _ in range(WRITERS)]
        wait_for(writers, AT_LEAST)
        is_killed_in_the_midst(database_url, tmp_path)
        before = [id_ for writer in writers for id_ in list(writer.acknowledged)]
        made = run("backup", str(folder), GENJIN_DATABASE_URL=database_url)
        assert made.exit_code == 0, made.output
        wait_for(writers, len(before) + AT_LEAST)
    for writer in writers:
        writer.join(30)
    everything = {id_ for writer in writers for id_ in writer.acknowledged}
    assert run("backup", "--check", str(folder)).exit_code == 0
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")} == {0o700, 0o600}

    (tmp_path / "restored").mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path / "restored")
    done = run("restore", str(folder), GENJIN_DATABASE_URL=new_url)
    assert done.exit_code == 0, done.output
    again = run("restore", str(folder), GENJIN_DATABASE_URL=new_url)
    assert (again.exit_code, "already" in again.stderr) == (1, True), again.output
    with opened(site.at(new_url)) as restored:
        alice = restored.client("alice")
        found = set(written(alice, lead_id))
        assert set(before) <= found < everything
        assert timeline_of(alice, lead_id)["total_count"] == len(found) + 1  # and the lead's creation
        assert follow(alice, f"http://genjin.test{link}").content == DATA
        log = restored.client("dora").get("/api/v1/audit", params={"act": "data"}).json()["items"]
        assert [each["act"] for each in log] == ["data.restored", "data.backed_up", "data.backed_up"]
        assert restored.miscounts() == []
    doctor = run("doctor", GENJIN_DATABASE_URL=new_url)
    assert doctor.exit_code == 0, doctor.output
    kept = list((tmp_path / "genjin-files").glob("[0-9]*/*/*"))
    for path in kept:
        assert sum_of(tmp_path / "restored" / path.relative_to(tmp_path)) == sum_of(path)
    assert len(kept) == 3


def wait_for(writers: list[Writer], count: int) -> None:
    deadline = time.monotonic() + 60
    while sum(len(writer.acknowledged) for writer in writers) < count:
        assert time.monotonic() < deadline, "nothing is written"
        time.sleep(0.01)


def is_killed_in_the_midst(url: str, tmp_path: Path) -> None:
    """A backup stands still where a file is a pipe that nobody writes to, and is killed there."""
    folder = tmp_path / "backups" / "killed"
    file = min((tmp_path / "genjin-files").glob("[0-9]*/*/*"))
    aside = file.rename(file.with_suffix(".aside"))
    os.mkfifo(file)
    given = environment({"GENJIN_DATABASE_URL": url, "GENJIN_POSTGRES_PROGRAMS": postgres_programs()})
    with subprocess.Popen([*GENJIN, "backup", str(folder)], env=given, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not list(folder.glob("files/incoming/*")):
            assert process.poll() is None and time.monotonic() < deadline, process.communicate()
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    file.unlink()
    aside.rename(file)
    assert not (folder / MANIFEST).exists()
    for command in (("backup", "--check"), ("restore",)):
        result = run(*command, str(folder), GENJIN_DATABASE_URL=f"sqlite:///{tmp_path}/never.db")
        assert (result.exit_code, "holds no backup" in result.stderr) == (1, True), result.output


def test_files_of_an_earlier_backup_are_not_copied_again_and_what_is_missing_or_damaged_is_told(
    world: World, tmp_path: Path
) -> None:
    url, store = world.site.url, tmp_path / "world-files"
    alice = world.client("alice")
    upload(alice, DATA, "数据.bin"), upload(alice, samples.picture(), "图.png")
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    made = run("backup", str(first), GENJIN_DATABASE_URL=url)
    assert made.exit_code == 0, made.output
    upload(alice, samples.PDF)
    told = run("backup", str(second), "--since", str(first), GENJIN_DATABASE_URL=url)
    assert (told.exit_code, "4 file(s)" in told.stdout, "3 of them linked" in told.stdout) == (0, True, True)
    assert sorted(path.stat().st_nlink for path in second.rglob("files/*/*/*")) == [1, 2, 2, 2]
    assert (second / "SHA256SUMS").read_text().count("\n") == 4
    refused = run("backup", str(second), GENJIN_DATABASE_URL=url)
    assert (refused.exit_code, "new or empty" in refused.stderr) == (1, True)

    gone, spoilt, fine = sorted(path for path in store.glob("[0-9]*/*/*") if not path.suffix)
    gone.unlink()
    spoilt.write_bytes(b"x")
    told = run("backup", str(third), GENJIN_DATABASE_URL=url)
    assert (told.exit_code, "2 file(s)" in told.stderr) == (1, True), told.output
    lost = [f"files/{path.relative_to(store)}" for path in (gone, spoilt)]
    assert read_manifest(third).missing == lost
    checked = run("backup", "--check", str(third))
    assert checked.stdout.splitlines() == [f"{path} was missing when the backup was made" for path in lost]

    (second / "files" / fine.relative_to(store)).write_bytes(b"y")
    with (second / "database.sqlite").open("r+b") as file:
        file.seek(200_000)
        file.write(bytes(50_000))
    (second / lost[0]).unlink()
    checked = run("backup", "--check", str(second))
    assert [line.partition(" ")[0] for line in checked.stdout.splitlines()] == [
        "database.sqlite",
        str(second / lost[0]),
        f"files/{fine.relative_to(store)}",
    ]
    refused = run("restore", str(second), GENJIN_DATABASE_URL=f"sqlite:///{tmp_path}/new/genjin.db")
    assert (refused.exit_code, "database.sqlite is damaged" in refused.stderr) == (1, True)
    assert not (tmp_path / "new" / "genjin.db").exists()


def test_a_backup_of_an_older_schema_is_restored_and_upgraded_and_one_of_a_newer_refused(
    genjin: Genjin, migrations: Path, tmp_path: Path
) -> None:
    folder, url = tmp_path / "backup", f"sqlite:///{tmp_path}/new/genjin.db"
    assert genjin("backup", str(folder)).exit_code == 0
    known = schema.known_revision()
    (migrations / "versions" / "9000_second.py").write_text(SECOND.format(known=known, more=""))
    told = genjin("restore", str(folder), GENJIN_DATABASE_URL=url)
    assert (told.exit_code, "run `genjin db upgrade`" in told.stderr) == (0, True), told.output
    assert genjin("user", "list", GENJIN_DATABASE_URL=url).exit_code == 1
    assert genjin("db", "upgrade", GENJIN_DATABASE_URL=url).exit_code == 0
    assert "admin" in genjin("user", "list", GENJIN_DATABASE_URL=url).stdout
    newer = read_manifest(folder).model_copy(update={"revision": "9999"})
    (folder / MANIFEST).unlink()
    write_manifest(folder, newer)
    refused = genjin("restore", str(folder), GENJIN_DATABASE_URL=f"sqlite:///{tmp_path}/newer/genjin.db")
    assert (refused.exit_code, "of a newer Genjin" in refused.stderr) == (1, True)


def test_postgresql_is_backed_up_by_its_owner_with_programs_that_are_new_enough_and_never_see_the_password_in_a_command(
    postgres_url: str, application_role: str, tmp_path: Path
) -> None:
    folder, spy = tmp_path / "backup", tmp_path / "programs"
    spy.mkdir()
    for url, programs, why in (
        (as_role(postgres_url, application_role), postgres_programs(), "as the owner of the tables"),
        (postgres_url, str(spy), "there is no pg_dump in"),
    ):
        result = run("backup", str(folder), GENJIN_DATABASE_URL=url, GENJIN_POSTGRES_PROGRAMS=programs)
        assert (result.exit_code, why in result.stderr) == (1, True), result.output
    program = spy / "pg_dump"
    for version, why in ((14, "pg_dump is of version 14, older than the server"), (99, "error: spied")):
        program.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "pg_dump (PostgreSQL) {version}.2"; exit; }}\n'
            f'echo "$@" > {spy}/said; echo "$PGPASSWORD" > {spy}/password; echo "pg_dump: error: spied" >&2; exit 1\n'
        )
        program.chmod(0o700)
        url = make_url(postgres_url).update_query_dict({"password": "of-nobody"}).render_as_string(hide_password=False)
        result = run("backup", str(folder), GENJIN_DATABASE_URL=url, GENJIN_POSTGRES_PROGRAMS=str(spy))
        assert (result.exit_code, why in result.stderr) == (1, True), result.output
    assert (spy / "password").read_text() == "of-nobody\n"
    assert "--snapshot=" in (spy / "said").read_text() and "of-nobody" not in (spy / "said").read_text()
    assert not (folder / MANIFEST).exists()
