"""Fixtures for all tests: fresh, migrated databases of both engines. A server that fails is an error, never a skip."""

import gc
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url
from typer.testing import CliRunner

from genjin.cli import app
from genjin.store import row_security
from genjin.store.database import Database, open_database
from tests.cli.running import CORP_ID, LOGIN, ORGANISATION, PASSWORD
from tests.compiling import share_compiled_statements
from tests.databases import ENGINES, migrate, new_postgres, new_role, new_sqlite, postgres_server
from tests.importers.captures import Capturing
from tests.memory import keep_files_in_memory
from tests.passwords import hash_quickly
from tests.standby import Pair, standby_pair
from tests.world import Site, World, opened, settle

keep_files_in_memory()
share_compiled_statements()
hash_quickly()

# Every example uses an organisation of its own, so examples may share a database.
settings.register_profile(
    "genjin",
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("genjin")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: tests of real servers wait for them now and then."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """What was imported and collected so far lives as long as the process: the collector need not walk it again and
    again, which took every tenth second.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """A PostgreSQL server, started by the first test of this process that asks for one."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def application_role(postgres_server_url: str) -> Iterator[str]:
    """A role of PostgreSQL that owns nothing and serves: row level security holds it to one organisation at a time."""
    with new_role(postgres_server_url) as role:
        yield role


@pytest.fixture(scope="session")
def postgres_template(postgres_server_url: str, application_role: str) -> Iterator[str]:
    """The name of a migrated PostgreSQL database that nobody is connected to, with rights for the application role."""
    with new_postgres(postgres_server_url) as url:
        migrate(url)
        with _opened(url) as database:
            database.write(lambda tx: row_security.grant(tx, application_role))
        name = make_url(url).database
        assert name is not None
        yield name


@pytest.fixture(scope="session")
def pair() -> Iterator[Pair]:
    """A PostgreSQL server and a standby of it, started by the first test of this process that asks for them."""
    with standby_pair() as pair:
        yield pair


@pytest.fixture(scope="session")
def pair_role(pair: Pair) -> Iterator[str]:
    """The application role of the pair."""
    with new_role(pair.primary_url) as role:
        yield role


@pytest.fixture(scope="session")
def pair_template(pair: Pair, pair_role: str) -> Iterator[str]:
    """The name of a migrated database on the primary of the pair that nobody is connected to, with rights for the
    application role.
    """
    with new_postgres(pair.primary_url) as url:
        migrate(url)
        with _opened(url) as database:
            database.write(lambda tx: row_security.grant(tx, pair_role))
        name = make_url(url).database
        assert name is not None
        yield name


@pytest.fixture
def pair_url(pair: Pair, pair_template: str) -> Iterator[str]:
    """A fresh, migrated database on the primary of the pair; the standby has come to it."""
    with new_postgres(pair.primary_url, pair_template) as url:
        pair.catch_up()
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that nobody has open."""
    path = tmp_path_factory.mktemp("template") / "genjin.db"
    migrate(new_sqlite(path))
    return path


@pytest.fixture
def postgres_url(postgres_server_url: str, postgres_template: str) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database."""
    with new_postgres(postgres_server_url, postgres_template) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A fresh, migrated SQLite database."""
    return new_sqlite(tmp_path / "genjin.db", sqlite_template)


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of each engine."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each engine without any schema."""
    if request.param == "sqlite":
        yield new_sqlite(tmp_path / "empty.db")
    else:
        with new_postgres(request.getfixturevalue("postgres_server_url")) as url:
            yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database of each engine, open."""
    with _opened(database_url) as database:
        yield database


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """A fresh, migrated SQLite database, open."""
    with _opened(sqlite_url) as database:
        yield database


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    with closing(open_database(url)) as database:
        yield database


@pytest.fixture(scope="session")
def founded_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with one organisation and its administrator, which nobody has open."""
    path = tmp_path_factory.mktemp("founded") / "genjin.db"
    given = ["--organisation", ORGANISATION, "--corp-id", CORP_ID, "--login", LOGIN, "--password", PASSWORD]
    result = CliRunner().invoke(app, ["init", *given], env={"GENJIN_DATABASE_URL": f"sqlite:///{path}"})
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def founded_url(tmp_path: Path, founded_template: Path) -> str:
    """A fresh copy of it."""
    return new_sqlite(tmp_path / "genjin.db", founded_template)


@pytest.fixture(scope="session")
def world_template(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, Site]:
    """An SQLite file that the test world was put into, and that nobody has open."""
    path = tmp_path_factory.mktemp("world") / "genjin.db"
    return path, settle(new_sqlite(path, sqlite_template))


@pytest.fixture
def site(tmp_path: Path, world_template: tuple[Path, Site]) -> Site:
    """The test world in a fresh SQLite database."""
    template, settled = world_template
    return settled.at(new_sqlite(tmp_path / "world.db", template))


@pytest.fixture
def world(site: Site) -> Iterator[World]:
    """The test world and its server, on SQLite."""
    with opened(site) as world:
        yield world


@pytest.fixture
def postgres_site(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The test world in a fresh PostgreSQL database; its files lie in the working directory."""
    monkeypatch.chdir(tmp_path)
    return settle(postgres_url)


@pytest.fixture
def postgres_world(postgres_site: Site) -> Iterator[World]:
    """The test world and its server, on PostgreSQL."""
    with opened(postgres_site) as world:
        yield world


@pytest.fixture
def pair_site(pair: Pair, pair_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The test world on the primary of the pair, with the standby as its replica; its files lie in the working
    directory.
    """
    monkeypatch.chdir(tmp_path)
    site = settle(pair_url).followed_by(pair.on_standby(pair_url))
    pair.catch_up()
    return site


@pytest.fixture
def capturing(world: World, tmp_path: Path) -> Capturing:
    """The test world, which captures are imported into."""
    return Capturing(world, tmp_path)
