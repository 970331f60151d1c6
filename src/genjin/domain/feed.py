"""What a feed is asked for. `FeedFilter.matches` says which entries answer it; `store/feed.py` says the same in SQL,
and a property test holds the two together. Who may see an entry is not said here (see policy.py).
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

import orjson

from genjin.domain.activity import Facts
from genjin.domain.attachment import Attachment, FileKind
from genjin.domain.json import JsonValue
from genjin.domain.kinds import CALL_MADE, STATUS_CHANGED
from genjin.domain.records import Record, RecordType, Ref

T = TypeVar("T")
_UNTYPED = {code: orjson.dumps(chr(code)).decode()[1:-1] for code in range(32) if chr(code) not in "\n\r\t"}
DEFAULT_SIZE, MAX_SIZE = 50, 200
NOBODY = 0
"""Stands for who owns a record that nobody owns."""
NONE = ""
"""Stands for a choice of a record that was not made."""
EVER = 2**31 - 1
"""Seconds within which something happened, if it did at all."""
MOST_SUBJECTS = 10
"""Records that one feed is asked for."""


class Moment(StrEnum):
    """The clock that a feed goes by. `said_at` is `at` for what nobody said a time of."""

    AT = "at"
    SAID_AT = "said_at"
    RECORDED_AT = "recorded_at"

    def of(self, facts: Facts) -> int:
        """When the entry lies in a feed."""
        match self:
            case Moment.AT:
                return facts.at
            case Moment.RECORDED_AT:
                return facts.recorded_at
            case Moment.SAID_AT:
                return facts.at if facts.said_at is None else facts.said_at


class Has(StrEnum):
    """What an entry may have with it: something to hear, a picture, a comment."""

    RECORDING = "recording"
    PICTURE = "picture"
    COMMENT = "comment"


class Facet(StrEnum):
    """What the entries of a feed are counted by."""

    KIND = "kind"
    ACTOR = "actor"
    DAY = "day"


class Relation(StrEnum):
    """Whether an entry happened on the subject itself, or came to its timeline through another record."""

    OWN = "own"
    RELATED = "relation"


Via = Relation | RecordType
"""How an entry came to a timeline; a type is that of the other record through which it did."""


class Key(NamedTuple):
    """The place of an entry in a feed, which is in the order of its keys, or in the reverse one."""

    moment: int
    id: int


class Counts(NamedTuple):
    """How many entries a feed has: `total` from its beginning up to the key `reached`, behind which none was counted;
    None where that is all. `by` has them by code of the kind, id of the actor, and day since 1970-01-01.
    """

    total: int
    reached: Key | None
    by: Mapping[Facet, Mapping[int, int]]


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """What one parameter asks for: one of `wanted`, where there are any, and none of `unwanted`."""

    wanted: frozenset[T] = frozenset()
    unwanted: frozenset[T] = frozenset()

    def allows(self, fits: Callable[[T], bool]) -> bool:
        """Whether the values that fit are such."""
        return (not self.wanted or any(map(fits, self.wanted))) and not any(map(fits, self.unwanted))

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)


ANY: Choice[Any] = Choice()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as a filter looks at it: its facts, the timelines that it is in, and what else is looked up for it.

    `department_id` is its actor's. `numbers` is whether the viewer is shown the telephone numbers in it. `connected` is
    whether a call was answered, None of what is no call. `record` is what it happened on, and `talks` are the instants
    of talks, calls and visits by people in the timeline of that.
    """

    facts: Facts
    timelines: Collection[Ref] = ()
    department_id: int | None = None
    has: frozenset[Has] = frozenset()
    numbers: bool = True
    connected: bool | None = None
    record: Record | None = None
    talks: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class OfRecord:
    """What the record that an entry happened on has to be now: of one of these types, owned by one of these (NOBODY),
    in one of these statuses and from one of these sources (by their ids; NONE), a lead that is `converted` into a
    customer, and `standing`: neither merged into another nor deleted. None asks for nothing.
    """

    types: Choice[RecordType] = ANY
    owners: Choice[int] = ANY
    statuses: Choice[str] = ANY
    sources: Choice[str] = ANY
    converted: bool | None = None
    standing: bool | None = None

    def matches(self, facts: Facts, record: Record | None) -> bool:
        """Whether it is so."""
        if not self.types.allows(lambda type_: type_ == facts.target_type):
            return False
        if self == OfRecord(self.types):
            return True
        return (
            record is not None
            and self.owners.allows(lambda id_: id_ == (record.owner_id or NOBODY))
            and self.statuses.allows(lambda status: status == (record.status or NONE))
            and self.sources.allows(lambda source: source == (record.source or NONE))
            and (self.converted is None or self.converted == _is_converted(record))
            and (self.standing is None or self.standing == _stands(record))
        )


def _is_converted(record: Record) -> bool:
    return record.type is RecordType.LEAD and record.customer_id is not None


def _stands(record: Record) -> bool:
    return record.merged_into_id is None and record.deleted_at is None


@dataclass(frozen=True, slots=True)
class Talked:
    """What talks, calls and visits there have to be in the timeline of the record that an entry happened on: the first
    one after the entry `within` so many seconds (EVER); one `during` a span from one instant to another. Those of
    `kinds` count, by people.
    """

    kinds: frozenset[int] = frozenset()
    within: Choice[int] = ANY
    during: Choice[tuple[int, int]] = ANY

    def __bool__(self) -> bool:
        return bool(self.within or self.during)

    def matches(self, at: int, talks: Collection[int]) -> bool:
        """Whether there are."""
        return self.within.allows(lambda seconds: any(at <= one < at + seconds for one in talks)) and (
            self.during.allows(lambda span: any(span[0] <= one < span[1] for one in talks))
        )


