"""Moves texts that wait into the index that they are found by."""

import threading
from collections.abc import Callable

from genjin.service.context import Installation
from genjin.store import people
from genjin.store.search_texts import is_waiting, settle

AT_ONCE = 500
"""Texts of one transaction, which holds the writer for about a fiftieth of a second."""


def settle_texts(installation: Installation, go_on: Callable[[], bool] = lambda: True) -> int:
    """Move all that wait in every organisation; how many there were."""
    total = 0
    for organisation in installation.database.read(people.all_organisations, organisation_id=None):
        of = organisation.id
        if not installation.database.read(lambda tx, of=of: is_waiting(tx, of), of):  # type: ignore[misc]
            continue
        while go_on():
            began = installation.clock.ticks()
            count = installation.database.write(lambda tx, of=of: settle(tx, of, AT_ONCE), of)  # type: ignore[misc]
            total += count
            if count < AT_ONCE:
                break
            if installation.database.engine == "sqlite":  # whoever else writes has waited for as long
                threading.Event().wait(installation.clock.ticks() - began)
    return total
