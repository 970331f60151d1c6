"""Where activities are born: `record`, and nowhere else. Also how one is edited and taken back.

Each of that is a line of the log of changes, in the same transaction.
"""

from collections.abc import Iterable, Mapping, Sequence

from genjin.domain.activity import Draft, Facts
from genjin.domain.change_log import LogLine, LogOp
from genjin.domain.records import Ref
from genjin.service.notices import tell_of_entries
from genjin.service.reminders import keep_of_entries, set_by_entry
from genjin.store import activities, audiences, changes, ids, lineage, timeline
from genjin.store.timeline import Place
from genjin.store.transaction import Tx

MANY = 1_000
"""So many activities that are recorded at once are one line of the log."""
_SPARSE = 4
"""Unless there are more than so many ids for each of them."""


def record(tx: Tx, organisation_id: int, draft: Draft) -> Facts:
    """Record one activity: its facts, and its place in every timeline that it belongs to."""
    return record_many(tx, organisation_id, [draft])[0]


def record_many(
    tx: Tx, organisation_id: int, drafts: Sequence[Draft], from_capture: bool = False, as_history: bool = False
) -> list[Facts]:
    """Record many at once, in the order given; those without an id get one, ascending in that order. People are told of
    them and reminded, but not of what was captured or happened long ago (`as_history`).
    """
    fresh = iter(ids.allocate(tx, sum(draft.id is None for draft in drafts)))
    born = [activities.facts_of(draft, next(fresh) if draft.id is None else draft.id) for draft in drafts]
    shown_in = record_facts(tx, organisation_id, born, from_capture)
    if not (from_capture or as_history):
        tell_of_entries(tx, organisation_id, born, drafts, shown_in)
        keep_of_entries(tx, organisation_id, born, drafts)
    return born


def record_facts(
    tx: Tx, organisation_id: int, born: Sequence[Facts], from_capture: bool = False
) -> Mapping[Ref, Sequence[Ref]]:
    """Record facts that are whole already, as they are in an export of everything, and tell nobody. Returns the
    timelines that each of their targets shows in.
    """
    activities.add(tx, organisation_id, born, from_capture)
    targets = [facts.target for facts in born]
    shown_in = lineage.timelines_of(tx, organisation_id, sorted(set(targets)))
    timeline.add(tx, organisation_id, _places(born, targets, shown_in))
    changes.add(tx, organisation_id, _births(born))
    return shown_in


def edit(tx: Tx, organisation_id: int, before: Facts, values: dict[str, object], at: int, by: int) -> Facts:
    """Change what an activity says; what it said before is kept as a version."""
    activities.keep_version(tx, organisation_id, before, at, by)
    amend(tx, organisation_id, before, values | {"edited_at": at})
    if "remind_at" in values:
        set_by_entry(tx, organisation_id, before, values["remind_at"], at)  # type: ignore[arg-type]
    return before._replace(**values, edited_at=at)  # type: ignore[arg-type]


def amend(tx: Tx, organisation_id: int, before: Facts, values: dict[str, object]) -> None:
    """Add to an activity what was not known yet, such as a recording; no version is kept."""
    activities.change(tx, organisation_id, before.id, values)
    touch(tx, organisation_id, before)


def move(tx: Tx, organisation_id: int, before: Facts, after: Facts) -> None:
    """Amend an activity that lies elsewhere now: at another time, on another record, or as of another kind."""
    was_seen = audiences.find(tx, organisation_id, [before.target])
    for place in places_of(tx, organisation_id, [before]):
        timeline.remove(tx, organisation_id, place)
    values = {name: value for name, value in after._asdict().items() if name != "id"}
    activities.change(tx, organisation_id, before.id, values)
    timeline.add(tx, organisation_id, places_of(tx, organisation_id, [after]))
    changes.add(
        tx, organisation_id, [LogLine(LogOp.EDITED, before.id, before=was_seen.get(before.target), before_at=before.at)]
    )


def touch(tx: Tx, organisation_id: int, facts: Facts) -> None:
    """What is shown of an activity, or of its comments, is not what it was."""
    timeline.touch(tx, organisation_id, [place.subject for place in places_of(tx, organisation_id, [facts])])
    changes.add(tx, organisation_id, [LogLine(LogOp.EDITED, facts.id)])


def take_back(tx: Tx, organisation_id: int, facts: Facts, at: int) -> None:
    """Take an activity out of every timeline; its row stays, marked as deleted."""
    activities.change(tx, organisation_id, facts.id, {"deleted_at": at})
    for place in places_of(tx, organisation_id, [facts]):
        timeline.remove(tx, organisation_id, place)
    changes.add(tx, organisation_id, [LogLine(LogOp.REMOVED, facts.id)])
    if facts.remind_at is not None:
        set_by_entry(tx, organisation_id, facts, None, at)


def bring_back(tx: Tx, organisation_id: int, facts: Facts) -> None:
    """Put an activity that was taken back into its timelines again."""
    activities.change(tx, organisation_id, facts.id, {"deleted_at": None})
    timeline.add(tx, organisation_id, places_of(tx, organisation_id, [facts]))
    changes.add(tx, organisation_id, [LogLine(LogOp.CREATED, facts.id)])


def places_of(tx: Tx, organisation_id: int, some: Iterable[Facts]) -> list[Place]:
    """Every place that these activities have in timelines: their target's, and what it rolls up to (decision 7)."""
    facts = list(some)
    targets = [entry.target for entry in facts]
    return _places(facts, targets, lineage.timelines_of(tx, organisation_id, sorted(set(targets))))


def _places(facts: Sequence[Facts], targets: Sequence[Ref], shown_in: Mapping[Ref, Sequence[Ref]]) -> list[Place]:
    return [
        Place(subject, entry.at, entry.id, entry.target_type, entry.kind)
        for entry, target in zip(facts, targets, strict=True)
        for subject in shown_in[target]
    ]


def _births(born: Sequence[Facts]) -> list[LogLine]:
    """A line for each, or one for many that lie close together. What else lies there is told of once more."""
    if len(born) < MANY:
        return [LogLine(LogOp.CREATED, facts.id) for facts in born]
    ids_ = [facts.id for facts in born]
    first, last = min(ids_), max(ids_)
    if last - first < _SPARSE * len(born):
        return [LogLine(LogOp.RANGE, first, last_id=last)]
    return [LogLine(LogOp.CREATED, id_) for id_ in ids_]
