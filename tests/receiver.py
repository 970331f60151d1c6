"""A real HTTP server that receives webhooks, and fails in every way that it is told to."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

BODY_OF_MANY = b"x" * 8_000_000
Answer = Callable[["Request", socket.socket], None]


@dataclass(frozen=True)
class Request:
    """What was sent."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> Any:
        return orjson.loads(self.body)


def status(code: int, *headers: str, body: bytes = b"ok") -> Answer:
    """An answer with this status."""

    def answer(_: Request, to: socket.socket) -> None:
        lines = [f"HTTP/1.1 {code} X", *headers, f"Content-Length: {len(body)}", "", ""]
        to.sendall("\r\n".join(lines).encode() + body)

    return answer


def hang(_: Request, to: socket.socket) -> None:
    """No answer until the sender goes."""
    _until_gone(to)


def close(_: Request, to: socket.socket) -> None:
    """No answer; the connection is closed."""


def drip_head(_: Request, to: socket.socket) -> None:
    """An answer whose head does not end, byte by byte."""
    _drip(to, b"HTTP/1.1 200 OK\r\nX-Slow: ")


def drip_body(_: Request, to: socket.socket) -> None:
    """A status at once, and a body that does not end."""
    _drip(to, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")


def huge_body(_: Request, to: socket.socket) -> None:
    """A status at once, and more than anybody wants to read."""
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY_OF_MANY))
    with suppress(OSError):
        to.sendall(BODY_OF_MANY)


def huge_head(_: Request, to: socket.socket) -> None:
    """Headers without an end."""
    to.sendall(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        for _number in range(100_000):
            to.sendall(b"X-Header: %b\r\n" % (b"x" * 1000))


def half_body(_: Request, to: socket.socket) -> None:
    """A status, and a connection that is closed before the body is over."""
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def garbage(_: Request, to: socket.socket) -> None:
    """What is no HTTP."""
    to.sendall(b"\x16\x03\x01 is no HTTP\r\n\r\n")


OK = status(200)


class Receiver:
    """`answers` says by path how it answers, `got` is what has come. `url` is where it is."""

    def __init__(self, listening: socket.socket, tls: ssl.SSLContext | None) -> None:
        self.answers: dict[str, Answer] = {}
        self.got: list[Request] = []
        self.came = threading.Condition()
        self._listening, self._tls = listening, tls
        self.port = int(listening.getsockname()[1])
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def at(self, path: str) -> list[Request]:
        """What came to a path, in order."""
        with self.came:
            return [request for request in self.got if request.path == path]

    def wait(self, count: int, seconds: float = 30) -> list[Request]:
        """The first so many requests. Raises TimeoutError."""
        with self.came:
            if not self.came.wait_for(lambda: len(self.got) >= count, seconds):
                raise TimeoutError(f"{len(self.got)} of {count} came")
            return self.got[:count]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), closing(connection):
            connection.settimeout(60)
            secured = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            with closing(secured), secured.makefile("rb") as coming:
                while (line := coming.readline()).strip():
                    self._answer(line, coming, secured)

    def _answer(self, line: bytes, coming: Any, secured: socket.socket) -> None:
        headers = {}
        while header := coming.readline().strip():
            name, _, value = header.decode().partition(":")
            headers[name.lower()] = value.strip()
        request = Request(line.split()[1].decode(), headers, coming.read(int(headers["content-length"])))
        with self.came:
            self.got.append(request)
            self.came.notify_all()
            answer = self.answers.get(request.path, OK)
        answer(request, secured)
        if answer is close or answer is half_body:
            secured.shutdown(socket.SHUT_RDWR)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of this machine."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=256)) as listening:
        yield Receiver(listening, tls)


def _drip(to: socket.socket, beginning: bytes) -> None:
    to.sendall(beginning)
    with suppress(OSError):
        for _ in range(600):
            time.sleep(0.05)
            to.sendall(b"x")


def _until_gone(to: socket.socket) -> None:
    with suppress(OSError):
        while to.recv(1000):
            pass
