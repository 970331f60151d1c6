"""Puts the calls and follow-ups that were made up into the database, many at once, as time passes."""

from bisect import bisect_right
from collections.abc import Sequence

from genjin.domain.activity import Facts
from genjin.service.context import Installation
from genjin.service.entries.history import Told, put_past


class Past:
    """All that was made up, by time, and what became of the part that has happened: `born[n]` is `told[n]`."""

    def __init__(self, installation: Installation, organisation_id: int, told: Sequence[Told]) -> None:
        self.told, self.born = told, list[Facts]()
        self._installation, self._organisation_id = installation, organisation_id

    def come_to(self, at: int) -> None:
        """Let everything happen up to this instant."""
        done = len(self.born)
        some = self.told[done : bisect_right(self.told, at, lo=done, key=lambda each: each.draft.at)]
        if some:
            id_ = self._organisation_id
            self.born += self._installation.database.write(lambda tx: put_past(tx, id_, some), id_)
