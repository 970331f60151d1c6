"""Sends what the wire made: bodies of answers, and refusals with the status that the settings ask for."""

from starlette.responses import PlainTextResponse, Response

from genjin.domain.json import JsonValue
from genjin.errors import GenjinError, StoreUnavailable, TooManyRequests
from genjin.wire.envelope import dumps, ok
from genjin.wire.errors import error_body, internal_body, wire_error

JSON = "application/json; charset=utf-8"


def answer(data: JsonValue, message: str = "") -> Response:
    """`{"code": 0, "data": ...}`, with a message where there is one."""
    return Response(ok(data, message), media_type=JSON)


def flat(body: JsonValue) -> Response:
    """A body that brings its own `code`, for the few answers that clients read at the top."""
    return Response(dumps(body), media_type=JSON)


def refusal(error: GenjinError, strict: bool) -> Response:
    """What we say instead of an answer (decision 8): HTTP 200, or a telling status in strict mode; what is not of the
    request has its own status in both.
    """
    later = {"Retry-After": str(error.retry_after)} if isinstance(error, (TooManyRequests, StoreUnavailable)) else None
    if isinstance(error, TooManyRequests):
        return PlainTextResponse("Retry later\n", 429, headers=later)
    row = wire_error(error)
    return Response(dumps(error_body(error)), row.status if strict or row.always else 200, later, JSON)


def internal_error(request_id: str, strict: bool) -> Response:
    """What we say when something broke: where to find it in the log, and nothing else."""
    return Response(dumps(internal_body(request_id)), 500 if strict else 200, media_type=JSON)
