"""What both clients do alike with httpx: its settings, requests and answers."""

from typing import Any

import httpx
import orjson

from genjin.client.calls import Answer, Request
from genjin.client.errors import NotReached, Unexpected

MOST_BYTES = 64 * 1024 * 1024
"""Of an answer: who sends more is not the server that we know."""
CONNECT_SECONDS = 10.0
FILE_SECONDS = 600.0
"""So long a file may take to begin."""
_BEFORE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""What fails before anything was sent."""


def options(url: str, timeout: float, transport: Any) -> dict[str, Any]:
    """What httpx's clients are made with. No redirect is followed: a token goes to this server only. Raises ValueError
    for what is no address.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError("a server's address begins with http:// or https://")
    return {
        "base_url": url,
        "timeout": httpx.Timeout(timeout, connect=CONNECT_SECONDS),
        "follow_redirects": False,
        "headers": {"User-Agent": "genjin-client", "Accept": "application/json"},
        "transport": transport,
    }


def sent(request: Request) -> dict[str, Any]:
    """The arguments of httpx's `stream`."""
    told: dict[str, Any] = {"method": request.method, "url": request.path, "headers": dict(request.headers)}
    if request.query:
        told["params"] = list(request.query)
    if request.json is not None:
        told["content"] = orjson.dumps(request.json)
        told["headers"]["Content-Type"] = "application/json"
    return told


def saving(request: Request, token: str) -> dict[str, Any]:
    """The same for what comes as a file, which takes the server as long as it takes."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "*/*"}
    return {**sent(request), "headers": headers, "timeout": httpx.Timeout(FILE_SECONDS, connect=CONNECT_SECONDS)}


class Body:
    """Gathers an answer. Raises Unexpected when it is too large."""

    def __init__(self, status: int) -> None:
        self._status, self._parts, self._size = status, list[bytes](), 0

    def add(self, part: bytes) -> None:
        """The next part of it."""
        self._size += len(part)
        if self._size > MOST_BYTES:
            raise Unexpected(self._status, (self._parts or [part])[0][:2000], f"is larger than {MOST_BYTES} bytes")
        self._parts.append(part)

    def answer(self, headers: httpx.Headers) -> Answer:
        """All of it."""
        return _answer(self._status, headers, b"".join(self._parts))


def answer_of(response: httpx.Response) -> Answer:
    """One that has been read."""
    return _answer(response.status_code, response.headers, response.content)


def not_reached(error: httpx.HTTPError) -> NotReached:
    """What became of a request that was not answered."""
    url = error.request.url
    where = f"{url.scheme}://{url.netloc.decode()}"
    return NotReached(f"{where}: {type(error).__name__}: {error}", maybe_done=not isinstance(error, _BEFORE))


def _answer(status: int, headers: httpx.Headers, body: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)
