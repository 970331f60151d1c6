"""Who gets compressed answers, and how: one rule for both doors, the timeline's and the framework's."""

import gzip
import sys
from functools import lru_cache

from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Receive, Scope, Send

from genjin.api.accepting import likes

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

LEAST = 1024
"""Bytes of a body that is worth compressing."""
LEVEL = 1
"""Of both codings; of zstd the next ones take longer and save nothing (docs/performance.md)."""
CODINGS = {"zstd": b"\x28\xb5\x2f\xfd", "gzip": b"\x1f\x8b"}
"""What we can send, best first, by how everything so compressed begins, and no JSON does."""


def coding_for(scope: Scope) -> str:
    """The one of CODINGS that the caller likes best, empty for none.

    Only what is named counts, `*` does not: who sends it seldom has a decoder for everything.
    """
    asked = b""
    for name, value in scope["headers"]:
        if name == b"accept-encoding":
            asked = b"%b,%b" % (asked, value) if asked else value
    return _preferred(asked) if asked else ""


def coding_of(body: bytes) -> str:
    """Which of CODINGS it has, empty for none."""
    return next((coding for coding, begin in CODINGS.items() if body.startswith(begin)), "")


def compressed(body: bytes, coding: str) -> bytes:
    """The body in one of CODINGS, if it is worth it."""
    if not coding or len(body) < LEAST:
        return body
    return gzip.compress(body, LEVEL) if coding == "gzip" else zstd.compress(body, LEVEL)


class Compression:
    """Starlette's compression, with our rule of who gets what."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            match coding_for(scope):
                case "zstd":
                    app = _ZstdResponder(app, LEAST)
                case "gzip":
                    app = GZipResponder(app, LEAST, LEVEL)
                case _:
                    app = IdentityResponder(app, LEAST)
        await app(scope, receive, send)


class _ZstdResponder(IdentityResponder):
    """What Starlette has for gzip. A megabyte takes a millisecond, so none goes to another thread."""

    content_encoding = "zstd"

    def __init__(self, app: ASGIApp, minimum_size: int) -> None:
        super().__init__(app, minimum_size)
        self._compressor = zstd.ZstdCompressor(LEVEL)

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        compressor = self._compressor
        return compressor.compress(body, compressor.FLUSH_BLOCK if more_body else compressor.FLUSH_FRAME)


@lru_cache(maxsize=64)
def _preferred(asked: bytes) -> str:
    """Reads `Accept-Encoding` (RFC 9110, section 12.5.3)."""
    wishes = dict(likes(asked.decode("latin-1")))
    wishes["gzip"] = max(wishes.get("gzip", 0), wishes.get("x-gzip", 0))  # its old name
    best = max(CODINGS, key=lambda coding: wishes.get(coding, 0))
    wish = wishes.get(best, 0)
    return best if wish > 0 and wish >= wishes.get("identity", 0) else ""
