"""Cursors: where in a list its reader is, sealed so that nobody makes one up or takes it to another list."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from genjin.domain.signatures import is_signed, sign
from genjin.errors import BadCursor

Position = Sequence[int | str | None]
"""The values by which a list is ordered, of its last item that was shown."""
_PURPOSE = "cursor"


def seal(secret: bytes, bound: str, position: Position) -> str:
    """The cursor of a position; `bound` names the list and all that it was asked for."""
    told = json.dumps(list(position), separators=(",", ":")).encode()
    return f"{urlsafe_b64encode(told).decode().rstrip('=')}.{sign(secret, _PURPOSE, bound, told.decode())}"


def unseal(secret: bytes, bound: str, cursor: str) -> Position:
    """The position of a cursor. Raises BadCursor for one that was not sealed with the same secret and `bound`."""
    told, _, signature = cursor.partition(".")
    try:
        plain = urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode()
        genuine = signature.isascii() and is_signed(secret, signature, _PURPOSE, bound, plain)
    except (ValueError, binascii.Error):
        genuine = False
    if not genuine:
        raise BadCursor({"cursor": ["is not one that this list has given out"]})
    position: Position = json.loads(plain)
    return position
