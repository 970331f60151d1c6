"""What a handler of the page is given: who looks at it, in which language and zone, and what a form says."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Scope

from genjin.api.calling import Door
from genjin.api.links import base_url
from genjin.api.route import GET
from genjin.api.v1.calling import accepted_language
from genjin.domain.calendar import Calendar, calendar_of
from genjin.domain.notice import NoticeKind
from genjin.domain.policy import Viewer, may_edit_entry
from genjin.domain.preferences import Preferences
from genjin.errors import GenjinError, Malformed, NotFound
from genjin.service.context import Installation, Session
from genjin.service.inbox.reading import count_unread
from genjin.service.organisation.preferences import read_preferences
from genjin.service.organisation.signin import authenticate
from genjin.web import cookies
from genjin.web.texts import texts_in
from genjin.web.times import Times
from genjin.wire.files.links import FileLinks, expiry
from genjin.wire.scalars import MAX_ID
from genjin.wire.v1.activity import ActivityForm, Language

MOST_FILES, MOST_FIELDS = 20, 4096
POSTED = "genjin.posted"
"""Where the scope of a request has its form."""
SECRET = frozenset({"password", "old_password"})
"""Fields whose spaces count."""
NOBODYS = Preferences()
TOLD_ELSEWHERE = frozenset({NoticeKind.REMINDER_DUE})
"""Of what the page tells elsewhere: reminders stand there by themselves."""


@dataclass(frozen=True)
class Visit:
    """A request of a page, by whoever; `preferences` are those of a stranger."""

    door: Door
    request: Request
    preferences: Preferences = NOBODYS

    @property
    def installation(self) -> Installation:
        """Where use cases run: within a transaction, where a form is to be carried out once."""
        return self.door.installation

    @cached_property
    def language(self) -> Language:
        """As the person has chosen, else as the browser asks."""
        return self.preferences.language or accepted_language(self.request.headers.get("accept-language", ""))

    @property
    def is_partial(self) -> bool:
        """Whether only a part of the page is asked for, to be put into the one that is open (htmx)."""
        headers = self.request.headers
        return headers.get("hx-request") == "true" and headers.get("hx-history-restore-request") != "true"

    @property
    def path(self) -> str:
        """The path and query, to come back to."""
        query = self.request.scope["query_string"].decode("latin-1")
        path = str(self.request.scope["path"])
        return f"{path}?{query}" if query else path

    @property
    def came_from(self) -> str:
        """The path and query of the page that sent this, where it is one of ours; else empty."""
        told = self.request.headers.get("hx-current-url") or self.request.headers.get("referer", "")
        parts = urlsplit(told)
        if parts.netloc != self.request.headers.get("host"):
            return ""
        return within(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def say(self, text: str, **values: object) -> str:
        """A text in the language of the page."""
        said = texts_in(self.language).gettext(text)
        return said % values if values else said


@dataclass(frozen=True)
class PageCall(Visit):
    """A request of somebody who is signed in. The days and times of `session` are by the person's own zone."""

    session: Session = field(kw_only=True)
    token: str = field(kw_only=True, repr=False)

    @property
    def viewer(self) -> Viewer:
        """Whose page it is."""
        return self.session.viewer

    @property
    def calendar(self) -> Calendar:
        """The days of the person's zone."""
        return self.session.directory.calendar

    @cached_property
    def office(self) -> "PageCall":
        """The same, by the days of the organisation's zone, which reports count."""
        directory = self.session.directory
        calendar = calendar_of(directory.organisation.time_zone)
        return replace(self, session=replace(self.session, directory=directory.by_calendar(calendar)))

    @cached_property
    def now(self) -> int:
        """The instant as of which the page speaks."""
        return self.installation.clock.now()

    @cached_property
    def times(self) -> Times:
        """How times are said."""
        return Times(self.language, self.calendar, self.now)

    @cached_property
    def unread(self) -> int:
        """How many notices the person has not read; 0 where that cannot be told now."""
        try:
            found = count_unread(self.installation, self.session)
        except GenjinError:
            return 0
        return sum(count for kind, count in found.items() if kind not in TOLD_ELSEWHERE)

    @property
    def csrf(self) -> str:
        """What forms of this session carry."""
        return cookies.csrf_token(self.door.secret, self.token)

    @cached_property
    def links(self) -> FileLinks:
        """Makes the addresses of files, which are below this server's own."""
        hours = self.door.settings.file_link_hours
        return FileLinks(self.door.secret, "", self.session.organisation_id, expiry(self.now, hours))

    @property
    def base_url(self) -> str:
        """Where this server is found, for links that leave the page."""
        return base_url(self.door, self.request.scope)

    def may_change(self, author_id: int, came_from_elsewhere: bool = False) -> bool:
        """Whether the viewer may change or take back what somebody wrote."""
        return may_edit_entry(self.viewer, author_id, came_from_elsewhere)

    @cached_property
    def form(self) -> ActivityForm:
        """How activities are shown."""
        return ActivityForm(self.session.directory, self.language, self.links.url)


