"""Runs commands in process on a database of their own, and servers as processes of their own."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
import pytest
from typer.testing import CliRunner, Result

from genjin.cli import app
from tests.databases import new_sqlite

ORGANISATION, CORP_ID, LOGIN, PASSWORD = "长江贸易", "gjchangjiang", "admin", "correct horse battery staple"
GENJIN = [sys.executable, "-c", "from genjin.cli import main; main()"]
SLOWEST = 40
"""Seconds until a server must answer; far more than it takes."""


class Genjin(Protocol):
    """Runs one command, such as `genjin("user", "list")`."""

    def __call__(self, *arguments: str, **settings: str) -> Result: ...


@pytest.fixture(scope="session")
def founded_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that `genjin init` was run on."""
    path = tmp_path_factory.mktemp("founded") / "genjin.db"
    given = ["--organisation", ORGANISATION, "--corp-id", CORP_ID, "--login", LOGIN, "--password", PASSWORD]
    result = CliRunner().invoke(app, ["init", *given], env={"GENJIN_DATABASE_URL": f"sqlite:///{path}"})
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture
def founded_url(tmp_path: Path, founded_template: Path) -> str:
    """A fresh database with one organisation and its administrator."""
    return new_sqlite(tmp_path / "genjin.db", founded_template)


@pytest.fixture
def genjin(founded_url: str) -> Genjin:
    """Commands on that database, unless they are told of another."""

    def run(*arguments: str, **settings: str) -> Result:
        return CliRunner().invoke(app, list(arguments), env={"GENJIN_DATABASE_URL": founded_url} | settings)

    return run


@dataclass(frozen=True)
class Server:
    """A server that runs. `log` is what it has written to stderr so far."""

    url: str
    process: "subprocess.Popen[bytes]"
    out: Path
    err: Path

    @property
    def log(self) -> str:
        return self.err.read_text()


Serve = Callable[..., "contextmanager[Server]"]


@pytest.fixture
def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(tmp_path: Path, port: int, *arguments: str, **settings: str) -> Iterator[Server]:
    """`genjin ARGUMENTS --port PORT` as a process, from its first answer on; stopped in the end."""
    out, err = tmp_path / "out.txt", tmp_path / "err.txt"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [*GENJIN, *arguments, "--port", str(port)],
            cwd=tmp_path,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
    try:
        server = Server(f"http://127.0.0.1:{port}", process, out, err)
        _wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait(SLOWEST)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's, with no setting but these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GENJIN_")} | dict(settings)


def copied(template: Path, path: Path) -> str:
    """The URL of a copy of an SQLite file that nobody has open."""
    shutil.copyfile(template, path)
    return f"sqlite:///{path}"


def _wait_for(server: Server) -> None:
    until = time.monotonic() + SLOWEST
    while time.monotonic() < until:
        assert server.process.poll() is None, server.log
        try:
            httpx.get(f"{server.url}/healthz", timeout=5)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"no answer after {SLOWEST} s: {server.log}")
