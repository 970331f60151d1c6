"""Pages of a timeline, or of any list, by number, as the contract has them; a timeline as a whole, and its months."""

from collections.abc import Mapping
from typing import NamedTuple

from genjin.domain.records import Ref

DEFAULT_SIZE = 15
MAX_SIZE = 200


class Page(NamedTuple):
    """Page `number` (from 1) of `size` entries (1 to 200)."""

    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


class TimelineHead(NamedTuple):
    """A timeline as a whole: the record that it is of and its name, how many entries it has, how many of which kind by
    its code, `complete` where all were counted, and when the first and the last happened.
    """

    subject: Ref
    name: str
    total: int
    kinds: Mapping[int, int]
    complete: bool
    span: tuple[int, int] | None


class Month(NamedTuple):
    """How many entries a timeline has in a month of the organisation's zone, from one instant up to another."""

    year: int
    month: int
    since: int
    until: int
    entries: int
