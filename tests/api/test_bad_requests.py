"""Requests that no sane client sends get a clear refusal, at once, and never a trace; byte by byte, over a socket."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import uvicorn
from structlog.testing import capture_logs

from genjin.cli.protocol import BoundedHeadProtocol
from tests.api.described import DOCUMENTED, LEAD, STRICT, Served, furnish, running
from tests.databases import new_sqlite

LEADS = b"/api/v2/leads"
JSON = b"Content-Type: application/json\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
MULTIPART = b"Content-Type: multipart/form-data; boundary=x\r\n"
PATIENCE = 10.0
"""Seconds; far below the 30 that a request may take, so that nothing here passes by waiting."""


def ascii_start(value: object) -> str | None:
    """A short name for a case."""
    return ascii(value[:30]) if isinstance(value, bytes) else None


class Reply(NamedTuple):
    """What came back on the socket, up to the end of the first answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture(scope="module")
def ports(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Served, int]]:
    """Both servers, each listening on a port of its own."""
    url = new_sqlite(tmp_path_factory.mktemp("bad") / "genjin.db", sqlite_template)
    with running(url, furnish(url)), listening(STRICT) as strict, listening(DOCUMENTED) as documented:
        yield {STRICT: strict, DOCUMENTED: documented}


@contextmanager
def listening(served: Served) -> Iterator[int]:
    """Serve in a thread, as `genjin serve` does."""
    config = uvicorn.Config(served, http=BoundedHeadProtocol, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(PATIENCE)


@pytest.fixture(autouse=True)
def nothing_crashed() -> Iterator[None]:
    """No request of these may end in a crash that was only hidden from its sender."""
    with capture_logs() as logs:
        yield
    assert [entry for entry in logs if entry["event"] == "crashed"] == []


@pytest.fixture
def port(ports: dict[Served, int]) -> int:
    """Where refusals have statuses."""
    return ports[STRICT]


def request(method: bytes, target: bytes, headers: bytes = b"", body: bytes = b"") -> bytes:
    """A request with a good token."""
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    token = b"Authorization: Token token=" + STRICT.token.encode() + b"\r\n"
    return method + b" " + target + b" HTTP/1.1\r\nHost: localhost\r\n" + token + headers + length + b"\r\n" + body


def ask(port: int, sent: bytes) -> Reply:
    """Send these bytes and read one answer."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(sent)
        answer = connection.makefile("rb")
        status = int(answer.readline().split(b" ")[1])
        headers = dict(
            line.decode("latin-1").rstrip("\r\n").lower().split(": ", 1) for line in iter(answer.readline, b"\r\n")
        )
        length = int(headers["content-length"]) if "content-length" in headers else -1
        body = answer.read(0 if sent.startswith(b"HEAD ") else length)
    assert b"Traceback" not in body
    assert b".py" not in body
    return Reply(status, headers, body)


def refused(reply: Reply, status: int, code: int) -> Any:
    """The body of a refusal in the one shape."""
    body = orjson.loads(reply.body)
    assert (reply.status, body["code"], body["data"]) == (status, code, None), body
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert reply.headers["x-request-id"]
    return body


def no_request(reply: Reply, status: int = 400) -> Any:
    """The body of a refusal of what reached no application: the same shape, on a connection that is closed."""
    body = orjson.loads(reply.body)
    assert (reply.status, reply.headers["connection"]) == (status, "close")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    assert list(body) == ["code", "message", "error", "data", "errors"]
    assert (body["code"], body["error"], body["data"]) == (100422, "validation_error", None)
    return body


def part(head: bytes, value: bytes) -> bytes:
    """One part of a multipart body."""
    return b"--x\r\nContent-Disposition: form-data" + head + b"\r\n\r\n" + value + b"\r\n"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (JSON, b'{"lead":'),
        (JSON, b"[" * 200_000),
        (JSON, b'{"a":' * 40 + b"1" + b"}" * 40),
        (JSON, b'{"lead":{"name":"\xff"}}'),
        (JSON, '{"lead":{"name":"a"}}'.encode("utf-16")),
        (JSON, b'{"lead":{"name":"\\ud800"}}'),
        (JSON, b'{"lead":{"name":"\\u0000"}}'),
        (JSON, b'{"lead":{"name":NaN}}'),
        (JSON + b"Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"),
        (b"", b'{"lead":'),
        (FORM, b"lead[name]=%ff"),
        (FORM, b"lead[name]=\xff"),
        (FORM, b"lead=1&lead[name]=2"),
        (FORM, b"&".join([b"a=1"] * 5000)),
        (b"Content-Type: multipart/form-data\r\n", b"x"),
        (b"Content-Type: multipart/form-data; boundary=\xff\r\n", b"--x\r\n"),
        (b"Content-Type: multipart/form-data; boundary=" + b"x" * 300 + b"\r\n", b"--x\r\n"),
        (MULTIPART, b"no boundary"),
        (MULTIPART, part(b"", b"no name") + b"--x--\r\n"),
        (MULTIPART, part(b'; name="lead[name]"', b"\xb9\xab\xcb\xbe") + b"--x--\r\n"),
        (MULTIPART, part(b'; name="a"', b"1") * 5000 + b"--x--\r\n"),
        (MULTIPART, part(b'; name="a"; filename="a.txt"', b"1") * 30 + b"--x--\r\n"),
    ],
    ids=ascii_start,
)
def test_a_body_that_cannot_be_read_is_refused_with_what_is_wrong(port: int, headers: bytes, body: bytes) -> None:
    told = refused(ask(port, request(b"POST", LEADS, headers, body)), 422, 100422)
    assert told["errors"]
    assert told["message"]


def test_the_same_refusal_comes_with_http_200_by_default(ports: dict[Served, int]) -> None:
    strict, documented = (ask(port, request(b"POST", LEADS, JSON, b"{")) for port in ports.values())
    assert (strict.status, documented.status) == (422, 200)
    assert strict.body == documented.body


@pytest.mark.parametrize("content_type", [b"text/xml", b"\xff\xfe", b"application/octet-stream", b"; ; ="])
def test_a_body_of_a_type_that_nobody_reads_says_nothing(port: int, content_type: bytes) -> None:
    told = ask(port, request(b"POST", LEADS, b"Content-Type: " + content_type + b"\r\n", b"<lead/>"))
    assert "name" in refused(told, 422, 100422)["errors"]


def test_a_body_that_is_announced_too_long_is_refused_before_it_comes(port: int) -> None:
    told = ask(port, request(b"POST", LEADS, JSON + b"Content-Length: 1000000000000\r\n") + b"{")
    assert "1048576" in refused(told, 422, 100422)["message"]


@pytest.mark.parametrize("path", [LEADS, b"/api/v2/auth/login", b"/api/v2/leads/%d" % LEAD])
def test_a_body_that_grows_too_long_is_refused(port: int, path: bytes) -> None:
    chunks = (b"8000\r\n" + b"a" * 0x8000 + b"\r\n") * 40 + b"0\r\n\r\n"
    told = ask(port, request(b"POST", path, JSON + b"Transfer-Encoding: chunked\r\n") + chunks)
    assert "body" in refused(told, 422, 100422)["errors"]
    assert refused(ask(port, request(b"POST", path, JSON, b" " * 1_100_000)), 422, 100422)


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: -1\r\n",
        b"Content-Length: abc\r\n",
        b"Content-Length: 99999999999999999999999999\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_a_request_whose_end_is_not_clear_is_no_request(port: int, headers: bytes) -> None:
    no_request(ask(port, request(b"POST", LEADS, headers) + b"{}"))


def test_who_hangs_up_in_the_middle_of_a_body_does_no_harm(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(request(b"POST", LEADS, JSON + b"Content-Length: 50\r\n") + b"{")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1024) == b""
    assert ask(port, request(b"GET", b"/healthz")).status == 200


@pytest.mark.parametrize(
    "line",
    [
        *(
            b"BREW /api/v2/leads HTTP/1.1",
            b"get /api/v2/leads HTTP/1.1",
            b"\x16\x03\x01\x02",
            b"GET",
            b"GET / HTTP/9.9",
        ),
        *("GET /api/v2/线索 HTTP/1.1".encode(), b"CONNECT localhost:80 HTTP/1.1", b"GET / HTTP/1.1\r\nno header"),
    ],
)
def test_what_is_not_http_is_told_so_whatever_the_statuses(ports: dict[Served, int], line: bytes) -> None:
    strict, documented = (ask(port, line + b"\r\nHost: localhost\r\n\r\n") for port in ports.values())
    assert no_request(strict) == no_request(documented)
    assert no_request(strict)["errors"] == {"request": ["不是有效的HTTP请求"]}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        (b"PROPFIND", LEADS, "get, head, post"),
        (b"DELETE", LEADS, "get, head, post"),
        (b"OPTIONS", LEADS, "get, head, post"),
        (b"LOCK", LEADS + b"/1", "delete, get, head, patch, post, put"),
        (b"POST", LEADS + b"/1/sales_activities", "get, head"),
        (b"POST", b"/healthz", "get, head"),
        (b"PUT", b"/openapi.json", "get, head"),
    ],
)
def test_a_method_that_a_path_does_not_have_is_told_which_it_has(
    ports: dict[Served, int], method: bytes, path: bytes, allowed: str
) -> None:
    told = ask(ports[STRICT], request(method, path))
    refused(told, 405, 100404)
    assert told.headers["allow"] == allowed
    refused(ask(ports[DOCUMENTED], request(method, path)), 200, 100404)


@pytest.mark.parametrize(
    "path",
    [
        *(b"//api/v2/leads", b"/api//v2/leads", b"/%", b"/%zz", b"/%00", b"/api/v2/leads/1%2f2", b"/docs%00"),
        *(b"/api/v2/%00/1/sales_activities", b"/api/v2/%ff/%ff/sales_activities", b"/" + b"a" * 60_000),
        *(b"/static", b"/static/", b"/static/%00", b"/static/..%2f..%2fserver.py", b"/static/" + b"a" * 5000),
    ],
    ids=ascii_start,
)
def test_a_path_that_leads_nowhere_is_no_route(port: int, path: bytes) -> None:
    refused(ask(port, request(b"GET", path)), 404, 100404)


def test_the_server_itself_has_no_route(port: int) -> None:
    refused(ask(port, request(b"OPTIONS", b"*")), 404, 100404)


@pytest.mark.parametrize(
    "id_", [b"%00", b"%ff", b"%zz", b"%", b"9" * 10_000, b"-1", b"0", b"1.5", b"%D9%A3", b"2147483648"]
)
@pytest.mark.parametrize("after", [b"", b"/sales_activities"])
def test_an_id_that_can_be_none_is_not_found(port: int, id_: bytes, after: bytes) -> None:
    refused(ask(port, request(b"GET", LEADS + b"/" + id_ + after)), 404, 100100)


@pytest.mark.parametrize(
    "target", [LEADS + b"/\xff", LEADS + b"?query=\xff", LEADS + b"/ 1", b"", b"/?" + b"a" * 70_000]
)
def test_a_target_that_is_no_url_is_no_request(port: int, target: bytes) -> None:
    no_request(ask(port, request(b"GET", target)))


@pytest.mark.parametrize(
    "query",
    [
        *(b"query=%ff", b"page=%00", b"%ff=1", b"a=2&a[c]=2", b"a" + b"[b]" * 60 + b"=1", b"a=1&" * 5000),
        *(b"query=" + b"a" * 60_000, b"user_id=" + b"9" * 60_000, b"created_at[]=x", b"sort[a]=1"),
    ],
    ids=ascii_start,
)
def test_a_query_that_cannot_be_read_is_refused(port: int, query: bytes) -> None:
    assert refused(ask(port, request(b"GET", LEADS + b"?" + query)), 422, 100422)["errors"]


@pytest.mark.parametrize(
    "query",
    [
        b"page=" + b"9" * 60_000,
        b"per_page=1e3",
        b"page=%E2%82%AC",
        b"=1&&&=",
        b"status=" + b"x" * 60_000,
        b"&" * 60_000,
    ],
    ids=ascii_start,
)
def test_a_query_that_is_only_strange_is_answered(port: int, query: bytes) -> None:
    assert orjson.loads(ask(port, request(b"GET", LEADS + b"?" + query)).body)["code"] == 0


@pytest.mark.parametrize(
    "header",
    [
        *(b"Authorization: Token token=\xff\xfe", b"Authorization: \xff", b"Authorization: Token " + b"a" * 30_000),
        *(
            b"access-token: \xff",
            "access-token: ٣".encode() + b"0" * 46,
            b"access-token: -1_00000" + b"a" * 40,
            b"X: y",
        ),
    ],
    ids=ascii_start,
)
def test_a_token_that_can_be_none_is_a_dead_one(port: int, header: bytes) -> None:
    for path in (LEADS, LEADS + b"/%d/sales_activities" % LEAD):
        told = ask(port, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + header + b"\r\n\r\n")
        assert "登录" in refused(told, 401, 100401)["message"]


@pytest.mark.parametrize(
    "header",
    [b"Host: \xff][", b"X-Request-Id: \xff", b"X-Request-Id: a b", b"Accept-Encoding: \xff;q=", b"Cookie: \xff=\xff"],
)
def test_headers_that_are_no_text_are_not_minded(port: int, header: bytes) -> None:
    told = ask(port, request(b"GET", LEADS, header + b"\r\n"))
    assert orjson.loads(told.body)["code"] == 0
    assert " " not in told.headers["x-request-id"]


def test_headers_without_end_are_refused(port: int) -> None:
    told = ask(port, request(b"GET", LEADS, b"X: " + b"a" * 200_000 + b"\r\n"))
    assert told.status in (400, 431)
    assert "request" in no_request(told, told.status)["errors"]
