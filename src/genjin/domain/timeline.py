"""Pages of a timeline, and the day groups that a page is shown in."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from genjin.domain.activity import Facts
from genjin.domain.calendar import Calendar

DEFAULT_SIZE = 15
MAX_SIZE = 200


class Page(NamedTuple):
    """Page `number` (from 1) of `size` entries (1 to 200)."""

    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


class TimelinePage(NamedTuple):
    """Entries newest first, and how many the whole timeline has."""

    entries: list[Facts]
    total: int
    page: Page


def by_day(entries: Iterable[Facts], calendar: Calendar) -> Iterator[tuple[int, list[Facts]]]:
    """Group entries, which come newest first, by their local day (counted from 1970-01-01)."""
    for day, group in groupby(entries, key=lambda entry: calendar.day(entry.at)):
        yield day, list(group)
