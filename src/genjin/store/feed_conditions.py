"""What a feed is asked for, as conditions on activities: the twin of `domain.feed.FeedFilter.matches`."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

import orjson
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    collate,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from genjin.domain.attachment import ACTIVITY, FileKind
from genjin.domain.calendar import DAY
from genjin.domain.custom_kind import FIRST_CODE
from genjin.domain.feed import (
    NOBODY,
    NONE,
    Choice,
    FeedFilter,
    Has,
    Moment,
    OfRecord,
    Relation,
    Via,
    folded,
    may_be_number,
)
from genjin.domain.kinds import CALL_MADE, STATUS_CHANGED
from genjin.domain.people import SYSTEM_ID
from genjin.domain.policy import Viewer
from genjin.domain.records import RecordType, Ref
from genjin.store.feed_wording import NOW, Said
from genjin.store.refs import is_one_of
from genjin.store.tables import activities, calls, files, records, timeline, users
from genjin.store.visible import entry_numbers_shown

T = TypeVar("T")
_ATTACHED = r'"attached":(\[(?:\[[0-9,]*\],?)*\])'
Condition = ColumnElement[bool]
_talks, _told = timeline.alias("talks"), activities.alias("told")
TALKS = _talks.c.at
"""When a talk was, of the rows of `talks_on`."""
DAYS_BEFORE = 2**26
"""Days that make every day's number positive: databases divide towards zero."""
_ESCAPES = (('\\"', '"'), ("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"))
"""How a JSON string writes what people type, beside the backslash; rare control characters stay as they are written."""


def conditions(viewer: Viewer, wanted: FeedFilter, engine: str, said: Said = NOW) -> Iterator[Condition]:
    """All that the activities of a feed fulfil, but for their subjects and their span of time, which the way says by
    which they are reached (see feed.py).
    """
    a = activities.c
    yield from _chosen(wanted.kinds, lambda codes: a.kind.in_(sorted(codes)))
    yield from _chosen(wanted.actors, lambda ids: a.actor_id.in_(sorted(ids)))
    yield from _chosen(wanted.departments, lambda ids: _acts_for(viewer, ids))
    yield from _chosen(
        wanted.via, lambda ways: or_(*(_came_by(way, wanted.subjects.wanted) for way in sorted(ways, key=str)))
    )
    yield from _chosen(wanted.record.types, lambda types: a.target_type.in_(sorted(map(int, types))))
    yield from _on_records(viewer, wanted.record)
    kinds = wanted.talked.kinds
    yield from _chosen(
        wanted.talked.within,
        lambda some: or_(*(_talked(viewer, kinds, a.at, a.at + seconds) for seconds in sorted(some))),
    )
    yield from _chosen(
        wanted.talked.during,
        lambda some: or_(*(_talked(viewer, kinds, literal(since), literal(until)) for since, until in sorted(some))),
    )
    yield from _chosen(wanted.left, lambda some: or_(*(_left(one, said, engine) for one in sorted(some))))
    if wanted.connected is not None:
        yield and_(a.kind == CALL_MADE.code, _is_connected(viewer) if wanted.connected else not_(_is_connected(viewer)))
    if wanted.hours:
        hour = local_time(moment_of(wanted.clock), wanted.offsets) // 3600 % 24
        yield from _chosen(wanted.hours, lambda hours: hour.in_(sorted(hours)))
    yield from _chosen(wanted.has, lambda some: or_(*(_has(viewer, one, said, engine) for one in sorted(some))))
    yield from _chosen(wanted.texts, lambda parts: or_(*(_says(viewer, part, said, engine) for part in sorted(parts))))


def moment_of(clock: Moment) -> ColumnElement[int]:
    """When an activity lies in a feed that goes by this clock; there is an index of each."""
    match clock:
        case Moment.AT:
            return activities.c.at
        case Moment.RECORDED_AT:
            return activities.c.recorded_at
        case Moment.SAID_AT:
            return func.coalesce(activities.c.said_at, activities.c.at)


