"""Runs commands in process, and servers as processes of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Protocol

import httpx
from typer.testing import Result

ORGANISATION, CORP_ID, LOGIN, PASSWORD = "长江贸易", "gjchangjiang", "admin", "correct horse battery staple"
GENJIN = [sys.executable, "-c", "from genjin.cli import main; main()"]
SLOWEST = 40
"""Seconds until a server must answer; far more than it takes."""
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_ports = count(12_000 + 1_000 * (_worker % 20))
NO_TLS = False
"""Our servers speak plain HTTP: to read all certificates for each client takes as long as some tests do."""


class Genjin(Protocol):
    """Runs one command, such as `genjin("user", "list")`."""

    def __call__(self, *arguments: str, **settings: str) -> Result: ...


@dataclass(frozen=True)
class Server:
    """A server that runs. `out` and `err` are what it has printed and logged so far."""

    url: str
    process: "subprocess.Popen[bytes]"
    folder: Path

    @property
    def out(self) -> str:
        return (self.folder / "out.txt").read_text()

    @property
    def err(self) -> str:
        return (self.folder / "err.txt").read_text()


@contextmanager
def serving(folder: Path, *arguments: str, **settings: str) -> Iterator[Server]:
    """`genjin ARGUMENTS --port PORT` as a process in this folder, from its first answer on; stopped in the end."""
    port = free_port()
    with (folder / "out.txt").open("wb") as stdout, (folder / "err.txt").open("wb") as stderr:
        process = subprocess.Popen(
            [*GENJIN, *arguments, "--port", str(port)],
            cwd=folder,
            env=environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
    try:
        server = Server(f"http://127.0.0.1:{port}", process, folder)
        wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait(SLOWEST)


def free_port() -> int:
    """A port that nobody listens on, and no other test gets: each process of the tests has a range of its own, below
    those that the system gives out.
    """
    while True:
        port = next(_ports)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's, with no setting but these."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GENJIN_")} | dict(settings)


def wait_for(server: Server) -> None:
    """Until it answers. Raises AssertionError when it ends before, or takes too long."""
    until = time.monotonic() + SLOWEST
    with httpx.Client(timeout=5, trust_env=False, verify=NO_TLS) as client:
        while time.monotonic() < until:
            assert server.process.poll() is None, server.err
            try:
                client.get(f"{server.url}/healthz")
                return
            except httpx.TransportError:
                time.sleep(0.05)
    raise AssertionError(f"no answer after {SLOWEST} s: {server.err}")
