"""Following a record: being told of what happens on it."""

from typing import NamedTuple

MOST_FOLLOWERS = 500
"""So many may follow one record: each entry on it writes a notice for each of them."""


class FollowKey(NamedTuple):
    """Where a follow stands in the list of somebody's: since when it is, and the record's type and id."""

    since: int
    type: int
    id: int