def local_time(moment: ColumnElement[int], offsets: Sequence[tuple[int, int]]) -> ColumnElement[int]:
    """Seconds of local time, DAYS_BEFORE later than they are; `offsets` are those of `Calendar.offsets`."""
    later = [(moment < begin, before) for (begin, _), (_, before) in zip(offsets[1:], offsets, strict=False)]
    return moment + (case(*later, else_=offsets[-1][1]) if later else offsets[-1][1]) + DAYS_BEFORE * DAY


def in_timelines(viewer: Viewer, subjects: frozenset[Ref], sources: Collection[Ref] = ()) -> Condition:
    """The activities that are in one of these timelines; of `sources` those too that were taken out as they were taken
    back.
    """
    shown = timeline.alias("shown")
    there = exists().where(
        shown.c.organisation_id == viewer.organisation_id,
        is_one_of(shown.c.subject_type, shown.c.subject_id, subjects),
        shown.c.at == activities.c.at,
        shown.c.activity_id == activities.c.id,
    )
    return or_(there, taken_back_of(sources)) if sources else there


def taken_back_of(targets: Collection[Ref]) -> Condition:
    """The activities on these records that were taken back."""
    a = activities.c
    return and_(a.deleted_at.is_not(None), is_one_of(a.target_type, a.target_id, targets))


def _chosen(choice: Choice[T], among: Callable[[frozenset[T]], Condition]) -> Iterator[Condition]:
    if choice.wanted:
        yield among(choice.wanted)
    if choice.unwanted:
        yield not_(among(choice.unwanted))


def _acts_for(viewer: Viewer, departments: frozenset[int]) -> Condition:
    """The activities of colleagues of these departments."""
    theirs = select(users.c.id).where(
        users.c.organisation_id == viewer.organisation_id, users.c.department_id.in_(sorted(departments))
    )
    return activities.c.actor_id.in_(theirs)


def _on_records(viewer: Viewer, wanted: OfRecord) -> Iterator[Condition]:
    """The activities on such records."""
    r = records.c
    told = [
        *_chosen(wanted.owners, lambda ids: func.coalesce(r.owner_id, NOBODY).in_(sorted(ids))),
        *_chosen(wanted.statuses, lambda some: func.coalesce(r.status, NONE).in_(sorted(some))),
        *_chosen(wanted.sources, lambda some: func.coalesce(r.source, NONE).in_(sorted(some))),
    ]
    if wanted.converted is not None:
        became = and_(r.type == int(RecordType.LEAD), r.customer_id.is_not(None))
        told.append(became if wanted.converted else not_(became))
    if wanted.standing is not None:
        stands = and_(r.merged_into_id.is_(None), r.deleted_at.is_(None))
        told.append(stands if wanted.standing else not_(stands))
    if told:
        yield exists().where(
            r.organisation_id == viewer.organisation_id,
            r.type == activities.c.target_type,
            r.id == activities.c.target_id,
            *told,
        )


def _talked(viewer: Viewer, kinds: frozenset[int], low: ColumnElement[int], high: ColumnElement[int]) -> Condition:
    """Whether there was a talk, call or visit in the timeline of what the activity happened on, from one instant up to
    another.
    """
    return exists().where(*talks_on(viewer.organisation_id, kinds), _talks.c.at >= low, _talks.c.at < high)


def talks_on(organisation_id: int, kinds: frozenset[int]) -> list[Condition]:
    """The talks, calls and visits by people in the timeline of what an activity happened on, as rows of TALKS."""
    told = _told.c
    return [
        _talks.c.organisation_id == organisation_id,
        _talks.c.subject_type == activities.c.target_type,
        _talks.c.subject_id == activities.c.target_id,
        told.organisation_id == organisation_id,
        told.id == _talks.c.activity_id,
        told.kind.in_(sorted(kinds)),
        told.actor_id != SYSTEM_ID,
    ]


def _left(status: str, said: Said, engine: str) -> Condition:
    """Whether a record left this status with the activity, as changes are stored."""
    befores = (b"null", b'""') if status == NONE else (orjson.dumps(status),)
    told = (_rare_says(said, b'["status",' + before + b",", engine) for before in befores)
    return and_(activities.c.kind == STATUS_CHANGED.code, or_(*told))


