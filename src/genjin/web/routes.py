"""The whole URL table of the page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from genjin.api.route import GET, POST
from genjin.web.pages import account, entries, home, search, sign_in


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
)
