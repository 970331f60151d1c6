"""What a caller wants changed only as it was read: `If-Match` of HTTP (RFC 9110, section 13.1.1)."""

import re

from starlette.requests import Request

_TAG = re.compile(r'"([0-9a-z]{1,64})\.[0-9a-f]{1,64}"', re.ASCII)


def wanted_states(request: Request) -> frozenset[str] | None:
    """The states of which one has to be the current one; None where the caller does not mind.

    A proxy that compresses may have marked a tag as weak, which says nothing of the state. A tag that is none of ours
    names no state.
    """
    told = request.headers.getlist("if-match")
    if not told or [part.strip() for part in told] == ["*"]:
        return None
    return frozenset(state for part in told for state in _TAG.findall(part))
