"""`Idempotency-Key`: every POST and PATCH of /api/v1 may be sent again without being done again."""

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from genjin.api.v1.calling import OurCall
from genjin.errors import Malformed
from genjin.service.context import Installation
from genjin.service.idempotency import Answer, Request, once

METHODS = frozenset({"POST", "PATCH"})
_KEY = re.compile(r'"([\x20-\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')
_KEPT = ("content-type", "etag", "location", "link")


def done_once(handler: Callable[..., Response]) -> Callable[..., Response]:
    """The handler, which with a key is asked within the transaction that its answer is kept in."""
    assert not inspect.iscoroutinefunction(handler), "a handler that is done once is asked inside of a transaction"

    @functools.wraps(handler)
    def handle(**given: Any) -> Response:
        call: OurCall = given["call"]
        key = key_in(call.request)
        if key is None:
            return handler(**given)

        def work(installation: Installation) -> Answer:
            door = replace(call.door, installation=installation)
            return _kept(handler(**given | {"call": replace(call, door=door)}))

        return _again(once(call.installation, call.session, Request(key, content_of(call.request)), work))

    return handle


def key_in(request: HttpRequest) -> str | None:
    """The key in the header, with quotes around it or without. Raises Malformed."""
    told = request.headers.getlist("idempotency-key")
    if not told:
        return None
    found = _KEY.fullmatch(told[0].strip())
    if found is None or len(told) > 1:
        raise Malformed({"Idempotency-Key": ["must be one text of 1 to 255 visible ASCII characters"]})
    return found[1] or found[2]


def content_of(request: HttpRequest) -> bytes:
    """All that makes the request what it is; a body as it was understood, so that spaces make no difference."""
    scope = request.scope
    asked = [scope["method"], scope["path"], scope["query_string"].decode("latin-1"), request.state.body]
    return orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)


def _kept(response: Response) -> Answer:
    headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
    return Answer(response.status_code, headers, bytes(response.body))


def _again(answer: Answer) -> Response:
    headers = {**answer.headers} | ({"Idempotency-Replayed": "true"} if answer.again else {})
    return Response(answer.body, answer.status, headers)
