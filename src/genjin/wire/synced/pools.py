"""A pool as an upstream tells of it: only what it is called."""

from typing import NamedTuple

from genjin.domain.calendar import Calendar
from genjin.domain.json import JsonValue
from genjin.wire.told import MAX_INDEXED, Told


class ToldPool(NamedTuple):
    """A pool by the upstream's id."""

    id: int
    name: str


def pool_from_wire(body: JsonValue, calendar: Calendar) -> ToldPool:
    """A row of `common_settings`. Raises Invalid."""
    told = Told(body, calendar)
    found = ToldPool(told.id("id"), told.text("name", MAX_INDEXED))
    if not found.name:
        told.errors["name"] = ["is empty"]
    told.check()
    return found
