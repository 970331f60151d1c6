"""The envelope of every answer, the two forms without one, and the paging fields of lists."""

from collections.abc import Sequence
from typing import Any, Literal

import orjson

from genjin.domain.json import JsonValue
from genjin.domain.timeline import Page
from genjin.wire.sales_activity import Exact


class Bare(Exact):
    """An answer that lies in no envelope."""


class Flat(Exact):
    """An answer whose values stand beside its code."""

    code: Literal[0]


def ok(data: JsonValue, message: str = "") -> bytes:
    """`{"code": 0, "data": ...}`, with a message where there is one."""
    return orjson.dumps({"code": 0} | ({"message": message} if message else {}) | {"data": data})


def listed(name: str, items: Sequence[JsonValue], total: int, page: Page) -> dict[str, JsonValue]:
    """The `data` of a list: the items under their plural name, and where in the list they are."""
    return {
        name: items,
        "total_count": total,
        "per_page": page.size,
        "page": page.number,
        "has_next_page": page.offset + len(items) < total,
    }


def dumps(body: Any) -> bytes:
    """A body as bytes."""
    return orjson.dumps(body)
