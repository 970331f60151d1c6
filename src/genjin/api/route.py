"""One row of the URL table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from starlette.types import Scope


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One row: methods, path, who answers, its name, what it answers with, and what it takes.

    The handler's docstring describes it. `takes` is the query of a GET and the body of the others; a `public` route
    asks for no token, an `upload` takes a file in a multipart body, a `stream` sends events without an end; a `report`
    is answered as CSV too; a `calendar` is answered as iCalendar, to who knows the secret in its path; an `export` is a
    file, which may take as long as it takes. `successes` are the statuses of /api/v1's answers.
    """

    methods: tuple[str, ...]
    path: str
    handler: Callable[..., Any]
    name: str
    answer: type[BaseModel]
    takes: type[BaseModel] | None = None
    public: bool = False
    upload: bool = False
    stream: bool = False
    report: bool = False
    calendar: bool = False
    export: bool = False
    successes: tuple[int, ...] = (200,)


ROUTE = "genjin.route"
"""Where a scope has the path of its row, of one that no framework has routed."""
FILES = "/files/{id}/{name:path}"
"""Where links to files lead."""
OTHER = "other"
"""What no row of the tables of URLs is; their paths could be as many as somebody likes to make up."""
GET, POST, CHANGE, PATCH, DELETE = ("GET", "HEAD"), ("POST",), ("PUT", "PATCH", "POST"), ("PATCH",), ("DELETE",)
PUT = ("PUT",)


def route_of(scope: Scope) -> str:
    """The row of the table that a request was for, such as `/api/v2/leads/{id}`, once it was answered."""
    if scope["path"].startswith("/files/"):
        return FILES
    if found := scope.get(ROUTE) or getattr(scope.get("route"), "path", ""):
        return str(found)
    is_plain = "endpoint" in scope and not scope.get("path_params")  # a route whose path has no parts to fill in
    return str(scope["path"]) if is_plain else OTHER
