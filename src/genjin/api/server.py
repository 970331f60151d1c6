"""Puts the routes, the limits and the refusals together into one ASGI application."""

import gc
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, Router, compile_path
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from genjin import __version__, tracing
from genjin.api.answers import internal_error, refusal
from genjin.api.calling import Door
from genjin.api.compression import Compression
from genjin.api.docs import STATIC, docs_page, openapi_json
from genjin.api.downloads import Downloads
from genjin.api.edge import Edge, Line, TimeLimit, log_unavailable
from genjin.api.route import FILES, ROUTE
from genjin.api.routes import OURS, TIMELINE, UPSTREAM, V1
from genjin.api.tokens import token_in_headers, token_in_params
from genjin.api.v1.server import is_ours, serve_v1
from genjin.api.v1.streams import Streams
from genjin.errors import GenjinError, RouteNotFound
from genjin.jobs.courier import Courier
from genjin.jobs.schedule import Schedule
from genjin.jobs.worker import Worker
from genjin.service.unserved import note_unserved
from genjin.wire.params import parse_query

if TYPE_CHECKING:
    from genjin.api.metrics import Metrics

log = structlog.get_logger("genjin.http")
_NO_PAGES = ("/api", "/docs", "/files/", "/healthz", "/metrics", "/openapi.json", "/readyz", "/static/")
"""What is for programs, or for both; every other path is one of the page for people."""


def serve(
    door: Door, pages: Callable[[Door, Streams, ASGIApp], ASGIApp], page_uploads: Collection[str] = ()
) -> ASGIApp:
    """The whole server; `pages` makes the part of it that people look at, which takes files at `page_uploads`."""
    settings, database = door.settings, door.installation.database
    strict = settings.http_errors == "strict"
    timeline = TIMELINE.handler(door)
    streams = Streams(door)
    installation = door.installation
    loops = (Schedule(installation, settings.jobs_seconds), Worker(installation), Courier(installation, settings))
    jobs = loops if settings.jobs == "on" else ()

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[dict[str, Streams]]:
        # What was made so far lives as long as the process: the collector need not walk it again and again.
        gc.collect()
        gc.freeze()
        for loop in jobs:
            loop.start()
        yield {"streams": streams}
        streams.end()
        for loop in jobs:
            loop.end()
        for loop in jobs:
            await run_in_threadpool(loop.stop)
        if metrics is not None:
            metrics.end()
        database.close()
        await run_in_threadpool(tracing.stop)

    metrics = _metrics(door, streams)
    uploads = [route.path for route in (*UPSTREAM, *OURS) if route.upload]
    longer = dict.fromkeys(uploads, settings.upload_seconds)
    larger = dict.fromkeys([*uploads, *page_uploads], settings.max_file_bytes + settings.max_body_bytes)
    framework = TimeLimit(_framework(door, timeline, metrics), settings.request_seconds, longer)
    # Whether the process lives is told by the event loop itself, however many wait.
    framework_line = Line(framework, settings.queue, free=("/healthz",))
    # Downloads are neither compressed nor bounded in time: a film may be watched for as long as it lasts.
    downloads = Route(FILES, Line(Downloads(door), settings.queue), methods=["GET"])
    rest = Router([downloads], redirect_slashes=False, default=framework_line, lifespan=lifespan)
    edge = Edge(
        _Front(timeline, serve_v1(door, V1, streams), pages(door, streams, rest), rest),
        door.installation.clock,
        settings.max_body_bytes,
        strict,
        larger,
        None if metrics is None else metrics.observe,
    )
    return edge if settings.traces == "off" else _traced(edge)


class _Front:
    """Serves the timeline before the framework is asked, whose layers cost more than its answer does; and tells our own
    API from the upstream's, and both from the page for people.
    """

    def __init__(self, timeline: ASGIApp, ours: ASGIApp, pages: ASGIApp, rest: ASGIApp) -> None:
        self._timeline, self._ours, self._pages, self._rest = timeline, ours, pages, rest
        self._path, self._methods = compile_path(TIMELINE.path)[0], frozenset(TIMELINE.methods)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in self._methods:
            found = self._path.match(scope["path"])
            if found is not None:
                scope["path_params"], scope[ROUTE] = found.groupdict(), TIMELINE.path
                await self._timeline(scope, receive, send)
                return
        if scope["type"] == "http" and is_ours(scope["path"]):
            await self._ours(scope, receive, send)
            return
        if scope["type"] == "http" and not scope["path"].startswith(_NO_PAGES):
            await self._pages(scope, receive, send)
            return
        await self._rest(scope, receive, send)


def _metrics(door: Door, streams: Streams) -> "Metrics | None":
    """What Prometheus is told, where it is to be told anything; else not even its library is in memory."""
    if door.settings.metrics == "off":
        return None
    from genjin.api.metrics import Metrics

    return Metrics(lambda: streams.open)


def _traced(app: ASGIApp) -> ASGIApp:
    from genjin.api.traces import Traced

    return Traced(app)


def _framework(door: Door, timeline: ASGIApp, metrics: "Metrics | None") -> FastAPI:
    """Every route, in FastAPI; the timeline's is here for the sake of its wrong methods."""
    strict = door.settings.http_errors == "strict"
    app = FastAPI(title="Genjin", version=__version__, openapi_url=None, redirect_slashes=False)
    app.state.door = door
    app.router.routes.append(Route(TIMELINE.path, timeline, methods=TIMELINE.methods))
    app.router.routes.extend(_routes())
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_route("/openapi.json", openapi_json)
    app.add_route("/docs", docs_page)
    if metrics is not None:
        app.add_route("/metrics", metrics.tell)

    def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, GenjinError)
        log_unavailable(error, request.scope["request_id"])
        if isinstance(error, RouteNotFound):
            _note(door, request)
        return refusal(error, strict)

    def crash(request: Request, _: Exception) -> Response:
        return internal_error(request.scope["request_id"], strict)

    def no_route(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        _note(door, request)
        told = refusal(RouteNotFound(request.url.path), strict)
        if error.status_code == 405:
            told.status_code = 405 if strict else 200
            told.headers["Allow"] = _allowed(request)
        return told

    app.add_exception_handler(GenjinError, refuse)
    app.add_exception_handler(HTTPException, no_route)
    app.add_exception_handler(Exception, crash)
    app.add_middleware(Compression)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Those of the URL table. They are made once: FastAPI reads every signature."""
    router = APIRouter(redirect_slashes=False)
    for row in (*UPSTREAM, *OURS):
        router.add_api_route(row.path, row.handler, methods=list(row.methods), response_class=Response)
    return router.routes


def _note(door: Door, request: Request) -> None:
    """Remember what was asked for and is not served; the handlers of errors run in a thread of the pool."""
    scope = request.scope
    if not scope["path"].startswith("/api/"):
        return
    token = token_in_headers(scope["headers"]) or token_in_params(parse_query(scope["query_string"]))
    if note_unserved(door.installation, token, scope["method"], scope["path"]):
        log.info("unserved", request_id=scope["request_id"], method=scope["method"], path=scope["path"])


def _allowed(request: Request) -> str:
    """The methods of every route that the path fits; Starlette names only the first one's."""
    fitting = (r for r in request.app.routes if isinstance(r, Route) and r.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in fitting for method in route.methods or ()}))