@dataclass(frozen=True, slots=True)
class FeedFilter:
    """What the entries of a feed have in common; all of it holds at once.

    `subjects` are records whose timelines they are in, and `via` is how they came to these. `kinds` are codes;
    `departments` are the actor's, each with all that lie below it. `texts` are parts of what was written, as `folded`
    writes them. `since` and `until` are a half-open range of instants by the `clock`. `as_of` asks for what was known
    at that instant: `matches` is given entries as they were then. `record` and `talked` are about what it happened on;
    `left` are statuses that a record left with it. `hours` are hours of the day by the clock, 0 to 23, of a zone whose
    `offsets` in that span are told (see `Calendar.offsets`).
    """

    subjects: Choice[Ref] = ANY
    kinds: Choice[int] = ANY
    actors: Choice[int] = ANY
    departments: Choice[int] = ANY
    texts: Choice[str] = ANY
    has: Choice[Has] = ANY
    via: Choice[Via] = ANY
    clock: Moment = Moment.AT
    since: int | None = None
    until: int | None = None
    as_of: int | None = None
    record: OfRecord = OfRecord()
    talked: Talked = Talked()
    left: Choice[str] = ANY
    connected: bool | None = None
    hours: Choice[int] = ANY
    offsets: tuple[tuple[int, int], ...] = ((0, 0),)

    def matches(self, entry: Entry) -> bool:
        """Whether an entry answers it."""
        facts, moment, text = entry.facts, self.clock.of(entry.facts), folded(text_in(entry.facts.text))
        return (
            (self.since is None or self.since <= moment)
            and (self.until is None or moment < self.until)
            and self.subjects.allows(lambda ref: ref in entry.timelines)
            and self.kinds.allows(lambda code: code == facts.kind)
            and self.actors.allows(lambda id_: id_ == facts.actor_id)
            and self.departments.allows(lambda id_: id_ == entry.department_id)
            and self.texts.allows(lambda part: part in text and (entry.numbers or not may_be_number(part)))
            and self.has.allows(lambda one: one in entry.has)
            and self.via.allows(lambda way: came_by(way, facts.target, self.subjects.wanted))
            and self.record.matches(facts, entry.record)
            and self.talked.matches(facts.at, entry.talks)
            and self.left.allows(lambda status: status == status_left(facts))
            and (self.connected is None or self.connected is entry.connected)
            and self.hours.allows(lambda hour: hour == hour_of(moment, self.offsets))
        )


def status_left(facts: Facts) -> str | None:
    """The status (an opportunity's stage) that a record left, NONE where it had none; None of another entry."""
    if facts.kind != STATUS_CHANGED.code:
        return None
    changes = orjson.loads(facts.rare or b"{}").get("changes") or ()
    return next((before or NONE for field, before, _ in changes if field == "status"), None)


def hour_of(moment: int, offsets: Sequence[tuple[int, int]]) -> int:
    """The hour of the day; of a moment before the first of the offsets, by that one."""
    nth = bisect_right(offsets, moment, key=lambda one: one[0]) - 1
    return (moment + offsets[max(nth, 0)][1]) // 3600 % 24


def came_by(way: Via, target: Ref, subjects: Collection[Ref]) -> bool:
    """Whether what happened on the target came to the timelines of these subjects so; without any, to its own."""
    own = not subjects or target in subjects
    return own if way is Relation.OWN else not own and way in (Relation.RELATED, target.type)


def folded(text: str) -> str:
    """A text as it is searched: Latin letters without their case, which both databases fold alike, and no others; what
    nobody types, as JSON writes it.
    """
    return "".join(letter.lower() if letter.isascii() else letter for letter in text).translate(_UNTYPED)


def may_be_number(part: str) -> bool:
    """Whether finding this part of a text may tell a telephone number that is not shown."""
    return any(map(str.isdigit, part))


def text_in(text: bytes | None) -> str:
    """What was written, of the JSON string that is stored."""
    return str(orjson.loads(text)) if text else ""


def has_of(facts: Facts, files: Mapping[int, Attachment]) -> frozenset[Has]:
    """What an entry has with it. `files` are at least those that it shows and that are not deleted."""
    rare = _Rare(orjson.loads(facts.rare or b"{}"))
    shown = {files[id_].kind for id_ in rare.file_ids if id_ in files}
    found = {
        Has.RECORDING: FileKind.RECORDING in shown or rare.heard(facts.kind),
        Has.PICTURE: FileKind.PICTURE in shown or _are_objects(rare.captured.get("image_attachments")),
        Has.COMMENT: facts.comment_count > 0,
    }
    return frozenset(one for one, there in found.items() if there)


@dataclass(frozen=True, slots=True)
class _Rare:
    """The details of an entry as they are stored."""

    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def captured(self) -> Mapping[str, JsonValue]:
        return self.told.get("captured") or {}

    @property
    def file_ids(self) -> list[int]:
        return [id_ for part in self.told.get("attached") or () for id_ in part]

    def heard(self, kind: int) -> bool:
        """Recordings that lie elsewhere: those of a call, and captured ones."""
        of_call = kind == CALL_MADE.code and bool(self.told.get("recordings"))
        return of_call or _are_objects(self.captured.get("audios"))


def _are_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
