"""What a caller already has: `If-None-Match` of HTTP (RFC 9110, section 13.1.2)."""

import re
from collections.abc import Collection

from starlette.types import Scope

_TAG = re.compile(rb'"([\x21\x23-\x7e]*)"')


def known_tags(scope: Scope) -> Collection[str]:
    """The entity tags that the request names, weak or not: they are compared weakly."""
    known: list[str] = []
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            known += [tag.decode() for tag in _TAG.findall(value)]
    return known
