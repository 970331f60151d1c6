"""What a handler is given: who calls, the parameters as one tree, and the installation."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.types import Scope

from genjin.api.rates import Budgets
from genjin.api.route import GET
from genjin.api.tokens import token_in_headers, token_in_params
from genjin.errors import Invalid, NotFound
from genjin.service.context import Installation, Session
from genjin.service.organisation.signin import authenticate
from genjin.settings import Settings
from genjin.wire.params import Params, merge, parse_json, parse_pairs, parse_query
from genjin.wire.scalars import id_or_none


@dataclass(frozen=True)
class Door:
    """What the doors of one running server share. `secret` is what links to files are signed with."""

    installation: Installation
    settings: Settings
    budgets: Budgets
    secret: bytes


@dataclass(frozen=True)
class Asked:
    """A request that is not signed in yet."""

    door: Door
    request: Request
    params: Params

    @property
    def installation(self) -> Installation:
        return self.door.installation


@dataclass(frozen=True)
class Call(Asked):
    """A request of somebody."""

    session: Session

    @property
    def id(self) -> int:
        """The id in the path. Raises NotFound for what can be no id."""
        found = id_or_none(self.request.path_params["id"])
        if found is None:
            raise NotFound(self.request.path_params["id"])
        return found


async def read_request(request: Request) -> Asked:
    """The request with its parameters. Raises Invalid."""
    return Asked(request.app.state.door, request, await read_params(request))


async def read_params(request: Request) -> Params:
    """Read query and body into one tree (decision 10). Raises Invalid."""
    return merge(parse_query(request.scope["query_string"]), await _body(request))


def signed_in(asked: Annotated[Asked, Depends(read_request)]) -> Call:
    """The call, if its token is alive. Raises Unauthenticated, TooManyRequests."""
    session = sign_in_by_token(asked.door, asked.request.scope, asked.params)
    return Call(asked.door, asked.request, asked.params, session)


def sign_in_by_token(door: Door, scope: Scope, params: Params) -> Session:
    """Whose token it is, in a header or a parameter. Raises Unauthenticated, TooManyRequests.

    Here it is decided what replicas may answer: what a GET or HEAD reads.
    """
    token = token_in_headers(scope["headers"]) or token_in_params(params)
    session = authenticate(door.installation, token, only_reads=scope["method"] in GET)
    admit(door, scope, token, session)
    return session


def admit(door: Door, scope: Scope, token: str, session: Session) -> None:
    """Count the call, and tell the log whose it is. Raises TooManyRequests."""
    scope["organisation_id"], scope["user_id"] = session.organisation_id, session.viewer.user_id
    scope["token"] = token
    door.budgets.count(session.organisation_id, token)


async def _body(request: Request) -> Params:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "multipart/form-data":
        return await _multipart(request)
    body = await request.body()
    if not body:
        return {}
    if content_type == "application/x-www-form-urlencoded":
        return parse_query(body)
    if content_type.endswith("json") or body.lstrip()[:1] in (b"{", b"["):
        return parse_json(body)
    return {}


async def _multipart(request: Request) -> Params:
    """Starlette makes an HTTPException of a MultiPartException, but not everywhere, and reads as Latin-1 what is not
    UTF-8, which would be stored so: a text is taken only if its UTF-8 came.
    """
    body = await request.body()
    try:
        async with request.form(max_files=20, max_fields=4096) as form:
            pairs = [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]
    except (MultiPartException, HTTPException, UnicodeDecodeError) as error:
        raise Invalid({"body": ["不是有效的multipart"]}) from error
    if any(not value.isascii() and value.encode() not in body for _, value in pairs):
        raise Invalid({"body": ["不是有效的UTF-8"]})
    return parse_pairs(pairs)


SignedIn = Annotated[Call, Depends(signed_in)]
Anyone = Annotated[Asked, Depends(read_request)]
