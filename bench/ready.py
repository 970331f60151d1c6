"""The ceilings: applications that send ready bytes from memory, bare and through Starlette.

The bytes are those of the file in BENCH_BODY: the page that Genjin itself answers with.
"""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

JSON = "application/json; charset=utf-8"


def bare() -> ASGIApp:
    """Nothing but the ASGI messages of one answer."""
    body = _body()
    headers = [(b"content-type", JSON.encode()), (b"content-length", b"%d" % len(body))]

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


def starlette() -> ASGIApp:
    """A route and a response object of Starlette."""
    body = _body()

    async def page(_: Request) -> Response:
        return Response(body, media_type=JSON)

    return Starlette(routes=[Route("/api/v2/{entity_type}/{entity_id}/sales_activities", page)])


def _body() -> bytes:
    return Path(os.environ["BENCH_BODY"]).read_bytes()
