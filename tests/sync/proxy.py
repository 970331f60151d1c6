"""Stands between a client and a server, and lets things go wrong, by a seed."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import orjson

PAGE = 3
"""So few a page has at most, so that there are many."""
FAULTS = ("later", "broken", "cut", "half", "slow", "expired", "misfit", "empty", "again", "change")


class Proxy:
    """`chance` is how likely one of `FAULTS` befalls a request; `change` changes something at the server. `met` counts
    them, `calls` what came; `on_call` is told of each.
    """

    def __init__(self, upstream: str, seed: int, change: Callable[[], None], expire: Callable[[], None]) -> None:
        self.chance = 0.0
        self.calls, self.met = 0, Counter[str]()
        self.url = ""
        self.on_call: Callable[[int], None] = lambda _: None
        self._random, self._lock = random.Random(seed), threading.Lock()
        self._change, self._expire = change, expire
        self._client = httpx.Client(base_url=upstream, timeout=30)

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Carry a request on, or not."""
        with self._lock:
            self.calls += 1
            calls = self.calls
            fault = self._random.choice(FAULTS) if self._random.random() < self.chance else ""
            if fault == "change":
                self._change()
            if fault == "expired":
                self._expire()
        self.on_call(calls)
        is_page = request.command == "GET" and "page=" in request.path
        if fault in ("empty", "again", "misfit") and not is_page:
            fault = ""
        self.met[fault] += 1
        if fault == "later":
            send(request, 429, b"Retry later\n", {"Retry-After": "1"} if calls < 40 else {})
        elif fault == "broken":
            send(request, 502, b"<html>Bad Gateway</html>")
        elif fault == "cut":
            hang_up(request)
        elif fault == "misfit":
            send(request, 200, b'{"code": 0, "data": {"sales_activities": 7}}')
        else:
            if fault == "slow":
                time.sleep(0.3)
            self._carry_on(request, body, fault)

    def close(self) -> None:
        """Let go of the server."""
        self._client.close()

    def _carry_on(self, request: BaseHTTPRequestHandler, body: bytes, fault: str) -> None:
        url = httpx.URL(request.path)
        query = dict(url.params)
        if "page" in query:
            query["per_page"] = str(PAGE)
        if fault == "again":
            query["page"] = str(max(1, int(query["page"]) - 1))
        headers = {name: value for name, value in request.headers.items() if name.lower() in KEPT}
        told = self._client.request(request.command, url.path, params=query, content=body, headers=headers)
        content = told.content
        if fault == "empty":
            content = _emptied(content)
        if fault == "half":
            request.send_response(told.status_code)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            request.wfile.write(content[: len(content) // 2])
            request.wfile.flush()
            hang_up(request)
            return
        more = {name: told.headers[name] for name in ("Retry-After",) if name in told.headers}
        send(request, told.status_code, content, more)


KEPT = frozenset({"host", "authorization", "content-type", "accept"})


def send(request: BaseHTTPRequestHandler, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
    """A whole answer."""
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)


def hang_up(request: BaseHTTPRequestHandler) -> None:
    """End the connection here and now."""
    request.close_connection = True
    request.connection.shutdown(socket.SHUT_RDWR)


def _emptied(content: bytes) -> bytes:
    body: Any = orjson.loads(content)
    if body.get("data"):
        body["data"] = {key: [] if isinstance(value, list) else value for key, value in body["data"].items()}
    return orjson.dumps(body)


@contextmanager
def proxied(proxy: Proxy) -> Iterator[str]:
    """The proxy's address, where it listens."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            with suppress(ConnectionError, ValueError):
                super().handle_one_request()

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with suppress(ConnectionError):
                proxy.answer(self, body)

        do_POST = do_GET  # noqa: N815 (as http.server has it)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as http.server has it)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        proxy.close()