@dataclass(frozen=True)
class Posted:
    """What a form says. Texts have no spaces around them, and line breaks of one character."""

    values: Mapping[str, Sequence[str]]
    files: Mapping[str, Sequence[UploadFile]]

    def text(self, name: str) -> str:
        """The value of a field; empty for none."""
        return (self.values.get(name) or [""])[-1]

    def texts(self, name: str) -> list[str]:
        """All values of a field that are not empty."""
        return [value for value in self.values.get(name, ()) if value]


def visit(request: Request) -> Visit:
    """A visit of whoever comes."""
    return Visit(request.app.state.door, request)


def signed_in(request: Request) -> PageCall:
    """The visit of somebody who is signed in. Raises Unauthenticated; NotFound for an id that can be none."""
    door: Door = request.app.state.door
    token = cookies.token_in_cookie(request.scope)
    session = authenticate(door.installation, token, only_reads=request.method in GET)
    if any(isinstance(value, int) and value > MAX_ID for value in request.path_params.values()):
        raise NotFound(request.url.path)
    scope = request.scope
    scope["organisation_id"], scope["user_id"] = session.organisation_id, session.viewer.user_id
    preferences = read_preferences(door.installation, session)
    if preferences.time_zone:
        session = replace(session, directory=session.directory.by_calendar(calendar_of(preferences.time_zone)))
    return PageCall(door, request, preferences, session=session, token=token)


async def posted(request: Request) -> AsyncIterator[Posted]:
    """The form, if it is one of ours; its files are there until it is answered. Raises Forbidden for other sites' and
    other sessions', Malformed.
    """
    cookies.check_origin(request.scope)
    try:
        data = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
    except (HTTPException, UnicodeDecodeError) as error:
        raise Malformed({"body": ["cannot be read"]}) from error
    try:
        request.scope[POSTED] = form = _checked(request, data)
        yield form
    finally:
        await data.close()


def _checked(request: Request, data: FormData) -> Posted:
    values: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.setdefault(name, []).append(value)
        elif "\x00" in value:
            raise Malformed({name: ["has a NUL (U+0000) in it"]})
        else:
            values.setdefault(name, []).append(value if name in SECRET else value.replace("\r\n", "\n").strip())
    door: Door = request.app.state.door
    token = cookies.token_in_cookie(request.scope)
    if token and not is_public(request.scope):
        told = dict(request.scope["headers"]).get(cookies.HEADER, b"").decode("latin-1")
        cookies.check_csrf(door.secret, token, told or values.get(cookies.FIELD, [""])[-1])
    return Posted(values, files)


def is_public(scope: Scope) -> bool:
    """Whether a stranger may ask for this."""
    return bool(scope["route"].name.startswith("public:"))


def within(path: str) -> str:
    """A path of this server; anything else leads home."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else "/"


AnyVisit = Annotated[Visit, Depends(visit)]
Caller = Annotated[PageCall, Depends(signed_in)]
Form = Annotated[Posted, Depends(posted)]
