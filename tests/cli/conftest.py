"""A database that `genjin init` was run on, and commands that run on a copy of it."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from typer.testing import CliRunner, Result

from genjin.cli import app
from genjin.service.context import Installation, open_installation
from genjin.settings import Settings
from tests.cli.running import Genjin


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
