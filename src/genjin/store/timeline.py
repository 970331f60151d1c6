"""Timelines: which activities belong to a record, in order, and any page of them at one cost.

`timeline` is an index in reading order. `timelines` counts its entries. A page of a long one is found by its blocks
(see timeline_blocks.py), from the nearer end, and then by skipping at most a block's worth of entries, so that its cost
does not grow with its number.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import bindparam, text

from genjin.domain.activity import Facts
from genjin.domain.latest import BY_KIND, NEVER, Latest, latest_of, moved_by
from genjin.domain.records import RecordType, Ref
from genjin.domain.timeline import Page
from genjin.store import timeline_blocks as blocks
from genjin.store.tables import LOUD, timeline
from genjin.store.timeline_blocks import OF, THIS, subject_key
from genjin.store.transaction import MOST_IDS, Tx, batched

NEVER_AT = blocks.OLDEST[0]
"""Before all that happens."""
FEW = 32
"""Up to so many new entries the blocks are kept by steps; above, they are laid anew."""


class Place(NamedTuple):
    """One entry's place in one timeline."""

    subject: Ref
    at: int
    activity_id: int
    via: int
    kind: int


def add(tx: Tx, organisation_id: int, places: Sequence[Place]) -> None:
    """Put entries in; none of them may be there yet."""
    if not places:
        return
    by_subject: dict[Ref, list[Place]] = {}
    for place in places:
        by_subject.setdefault(place[0], []).append(place)
    more = {subject: (len(own), _latest(own)) for subject, own in sorted(by_subject.items())}
    long_ones = _count_many(tx, organisation_id, more)
    stepwise = {subject for subject in long_ones if len(by_subject[subject]) <= FEW}
    _put(tx, organisation_id, [place for place in places if place[0] not in stepwise] if stepwise else places)
    for subject in long_ones:
        own = by_subject[subject]
        if subject in stepwise:
            _add_one_by_one(tx, organisation_id, subject, own)
        else:
            blocks.lay(tx, organisation_id, subject, min((place.at, place.activity_id) for place in own))


def remove(tx: Tx, organisation_id: int, place: Place) -> None:
    """Take one entry out; nothing happens when it is not there."""
    key = subject_key(organisation_id, place.subject) | {"at": place.at, "activity_id": place.activity_id}
    gone = tx.execute(text(f"DELETE FROM timeline WHERE {OF} AND at = :at AND activity_id = :activity_id"), key)
    if gone.rowcount == 0:
        return
    total = _count(tx, organisation_id, place.subject, -1)
    if total <= blocks.WHOLE:
        blocks.drop(tx, organisation_id, place.subject)
    else:
        blocks.shrink(tx, organisation_id, place.subject, (place.at, place.activity_id))
    for name in moved_by(place.kind):
        tx.execute(_LOOK_BACK[name], key)


def roll_up(tx: Tx, organisation_id: int, source: Ref, subject: Ref) -> int:
    """Let everything of one timeline show in another's too, once each; how many entries came in."""
    copied = tx.execute(
        text(
            "INSERT INTO timeline (organisation_id, subject_type, subject_id, at, activity_id, via)"
            " SELECT organisation_id, CAST(:to_type AS smallint), CAST(:to_id AS integer), at, activity_id, via"
            f" FROM timeline WHERE {OF} ON CONFLICT DO NOTHING"
        ),
        subject_key(organisation_id, source) | {"to_type": int(subject.type), "to_id": subject.id},
    ).rowcount
    if copied:
        if _count(tx, organisation_id, subject, copied) > blocks.WHOLE:
            blocks.lay(tx, organisation_id, subject)
        _find_latest(tx, organisation_id, subject)
    return copied


def rebuild(tx: Tx, organisation_id: int, subject: Ref, sources: Sequence[Ref]) -> None:
    """Let a timeline hold the own entries of these records, and no others. What happened to a record lies in its own
    timeline at least, so the record itself is one of its sources.
    """
    _count(tx, organisation_id, subject, 0)  # locks the timeline's row, so that nothing comes in between
    key = subject_key(organisation_id, subject)
    here = {Ref(RecordType(type_), id_) for type_, id_ in tx.execute(_TARGETS, key)}
    for gone in sorted(here - set(sources)):
        tx.execute(_TAKE_OUT, key | {"of_type": int(gone.type), "of_id": gone.id})
    for source in sources:
        if source != subject:
            tx.execute(_BRING_IN, key | {"of_type": int(source.type), "of_id": source.id})
    mend(tx, organisation_id, subject)


