"""Problem details (RFC 9457): the one table from our errors to what /api/v1 answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from genjin.domain.json import JsonValue
from genjin.errors import (
    BadCursor,
    CursorGone,
    DiskFull,
    Duplicate,
    Forbidden,
    GenjinError,
    InFlight,
    Invalid,
    KeyReused,
    Malformed,
    NotFound,
    Overloaded,
    RouteNotFound,
    Stale,
    StoreUnavailable,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    WrongMediaType,
)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """How a class of errors looks. `own_detail` lets the error's own text through, where it was written for people."""

    code: str
    status: int
    title: str
    own_detail: bool = False

    @property
    def uri(self) -> str:
        """What names the type to programs; nothing lies there."""
        return f"urn:genjin:problem:{self.code}"


INTERNAL = ProblemType("internal_error", 500, "Something broke; the log has the rest under the request's id")
METHOD_NOT_ALLOWED = ProblemType("method_not_allowed", 405, "This path has other methods")
TABLE: Mapping[type[GenjinError], ProblemType] = {
    Malformed: ProblemType("malformed", 400, "The request cannot be read"),
    BadCursor: ProblemType("bad_cursor", 400, "The cursor is not one of this list"),
    Unauthenticated: ProblemType("unauthenticated", 401, "There is no token, or it is unknown, expired or revoked"),
    Forbidden: ProblemType("forbidden", 403, "The caller may not do this", own_detail=True),
    NotFound: ProblemType("not_found", 404, "There is no such thing, or the caller may not see it"),
    RouteNotFound: ProblemType("route_not_found", 404, "There is no such path"),
    Duplicate: ProblemType("duplicate", 409, "It is there already", own_detail=True),
    InFlight: ProblemType("in_flight", 409, "The first request with this key has not been answered yet"),
    CursorGone: ProblemType("cursor_gone", 410, "What came behind the cursor is kept no longer; fetch everything anew"),
    Stale: ProblemType("stale", 412, "It has changed since it was read"),
    TooLarge: ProblemType("too_large", 413, "The body is too large"),
    WrongMediaType: ProblemType("wrong_media_type", 415, "The body is not JSON"),
    Invalid: ProblemType("invalid", 422, "What was sent breaks a rule"),
    KeyReused: ProblemType("key_reused", 422, "This key was used with another request"),
    TooManyRequests: ProblemType("too_many_requests", 429, "Too many calls"),
    StoreUnavailable: ProblemType("unavailable", 503, "The server cannot serve for now"),
}
TYPES: Sequence[ProblemType] = (*TABLE.values(), METHOD_NOT_ALLOWED, INTERNAL)
_WITH_DETAIL = (Invalid, Overloaded, DiskFull)
"""Whose own text is for people, whatever the row says."""


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Its path, such as `items.3.at`; of the query the parameter's name.")
    message: str = Field(description="In words for people.")


class Problem(BaseModel):
    """What is told instead of an answer (RFC 9457)."""

    type: str = Field(description="`urn:genjin:problem:` and the code.")
    title: str = Field(description="The same for all problems of the type.")
    status: int
    code: str = Field(description="For programs.")
    detail: str = Field("", description="What is wrong this time, in words for people.")
    instance: str = Field(description="`urn:genjin:request:` and the request's id, under which the log has it.")
    errors: list[FieldProblem] = Field([], description="What is wrong with single fields.")


def problem_type(error: GenjinError) -> ProblemType:
    """The row of the nearest class."""
    return next((TABLE[class_] for class_ in type(error).__mro__ if class_ in TABLE), INTERNAL)


def problem_of(error: GenjinError, request_id: str) -> dict[str, JsonValue]:
    """The problem details of an error."""
    type_ = problem_type(error)
    detail = str(error) if type_.own_detail or isinstance(error, _WITH_DETAIL) else ""
    errors = list(_fields(error)) if isinstance(error, Invalid) else []
    return problem(type_, request_id, detail, errors)


def problem(
    type_: ProblemType, request_id: str, detail: str = "", errors: Sequence[JsonValue] = ()
) -> dict[str, JsonValue]:
    """Problem details, without what is empty."""
    told: dict[str, JsonValue] = {
        "type": type_.uri,
        "title": type_.title,
        "status": type_.status,
        "code": type_.code,
        "instance": f"urn:genjin:request:{request_id}",
    }
    return told | ({"detail": detail} if detail else {}) | ({"errors": errors} if errors else {})


def _fields(error: Invalid) -> Iterator[JsonValue]:
    for field, texts in error.errors.items():
        for text in texts:
            yield {"field": field, "message": text}
