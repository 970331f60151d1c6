"""Load generators: wrk where it is installed, else one in Python. Both read a file of requests, one a line."""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.machine import on_core, processor_seconds
from bench.servers import HOST, ROOT, Failed, Server

CONNECTIONS = 32
PATIENCE = 30
"""Seconds that a generator may take beyond its round."""
SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True)
class Measured:
    """One round against one server."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    bytes: int
    failed: int
    processor_seconds: float = 0.0
    """What the server's process used of its core."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def size(self) -> float:
        """Bytes an answer, with its headers."""
        return self.bytes / max(self.requests, 1)

    @property
    def cost_us(self) -> float:
        """Microseconds of the server's process for one request; what others on the machine do hardly changes it."""
        return self.processor_seconds * 1e6 / max(self.requests, 1)


@dataclass(frozen=True)
class Generator:
    """Sends requests over some connections, each waiting for its answer before it asks again."""

    name: str
    core: int | None

    def drive(
        self, server: Server, requests: Path, token: str, seconds: float, connections: int = CONNECTIONS
    ) -> Measured:
        """One round. Raises Failed when a request was refused a connection or answered with an error."""
        command = (_wrk if self.name == "wrk" else _python)(server, requests, token, seconds, connections)
        before = processor_seconds(server.pid)
        with on_core(self.core):
            try:
                run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + PATIENCE)
            except subprocess.TimeoutExpired as error:
                raise Failed(f"{self.name} against {server.name} did not end") from error
        if run.returncode:
            raise Failed(f"{self.name} against {server.name}: {run.stdout[-500:]}{run.stderr[-1500:]}")
        used = processor_seconds(server.pid) - before
        measured = Measured(**json.loads(run.stdout.splitlines()[-1]), processor_seconds=used)
        if measured.failed:
            raise Failed(f"{server.name}: {measured.failed} of {measured.requests} requests failed")
        return measured


def choose_generator(name: str, core: int | None) -> Generator:
    """`auto` is wrk where it is installed."""
    if name == "auto":
        name = "wrk" if shutil.which("wrk") else "python"
    return Generator(name, core)


def write_requests(path: Path, requests: Sequence[tuple[str, str, str, str]]) -> Path:
    """Write a file of requests: method, path with query, form body, tag of an answer that is known; empty for none."""
    path.write_text("".join("\t".join(request) + "\n" for request in requests))
    return path


def middle(values: Sequence[float]) -> float:
    """The median; of one round, that round."""
    return float(median(values))


def _wrk(server: Server, requests: Path, token: str, seconds: float, connections: int) -> list[str]:
    address = f"http://{HOST}:{server.port}"
    whole = max(1, math.ceil(seconds))  # wrk takes no fractions
    return [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{whole}s",
        "--timeout",
        "30s",
        "-s",
        str(SCRIPT),
        address,
        "--",
        str(requests),
        token,
    ]


def _python(server: Server, requests: Path, token: str, seconds: float, connections: int) -> list[str]:
    numbers = [str(server.port), str(connections), str(seconds)]
    return [sys.executable, "-m", "bench.python_load", *numbers, str(requests), token]
