"""Who gets compressed answers: one rule for both doors, the timeline's and the framework's."""

import gzip
import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

LEAST = 1024
"""Bytes of a body that is worth compressing."""
LEVEL = 1
GZIPPED = b"\x1f\x8b"
"""How everything compressed begins, and no JSON does."""
_GZIP = re.compile(rb"\bgzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


def takes_gzip(scope: Scope) -> bool:
    """Whether the caller asks for gzip; with `q=0` it says that it does not want it."""
    return any(name == b"accept-encoding" and _GZIP.search(value) for name, value in scope["headers"])


def compressed(body: bytes) -> bytes:
    """The body for who takes it so."""
    return gzip.compress(body, LEVEL)


class Compression:
    """Starlette's compression, which is told by us who takes it: it would compress for `gzip;q=0` too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = GZipMiddleware(app, minimum_size=LEAST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
            scope["headers"] = [*headers, (b"accept-encoding", b"gzip")] if takes_gzip(scope) else headers
        await self._app(scope, receive, send)
