"""Activities as facts: one narrow row each. How they are put in order is timeline.py's."""

from collections.abc import Iterable, Sequence
from dataclasses import fields

import orjson
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, bindparam, func, select, true, update

from genjin.domain.activity import Draft, Facts, Wording
from genjin.domain.attachment import NOTHING_ATTACHED, Attached
from genjin.domain.call import Recording
from genjin.domain.kinds import KINDS, CustomDetails, Details, Kind
from genjin.domain.records import RecordType, Ref
from genjin.store import search_texts
from genjin.store.search_index import SearchText
from genjin.store.tables import activities, activity_versions
from genjin.store.transaction import Tx

FACT_COLUMNS = Facts._fields
_FOUND_BY = frozenset({"text", "rare", "at", "deleted_at"})
_REFS, _ATTACHED = b'"refs":', b'"attached":'
_readers: dict[type[Details], TypeAdapter[Details]] = {
    details: TypeAdapter(details) for details in {CustomDetails, *(kind.details for kind in KINDS.values())}
}

_fields: dict[type[Details], list[tuple[str, bool]]] = {
    details: [(field.name, field.default is None) for field in fields(details)] for details in _readers
}
"""The names of what details may have, each with whether it is None where it is not set."""


def facts_of(draft: Draft, activity_id: int) -> Facts:
    """The row of a draft: texts and details become ready JSON."""
    target_type, target_id = draft.target
    return Facts(  # in their order: a million of them are made
        activity_id,
        draft.kind.code,
        draft.actor_id,
        int(target_type),
        target_id,
        draft.object_id,
        draft.at,
        draft.said_at,
        draft.recorded_at,
        draft.edited_at,
        draft.remind_at,
        draft.category_id,
        pack_text(draft.text),
        None if draft.details is None else pack_details(draft.details),
    )


def pack_text(text: str) -> bytes | None:
    """`在忙` -> `"在忙"`; None for an empty text."""
    return orjson.dumps(text) if text else None


def unpack_text(text: bytes | None) -> str:
    """The text of what `pack_text` made."""
    return str(orjson.loads(text)) if text else ""


def pack_details(details: Details | None) -> bytes | None:
    """A details dataclass as a JSON object of what is set, a zero in the place of None too; None when nothing is."""
    if details is None:
        return None
    packed = {
        name: value
        for name, or_none in _fields[type(details)]
        if (value := getattr(details, name)) or (or_none and value == 0)
    }
    return orjson.dumps(packed, default=_array) if packed else None


def _array(value: tuple[object, ...]) -> tuple[object, ...]:
    """What orjson does not know: named tuples. An address is not stored twice."""
    if isinstance(value, Recording) and value.mp3_url == value.url:
        value = value._replace(mp3_url=None)
    return tuple(value)


def unpack_details(kind: Kind, rare: bytes | None) -> Details:
    """The details dataclass of what `pack_details` made."""
    return _readers[kind.details].validate_json(rare or b"{}")


def packed_anew(facts: Facts) -> bytes | None:
    """The details of an activity as `pack_details` makes them now; what it made earlier may differ."""
    kind = KINDS.get(facts.kind)  # those of an organisation's own are packed in one way
    return facts.rare if kind is None else pack_details(unpack_details(kind, facts.rare))


def refs_of(facts: Facts) -> list[Ref]:
    """The other records that an activity speaks of: what a lead became, what was merged, a follow-up's contacts."""
    if facts.rare is None or _REFS not in facts.rare:
        return []
    return [Ref(RecordType(type_), id_) for type_, id_ in orjson.loads(facts.rare).get("refs", ())]


def attached_to(facts: Facts) -> Attached:
    """The files that an activity shows."""
    if facts.rare is None or _ATTACHED not in facts.rare:
        return NOTHING_ATTACHED
    return Attached(*map(tuple, orjson.loads(facts.rare).get("attached") or ()))