def _is_connected(viewer: Viewer) -> Condition:
    """The calls that were answered; of one that is told of by nothing but its activity it is not known."""
    return exists().where(
        calls.c.organisation_id == viewer.organisation_id, calls.c.id == activities.c.object_id, calls.c.connected
    )


def _came_by(way: Via, subjects: frozenset[Ref]) -> Condition:
    a = activities.c
    # true() would leave its negation no other condition, nor its organisation.
    own = is_one_of(a.target_type, a.target_id, subjects) if subjects else literal_column("1") == literal_column("1")
    if way is Relation.OWN:
        return own
    if way is Relation.RELATED:
        return not_(own)
    return and_(not_(own), activities.c.target_type == int(way))


def _has(viewer: Viewer, one: Has, said: Said, engine: str) -> Condition:
    match one:
        case Has.COMMENT:
            return said.comment_count > 0
        case Has.PICTURE:
            captured = _rare_says(said, b'"image_attachments":[{', engine)
            return or_(captured, _shows_file(viewer, FileKind.PICTURE, said, engine))
        case Has.RECORDING:
            elsewhere = and_(activities.c.kind == CALL_MADE.code, _rare_says(said, b'"recordings":[[', engine))
            captured = _rare_says(said, b'"audios":[{', engine)
            return or_(elsewhere, captured, _shows_file(viewer, FileKind.RECORDING, said, engine))


def _rare_says(said: Said, part: bytes, engine: str) -> Condition:
    """Whether the details as they are stored have this in them. No text that is written there can, for its quotes; what
    a program tells of a kind of the organisation's can, and is not looked at.
    """
    rare = func.coalesce(said.rare, b"")
    found: Condition = (func.instr(rare, part) if engine == "sqlite" else func.pg_catalog.position(rare, part)) > 0
    return and_(activities.c.kind < FIRST_CODE, found)


def _shows_file(viewer: Viewer, kind: FileKind, said: Said, engine: str) -> Condition:
    """Whether the activity shows a file of this kind. One that an edit took out is attached to it still."""
    return exists().where(
        files.c.organisation_id == viewer.organisation_id,
        files.c.attached_type == ACTIVITY,
        files.c.attached_id == activities.c.id,
        files.c.kind == int(kind),
        files.c.deleted_at.is_(None),
        files.c.id.in_(_shown_files(said, engine)),
    )


def _shown_files(said: Said, engine: str) -> Select[int]:
    """The ids of the files in an activity's present wording."""
    rare = said.rare
    if engine == "sqlite":
        # Lists in a list: the leaves of the tree are the ids.
        told = case((_rare_says(said, b'"attached":', engine), cast(rare, Text)), else_="{}")
        tree = func.json_tree(told, "$.attached").table_valued("atom")
        return select(tree.c.atom)
    # Not read as JSON before it is cut out: there may be a NUL elsewhere, which PostgreSQL's JSON has not.
    lists = cast(func.substring(func.convert_from(rare, "UTF8"), _ATTACHED), JSON)
    part = func.json_array_elements(lists).table_valued("value", name="part")
    ids = func.json_array_elements_text(part.c.value).table_valued("value", name="ids")
    return select(cast(ids.c.value, Integer)).select_from(part).join(ids, literal_column("true"))


def _says(viewer: Viewer, part: str, said: Said, engine: str) -> Condition:
    """Whether this part is in what was written; the one place that searches texts.

    Who is shown masked numbers does not find them either.
    """
    place = func.instr if engine == "sqlite" else func.strpos
    found: Condition = place(_written(said, engine), folded(part)) > 0
    return and_(found, entry_numbers_shown(viewer)) if may_be_number(part) else found


def _written(said: Said, engine: str) -> ColumnElement[str]:
    """What was written, folded, of the JSON string that is stored."""
    stored: ColumnElement[str] = func.coalesce(said.text, b'""')
    stored = cast(stored, Text) if engine == "sqlite" else collate(func.convert_from(stored, "UTF8"), "C")
    text: ColumnElement[str] = func.substr(stored, 2, func.length(stored) - 2)  # without the quotes around it
    text = func.replace(text, "\\\\", "\x01")
    for written, meant in _ESCAPES:
        text = func.replace(text, written, meant)
    return func.lower(func.replace(text, "\x01", "\\"))