def roll_back(tx: Tx, organisation_id: int, source: Ref, subject: Ref) -> int:
    """Let what happened to one record no longer show in another's timeline; how many entries went."""
    gone = tx.execute(
        text(
            f"DELETE FROM timeline WHERE {OF} AND via = :via AND (at, activity_id) IN"
            " (SELECT s.at, s.activity_id FROM timeline s WHERE s.organisation_id = :organisation_id"
            " AND s.subject_type = :via AND s.subject_id = :source_id AND s.via = :via)"
        ),
        subject_key(organisation_id, subject) | {"via": int(source.type), "source_id": source.id},
    ).rowcount
    if gone:
        if _count(tx, organisation_id, subject, -gone) > blocks.WHOLE:
            blocks.lay(tx, organisation_id, subject)
        else:
            blocks.drop(tx, organisation_id, subject)
        _find_latest(tx, organisation_id, subject)
    return gone


def length(tx: Tx, organisation_id: int, subject: Ref) -> tuple[int, int]:
    """How many entries a timeline has, and its version, which is another one after every change of an entry."""
    counted = tx.rows(_LENGTH, (organisation_id, int(subject.type), subject.id))
    return (counted[0][0], counted[0][1]) if counted else (0, 0)


def ids(tx: Tx, organisation_id: int, subject: Ref) -> list[int]:
    """The ids of all entries of a timeline."""
    return [row[0] for row in tx.execute(_IDS, subject_key(organisation_id, subject))]


def touch(tx: Tx, organisation_id: int, subjects: Iterable[Ref]) -> None:
    """Tell that something in these timelines is not what it was."""
    touched = text(f"UPDATE timelines SET version = version + 1 WHERE {OF}")
    tx.execute(touched, [subject_key(organisation_id, subject) for subject in sorted(set(subjects))])


def page(tx: Tx, organisation_id: int, subject: Ref, wanted: Page, total: int | None = None) -> tuple[list[Facts], int]:
    """The entries of one page, newest first, and the number of all; on the hot path.

    `total` is the timeline's length, where the caller has asked for it already.
    The cost depends on the page's size, not on its number nor on the timeline's length.
    """
    key = (organisation_id, int(subject.type), subject.id)
    if total is None:
        total = length(tx, organisation_id, subject)[0]
    offset, size = wanted.offset, wanted.size
    if offset >= total:
        return [], total
    if offset <= blocks.BLOCK or total <= blocks.WHOLE:
        rows = tx.rows(_NEWEST, (*key, size, offset, organisation_id))
    elif offset <= total // 2:
        found, index, before = blocks.reach(tx, blocks.NEWEST_FIRST, key, offset)
        at, activity_id = found[index - 1][:2] if index else blocks.NEWEST
        rows = tx.rows(_BELOW, (*key, at, activity_id, size, offset - before, organisation_id))
    else:
        size = min(size, total - offset)
        offset = total - offset - size
        found, index, before = blocks.reach(tx, blocks.OLDEST_FIRST, key, offset)
        at, activity_id = found[index][:2] if index < len(found) else blocks.OLDEST
        rows = tx.rows(_FROM, (*key, at, activity_id, size, offset - before, organisation_id))
    rows.sort(key=_order, reverse=True)
    return [Facts._make(row) for row in rows], total


def mend(tx: Tx, organisation_id: int, subject: Ref) -> None:
    """Make a timeline's total, blocks and latest times what its entries say."""
    _count(tx, organisation_id, subject, 0)  # locks the timeline's row, so that nothing comes in between
    key = subject_key(organisation_id, subject)
    total = int(tx.execute(text(f"SELECT COUNT(*) FROM timeline WHERE {OF}"), key).scalar_one())
    tx.execute(text(f"UPDATE timelines SET total = :total WHERE {OF}"), key | {"total": total})
    _find_latest(tx, organisation_id, subject)
    if total > blocks.WHOLE:
        blocks.lay(tx, organisation_id, subject)
    else:
        blocks.drop(tx, organisation_id, subject)


def own_entries(tx: Tx, organisation_id: int, ref: Ref, after: tuple[int, int], limit: int) -> list[Facts]:
    """What happened on a record itself, oldest first, behind an entry's (at, id)."""
    key = (organisation_id, int(ref.type), ref.id)
    rows = tx.rows(_OWN_AFTER, (*key, *after, organisation_id, *key[1:], limit))
    return [Facts._make(row) for row in rows]