def add(tx: Tx, organisation_id: int, some: Iterable[Facts], from_capture: bool = False) -> None:
    """Insert activities whose ids are not there yet, and what they are found by."""
    born = list(some)
    columns = ("organisation_id", "from_capture", *FACT_COLUMNS)
    tx.insert(activities, columns, [(organisation_id, from_capture, *facts) for facts in born])
    search_texts.add_born(tx, organisation_id, born)


def add_removed(tx: Tx, organisation_id: int, some: Iterable[tuple[Facts, int]], from_capture: bool = False) -> None:
    """Insert activities that were taken back at an instant; they are found by nothing but their ids."""
    columns = ("organisation_id", "from_capture", "deleted_at", *FACT_COLUMNS)
    tx.insert(activities, columns, [(organisation_id, from_capture, at, *facts) for facts, at in some])


def find(tx: Tx, organisation_id: int, activity_id: int) -> Facts | None:
    """One activity that is not deleted."""
    found = find_many(tx, organisation_id, [activity_id])
    return found.get(activity_id)


def find_many(tx: Tx, organisation_id: int, ids: Sequence[int]) -> dict[int, Facts]:
    """Activities by their ids, without deleted ones."""
    statement = select(*(activities.c[name] for name in FACT_COLUMNS)).where(
        activities.c.organisation_id == organisation_id,
        activities.c.id.in_(bindparam("ids", expanding=True)),
        activities.c.deleted_at.is_(None),
    )
    return {row[0]: Facts._make(row) for row in tx.execute(statement, {"ids": list(ids)})}


def between(tx: Tx, organisation_id: int, after_id: int, last_id: int | None, limit: int) -> list[Facts]:
    """The activities with ids above one and up to another, or with none up to the last, by id; without deleted ones."""
    statement = (
        select(*(activities.c[name] for name in FACT_COLUMNS))
        .where(
            activities.c.organisation_id == organisation_id,
            activities.c.id > after_id,
            activities.c.deleted_at.is_(None),
        )
        .order_by(activities.c.id)
        .limit(limit)
    )
    if last_id is not None:
        statement = statement.where(activities.c.id <= last_id)
    return [Facts._make(row) for row in tx.execute(statement)]


def targets_of(tx: Tx, organisation_id: int, ids: Sequence[int]) -> dict[int, Ref]:
    """The records on which activities happened, deleted activities included."""
    if not ids:
        return {}
    statement = select(activities.c.id, activities.c.target_type, activities.c.target_id).where(
        activities.c.organisation_id == organisation_id, activities.c.id.in_(bindparam("ids", expanding=True))
    )
    return {row[0]: Ref(RecordType(row[1]), row[2]) for row in tx.execute(statement, {"ids": list(ids)})}


def born_here(tx: Tx, organisation_id: int, ids: Sequence[int]) -> set[int]:
    """Which of these ids are activities that were not captured elsewhere."""
    return _born(tx, organisation_id, ids, from_capture=False)


def captured(tx: Tx, organisation_id: int, ids: Sequence[int]) -> set[int]:
    """Which of these ids are activities that were captured elsewhere."""
    return _born(tx, organisation_id, ids, from_capture=True)


def _born(tx: Tx, organisation_id: int, ids: Sequence[int], from_capture: bool) -> set[int]:
    statement = select(activities.c.id).where(
        activities.c.organisation_id == organisation_id,
        activities.c.id.in_(bindparam("ids", expanding=True)),
        activities.c.from_capture.is_(from_capture),
    )
    return {row[0] for row in tx.execute(statement, {"ids": list(ids)})}


def deleted(tx: Tx, organisation_id: int, ids: Sequence[int]) -> set[int]:
    """Which of these ids are activities that were taken back."""
    statement = select(activities.c.id).where(
        activities.c.organisation_id == organisation_id,
        activities.c.id.in_(bindparam("ids", expanding=True)),
        activities.c.deleted_at.is_not(None),
    )
    return {row[0] for row in tx.execute(statement, {"ids": list(ids)})}


