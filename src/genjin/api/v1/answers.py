"""Sends what the wire made: one thing with what names its state, lists with the way to their next page, problems."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from genjin.api.calling import Door
from genjin.api.conditions import known_tags
from genjin.api.v1.calling import OurCall
from genjin.domain.cursor import Position, seal, unseal
from genjin.domain.json import JsonValue
from genjin.errors import GenjinError, StoreUnavailable, TooManyRequests, Unauthenticated
from genjin.service.context import Session
from genjin.wire.v1.problem import (
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    ProblemType,
    problem,
    problem_of,
    problem_type,
)

JSON = "application/json"
CSV = "text/csv; charset=utf-8"
_NOT_OF_THE_FILTER = frozenset({"cursor", "limit", "lang"})


class Listing(Protocol):
    """Somebody's request: a call of /api/v1, or of the page."""

    @property
    def door(self) -> Door: ...

    @property
    def request(self) -> Request: ...

    @property
    def session(self) -> Session: ...


def one(
    call: OurCall, body: JsonValue, state: str = "1", status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """One thing. Its ETag changes with whatever is shown of it, and begins with the thing's own state, in letters and
    digits, which is what If-Match means.
    """
    return tagged(call, orjson.dumps(body), JSON, headers, state, status)


def csv(call: OurCall, content: bytes) -> Response:
    """The same of what is shown as CSV, which browsers save."""
    name = call.request.scope["path"].rsplit("/", 1)[-1]
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return tagged(call, content, CSV, headers)


def tagged(
    call: OurCall,
    content: bytes,
    media_type: str,
    headers: Mapping[str, str] | None = None,
    state: str = "1",
    status: int = 200,
) -> Response:
    """The same of any content."""
    tag = f"{state}.{blake2b(content, digest_size=12).hexdigest()}"
    told = {"ETag": f'"{tag}"', **(headers or {})}
    if call.request.method in ("GET", "HEAD") and tag in known_tags(call.request.scope):
        return Response(status_code=304, headers=told)
    return Response(content, status, told, media_type)


def listed(
    call: OurCall, items: Sequence[JsonValue], next_: Position | None, more: Mapping[str, JsonValue] | None = None
) -> Response:
    """A page of a list; `next_` is the position of its last item where there are more, `more` goes beside the items."""
    return page_before(call, None if next_ is None else _sealed(call, next_), items, more or {})


def next_path(call: Listing, next_: Position | None) -> str | None:
    """The path of the page of a list behind this position; None where there is none."""
    return None if next_ is None else _path_at(call, _sealed(call, next_))


def page_before(
    call: OurCall,
    cursor: str | None,
    items: Sequence[JsonValue],
    more: Mapping[str, JsonValue],
    begun_by: Collection[str] = ("cursor",),
) -> Response:
    """The same, with the cursor as it is given out; `begun_by` are the parameters that said where this page begins."""
    path = None if cursor is None else _path_at(call, cursor, begun_by)
    headers = {} if path is None else {"Link": f'<{path}>; rel="next"'}
    return Response(orjson.dumps({"items": items, "next": path, **more}), 200, headers, JSON)


def position(call: Listing, cursor: str | None) -> Position | None:
    """Where the caller is in the list, None at its beginning. Raises BadCursor."""
    return None if cursor is None else unseal(call.door.secret, _bound(call), cursor)


def plain(body: JsonValue, status: int = 200) -> Response:
    """What is no thing with a state of its own."""
    return Response(orjson.dumps(body), status, media_type=JSON)


def refused(error: GenjinError, request: Request) -> Response:
    """The problem that an error is."""
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="genjin"'
    elif isinstance(error, (TooManyRequests, StoreUnavailable)):
        headers["Retry-After"] = str(error.retry_after)
    body = problem_of(error, request.scope["request_id"])
    return _problem(body, problem_type(error), headers)


def wrong_method(request: Request, allowed: str) -> Response:
    """That the path has other methods."""
    body = problem(METHOD_NOT_ALLOWED, request.scope["request_id"])
    return _problem(body, METHOD_NOT_ALLOWED, {"Allow": allowed})


def broken(request_id: str, type_: ProblemType) -> Response:
    """That something went wrong which is not the caller's."""
    return _problem(problem(type_, request_id), type_, {})


def _problem(body: JsonValue, type_: ProblemType, headers: dict[str, str]) -> Response:
    return Response(orjson.dumps(body), type_.status, headers, MEDIA_TYPE)


def _sealed(call: Listing, next_: Position) -> str:
    return seal(call.door.secret, _bound(call), next_)


def _path_at(call: Listing, cursor: str, begun_by: Collection[str] = ("cursor",)) -> str:
    asked = [pair for pair in _pairs(call) if pair[0] not in begun_by]
    return f"{call.request.scope['path']}?{urlencode([*asked, ('cursor', cursor)])}"


def _bound(call: Listing) -> str:
    """What a cursor is bound to: the organisation, the list, and what it is asked for."""
    asked = sorted(pair for pair in _pairs(call) if pair[0] not in _NOT_OF_THE_FILTER)
    return orjson.dumps([call.session.organisation_id, call.request.scope["path"], asked]).decode()


def _pairs(call: Listing) -> list[tuple[str, str]]:
    return parse_qsl(call.request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
