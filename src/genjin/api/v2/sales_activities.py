"""The timeline of a record: a bare ASGI endpoint, because it is asked for more than all others together.

It does what the dependencies of the other routes do (token, refusals, rate limit), without a framework's
request or response in between.
"""

from collections import OrderedDict
from functools import partial

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from genjin.api.answers import refusal
from genjin.api.calling import Door, admit, read_params
from genjin.api.compression import coding_for, coding_of, compressed
from genjin.api.conditions import known_tags
from genjin.api.edge import given_up_after, log_unavailable
from genjin.api.links import links_for
from genjin.api.tokens import token_in_headers, token_in_params
from genjin.domain.directory import Directory
from genjin.domain.records import Ref
from genjin.errors import GenjinError, Unauthenticated
from genjin.service.timeline.answers import Answer, Asked, KeptAnswers, answer_timeline
from genjin.service.timeline.timeline import TimelineView
from genjin.wire.files.entry_files import NO_FILES, files_shown
from genjin.wire.modules import type_in_path
from genjin.wire.params import Params, parse_query
from genjin.wire.scalars import id_or_none, page_of
from genjin.wire.timeline.page import Binder

MOST_BINDERS = 64
JSON = b"application/json; charset=utf-8"


class SalesActivities:
    """What happened to a lead or customer, newest first and grouped by day.

    A customer's timeline holds the history of its contacts, opportunities, contracts, and of the lead it came from.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._strict = door.settings.http_errors == "strict"
        self._raw_records = door.settings.saleable_id == "record"
        self._binders: OrderedDict[int, Binder] = OrderedDict()
        self._kept = KeptAnswers(door.settings.kept_bytes, door.settings.saleable_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._answer(scope, receive)
        except GenjinError as error:
            log_unavailable(error, scope["request_id"])
            await refusal(error, self._strict)(scope, receive, send)
            return
        headers = [
            (b"etag", b'W/"%b"' % answer.tag.encode()),
            (b"cache-control", b"private, no-cache"),
            (b"vary", b"accept-encoding"),
        ]
        if answer.body is None:
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        headers += ((b"content-type", JSON), (b"content-length", b"%d" % len(answer.body)))
        if coding := coding_of(answer.body):
            headers.append((b"content-encoding", coding.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        query = scope["query_string"]
        params: Params = parse_query(query) if query else {}
        token = token_in_headers(scope["headers"]) or token_in_params(params)
        if not token:
            async with given_up_after(self._door.settings.request_seconds):
                params = await read_params(Request(scope, receive))
            token = token_in_params(params)
            if not token:
                raise Unauthenticated("no token")
        path = scope["path_params"]
        type_, id_ = type_in_path(path["entity_type"]), id_or_none(path["entity_id"])
        # Somebody without a live token learns nothing about ids, so an impossible id is looked up like any other.
        subject, page = Ref(type_, id_ or 0), page_of(params.get("page"), params.get("per_page"))
        coding = coding_for(scope)

        def render(view: TimelineView) -> tuple[bytes, bytes]:
            plain = self._render(view, scope)
            return plain, compressed(plain, coding)

        asked = Asked(token, subject, page, coding, known_tags(scope))
        return await answer_timeline(
            self._door.installation, asked, render, self._kept, partial(admit, self._door, scope, token)
        )

    def _render(self, view: TimelineView, scope: Scope) -> bytes:
        binder, files = self._binder(view.session.directory), NO_FILES
        if view.files.files:
            url = links_for(self._door, scope, view.session.organisation_id).url
            files = files_shown(*view.files, url, view.session.directory)
        entries = (view.entries, view.targets, view.total, view.page, view.comments, files)
        return binder.page(view.session.viewer, *entries)

    def _binder(self, directory: Directory) -> Binder:
        """The ready JSON of this very snapshot of the organisation."""
        organisation_id = directory.organisation.id
        binder = self._binders.get(organisation_id)
        if binder is None or binder.directory is not directory:
            binder = self._binders[organisation_id] = Binder(directory, self._raw_records)
            self._binders.move_to_end(organisation_id)
            while len(self._binders) > MOST_BINDERS:
                self._binders.popitem(last=False)
        return binder
