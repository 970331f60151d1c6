"""The composition root: the only place that wires settings, database, services and doors together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from genjin import __version__
from genjin.api.answers import refusal
from genjin.api.calling import Door
from genjin.api.edge import Edge
from genjin.api.rates import RateLimit
from genjin.api.routes import OURS, TIMELINE, UPSTREAM
from genjin.api.sales_activities import SalesActivities
from genjin.domain.clock import Clock, SystemClock
from genjin.errors import GenjinError, RouteNotFound
from genjin.service.context import Installation
from genjin.service.directory import Directories
from genjin.settings import Settings, load_settings, parse_rate
from genjin.store import schema
from genjin.store.database import open_database

STATIC = Path(__file__).parent / "api" / "static"


def open_installation(settings: Settings, clock: Clock | None = None) -> Installation:
    """The services of one process; its schema is not looked at. Close `installation.database` when done."""
    return Installation(
        database=open_database(settings.database_url),
        clock=clock or SystemClock(),
        directories=Directories(),
        login_attempts=parse_rate(settings.login_attempts),
        token_days=settings.token_days,
    )


def create_app(settings: Settings | None = None, clock: Clock | None = None) -> ASGIApp:
    """The server as an ASGI application. Raises StoreUnavailable when the schema is not the one this program knows."""
    settings = settings or load_settings()
    installation = open_installation(settings, clock)
    schema.check(installation.database)
    return build(installation, settings)


def build(installation: Installation, settings: Settings) -> ASGIApp:
    """The ASGI application over an open installation."""
    strict = settings.http_errors == "strict"
    door = Door(installation, settings, RateLimit(parse_rate(settings.rate_limit), installation.clock))
    app = FastAPI(title="Genjin", version=__version__, lifespan=_lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.door = door
    app.router.routes.insert(0, Route(TIMELINE, SalesActivities(door), methods=["GET"]))
    for route in (*UPSTREAM, *OURS):
        app.add_api_route(route.path, route.handler, methods=list(route.methods), tags=[route.tag], response_class=Response)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_route("/docs", _docs, include_in_schema=False)

    def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, GenjinError)
        return refusal(error, strict)

    def no_route(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        told = refusal(RouteNotFound(request.url.path), strict)
        if strict and error.status_code == 405:
            told.status_code = 405
        told.headers.update(error.headers or {})
        return told

    app.add_exception_handler(GenjinError, refuse)
    app.add_exception_handler(HTTPException, no_route)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=1)
    return Edge(app, installation.clock, settings.max_body_bytes, settings.request_seconds, strict)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.door.installation.database.close()


async def _docs(_: Request) -> Response:
    return FileResponse(STATIC / "docs.html")