def latest_many(
    tx: Tx, organisation_id: int, first: tuple[int, int], last: tuple[int, int]
) -> dict[tuple[int, int], Latest]:
    """When something happened last by the entries themselves, of the timelines between these two types and ids, both
    included, that have some.
    """
    bounds = {"first_type": first[0], "first_id": first[1], "last_type": last[0], "last_id": last[1]}
    rows = tx.execute(_LATEST_BETWEEN, {"organisation_id": organisation_id} | bounds)
    return {(row[0], row[1]): Latest(*row[2:]) for row in rows}


def _latest(places: Iterable[Place]) -> Latest:
    by_kind = dict[int, int]()
    for _, at, _, _, kind in places:
        if at > by_kind.get(kind, NEVER_AT):
            by_kind[kind] = at
    return latest_of(by_kind)


def _find_latest(tx: Tx, organisation_id: int, subject: Ref) -> None:
    """Look up when something happened last in a timeline whose row is held."""
    tx.execute(_FIND_LATEST, subject_key(organisation_id, subject))


def _count(tx: Tx, organisation_id: int, subject: Ref, more: int, latest: Latest = NEVER) -> int:
    """Count entries in or out; the new total. Holds the timeline's row until the transaction ends."""
    key = subject_key(organisation_id, subject) | {"more": more} | latest._asdict()
    return int(tx.execute(_COUNT, key).scalar_one())


def _count_many(tx: Tx, organisation_id: int, more: Mapping[Ref, tuple[int, Latest]]) -> list[Ref]:
    """Count entries into several timelines, the latest of which happened then; those that are longer than WHOLE now."""
    if len(more) == 1:
        [(subject, (count, latest))] = more.items()
        return [subject] if _count(tx, organisation_id, subject, count, latest) > blocks.WHOLE else []
    told = [(organisation_id, int(type_), id_, count, *latest) for (type_, id_), (count, latest) in more.items()]
    tx.each(_COUNT_EACH, told)
    longer = text(
        "SELECT subject_type, subject_id FROM timelines"
        " WHERE organisation_id = :organisation_id AND total > :whole AND subject_type IN :types AND subject_id IN :ids"
    ).bindparams(bindparam("types", expanding=True), bindparam("ids", expanding=True))
    found: list[Ref] = []
    types = sorted({int(subject.type) for subject in more})
    for some in batched(sorted({subject.id for subject in more}), MOST_IDS):
        asked = {"organisation_id": organisation_id, "whole": blocks.WHOLE, "types": types, "ids": some}
        rows = tx.execute(longer, asked)
        found += [Ref(RecordType(subject_type), subject_id) for subject_type, subject_id in rows]
    return [subject for subject in found if subject in more]


def _add_one_by_one(tx: Tx, organisation_id: int, subject: Ref, own: Sequence[Place]) -> None:
    """Put a few entries into a long timeline. Each is counted before the next one comes: a block is split by what
    lies in it, so an entry that lay there uncounted would be counted twice or on the wrong side.
    """
    for place in own:
        _put(tx, organisation_id, [place])
        if not blocks.grow(tx, organisation_id, subject, (place.at, place.activity_id)):
            blocks.lay(tx, organisation_id, subject)


def _put(tx: Tx, organisation_id: int, places: Iterable[Place]) -> None:
    rows = [
        (organisation_id, int(subject[0]), subject[1], at, activity_id, via)
        for subject, at, activity_id, via, _ in places
    ]
    rows.sort()  # the order of the index, whose pages are then written once
    tx.insert(timeline, ("organisation_id", "subject_type", "subject_id", "at", "activity_id", "via"), rows)


