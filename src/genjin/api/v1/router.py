"""What every route of /api/v1 does before its handler is asked: sign in, refuse what it does not know, read JSON.

So a stranger is told that they are one whatever they sent, and a misspelt parameter is not a filter that does nothing.
"""

import re
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from genjin.api.calling import Door, sign_in_by_token
from genjin.api.route import ApiRoute
from genjin.api.v1.calling import sign_in_by_link
from genjin.api.v1.idempotency import METHODS, done_once
from genjin.errors import Invalid, Malformed, WrongMediaType
from genjin.service.context import Session

SECRET = "secret"
"""The part of a path that stands for a token."""
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""As JSON writes it; not a backslash that somebody typed before `u0000`."""


@cache
def router_of(rows: tuple[ApiRoute, ...]) -> APIRouter:
    """The rows of the URL table as routes. They are made once: FastAPI reads every signature."""
    router = APIRouter(route_class=OurRoute, redirect_slashes=False)
    for row in rows:
        router.add_api_route(
            row.path,
            done_once(row.handler) if METHODS.intersection(row.methods) else row.handler,
            methods=list(row.methods),
            name=row.name,
            response_model=row.answer,
            response_class=Response,
        )
    return router


class OurRoute(APIRoute):
    """A route of ours."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = {field.alias for field in get_flat_params(self.dependant)} - self.param_convertors.keys()

        async def handler(request: Request) -> Response:
            door = request.app.state.door
            request.state.session = await run_in_threadpool(self._sign_in, door, request.scope)
            if unknown := [name for name in dict.fromkeys(request.query_params) if name not in known]:
                raise Invalid({name: ["is not a parameter of this path"] for name in unknown})
            with_json = _JsonRequest(request.scope, request.receive)
            request.state.body = None
            if self.body_field is not None:
                request.state.body = await with_json.checked_body()
            return await handle(with_json)

        return handler

    def _sign_in(self, door: Door, scope: Scope) -> Session:
        if SECRET in self.param_convertors:
            return sign_in_by_link(door, scope, scope["path_params"][SECRET])
        return sign_in_by_token(door, scope, {})


class _JsonRequest(Request):
    """A request whose body is read by orjson, which takes neither NaN nor half of a surrogate pair. A NUL, which
    PostgreSQL's texts do not have, is not taken either.
    """

    async def checked_body(self) -> Any:
        """The JSON value. Raises WrongMediaType, Malformed; TooLarge while it is received."""
        body = await self.body()
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if body and media_type != "application/json" and not media_type.endswith("+json"):
            raise WrongMediaType({"Content-Type": ["must be application/json"]})
        try:
            self._json = orjson.loads(body) if body else None
        except orjson.JSONDecodeError as error:
            raise Malformed({"body": [f"is not JSON: {error}"]}) from error
        if _NUL.search(body):
            raise Malformed({"body": ["has a NUL (U+0000) in a text"]})
        return self._json
