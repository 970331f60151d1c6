"""Pages of a timeline, or of any list, by number, as the contract has them; months of a timeline."""

from typing import NamedTuple

DEFAULT_SIZE = 15
MAX_SIZE = 200


class Page(NamedTuple):
    """Page `number` (from 1) of `size` entries (1 to 200)."""

    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


class Month(NamedTuple):
    """How many entries a timeline has in a month of the organisation's zone, from one instant up to another."""

    year: int
    month: int
    since: int
    until: int
    entries: int