_TARGETS = text(
    "SELECT DISTINCT a.target_type, a.target_id FROM timeline t JOIN activities a"
    " ON a.organisation_id = t.organisation_id AND a.id = t.activity_id WHERE t.organisation_id = :organisation_id"
    " AND t.subject_type = :subject_type AND t.subject_id = :subject_id"
)
_OWN = (
    " FROM timeline t JOIN activities a ON a.organisation_id = t.organisation_id AND a.id = t.activity_id"
    " WHERE t.organisation_id = :organisation_id AND t.subject_type = :of_type AND t.subject_id = :of_id"
    " AND a.target_type = :of_type AND a.target_id = :of_id"
)
_TAKE_OUT = text(f"DELETE FROM timeline WHERE {OF} AND (at, activity_id) IN (SELECT t.at, t.activity_id{_OWN})")
_BRING_IN = text(
    "INSERT INTO timeline (organisation_id, subject_type, subject_id, at, activity_id, via)"
    " SELECT t.organisation_id, CAST(:subject_type AS smallint), CAST(:subject_id AS integer), t.at, t.activity_id,"
    f" t.via{_OWN} ON CONFLICT DO NOTHING"
)
_RAISED = ", ".join(
    f"{name} = CASE WHEN excluded.{name} > COALESCE(timelines.{name}, {NEVER_AT}) THEN excluded.{name}"
    f" ELSE timelines.{name} END"
    for name in Latest._fields
)
_COUNTING = (
    f"INSERT INTO timelines (organisation_id, subject_type, subject_id, total, {', '.join(Latest._fields)}, version)"
    " VALUES ({}, 1) ON CONFLICT (organisation_id, subject_type, subject_id)"
    f" DO UPDATE SET total = timelines.total + excluded.total, version = timelines.version + 1, {_RAISED}"
)
_TOLD = ", ".join(f":{name}" for name in ("organisation_id", "subject_type", "subject_id", "more", *Latest._fields))
_COUNT = text(_COUNTING.format(_TOLD) + " RETURNING total")
_COUNT_EACH = _COUNTING.format(", ".join("?" * (4 + len(Latest._fields))))


def _loud(name: str) -> str:
    return f"a.kind = {BY_KIND[name]}" if name in BY_KIND else LOUD.replace("kind", "a.kind")


LATEST_FOUND = {
    name: (
        "(SELECT t.at FROM timeline t JOIN activities a ON a.organisation_id = t.organisation_id"
        " AND a.id = t.activity_id WHERE t.organisation_id = :organisation_id AND t.subject_type = :subject_type"
        f" AND t.subject_id = :subject_id AND {_loud(name)} ORDER BY t.at DESC, t.activity_id DESC LIMIT 1)"
    )
    for name in Latest._fields
}
"""What the entries of a timeline say of each of its latest times: they are gone through from the newest on."""
LATEST_COUNTED = ", ".join(f"MAX(CASE WHEN {_loud(name)} THEN t.at END) AS {name}" for name in Latest._fields)
"""The same of many timelines, in a query of `timeline t` and `activities a`."""
_LOOK_BACK = {
    name: text(f"UPDATE timelines SET {name} = {found} WHERE {OF} AND {name} = :at")
    for name, found in LATEST_FOUND.items()
}
_FIND_LATEST = text(
    f"UPDATE timelines SET {', '.join(f'{name} = {found}' for name, found in LATEST_FOUND.items())} WHERE {OF}"
)
_LATEST_BETWEEN = text(
    f"SELECT t.subject_type, t.subject_id, {LATEST_COUNTED} FROM timeline t JOIN activities a"
    " ON a.organisation_id = t.organisation_id AND a.id = t.activity_id WHERE t.organisation_id = :organisation_id"
    " AND (t.subject_type, t.subject_id) >= (:first_type, :first_id)"
    " AND (t.subject_type, t.subject_id) <= (:last_type, :last_id) GROUP BY t.subject_type, t.subject_id"
)

# The hand-written queries of the hot path. The page is cut from the index before the activities are looked up, so
# that skipping costs an index step and not a look-up; the few rows are put in order by `page`.
_IDS = text(f"SELECT activity_id FROM timeline WHERE {OF}")
_LENGTH = f"SELECT total, version FROM timelines WHERE {THIS}"


def _page_query(bound: str, order: str) -> str:
    return (
        f"SELECT {', '.join('a.' + name for name in Facts._fields)}"
        f" FROM (SELECT activity_id FROM timeline WHERE {THIS}{bound} ORDER BY {order} LIMIT ? OFFSET ?) AS t"
        " JOIN activities a ON a.organisation_id = ? AND a.id = t.activity_id"
    )


_NEWEST = _page_query("", "at DESC, activity_id DESC")
_BELOW = _page_query(" AND (at, activity_id) < (?, ?)", "at DESC, activity_id DESC")
_FROM = _page_query(" AND (at, activity_id) >= (?, ?)", "at, activity_id")
_OWN_AFTER = (
    f"SELECT {', '.join('a.' + name for name in Facts._fields)} FROM timeline t"
    " JOIN activities a ON a.organisation_id = t.organisation_id AND a.id = t.activity_id"
    " WHERE t.organisation_id = ? AND t.subject_type = ? AND t.subject_id = ? AND (t.at, t.activity_id) > (?, ?)"
    " AND a.organisation_id = ? AND a.target_type = ? AND a.target_id = ? ORDER BY t.at, t.activity_id LIMIT ?"
)
_order = itemgetter(Facts._fields.index("at"), Facts._fields.index("id"))
