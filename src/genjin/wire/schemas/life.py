"""What is answered about a record's life, as types (see answers.py)."""

from genjin.wire.sales_activity import Exact
from genjin.wire.schemas.answers import Listed, Minute
from genjin.wire.schemas.records import Customer
from genjin.wire.user import WireUser


class AssistUsers(Listed):
    """Who works on a record beside its owner."""

    assist_users: list[WireUser]


class Merge(Exact):
    """A record that was merged into another."""

    id: int
    merged_id: int
    merged_name: str
    merged_at: Minute
    undone_at: Minute
    user: WireUser | None


class Merges(Listed):
    """What was merged into a record."""

    merges: list[Merge]


class Transferred(Exact):
    """The records that were handed over."""

    ids: list[int]
    total_count: int


class OfferedCustomer(Customer):
    """The customer that a lead would become, with its contact; the ids of both are 0."""
