"""What is told to who keeps a copy of the feed."""

from dataclasses import dataclass
from enum import StrEnum

from genjin.domain.activity import Facts
from genjin.domain.change_log import LogCursor
from genjin.domain.records import Ref


class Tell(StrEnum):
    """What is told of an entry, or of a record."""

    CREATED = "created"
    EDITED = "edited"
    SHOWN = "shown"
    REMOVED = "removed"
    HIDDEN = "hidden"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that is told, and where its reader is then: the entry of CREATED, EDITED and SHOWN, the id of what was
    REMOVED, the record of which everything is HIDDEN.
    """

    tell: Tell
    cursor: LogCursor
    facts: Facts | None = None
    id: int | None = None
    ref: Ref | None = None
