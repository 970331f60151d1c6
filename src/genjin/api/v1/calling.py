"""What a handler of /api/v1 is given: who calls, in which language, and the installation."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from starlette.types import Scope

from genjin.api.accepting import likes
from genjin.api.calling import Door, admit
from genjin.domain.calendar import Calendar
from genjin.service.context import Installation, Session
from genjin.service.inbox.calendars import session_of_link

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class OurCall:
    """A request of somebody who is signed in; `language` is what sentences are in."""

    door: Door
    request: Request
    session: Session
    language: Language

    @property
    def installation(self) -> Installation:
        """Where use cases run: within a transaction, where the request is to be done once."""
        return self.door.installation

    @property
    def calendar(self) -> Calendar:
        """The days of the organisation's zone."""
        return self.session.directory.calendar

    @property
    def request_id(self) -> str:
        """What names the request in the log."""
        return str(self.request.scope["request_id"])


def called(
    request: Request,
    lang: Annotated[Language | None, Query(description="The language of sentences, before Accept-Language.")] = None,
) -> OurCall:
    """The call that the route has signed in (see api/v1/router.py)."""
    door: Door = request.app.state.door
    language = lang or accepted_language(request.headers.get("accept-language", ""))
    return OurCall(door, request, request.state.session, language)


def sign_in_by_link(door: Door, scope: Scope, secret: str) -> Session:
    """Whose calendar the secret of a link leads to. Raises Unauthenticated, TooManyRequests."""
    session = session_of_link(door.installation, secret)
    admit(door, scope, secret, session)
    return session


def accepted_language(header: str) -> Language:
    """The one of our languages that an Accept-Language header likes best; Chinese where it likes neither."""
    best: tuple[float, Language] = 0.0, "zh"
    for tag, liked in likes(header).items():
        name = tag.partition("-")[0]
        if liked > best[0] and name in ("zh", "en"):
            best = liked, "zh" if name == "zh" else "en"
    return best[1]


Caller = Annotated[OurCall, Depends(called)]
