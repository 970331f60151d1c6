"""How much of what the primary has committed a read must see, so that a replica may answer it (see replicas.py)."""

from dataclasses import dataclass

NONE = "NULL"
"""The column of a read point where no replica is there to ask."""
OF_PRIMARY = "left(pg_walfile_name(pg_current_wal_flush_lsn()), 8) || pg_current_wal_flush_lsn()"
"""The same on a primary: a column, because a statement of its own would be a trip of its own.

A commit is seen by others only once it is flushed, and the function is called after the statement's snapshot was
taken, so all that the statement saw lies before this point.
"""


@dataclass(slots=True)
class ReadPoint:
    """A place in the write-ahead log of the primary; `history` is what PostgreSQL calls a timeline, of which each
    failover begins another, and `position` counts bytes.

    `server` is who answered a read from here already: of one request, a later read shall not see less.
    """

    history: int
    position: int
    server: object = None

    @classmethod
    def parse(cls, column: str) -> "ReadPoint":
        """Read what OF_PRIMARY selects, such as `000000010/16B3748`."""
        high, _, low = column[8:].partition("/")
        return cls(int(column[:8], 16), (int(high, 16) << 32) + int(low, 16))

    def is_reached(self, history: int, position: int) -> bool:
        """Whether a server that has replayed this history up to that position has all that is to be seen."""
        return history == self.history and position >= self.position
