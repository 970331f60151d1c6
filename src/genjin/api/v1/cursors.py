"""Cursors of the log of changes, as they are given out and come back: by what is told of changes, or of notices."""

from genjin.domain.change_log import LogCursor, cursor_of
from genjin.domain.cursor import seal, unseal

CHANGES, INBOX = "changes", "inbox"


def sealed(secret: bytes, organisation_id: int, cursor: LogCursor, of: str = CHANGES) -> str:
    """The cursor as it is given out."""
    return seal(secret, _bound(organisation_id, of), cursor.parts())


def opened(secret: bytes, organisation_id: int, cursor: str, of: str = CHANGES) -> LogCursor:
    """The cursor that was given out so. Raises BadCursor."""
    return cursor_of(unseal(secret, _bound(organisation_id, of), cursor))


def _bound(organisation_id: int, of: str) -> str:
    return f"{of} {organisation_id}"
