"""What became of rows, and what a dry run keeps in mind of rows that were not written."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from genjin.domain.duplicates import Traits
from genjin.domain.table_import import Counts, Rejected


@dataclass(slots=True)
class Outcome:
    """What became of some rows."""

    counts: Counts = field(default_factory=Counts)
    rejected: list[Rejected] = field(default_factory=list)

    def count(self, what: str, rows: int = 1) -> None:
        """So many more were `created`, `updated` or `skipped`."""
        self.counts = self.counts._replace(**{what: getattr(self.counts, what) + rows})

    def reject(self, row: int, reason: str) -> None:
        """One more cannot be taken."""
        self.counts = self.counts._replace(rejected=self.counts.rejected + 1)
        self.rejected.append(Rejected(row, reason))

    def add(self, other: "Outcome") -> None:
        """What became of more of them."""
        self.counts += other.counts
        self.rejected += other.rejected


class Earlier:
    """By what rows are known that came before in the file; in a dry run those of all batches."""

    def __init__(self) -> None:
        self._known = set[int]()

    def has(self, traits: Traits, external_id: str) -> bool:
        """Whether one of them is alike."""
        return any(each in self._known for each in _marks(traits, external_id))

    def see(self, traits: Traits, external_id: str) -> None:
        """One of them is this."""
        self._known.update(_marks(traits, external_id))

    def has_id(self, external_id: str) -> bool:
        """Whether one of them has this id."""
        return hash(("id", external_id)) in self._known

    def see_ids(self, external_ids: Iterable[str]) -> None:
        """Some have these."""
        self._known.update(hash(("id", each)) for each in external_ids)


def _marks(traits: Traits, external_id: str) -> Collection[int]:
    """Hashes, which take a fraction of the room."""
    marks = [hash(("number", each)) for each in traits.numbers]
    if traits.name:
        marks.append(hash(("name", traits.name)))
    if external_id:
        marks.append(hash(("id", external_id)))
    return marks
