"""The page as an application of its own, whose every refusal is a page, or a part of one, too."""

from collections.abc import Sequence
from functools import cache
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from genjin.api.calling import Door
from genjin.api.compression import Compression
from genjin.api.edge import Line, TimeLimit, log_unavailable
from genjin.api.route import GET
from genjin.api.v1.server import Patience
from genjin.api.v1.streams import Streams
from genjin.errors import (
    Forbidden,
    GenjinError,
    InFlight,
    Invalid,
    NotFound,
    StoreUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from genjin.web.assets import PATH, Assets
from genjin.web.calling import POSTED, posted, signed_in, visit
from genjin.web.pages import sign_in
from genjin.web.rendering import go, page
from genjin.web.routes import PAGES, UPLOADS, PageRoute
from genjin.web.texts import _

_SAID = {
    404: _("There is no such page, or you may not see it."),
    403: _("You may not do this."),
    405: _("This page cannot do that."),
    409: _("The last one is not done yet. Wait for it, then try again."),
    410: _("This is no longer there: load the page again."),
    422: _("Something in what was sent is not right."),
    429: _("Too many tries. Wait a little, then try again."),
    503: _("The server is busy. Try again in a moment."),
    500: _("Something broke. It has been written down for whoever runs this server."),
}


def serve_pages(door: Door, streams: Streams, rest: ASGIApp) -> ASGIApp:
    """Every route of the table, and the assets. `rest` answers programs that ask for a path that is none of ours."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.state.door, app.state.streams = door, streams
    app.router.routes.append(Mount(PATH, Assets()))
    app.router.routes.extend(_router(PAGES).routes)
    app.add_exception_handler(GenjinError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_input)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(Exception, _crash)
    app.add_middleware(Compression)
    longer = dict.fromkeys(UPLOADS, door.settings.upload_seconds) | {row.path: None for row in PAGES if row.stream}
    pages = Patience(Line(TimeLimit(app, door.settings.request_seconds, longer), door.settings.queue))
    return _Reception(pages, app.router.routes, rest)


class _Reception:
    """Tells people from programs, where the path is none of ours: browsers say that they take HTML."""

    def __init__(self, pages: ASGIApp, routes: Sequence[BaseRoute], rest: ASGIApp) -> None:
        self._pages, self._routes, self._rest = pages, routes, rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        takes_html = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
        ours = takes_html or any(route.matches(scope)[0] is not Match.NONE for route in self._routes)
        await (self._pages if ours else self._rest)(scope, receive, send)


@cache
def _router(rows: Sequence[PageRoute]) -> APIRouter:
    """Every form is looked at before its handler is asked: whether it is one of ours, and of this session."""
    router = APIRouter(redirect_slashes=False)
    for row in rows:
        router.add_api_route(
            row.path,
            row.handler,
            methods=list(row.methods),
            name=row.name,
            response_model=None,
            dependencies=[] if row.methods == GET else [Depends(posted)],
        )
    return router


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, GenjinError)
    log_unavailable(error, request.scope["request_id"])
    if isinstance(error, Unauthenticated):
        asked = visit(request)
        form = request.scope.get(POSTED)
        if form is not None and sign_in.is_worth_keeping(form) and not asked.is_partial:
            return sign_in.ask_again(asked, form)
        back = asked.came_from if request.method not in GET or asked.is_partial else asked.path
        return go(asked, "/sign-in" + (f"?next={quote(back, safe='')}" if back not in ("", "/") else ""))
    return _told(request, _status(error), _detail(error))


def _status(error: GenjinError) -> int:
    table = {Forbidden: 403, NotFound: 404, InFlight: 409, TooManyRequests: 429, StoreUnavailable: 503, Invalid: 422}
    return next((table[class_] for class_ in type(error).__mro__ if class_ in table), 422)


def _detail(error: GenjinError) -> str:
    """What the error says for people."""
    if isinstance(error, Invalid):
        return "; ".join(text for texts in error.errors.values() for text in texts)
    return str(error) if isinstance(error, Forbidden) else ""


def _refuse_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _told(request, 422, "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()))


def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _told(request, 405 if error.status_code == 405 else 404)


def _crash(request: Request, _error: Exception) -> Response:
    """The edge logs it."""
    return _told(request, 500)


def _told(request: Request, status: int, detail: str = "") -> Response:
    """The refusal as a page of who asks; in the middle of a page as a message on it."""
    try:
        call = signed_in(request)
    except GenjinError:
        call = visit(request)  # type: ignore[assignment]
    said = _SAID.get(status, _SAID[422])
    if call.is_partial:
        headers = {"HX-Retarget": "#messages", "HX-Reswap": "beforeend"}
        return page(call, "parts/message.html", status, headers, said=said, detail=detail, tone="bad")
    return page(call, "pages/error.html", status, said=said, detail=detail, request_id=request.scope["request_id"])
