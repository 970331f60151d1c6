"""A form that is sent twice is carried out once: by the key that the page gave it."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event

import orjson
from starlette.responses import Response

from genjin.errors import InFlight
from genjin.service.context import Installation
from genjin.service.idempotency import Answer, Request, once
from genjin.web.calling import PageCall, Posted
from genjin.web.cookies import FIELD
from genjin.web.rendering import HEADERS, HTML

KEY = "key"
_TRIES, _WAIT = 40, 0.25
"""How often it is looked whether a form has been carried out, and so many seconds in between."""
_KEPT = ("hx-redirect", "hx-trigger", "hx-retarget", "hx-reswap", "location")


def done_once(call: PageCall, form: Posted, work: Callable[[PageCall], Response]) -> Response:
    """What `work` answers, or has answered to the same form before. What it does through the call that it is given is
    one transaction: when it raises, nothing is done. A form without a key is carried out as often as it is sent.
    """
    key = form.text(KEY)
    if not key:
        return work(call)

    def answered(installation: Installation) -> Answer:
        door = replace(call.door, installation=installation)
        response = work(replace(call, door=door))
        headers = {name: response.headers[name] for name in _KEPT if name in response.headers}
        return Answer(response.status_code, headers, bytes(response.body))

    content = {name: values for name, values in form.values.items() if name not in (KEY, FIELD)}
    asked = Request(f"page:{key}", orjson.dumps([call.request.url.path, content], option=orjson.OPT_SORT_KEYS))
    answer = _patiently(lambda: once(call.installation, call.session, asked, answered))
    return Response(answer.body, answer.status, {**HEADERS, **answer.headers}, HTML)


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """The answer, also while the same form is being carried out: who presses twice is shown what came of it."""
    for _ in range(_TRIES):
        try:
            return ask()
        except InFlight:
            Event().wait(_WAIT)
    return ask()
