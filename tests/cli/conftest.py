"""A database that `genjin init` was run on, and commands that run on a copy of it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from genjin.cli import app
from genjin.service.context import Installation, open_installation
from genjin.settings import Settings
from tests.cli.running import CORP_ID, LOGIN, ORGANISATION, PASSWORD, Genjin
from tests.databases import new_sqlite


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


@pytest.fixture
def genjin(founded_url: str) -> Genjin:
    """Commands on that copy, unless they are told of another database."""

    def run(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, list(arguments), env={"GENJIN_DATABASE_URL": founded_url} | settings)

    return run


@pytest.fixture
def installation(founded_url: str) -> Iterator[Installation]:
    """The same database as a server has it open."""
    installation = open_installation(Settings(database_url=founded_url))
    with closing(installation.database):
        yield installation
