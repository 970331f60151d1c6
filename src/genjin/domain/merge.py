"""A merging of duplicates: which record took whose place, and what has to be put back when it is undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genjin.domain.records import Ref

MOST_MERGED = 20
"""Records that are merged into one at once."""


@dataclass(frozen=True, slots=True)
class Merge:
    """One record was merged into another. `moved` are the records that pointed at the merged one, by the column by
    which they did, and point at the kept one since.
    """

    id: int
    kept: Ref
    merged_id: int
    merged_at: int
    merged_by: int
    moved: Mapping[str, Sequence[Ref]]
    undone_at: int | None = None

    @property
    def merged(self) -> Ref:
        return Ref(self.kept.type, self.merged_id)
