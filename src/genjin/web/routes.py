"""The whole URL table of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.convertors import StringConvertor, register_url_convertor

from genjin.api.route import GET, POST
from genjin.web.pages import account, entries, entry, home, live, record, search, sign_in
from genjin.wire.v1.refs import TYPES


class _RecordType(StringConvertor):
    """`leads` and its like: no other path is one of a record."""

    regex = "|".join(TYPES)


register_url_convertor("record_type", _RecordType())


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One row: methods, path, who answers; a `public` one is for strangers too, a `stream` never ends."""

    methods: tuple[str, ...]
    path: str
    handler: Callable[..., Any]
    public: bool = False
    stream: bool = False

    @property
    def name(self) -> str:
        """What the route is called; calling.py tells by it who may ask."""
        return ("public:" if self.public else "") + self.handler.__name__


_RECORD = "/{type:record_type}/{id:int}"
PAGES = (
    PageRoute(GET, "/sign-in", sign_in.show, public=True),
    PageRoute(POST, "/sign-in", sign_in.enter, public=True),
    PageRoute(POST, "/sign-out", sign_in.leave),
    PageRoute(GET, "/", home.show),
    PageRoute(GET, "/search", search.show),
    PageRoute(GET, "/search/suggestions", search.suggestions),
    PageRoute(GET, "/entries", entries.show),
    PageRoute(GET, "/account", account.show),
    PageRoute(POST, "/account", account.change),
    PageRoute(GET, "/live", live.stream, stream=True),
    PageRoute(GET, "/entries/{id:int}", entry.show),
    PageRoute(GET, "/entries/{id:int}/comments", entry.comments),
    PageRoute(GET, "/entries/{id:int}/versions", entry.versions),
    PageRoute(GET, _RECORD, record.show),
    PageRoute(GET, f"{_RECORD}/timeline", record.more),
    PageRoute(GET, f"{_RECORD}/head", record.head),
    PageRoute(POST, f"{_RECORD}/follow", record.follow_record),
)
