"""The outermost layer of every request: its id, the limits on its size, its time and the line that it waits in, the log
line, and what becomes of a crash.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from itertools import count

import anyio.to_thread
import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genjin.api.answers import internal_error, refusal
from genjin.domain.clock import Clock
from genjin.errors import GenjinError, Overloaded, StoreUnavailable, TooLarge
from genjin.logs import answered

log = structlog.get_logger("genjin.http")
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Edge:
    """Pure ASGI. `max_body` is in bytes, and so is what `larger` says of a few paths. `observe` is told of each request
    with its status and how long it took.
    """

    def __init__(
        self,
        app: ASGIApp,
        clock: Clock,
        max_body: int,
        strict: bool,
        larger: Mapping[str, int],
        observe: Callable[[Scope, int, float], None] | None = None,
    ) -> None:
        self.app, self.clock, self.max_body, self.strict = app, clock, max_body, strict
        self.larger, self.observe = larger, observe
        self._process = secrets.token_hex(4)
        self._requests = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = self.clock.ticks()
        path = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            scope["path"] = path.rstrip("/") or "/"
            scope.pop("raw_path", None)
        request_id = scope["request_id"] = _callers_id(scope) or f"{self._process}{next(self._requests):08x}"
        max_body = self.larger.get(scope["path"], self.max_body)
        exchange = _Exchange(scope, receive, send, request_id.encode(), max_body)
        try:
            await self.app(scope, exchange.receive, exchange.send)
        except ClientDisconnect:
            exchange.status = 499  # whatever the framework has told to nobody
        except Exception as error:
            told: ASGIApp
            if isinstance(error, GenjinError):
                log_unavailable(error, request_id)
                told = refusal(error, self.strict)
            else:
                log.exception("crashed", request_id=request_id, path=path, failure=type(error).__name__)
                told = internal_error(request_id, self.strict)
            if not exchange.status:
                await told(scope, receive, exchange.send)
            elif not exchange.ended:
                raise
        finally:
            seconds = self.clock.ticks() - started
            answered(
                request_id,
                scope["method"],
                path,
                exchange.status,
                scope.get("organisation_id"),
                scope.get("user_id"),
                round(seconds * 1000, 2),
            )
            if self.observe is not None:
                self.observe(scope, exchange.status, seconds)


class _Exchange:
    """One request and its answer: bounds the one, marks the other and knows how far it is."""

    __slots__ = ("_max_body", "_receive", "_received", "_request_id", "_scope", "_send", "ended", "status")

    def __init__(self, scope: Scope, receive: Receive, send: Send, request_id: bytes, max_body: int) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._request_id, self._max_body, self._received = request_id, max_body, 0
        self.status, self.ended = 0, False

    async def receive(self) -> Message:
        message: Message = {"type": "http.request"}
        if (length := _told_length(self._scope)) <= self._max_body:  # else nobody waits for what will be refused
            message = await self._receive()
            self._received += len(message.get("body", b""))
        if max(length, self._received) > self._max_body:
            raise TooLarge({"body": [f"不能超过{self._max_body}字节"]})
        return message

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            marks = ((b"x-request-id", self._request_id), (b"x-content-type-options", b"nosniff"))
            message["headers"] = [*message.get("headers", ()), *marks]
        else:
            self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        return self._send(message)


def log_unavailable(error: GenjinError, request_id: str) -> None:
    """Tell the log why the server could not serve; what else is refused is no news."""
    if isinstance(error, StoreUnavailable):
        tell = log.warning if isinstance(error, Overloaded) else log.error
        tell("unavailable", request_id=request_id, why=str(error))


class Line:
    """Refuses at once what would wait for a thread behind `most` others; the paths in `free` need none.

    Raises Overloaded.
    """

    def __init__(self, app: ASGIApp, most: int, free: Collection[str] = ()) -> None:
        self.app, self.most, self.free = app, most, free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self.free:
            threads = anyio.to_thread.current_default_thread_limiter().statistics()
            if threads.tasks_waiting >= self.most:
                raise Overloaded("too many requests wait already")
        await self.app(scope, receive, send)


class TimeLimit:
    """Gives up on a request that takes longer than `seconds` to receive and answer; `longer` is for a few paths, None
    for one that may take as long as it likes. Raises Overloaded.
    """

    def __init__(self, app: ASGIApp, seconds: float, longer: Mapping[str, float | None]) -> None:
        self.app, self.seconds, self.longer = app, seconds, longer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with given_up_after(self.longer.get(scope["path"], self.seconds)):
            await self.app(scope, receive, send)


@asynccontextmanager
async def given_up_after(seconds: float | None) -> AsyncIterator[None]:
    """Let something take so long, or as long as it likes. Raises Overloaded."""
    try:
        async with asyncio.timeout(seconds) as limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise Overloaded("it took too long") from error


def _told_length(scope: Scope) -> int:
    """The Content-Length; 0 for none."""
    return max(
        (int(value) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()), default=0
    )


def _callers_id(scope: Scope) -> str:
    """The caller's X-Request-Id where it is sane; else empty."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return str(value, "ascii")
    return ""
