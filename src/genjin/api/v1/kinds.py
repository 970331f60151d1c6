"""Kinds of activities."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from genjin.api.v1.answers import listed, position
from genjin.api.v1.calling import Caller
from genjin.domain.kinds import KINDS
from genjin.wire.v1.kind import kind_to_wire
from genjin.wire.v1.shared import Paged


def list_kinds(call: Caller, query: Annotated[Paged, Query()]) -> Response:
    """Every kind that there is, by name."""
    after = position(call, query.cursor)
    kinds = sorted(KINDS.values(), key=lambda kind: kind.event)
    left = kinds if after is None else [kind for kind in kinds if kind.event > str(after[0])]
    page = left[: query.limit]
    return listed(call, [kind_to_wire(kind) for kind in page], [page[-1].event] if len(left) > len(page) else None)
