"""Starts the servers that are compared, each on a loopback port of its own, and ends each by its process id."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType

from bench.machine import on_core

ROOT = Path(__file__).parents[1]
HOST = "127.0.0.1"
PORT = "{port}"
"""Stands in a command for the port, which is found when it is started."""
THREADS = 8
"""Of gunicorn's one worker."""
START_SECONDS = 30
STOP_SECONDS = 10


@dataclass(frozen=True)
class Server:
    """A running server."""

    name: str
    port: int
    pid: int

    def get(self, path: str, token: str) -> bytes:
        """The body of one answer."""
        return self._ask(path, token)[1]

    def tag(self, path: str, token: str) -> str:
        """The entity tag of one answer."""
        return self._ask(path, token)[0]

    def _ask(self, path: str, token: str) -> tuple[str, bytes]:
        with closing(HTTPConnection(HOST, self.port, timeout=30)) as connection:
            connection.request("GET", path, headers={"Authorization": f"Token token={token}"})
            answer = connection.getresponse()
            return answer.getheader("ETag", ""), answer.read()


class Failed(Exception):
    """A server did not come up, or answered what it should not."""


@contextmanager
def genjin(
    name: str,
    folder: Path,
    database_url: str,
    core: int | None,
    workers: int = 1,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """Genjin as a user starts it: default settings but those that are given, its log in a file."""
    command = [str(Path(sys.executable).with_name("genjin")), "serve", "--workers", str(workers)]
    command += ["--host", HOST, "--port", PORT]
    with _running(name, folder, command, {"GENJIN_DATABASE_URL": database_url, **settings}, core) as server:
        yield server


@contextmanager
def uvicorn(name: str, folder: Path, factory: str, settings: Mapping[str, str], core: int | None) -> Iterator[Server]:
    """Another ASGI application on the same HTTP server with the same options."""
    options = ["--factory", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    options += ["--ws", "none", "--no-server-header", "--no-proxy-headers"]
    command = [sys.executable, "-m", "uvicorn", factory, *options, "--host", HOST, "--port", PORT]
    with _running(name, folder, command, settings, core) as server:
        yield server


@contextmanager
def gunicorn(
    name: str, folder: Path, application: str, settings: Mapping[str, str], core: int | None
) -> Iterator[Server]:
    """A WSGI application on the server that Django's documentation names first: one worker with THREADS threads."""
    options = ["--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "75", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", application, *options, "--bind", f"{HOST}:{PORT}"]
    with _running(name, folder, command, settings, core) as server:
        yield server


@contextmanager
def _running(
    name: str, folder: Path, command: list[str], settings: Mapping[str, str], core: int | None
) -> Iterator[Server]:
    port, log = _free_port(), folder / f"{name}.log"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GENJIN_")}
    with log.open("wb") as output, on_core(core):
        # A session of its own, so that Ctrl-C reaches us alone and we end everything in order.
        process = subprocess.Popen(
            [each.replace(PORT, str(port)) for each in command],
            cwd=ROOT,
            env={**inherited, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_up(name, port, process, log)
        yield Server(name, port, process.pid)
    finally:
        _end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(name: str, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise Failed(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue
