"""Reads lists of a server that may be busy, may change while they are read, and may lie."""

from collections.abc import Callable, Hashable, Iterator
from hashlib import blake2b
from typing import Literal, NamedTuple, TypeVar

import orjson

from genjin.client import Call, Client, Unexpected, contract
from genjin.client.contract import RawPage
from genjin.client.errors import NotSignedIn
from genjin.domain.json import JsonValue
from genjin.domain.records import RecordType, Ref

T = TypeVar("T")
MISREADS = 4
"""So often is tried what came otherwise than it should."""
MOST_PAGES = 100_000
MOST_WALKS = 4
"""So often a list is read that changes while it is read."""


class Walk(NamedTuple):
    """All of a list, each item once. It is `exact` when it was the same list from the first page to the last; otherwise
    it may have what was taken away meanwhile, and, when it is `short`, may lack something. It is `lasting` when it
    shows the same again, which is not as much as it says that it has: to read it once more would be of no use.
    """

    items: list[JsonValue]
    total: int
    exact: bool
    short: bool
    lasting: bool = False


def do(client: Client, call: Call[T]) -> T:
    """What a call comes to; one that is answered by what does not fit is made again a few times. Raises ClientError."""
    for left in reversed(range(MISREADS)):
        try:
            return client.do(call)
        except (Unexpected, NotSignedIn):
            if not left:
                raise
    raise AssertionError


def pages(read: Callable[[int], RawPage], number: int = 1, total: int | None = None) -> Iterator[tuple[int, RawPage]]:
    """The pages of a list from that one on, each with its number, until the last. `total` is what the page before told.

    What is there all the time is on one of them, in a list whose new items stand at its beginning: when the total
    falls, what moves forward may move to a page that was read, and it is gone back for. A page that is empty, or as the
    one before, where it should not be is read again a few times.
    """
    before, misread = frozenset[Hashable](), 0
    for _ in range(MOST_PAGES):
        page = read(number)
        if total is not None and page.total < total and number > 1:
            number = max(1, number - -(-(total - page.total) // page.step))
            total, before = page.total, frozenset()
            continue
        total = page.total
        keys = frozenset(map(key_of, page.items))
        if (number - 1) * page.step < page.total and keys <= before and misread < MISREADS:
            misread += 1
            continue
        yield number, page
        if number * page.step >= page.total:
            return
        before, misread, number = keys, 0, number + 1


def read_whole(read: Callable[[int], RawPage]) -> Walk:
    """All of a short list. It is read again, a few times, when it changed meanwhile."""
    found, walk = dict[Hashable, JsonValue](), Walk([], 0, exact=False, short=True)
    before: tuple[object, ...] = ()
    for _ in range(MOST_WALKS):
        this, totals = dict[Hashable, JsonValue](), set[int]()
        for _, page in pages(read):
            totals.add(page.total)
            for item in page.items:
                this.setdefault(key_of(item), item)
        [total, *others] = sorted(totals)
        if not others and len(this) == total:
            return Walk(list(this.values()), total, exact=True, short=False)
        found |= this
        shown = frozenset(this), page.total
        again, before = shown == before and not others, shown
        walk = Walk(list(found.values()), page.total, exact=False, short=len(found) < page.total, lasting=again)
        if again:
            break
    return walk


def read_timeline(client: Client, ref: Ref) -> Walk:
    """The timeline of a lead or a customer, by its id there. Raises ClientError."""
    type_: Literal["leads", "customers"] = "leads" if ref.type is RecordType.LEAD else "customers"
    return read_whole(lambda number: do(client, contract.raw_sales_activities(type_, ref.id, number)))


def key_of(item: JsonValue) -> Hashable:
    """What items of a list are told apart by: their ids; those that have none by all that they say."""
    id_ = item.get("id") if isinstance(item, dict) else None
    return id_ if type(id_) is int else digest(item)


def digest(value: JsonValue) -> bytes:
    """Equal for equal values, and for all that are nested too deeply to be written."""
    try:
        told = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        told = b""
    return blake2b(told, digest_size=16).digest()
