"""The operator's commands: init, user, token."""

import os
import pty
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from genjin.cli import app
from genjin.domain.people import DataScope, Organisation
from genjin.errors import LoginFailed, Unauthenticated
from genjin.service.context import Installation, open_installation
from genjin.service.directory import load
from genjin.service.organisations import list_organisations
from genjin.service.signin import authenticate, sign_in
from genjin.settings import Settings
from genjin.store import people
from genjin.store.tables import metadata
from tests.cli.conftest import CORP_ID, GENJIN, LOGIN, ORGANISATION, PASSWORD, Genjin, environment
from typer.testing import CliRunner


@pytest.fixture
def installation(founded_url: str) -> "closing[Installation]":
    return open_installation(Settings(database_url=founded_url))
