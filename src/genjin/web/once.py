"""A form that is sent twice is carried out once: by the key that the page gave it."""

from collections.abc import Callable
from dataclasses import replace
from secrets import token_urlsafe

import orjson
from starlette.responses import Response

from genjin.service.context import Installation
from genjin.service.idempotency import Answer, Request, once
from genjin.web.calling import PageCall, Posted
from genjin.web.cookies import FIELD
from genjin.web.rendering import HTML

KEY = "key"
_KEPT = ("hx-redirect", "hx-trigger", "hx-retarget", "hx-reswap", "location")


def new_key() -> str:
    """What a form carries in its field `key` from when it is shown."""
    return token_urlsafe(12)


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
    answer = once(call.installation, call.session, asked, answered)
    return Response(answer.body, answer.status, dict(answer.headers), HTML)
