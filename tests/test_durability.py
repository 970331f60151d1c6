"""What was acknowledged is there after `kill -9`: real servers, real clients, killed at random moments."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from genjin.store.database import open_database
from genjin.store.recount import recount
from tests import world
from tests.cli.running import NO_TLS, free_port
from tests.databases import migrate, new_sqlite

ROUNDS = 4
CLIENTS = 6


def test_every_acknowledged_follow_up_is_there_after_the_server_is_killed(tmp_path: Path) -> None:
    url = new_sqlite(tmp_path / "genjin.db")
    migrate(url)
    site = world.settle(url)
    with serving(url) as (_, address), client_of(address, site) as client:
        lead_id = world.new_lead(client)
    acknowledged: list[int] = []
    for round_ in range(ROUNDS):
        with serving(url) as (server, address):
            writers = [Writer(address, site, lead_id) for _ in range(CLIENTS)]
            time.sleep(random.Random(round_).uniform(0.2, 0.8))
            server.send_signal(signal.SIGKILL)
            server.wait(10)
            for writer in writers:
                writer.join(30)
                acknowledged += writer.acknowledged
    assert len(acknowledged) > ROUNDS * CLIENTS

    with serving(url) as (_, address), client_of(address, site) as client:
        found = set(written(client, lead_id))
        total = world.timeline_of(client, lead_id)["total_count"]

    assert set(acknowledged) <= found
    assert total == len(found) + 1  # and the lead's creation
    with closing(open_database(url)) as database:
        assert database.read(lambda tx: recount(tx, world.ORGANISATION.id)) == []


def test_no_id_is_given_out_twice_over_a_crash(tmp_path: Path) -> None:
    url = new_sqlite(tmp_path / "genjin.db")
    migrate(url)
    site = world.settle(url)
    ids: list[int] = []
    for _ in range(2):
        with serving(url) as (server, address), client_of(address, site) as client:
            ids += [world.new_lead(client) for _ in range(3)]
            server.send_signal(signal.SIGKILL)
            server.wait(10)

    assert sorted(set(ids)) == ids


class Writer(threading.Thread):
    """Writes follow-ups until the server is gone, and remembers the ids it was answered with."""

    def __init__(self, address: str, site: world.Site, lead_id: int) -> None:
        super().__init__(daemon=True)
        self._address, self._site, self._lead_id = address, site, lead_id
        self.acknowledged: list[int] = []
        self.start()

    def run(self) -> None:
        body = {"revisit_log": {"loggable_type": "Lead", "loggable_id": self._lead_id, "content": "在忙"}}
        with client_of(self._address, self._site) as client, suppress(httpx.TransportError):
            while True:
                self.acknowledged.append(world.ok(client.post("/api/v2/revisit_logs", json=body))["id"])


def client_of(address: str, site: world.Site) -> httpx.Client:
    headers = {"Authorization": site.header("alice")}
    return httpx.Client(base_url=address, headers=headers, timeout=20, trust_env=False, verify=NO_TLS)


def written(client: httpx.Client, lead_id: int) -> Iterator[int]:
    """The ids of all follow-ups of a lead, page by page."""
    page = 1
    while activities := world.activities_of(world.timeline_of(client, lead_id, page=page, per_page=200)):
        for activity in activities:
            if activity["saleable_type"] == "RevisitLog":
                yield activity["saleable_id"]
        page += 1


@contextmanager
def serving(url: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A server of its own process on a free port, killed in the end if it still lives."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "genjin.app:create_app", "--port", str(port)]
    environment = os.environ | {"GENJIN_DATABASE_URL": url, "GENJIN_LOG_LEVEL": "error"}
    server = subprocess.Popen([*command, "--log-level", "error"], env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", server)
        yield server, f"http://127.0.0.1:{port}"
    finally:
        if server.poll() is None:
            server.kill()
        server.wait(10)


def wait_until_ready(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    with httpx.Client(trust_env=False, verify=NO_TLS) as client:
        while time.monotonic() < deadline and server.poll() is None:
            with suppress(httpx.TransportError):
                if client.get(f"{address}/readyz").status_code == 200:
                    return
            time.sleep(0.05)
    pytest.fail(f"the server did not start (exit code {server.poll()})")
