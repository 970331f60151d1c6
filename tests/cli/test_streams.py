"""Streams of changes from real servers: two processes over one database; killed, ended, read slowly. Both engines."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import httpx
import pytest

from genjin.domain.people import DataScope, Role
from genjin.store import tokens
from tests import world
from tests.cli.running import NO_TLS, Server, serving

STREAM, INBOX = "/api/v1/changes/stream", "/api/v1/inbox/stream"
Event = dict[str, Any]


@pytest.fixture
def site(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> world.Site:
    monkeypatch.chdir(tmp_path)
    return world.settle(database_url)


class Reader(threading.Thread):
    """Reads a stream until it ends; `events` is what has come."""

    def __init__(self, server: Server, site: world.Site, name: str = "alice", path: str = STREAM, **more: str) -> None:
        super().__init__(daemon=True)
        self.headers = {"Authorization": site.header(name)} | {
            key.replace("_", "-"): each for key, each in more.items()
        }
        self.url, self.events, self.opened = server.url + path, Queue[Event](), threading.Event()
        self.start()
        assert self.opened.wait(30)

    def run(self) -> None:
        asked = httpx.stream("GET", self.url, headers=self.headers, timeout=60, trust_env=False, verify=NO_TLS)
        with suppress(httpx.TransportError), asked as answer:
            event = Event()
            for line in answer.iter_lines():
                self.opened.set()
                name, _, value = line.partition(": ")
                if name in ("id", "event", "data"):
                    event[name] = value
                elif not line and event:
                    if "data" in event:
                        self.events.put(event | {"data": json.loads(event["data"])})
                    event = {}
        self.opened.set()

    def next(self, seconds: float = 30) -> Event:
        return self.events.get(timeout=seconds)


@contextmanager
def servers(site: world.Site, folder: Path, count: int, **settings: str) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        found = []
        for nth in range(count):
            own = folder / f"server{nth}"
            own.mkdir()
            given = {"GENJIN_DATABASE_URL": site.url, "GENJIN_LOG_LEVEL": "info", **settings}
            found.append(stack.enter_context(serving(own, "serve", **given)))
        yield found


def client_of(server: Server, site: world.Site, name: str = "alice") -> httpx.Client:
    headers = {"Authorization": site.header(name)}
    return httpx.Client(base_url=server.url, headers=headers, timeout=30, trust_env=False, verify=NO_TLS)


def test_what_one_server_is_told_is_heard_at_the_other_and_nothing_is_missed_when_one_is_killed(
    site: world.Site, tmp_path: Path
) -> None:
    with servers(site, tmp_path, 2) as (first, second), client_of(first, site) as alice:
        readers = [Reader(second, site), Reader(first, site, "bob"), Reader(second, site, "charlie")]
        lead = world.new_lead(alice)
        told = [reader.next() for reader in readers[:2]]
        assert [event["event"] for event in told] == ["created", "created"]
        assert [event["data"]["activity"]["subject"]["id"] for event in told] == [lead, lead]
        assert told[0]["id"] == told[0]["data"]["cursor"]

        os.kill(second.process.pid, signal.SIGKILL)
        readers[0].join(30)
        assert not readers[0].is_alive()
        world.follow_up(alice, lead, "服务器停了")
        again = Reader(first, site, Last_Event_ID=told[0]["id"])
        missed = again.next()
        assert (missed["event"], missed["data"]["activity"]["text"]) == ("created", "服务器停了")
        assert readers[1].next()["data"]["op"] == "created"  # before it is handed over: who reads it later is not told
        with client_of(first, site, "dora") as dora:
            world.ok(dora.post("/api/v2/transfers", json={"entity_type": "leads", "ids": [lead], "user_id": 33}))
        assert again.next()["event"] == "hidden"
        with pytest.raises(Empty):
            readers[2].next(0)


def test_an_inbox_is_heard_at_another_server_by_whose_it_is_and_missed_by_nobody(
    site: world.Site, tmp_path: Path
) -> None:
    with servers(site, tmp_path, 2) as (first, second), client_of(first, site) as alice:
        bob, charlie = (Reader(second, site, name, INBOX) for name in ("bob", "charlie"))
        lead = world.new_lead(alice)
        world.follow_up(alice, lead, "请看", at_user_ids=[world.BOB.id, world.CHARLIE.id])
        told = bob.next()
        assert (told["event"], told["data"]["kind"]) == ("notice", "mention")
        with client_of(second, site, "bob") as reader:
            [listed] = reader.get("/api/v1/inbox").json()["items"]
        assert told["data"] == listed
        os.kill(second.process.pid, signal.SIGKILL)
        bob.join(30)
        world.follow_up(alice, lead, "还有", at_user_ids=[world.BOB.id])
        missed = Reader(first, site, "bob", INBOX, Last_Event_ID=told["id"]).next()
        assert missed["data"]["activity"]["text"] == "还有"
        with pytest.raises(Empty):
            charlie.next(0)


def test_a_stream_ends_with_its_token_and_with_the_server(site: world.Site, tmp_path: Path) -> None:
    with servers(site, tmp_path, 1) as [server]:
        alice, bob = Reader(server, site), Reader(server, site, "bob")
        with world.opened(site) as there:
            there.database.write(lambda tx: tokens.revoke_user_tokens(tx, world.ORGANISATION.id, world.ALICE.id, 1))
        alice.join(30)
        assert not alice.is_alive() and bob.is_alive()
        began = time.monotonic()
        server.process.terminate()
        server.process.wait(30)
        bob.join(30)
        assert time.monotonic() - began < 8  # uvicorn would wait for 10
        assert "Cancel" not in server.err


def test_who_has_another_role_now_is_told_so_at_once(site: world.Site, tmp_path: Path) -> None:
    with servers(site, tmp_path, 1) as [server]:
        charlie = Reader(server, site, "charlie")
        with world.opened(site) as there:
            there.change(Role(world.SELLER.id, world.SELLER.name, DataScope.ALL))
        assert charlie.next()["event"] == "reset"
        with client_of(server, site) as alice:
            lead = world.new_lead(alice)
        assert charlie.next()["data"]["activity"]["subject"]["id"] == lead


def test_no_more_streams_are_opened_than_may_be(site: world.Site, tmp_path: Path) -> None:
    with servers(site, tmp_path, 1, GENJIN_STREAMS="1") as [server], client_of(server, site) as alice:
        reader = Reader(server, site)
        full = alice.get(STREAM)
        assert (full.status_code, full.json()["code"]) == (503, "unavailable")
        assert int(full.headers["Retry-After"]) > 0
        assert alice.head(STREAM).status_code == 503
        world.new_lead(alice)
        assert reader.next()["event"] == "created"


def test_who_reads_nothing_is_cut_off_and_hurts_nobody(site: world.Site, tmp_path: Path) -> None:
    with servers(site, tmp_path, 1) as [server], client_of(server, site) as alice:
        host, port = "127.0.0.1", int(server.url.rpartition(":")[2])
        lead = world.new_lead(alice)
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((host, port))
            asked = f"GET {STREAM} HTTP/1.1\r\nHost: x\r\nAuthorization: {site.header('alice')}\r\n\r\n"
            slow.sendall(asked.encode())
            reader = Reader(server, site)
            deadline = time.monotonic() + 120
            while "slow_reader" not in server.out + server.err and time.monotonic() < deadline:
                world.follow_up(alice, lead, "很长" * 4_000)
                assert reader.next()["event"] == "created"
            assert "slow_reader" in server.out + server.err
        world.follow_up(alice, lead, "还在")
        assert reader.next()["data"]["activity"]["text"] == "还在"


def test_a_stream_may_begin_with_everything(site: world.Site, tmp_path: Path) -> None:
    with servers(site, tmp_path, 1) as [server], client_of(server, site) as alice:
        leads = [world.new_lead(alice) for _ in range(3)]
        with alice.stream("GET", STREAM, params={"from": "start"}, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert "content-encoding" not in answer.headers
            shown = []
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    item = json.loads(line.removeprefix("data: "))
                    shown.append((item["op"], item["activity"]["subject"]["id"]))
                if len(shown) == 3:
                    break
        assert shown == [("shown", lead) for lead in leads]
