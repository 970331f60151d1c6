"""The outermost layer of every request: its id, the limit on its size, the log line, and what becomes of a crash."""

import asyncio
import re
import secrets
from itertools import count

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genjin.api.answers import internal_error, refusal
from genjin.domain.clock import Clock
from genjin.errors import GenjinError, Invalid, StoreUnavailable

log = structlog.get_logger("genjin.http")
_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Edge:
    """Pure ASGI. `max_body` is in bytes."""

    def __init__(self, app: ASGIApp, clock: Clock, max_body: int, strict: bool) -> None:
        self.app, self.clock, self.max_body, self.strict = app, clock, max_body, strict
        self._process = secrets.token_hex(4)
        self._requests = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = self.clock.ticks()
        request_id = _callers_id(scope) or f"{self._process}{next(self._requests):08x}".encode()
        status = received = 0
        done = False

        async def limited_receive() -> Message:
            nonlocal received
            message: Message = {"type": "http.request"}
            if (length := _told_length(scope)) <= self.max_body:  # else nobody waits for what will be refused
                message = await receive()
                received += len(message.get("body", b""))
            if max(length, received) > self.max_body:
                raise Invalid({"body": [f"不能超过{self.max_body}字节"]})
            return message

        async def marked_send(message: Message) -> None:
            nonlocal status, done
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)
            done = message["type"] == "http.response.body" and not message.get("more_body", False)

        path = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            scope["path"] = path.rstrip("/") or "/"
            scope.pop("raw_path", None)
        scope["request_id"] = request_id.decode()
        try:
            await self.app(scope, limited_receive, marked_send)
        except ClientDisconnect:
            status = status or 499
        except Exception as error:
            if isinstance(error, GenjinError) and not isinstance(error, StoreUnavailable):
                await refusal(error, self.strict)(scope, receive, marked_send)
                return
            log.exception("crashed", request_id=scope["request_id"], path=path, failure=type(error).__name__)
            if not status:
                await internal_error(scope["request_id"], self.strict)(scope, receive, marked_send)
            elif not done:
                raise
        finally:
            log.info(
                "answered",
                request_id=scope["request_id"],
                method=scope["method"],
                path=path,
                status=status,
                organisation_id=scope.get("organisation_id"),
                user_id=scope.get("user_id"),
                ms=round((self.clock.ticks() - started) * 1000, 2),
            )


class TimeLimit:
    """Gives up on a request that takes longer than `seconds` to receive and answer."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app, self.seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        async with asyncio.timeout(self.seconds):
            await self.app(scope, receive, send)


def _told_length(scope: Scope) -> int:
    """The Content-Length; 0 for none."""
    return max(
        (int(value) for name, value in scope["headers"] if name == b"content-length" and value.isdigit()), default=0
    )


def _callers_id(scope: Scope) -> bytes | None:
    """The caller's X-Request-Id where it is sane."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.fullmatch(value):
            return bytes(value)
    return None
