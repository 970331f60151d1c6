"""Calls as values: what is sent, and what its answer means. No I/O.

`contract.py` and `api.py` make them; `steps.py` says how one is carried out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Json = Any
Reader = Callable[["Answer"], T]


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. `path` begins with a slash and may have a query; a token is added when it is sent."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    json: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """`read` raises Refused and Unexpected. `repeatable` says that it may be sent again though it is not known whether
    it was carried out: it only reads, or the server knows it by a key.
    """

    request: Request
    read: Reader[T]
    repeatable: bool


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of a list. `total` is of the whole list where the server tells it; `next` is None at the end."""

    items: Sequence[T]
    next: "Call[Page[T]] | None"
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list, which is read page by page. `key` tells items apart: one that moves to the next page while the list is
    read is given once.
    """

    first: Call[Page[T]]
    key: Callable[[T], object]


def query_of(given: Mapping[str, object]) -> list[tuple[str, str]]:
    """Parameters as they are sent: None is left out, several values of one are sent one by one."""
    pairs = list[tuple[str, str]]()
    for name, value in given.items():
        values = value if isinstance(value, list | tuple | set | frozenset) else [value]
        pairs += [(name.rstrip("_"), _text(each)) for each in values if each is not None]
    return pairs


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
