"""Cursors of changes, as they are given out and come back."""

from genjin.domain.change_log import LogCursor, cursor_of
from genjin.domain.cursor import seal, unseal


def sealed(secret: bytes, organisation_id: int, cursor: LogCursor) -> str:
    """The cursor as it is given out."""
    return seal(secret, _bound(organisation_id), cursor.parts())


def opened(secret: bytes, organisation_id: int, cursor: str) -> LogCursor:
    """The cursor that was given out so. Raises BadCursor."""
    return cursor_of(unseal(secret, _bound(organisation_id), cursor))


def _bound(organisation_id: int) -> str:
    return f"changes {organisation_id}"
