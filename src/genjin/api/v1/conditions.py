"""What a caller wants changed only as it was read: `If-Match` of HTTP (RFC 9110, section 13.1.1)."""

import re

from starlette.requests import Request

_TAG = re.compile(r'"(\d{1,9})\.[0-9a-f]{1,64}"', re.ASCII)


def wanted_versions(request: Request) -> frozenset[int] | None:
    """The versions of which one has to be the current one; None where the caller does not mind.

    A proxy that compresses may have marked a tag as weak, which says nothing of the version. A tag that is none of ours
    is of no version.
    """
    told = request.headers.getlist("if-match")
    if not told or [part.strip() for part in told] == ["*"]:
        return None
    return frozenset(int(version) for part in told for version in _TAG.findall(part))
