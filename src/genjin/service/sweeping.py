"""Work on many rows part by part, each in a transaction of its own: everybody else waits for one part at most."""

from collections.abc import Callable

from genjin.service.context import Installation
from genjin.store import people
from genjin.store.transaction import Tx

Part = Callable[[Tx, int], int]
"""Does some of the work in an organisation; how much. Nothing is left where it did nothing."""


def sweep(installation: Installation, organisation_id: int, part: Part, go_on: Callable[[], bool]) -> int:
    """One part after the other until nothing is left, as long as `go_on` says so; how much was done."""
    total = 0
    while go_on() and (count := installation.database.write(lambda tx: part(tx, organisation_id), organisation_id)):
        total += count
    return total


def sweep_everywhere(installation: Installation, part: Part, go_on: Callable[[], bool]) -> int:
    """The same in every organisation."""
    organisations = installation.database.read(people.all_organisations, organisation_id=None)
    return sum(sweep(installation, organisation.id, part, go_on) for organisation in organisations)
