"""The whole URL table of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.convertors import StringConvertor, register_url_convertor

from genjin.api.route import GET, POST
from genjin.web.pages import account, bulk, downloads, entries, entry, home, lists, live, pools, record, search, sign_in
from genjin.wire.v1.refs import TYPES


class _RecordType(StringConvertor):
    """`leads` and its like: no other path is one of a record."""

    regex = "|".join(TYPES)


register_url_convertor("record_type", _RecordType())


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One row: methods, path, who answers; a `public` one is for strangers too, a `stream` may take as long as it
    likes, and has no variables in its path.
    """

    methods: tuple[str, ...]
    path: str
    handler: Callable[..., Any]
    public: bool = False
    stream: bool = False

    @property
    def name(self) -> str:
        """What the route is called; calling.py tells by it who may ask."""
        return ("public:" if self.public else "") + self.handler.__name__


_RECORDS = "/{type:record_type}"
_RECORD = f"{_RECORDS}/{{id:int}}"
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
    PageRoute(GET, "/pools", pools.show_all),
    PageRoute(GET, "/pools/{id:int}", pools.show),
    *(PageRoute(GET, f"/{name}/download", downloads.download_of(type_), stream=True) for name, type_ in TYPES.items()),
    PageRoute(GET, _RECORDS, lists.show),
    PageRoute(POST, f"{_RECORDS}/columns", lists.keep_columns),
    PageRoute(GET, f"{_RECORDS}/bulk", bulk.ask),
    PageRoute(POST, f"{_RECORDS}/bulk", bulk.do),
)
