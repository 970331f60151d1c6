"""Files over a real server: a player that seeks, an upload that is cut off, and one that is large."""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests import samples
from tests.cli.running import LOGIN, NO_TLS, PASSWORD, SLOWEST, Server, serving

UPLOAD = "/api/v2/attachments"
MEGABYTE = 1024 * 1024


@pytest.fixture
def server(founded_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server with an organisation."""
    settings = {"GENJIN_DATABASE_URL": founded_url, "GENJIN_FILES_URL": f"file:{tmp_path}/files"}
    with serving(tmp_path, "serve", **settings) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """The administrator's."""
    with httpx.Client(base_url=server.url, timeout=SLOWEST, verify=NO_TLS) as client:
        answer = client.post("/api/v2/auth/login", json={"login": LOGIN, "password": PASSWORD}).json()
        client.headers["Authorization"] = f"Token token={answer['data']['user_token']}"
        yield client


def test_a_recording_is_played_from_any_place_as_an_audio_element_does(client: httpx.Client) -> None:
    sound = samples.recording("wav", seconds=120)
    told = client.post(UPLOAD, files={"file": ("通话.wav", sound)}).json()["data"]
    assert told["duration"] == 120
    with httpx.Client(timeout=SLOWEST, verify=NO_TLS) as player:
        first = player.get(told["file_url"], headers={"Range": "bytes=0-", "Accept-Encoding": "identity;q=1, *;q=0"})
        assert (first.status_code, first.content) == (206, sound)
        assert first.headers["content-type"] == "audio/wav"
        assert first.headers["content-range"] == f"bytes 0-{len(sound) - 1}/{len(sound)}"
        middle = len(sound) // 2
        seek = {"Range": f"bytes={middle}-", "If-Range": first.headers["etag"]}
        for _ in range(5):  # each seek gives up on what is still coming
            with player.stream("GET", told["file_url"], headers=seek) as playing:
                assert playing.status_code == 206
                assert next(playing.iter_raw(4096)) == sound[middle : middle + 4096]
        probe = player.get(told["file_url"], headers={"Range": "bytes=0-1"})
        assert (probe.status_code, probe.content) == (206, sound[:2])
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads what a process needs from /proc")
def test_a_large_file_comes_and_goes_in_little_memory(server: Server, client: httpx.Client) -> None:
    client.post(UPLOAD, files={"file": ("warm", b"x" * MEGABYTE)})
    before, size = _resident(server.process.pid), 45 * MEGABYTE
    block = os.urandom(MEGABYTE)

    def body() -> Iterator[bytes]:
        yield b'--edge\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n'
        for _ in range(45):
            yield block
        yield b"\r\n--edge--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    told = client.post(UPLOAD, content=body(), headers=headers).json()["data"]
    assert told["file_file_size"] == size
    with client.stream("GET", told["file_url"]) as answer:
        assert sum(len(chunk) for chunk in answer.iter_raw()) == size
    assert _resident(server.process.pid) - before < 24 * MEGABYTE


def test_an_upload_that_is_cut_off_leaves_nothing(server: Server, client: httpx.Client) -> None:
    with _half_uploaded(server, client):
        _wait_until(lambda: _files(server) != [])
        assert all(path.parent.name == "incoming" for path in _files(server))
    _wait_until(lambda: _files(server) == [])
    _wait_until(lambda: '"status":499' in server.err)


def test_a_server_that_is_killed_while_a_file_comes_starts_again_without_it(
    server: Server, client: httpx.Client, founded_url: str, tmp_path: Path
) -> None:
    whole = client.post(UPLOAD, files={"file": ("whole.bin", b"whole")}).json()["data"]
    with _half_uploaded(server, client):
        _wait_until(lambda: any(path.parent.name == "incoming" for path in _files(server)))
        server.process.kill()
        server.process.wait(SLOWEST)
    settings = {"GENJIN_DATABASE_URL": founded_url, "GENJIN_FILES_URL": f"file:{tmp_path}/files"}
    with serving(tmp_path, "serve", **settings) as again:
        path = whole["file_url"].removeprefix(server.url)
        assert httpx.get(again.url + path).content == b"whole"
    kept = [path for path in _files(server) if path.parent.name != "incoming"]
    assert len(kept) == 1


@contextmanager
def _half_uploaded(server: Server, client: httpx.Client) -> Iterator[None]:
    """Within it, the first megabyte of a file has been sent; at its end the connection is cut."""
    url = httpx.URL(server.url)
    head = (
        f"POST {UPLOAD} HTTP/1.1\r\nHost: here\r\nAuthorization: {client.headers['Authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 5000000\r\n\r\n"
        '--edge\r\nContent-Disposition: form-data; name="file"; filename="half.bin"\r\n\r\n'
    )
    with socket.create_connection((url.host, url.port or 0), timeout=SLOWEST) as connection:
        connection.sendall(head.encode() + bytes(MEGABYTE))
        yield


def _files(server: Server) -> list[Path]:
    return [path for path in (server.folder / "files").rglob("*") if path.is_file()]


def _resident(pid: int) -> int:
    """The most memory that a process ever had, in bytes."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) * 1024


def _wait_until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + SLOWEST
    while not done():
        assert time.monotonic() < until
        threading.Event().wait(0.05)
