"""Lays timelines anew when it changes whose history shows in whose: after merging, and what is undone."""

from collections.abc import Iterable, Sequence

from genjin.domain.records import Ref
from genjin.store import lineage, timeline
from genjin.store.transaction import Tx


def hold(tx: Tx, organisation_id: int, subjects: Sequence[Ref]) -> None:
    """Lock these records and all whose history shows in theirs, until the transaction ends."""
    held: set[Ref] = set()
    while more := {ref for each in subjects for ref in lineage.sources_of(tx, organisation_id, each)} - held:
        lineage.lock(tx, organisation_id, sorted(more))
        held |= more


def above(tx: Tx, organisation_id: int, refs: Iterable[Ref]) -> set[Ref]:
    """The timelines that these records' entries show in besides their own."""
    shown_in = lineage.timelines_of(tx, organisation_id, refs)
    return {subject for ref, subjects in shown_in.items() for subject in subjects if subject != ref}


def settle(tx: Tx, organisation_id: int, subjects: Iterable[Ref]) -> None:
    """Let each of these timelines hold what it should."""
    for subject in sorted(set(subjects)):
        timeline.rebuild(tx, organisation_id, subject, lineage.sources_of(tx, organisation_id, subject))
