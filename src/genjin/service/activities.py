"""Where activities are born: `record`, and nowhere else. Also how one is edited and taken back."""

from collections.abc import Iterable, Sequence

from genjin.domain.activity import Draft, Facts
from genjin.domain.records import Ref
from genjin.store import activities, ids, lineage, timeline
from genjin.store.timeline import Place
from genjin.store.transaction import Tx


def record(tx: Tx, organisation_id: int, draft: Draft) -> Facts:
    """Record one activity: its facts, and its place in every timeline that it belongs to."""
    return record_many(tx, organisation_id, [draft])[0]


def record_many(tx: Tx, organisation_id: int, drafts: Sequence[Draft], from_capture: bool = False) -> list[Facts]:
    """Record many at once, in the order given; those without an id get one, ascending in that order."""
    fresh = iter(ids.allocate(tx, sum(draft.id is None for draft in drafts)))
    born = [activities.facts_of(draft, next(fresh) if draft.id is None else draft.id) for draft in drafts]
    activities.add(tx, organisation_id, born, from_capture)
    timeline.add(tx, organisation_id, _places(tx, organisation_id, born, [draft.target for draft in drafts]))
    return born


def edit(tx: Tx, organisation_id: int, before: Facts, values: dict[str, object], at: int, by: int) -> Facts:
    """Change what an activity says; what it said before is kept as a version."""
    activities.keep_version(tx, organisation_id, before, at, by)
    amend(tx, organisation_id, before, values | {"edited_at": at})
    return before._replace(**values, edited_at=at)  # type: ignore[arg-type]


def amend(tx: Tx, organisation_id: int, before: Facts, values: dict[str, object]) -> None:
    """Add to an activity what was not known yet, such as a recording; no version is kept."""
    activities.change(tx, organisation_id, before.id, values)
    timeline.touch(tx, organisation_id, [place.subject for place in places_of(tx, organisation_id, [before])])


def take_back(tx: Tx, organisation_id: int, facts: Facts, at: int) -> None:
    """Take an activity out of every timeline; its row stays, marked as deleted."""
    activities.change(tx, organisation_id, facts.id, {"deleted_at": at})
    for place in places_of(tx, organisation_id, [facts]):
        timeline.remove(tx, organisation_id, place)


def places_of(tx: Tx, organisation_id: int, some: Iterable[Facts]) -> list[Place]:
    """Every place that these activities have in timelines: their target's, and what it rolls up to (decision 7)."""
    facts = list(some)
    return _places(tx, organisation_id, facts, [entry.target for entry in facts])


def _places(tx: Tx, organisation_id: int, facts: Sequence[Facts], targets: Sequence[Ref]) -> list[Place]:
    shown_in = lineage.timelines_of(tx, organisation_id, sorted(set(targets)))
    return [
        Place(subject, entry.at, entry.id, entry.target_type)
        for entry, target in zip(facts, targets, strict=True)
        for subject in shown_in[target]
    ]
