"""Pages of a timeline, or of any list: by number, as the contract has them."""

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
