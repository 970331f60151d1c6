"""The command serve: real servers, asked over HTTP."""

import signal
import socket
import sys
import time
from pathlib import Path

import httpx
import orjson
import pytest

from tests.cli.running import LOGIN, NO_TLS, PASSWORD, SLOWEST, Genjin, Server, serving

PHONE = "13400000042"
WRONG = "xyzzy is no password"


def test_two_workers_answer_and_no_log_line_holds_a_token_a_password_or_a_phone(
    founded_url: str, tmp_path: Path
) -> None:
    settings = {"GENJIN_DATABASE_URL": founded_url, "GENJIN_LOG_LEVEL": "debug"}
    with serving(tmp_path, "serve", "--workers", "2", **settings) as server:
        assert f"Genjin serves on {server.url}" in server.out
        _wait_for_both(server)
        token = _use(server)
    log = server.err
    lines = [orjson.loads(line) for line in log.splitlines()]
    answered = [line for line in lines if line["event"] == "answered"]
    assert len(answered) >= 12
    assert {"timestamp", "level", "logger", "request_id", "status", "ms"} <= answered[0].keys()
    assert "134****0042" in log  # they were there, so looking for them proves something
    for secret in (token, PASSWORD, PASSWORD.split()[0], WRONG, WRONG.split()[0], PHONE):
        assert secret not in log


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for one process")
def test_one_worker_bounds_headers_keeps_its_name_to_itself_and_ends_quietly_on_ctrl_c(
    founded_url: str, tmp_path: Path
) -> None:
    with serving(tmp_path, "serve", GENJIN_DATABASE_URL=founded_url, GENJIN_LOG_LEVEL="warning") as server:
        answer = httpx.get(f"{server.url}/healthz", headers={"X-Forwarded-Proto": "https"})
        assert "server" not in answer.headers
        port = httpx.URL(server.url).port
        assert port is not None
        assert b" 431 " in _endless_header(port)
        assert httpx.post(f"{server.url}/api/v2/auth/login", json={"login": "x" * 300_000}).status_code == 200
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(SLOWEST) == 0
    assert [orjson.loads(line)["event"] for line in server.err.splitlines()] == ["Headers too large."]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_no_worker_outlives_the_process_that_started_it(founded_url: str, tmp_path: Path) -> None:
    with serving(tmp_path, "serve", "--workers", "2", GENJIN_DATABASE_URL=founded_url) as server:
        _wait_for_both(server)
        server.process.kill()
        until = time.monotonic() + SLOWEST
        while _listened(httpx.URL(server.url).port or 0):
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_port_that_is_taken_is_told_in_one_line(genjin: Genjin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        for command in (("serve",), ("demo", "--folder", "never/made")):
            result = genjin(*command, "--port", str(port))
            assert result.exit_code == 1
            assert result.stderr == f"Cannot listen on 127.0.0.1:{port}: Address already in use\n"
    assert not Path("never").exists()


def _use(server: Server) -> str:
    """Every way in which secrets come to a server; returns the token that was issued."""
    with httpx.Client(base_url=server.url, verify=NO_TLS) as client:
        account = {"login": LOGIN, "password": PASSWORD}
        body = client.post("/api/v2/auth/login", json=account).json()
        assert body["code"] == 0, body
        token: str = body["data"]["user_token"]
        client.post("/api/v2/auth/login", params=account)
        client.post("/api/v2/auth/login", data={"login": PHONE, "password": WRONG})
        client.get("/api/v2/leads", headers={"Authorization": f"Token token={token}, device=open_api"})
        client.get("/api/v2/leads", params={"user_token": token, "query": PHONE})
        lead = {"lead": {"name": "郑老师", "address_attributes": {"phone": PHONE}}, "user_token": token}
        created = client.post("/api/v2/leads", json=lead).json()
        assert created["code"] == 0, created
        timeline = f"/api/v2/leads/{created['data']['id']}/sales_activities"
        assert client.get(timeline, params={"user_token": token}).json()["code"] == 0
        client.get(f"/api/v2/leads/{PHONE}", headers={"access-token": token})
        client.get(f"/api/v2/leads/{token}/sales_activities", params={"user_token": WRONG})
        client.get("/healthz", headers={"X-Request-Id": PHONE})
        client.post("/api/v2/leads", content=b'{"password": "' + WRONG.encode(), headers={"access-token": token})
        client.get(f"/nowhere/token={token}/password={WRONG}")
    return token


def _wait_for_both(server: Server) -> None:
    until = time.monotonic() + SLOWEST
    while server.err.count("Application startup complete") < 2:
        assert time.monotonic() < until, server.err
        time.sleep(0.05)


def _listened(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), SLOWEST).close()
    except ConnectionRefusedError:
        return False
    return True


def _endless_header(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=SLOWEST) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\nX-Endless: ")
        try:
            for _ in range(200):
                connection.sendall(b"x" * 4096)
        except OSError:
            pass  # it was closed on us, which is the point
        try:
            return connection.recv(4096)
        except OSError:
            return b" 431 "  # reset before the answer could be read
