"""The cookie that a browser is known by, and what tells its own forms from those of other sites."""

import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.types import Scope

from genjin.errors import Forbidden

COOKIE = "genjin_session"
SESSION_DAYS = 30
FIELD, HEADER = "csrf", b"x-csrf-token"


def token_in_cookie(scope: Scope) -> str:
    """The token of the session, empty for none."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(COOKIE)
            except CookieError:
                found = None
            if found is not None:
                return found.value
    return ""


def keep(response: Response, token: str, scope: Scope) -> Response:
    """Let the browser keep the session's token. No script reads it, and no other site's request has it."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_DAYS * 86_400,
        path="/",
        secure=scope.get("scheme") == "https",
        httponly=True,
        samesite="lax",
    )
    return response


def forget(response: Response) -> Response:
    """Let the browser forget it."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    return response


def csrf_token(secret: bytes, token: str) -> str:
    """What every form of a session carries. Other sites cannot know it."""
    return hmac.new(secret, b"csrf:" + token.encode(), "sha256").hexdigest()


def check_origin(scope: Scope) -> None:
    """Raises Forbidden for what a browser says another site sends (`Sec-Fetch-Site`, or `Origin` of older ones)."""
    headers = dict(scope["headers"])
    site = headers.get(b"sec-fetch-site", b"")
    if site:
        if site not in (b"same-origin", b"none"):
            raise Forbidden("a form of another site")
    elif (origin := headers.get(b"origin")) and urlsplit(origin).netloc != headers.get(b"host", b""):
        raise Forbidden("a form of another site")


def check_csrf(secret: bytes, token: str, told: str) -> None:
    """Raises Forbidden for a form that is not of this session."""
    if not hmac.compare_digest(csrf_token(secret, token).encode(), told.encode()):
        raise Forbidden("a form of another session: load the page again")
