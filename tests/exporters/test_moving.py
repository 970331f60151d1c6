"""An installation that is moved from SQLite to PostgreSQL is the same there."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from genjin.cli import app
from genjin.errors import Invalid, SchemaTooOld, StoreUnavailable
from genjin.exporters.moving import move_to_postgres
from genjin.service.context import Installation, open_installation
from genjin.settings import Settings
from genjin.store.database import open_database
from tests.databases import new_postgres, new_sqlite
from tests.exporters.full import answers_of, fill
from tests.world import Site, follow_up, new_lead, opened


@pytest.fixture
def into(postgres_url: str) -> Iterator[Installation]:
    installation = open_installation(Settings(database_url=postgres_url))
    with closing(installation.database):
        yield installation


@pytest.mark.across
def test_what_was_moved_answers_the_same(site: Site, postgres_server_url: str, tmp_path: Path) -> None:
    """Into a database without a schema, by the command."""
    with opened(site) as world:
        fill(world)
        before, now = answers_of(world), world.clock.now()
    path = site.url.removeprefix("sqlite:///")
    with new_postgres(postgres_server_url) as url:
        done = CliRunner().invoke(app, ["move", "sqlite-to-postgres", path, url])
        assert done.exit_code == 0, done.output
        assert f"GENJIN_FILES_URL=file:{tmp_path}" in done.output
        with opened(site.at(url)) as world:
            world.clock.at = now
            assert answers_of(world) == before
            follow_up(world.client("alice"), new_lead(world.client("alice")))  # with ids that nothing has yet
            assert world.miscounts() == []
            dora = world.client("dora")
            [moved] = dora.get("/api/v1/audit", params={"act": "data.moved"}).json()["items"]
            assert moved["subject"]["name"] == "sqlite-to-postgres"
        gone = CliRunner().invoke(app, ["user", "list"], env={"GENJIN_DATABASE_URL": site.url})
        assert (gone.exit_code, "there is no database" in gone.output, Path(path).exists()) == (1, True, False)
        again = CliRunner().invoke(app, ["move", "sqlite-to-postgres", f"{path}.moved", url])
        assert again.exit_code == 1
        assert "not empty" in again.output


def test_a_file_that_a_server_has_open_is_refused(site: Site, into: Installation) -> None:
    with closing(open_database(site.url)) as database:
        database.read(lambda tx: tx.rows("SELECT 1", ()))
        with pytest.raises(StoreUnavailable, match="in use"):
            move_to_postgres(site.url.removeprefix("sqlite:///"), into)


@pytest.mark.across
def test_what_is_broken_off_leaves_an_empty_database(site: Site, postgres_url: str, into: Installation) -> None:
    path = site.url.removeprefix("sqlite:///")

    def break_off(step: str, done: int, total: int) -> None:
        if step == "Comparing" and done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move_to_postgres(path, into, break_off)
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM organisations").fetchone() == (0,)
    assert move_to_postgres(path, into).organisations == ["长江贸易", "黄河物流"]


@pytest.mark.across
def test_a_text_that_postgres_cannot_keep_is_told_with_its_table(site: Site, into: Installation) -> None:
    with closing(open_database(site.url)) as database:
        database.write(lambda tx: tx.each("UPDATE users SET job = ? WHERE id = 31", [("a\0b",)]))
    with pytest.raises(Invalid, match="users"):
        move_to_postgres(site.url.removeprefix("sqlite:///"), into)


def test_another_revision_and_what_is_no_database_are_refused(site: Site, into: Installation, tmp_path: Path) -> None:
    path = site.url.removeprefix("sqlite:///")
    with closing(open_database(site.url)) as database:
        database.write(lambda tx: tx.each("UPDATE alembic_version SET version_num = ?", [("0022",)]))
    with pytest.raises(SchemaTooOld, match="0022"):
        move_to_postgres(path, into)
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at as one")
    with pytest.raises(StoreUnavailable, match="cannot read"):
        move_to_postgres(str(tmp_path / "text.db"), into)
    with closing(open_database(new_sqlite(tmp_path / "bare.db"))) as bare:
        bare.read(lambda tx: tx.rows("SELECT 1", ()))
    with pytest.raises(StoreUnavailable, match="no Genjin schema"):
        move_to_postgres(str(tmp_path / "bare.db"), into)
