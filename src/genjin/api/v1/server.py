"""The part of the server that is under /api/v1: an application of its own, whose every refusal is a problem."""

from collections.abc import Sequence

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from genjin.api.calling import Door
from genjin.api.compression import Compression
from genjin.api.edge import Line, TimeLimit, log_unavailable
from genjin.api.route import ApiRoute
from genjin.api.v1.answers import broken, refused, wrong_method
from genjin.api.v1.router import router_of
from genjin.api.v1.streams import Streams
from genjin.errors import GenjinError, Invalid, Malformed, Overloaded, RouteNotFound
from genjin.wire.v1.problem import INTERNAL

PREFIX = "/api/v1"


def is_ours(path: str) -> bool:
    """Whether a path is under /api/v1."""
    return path == PREFIX or path.startswith(PREFIX + "/")


def serve_v1(door: Door, rows: Sequence[ApiRoute], streams: Streams | None = None) -> ASGIApp:
    """Every route of the table."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.door, app.state.streams = door, streams or Streams(door)
    app.router.routes.extend(router_of(tuple(rows)).routes)
    app.add_exception_handler(GenjinError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_input)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _crash)
    app.add_middleware(Compression)
    app.add_middleware(Budget, door=door)
    endless = {row.path: None for row in rows if row.stream or row.export}
    return Patience(Line(TimeLimit(app, door.settings.request_seconds, endless), door.settings.queue))


class Patience:
    """Tells who waited for too long, or would have to, that the server is busy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, told)
        except Overloaded as error:
            if begun:
                raise
            log_unavailable(error, scope["request_id"])
            await refused(error, Request(scope))(scope, receive, send)


class Budget:
    """Tells what is left of the calls that the caller may make, by the IETF's RateLimit header fields."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app, self._door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        def told(message: Message) -> object:
            if message["type"] == "http.response.start" and "organisation_id" in scope:
                left = self._door.budgets.left(scope["organisation_id"], scope["token"])
                if left:
                    headers = MutableHeaders(scope=message)
                    headers["RateLimit-Policy"] = ", ".join(f'"{n}";q={b.most};w={b.seconds}' for n, b in left.items())
                    headers["RateLimit"] = ", ".join(f'"{n}";r={b.calls};t={b.resets_in}' for n, b in left.items())
            return send(message)

        await self._app(scope, receive, told)  # type: ignore[arg-type]


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, GenjinError)
    log_unavailable(error, request.scope["request_id"])
    return refused(error, request)


def _refuse_input(request: Request, error: Exception) -> Response:
    """What pydantic says of the input."""
    assert isinstance(error, RequestValidationError)
    told: dict[str, list[str]] = {}
    for each in error.errors():
        path = [str(part) for part in each["loc"] if part not in ("query", "path", "header") and not _is_form(part)]
        if path[:1] == ["body"] and len(path) > 1:
            path = path[1:]
        told.setdefault(".".join(path), []).append(each["msg"].removeprefix("Value error, "))
    return refused(Invalid(told), request)


def _is_form(part: int | str) -> bool:
    """Whether a part of a path is the name of one of a body's forms, which nobody has sent."""
    return isinstance(part, str) and part.startswith("(")


def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return wrong_method(request, _allowed(request))
    if error.status_code == 404:
        return refused(RouteNotFound(request.url.path), request)
    return refused(Malformed({"body": ["cannot be read"]}), request)


def _crash(request: Request, _: Exception) -> Response:
    """The edge logs it."""
    return broken(request.scope["request_id"], INTERNAL)


def _allowed(request: Request) -> str:
    """The methods of every route that the path fits."""
    fitting = (r for r in request.app.routes if isinstance(r, Route) and r.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in fitting for method in route.methods or ()}))