def find_with_removed(tx: Tx, organisation_id: int, ids: Sequence[int]) -> list[Facts]:
    """Activities by their ids, also those that were taken back."""
    statement = select(*(activities.c[name] for name in FACT_COLUMNS)).where(
        activities.c.organisation_id == organisation_id, activities.c.id.in_(bindparam("ids", expanding=True))
    )
    return [Facts._make(row) for row in tx.execute(statement, {"ids": list(ids)})] if ids else []


def find_removed(tx: Tx, organisation_id: int, activity_id: int) -> tuple[Facts, int] | None:
    """An activity that was taken back, and when; None for one that is there still, and for none."""
    statement = select(*(activities.c[name] for name in FACT_COLUMNS), activities.c.deleted_at).where(
        activities.c.organisation_id == organisation_id,
        activities.c.id == activity_id,
        activities.c.deleted_at.is_not(None),
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else (Facts._make(row[:-1]), row[-1])


def versions(tx: Tx, organisation_id: int, activity_id: int) -> list[Wording]:
    """What an activity said before each of its edits, the first wording first."""
    statement = (
        select(*(activity_versions.c[name] for name in Wording._fields))
        .where(activity_versions.c.organisation_id == organisation_id, activity_versions.c.activity_id == activity_id)
        .order_by(activity_versions.c.version)
    )
    return [Wording._make(row) for row in tx.execute(statement)]


def wordings(tx: Tx, organisation_id: int, some: Iterable[Facts], as_of: int | None = None) -> dict[int, int]:
    """How many wordings each of these activities has had, by then, that of then included; one query, or none."""
    edited = [facts.id for facts in some if facts.edited_at is not None]
    if not edited:
        return {}
    counted = (
        select(activity_versions.c.activity_id, func.max(activity_versions.c.version))
        .where(
            activity_versions.c.organisation_id == organisation_id,
            activity_versions.c.activity_id.in_(bindparam("ids", expanding=True)),
            true() if as_of is None else activity_versions.c.replaced_at <= as_of,
        )
        .group_by(activity_versions.c.activity_id)
    )
    return {row[0]: int(row[1]) + 1 for row in tx.execute(counted, {"ids": edited})}


def change(tx: Tx, organisation_id: int, activity_id: int, values: dict[str, object]) -> None:
    """Set columns of one activity, without a version, and what it is found by."""
    its = and_(activities.c.organisation_id == organisation_id, activities.c.id == activity_id)
    before = _found_by(tx, its) if values.keys() & _FOUND_BY else ()
    tx.execute(update(activities).where(its).values(**values))
    if values.keys() & _FOUND_BY:
        search_texts.replace(tx, organisation_id, before, _found_by(tx, its))


def _found_by(tx: Tx, its: ColumnElement[bool]) -> list[SearchText]:
    """What the activity is found by as it is, none when it is deleted."""
    rows = tx.execute(
        select(*(activities.c[name] for name in FACT_COLUMNS)).where(its, activities.c.deleted_at.is_(None))
    )
    return [text for row in rows if (text := search_texts.of_activity(Facts._make(row))) is not None]


def keep_version(tx: Tx, organisation_id: int, facts: Facts, replaced_at: int, replaced_by: int | None) -> None:
    """Put what the activity says now among its earlier versions; call it before `change`."""
    highest = select(func.coalesce(func.max(activity_versions.c.version), 0)).where(
        activity_versions.c.organisation_id == organisation_id, activity_versions.c.activity_id == facts.id
    )
    row: dict[str, object] = {
        "organisation_id": organisation_id,
        "activity_id": facts.id,
        "version": int(tx.execute(highest).scalar_one()) + 1,
        "replaced_at": replaced_at,
        "replaced_by": replaced_by,
        "said_at": facts.said_at,
        "remind_at": facts.remind_at,
        "category_id": facts.category_id,
        "text": facts.text,
        "rare": facts.rare,
    }
    tx.execute(activity_versions.insert(), row)
