"""What a feed is asked for, as /api/v1 is told it, and the page that it answers with."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import Field, StringConstraints

from genjin.domain.activity import Facts
from genjin.domain.calendar import Calendar
from genjin.domain.custom_kind import MAX_NAME
from genjin.domain.directory import Directory
from genjin.domain.feed import (
    EVER,
    MOST_SUBJECTS,
    NONE,
    Choice,
    Facet,
    FeedFilter,
    Has,
    Moment,
    OfRecord,
    Relation,
    Talked,
    Via,
    folded,
)
from genjin.domain.json import JsonValue
from genjin.domain.people import SYSTEM_ID
from genjin.errors import Invalid
from genjin.wire.v1.activity import Activity
from genjin.wire.v1.feed_counts import DayObject, FeedCounts
from genjin.wire.v1.refs import ID_PATTERN, REF_PATTERN, TYPES, read_id, read_ref
from genjin.wire.v1.shared import Asked, Next, Paged, Shown
from genjin.wire.v1.times import Moment as Instant
from genjin.wire.v1.times import MomentOrDay, ShownTime, end_of, iso_time, read_moment_or_day, start_of

T = TypeVar("T")
MOST_VALUES = 50
"""Values of one parameter."""
MOST_EXPORTED = 1_000_000
NOT = "!"
Values = Annotated[list[T], Field(max_length=MOST_VALUES)]


def _one_of(pattern: str) -> StringConstraints:
    return StringConstraints(pattern=f"^{NOT}?({pattern})$")


SubjectText = Annotated[str, _one_of(REF_PATTERN)]
KindText = Annotated[str, StringConstraints(pattern=f"^{NOT}?[a-z][a-z0-9_.]*$", max_length=MAX_NAME + len(NOT))]
ActorText = Annotated[str, _one_of(f"me|none|{ID_PATTERN}")]
ChoiceText = Annotated[str, StringConstraints(pattern=r"^!?[^!\x00][^\x00]*$", max_length=65)]
AnsweredText = Annotated[str, _one_of("yes|[1-9][0-9]{0,7}")]
SpanText = Annotated[str, _one_of(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.\.[0-9]{4}-[0-9]{2}-[0-9]{2}")]
Flag = Literal["0", "1"]
TypeText = Annotated[str, _one_of("|".join(TYPES))]
HourText = Annotated[str, _one_of("1?[0-9]|2[0-3]")]
DepartmentText = Annotated[str, _one_of(ID_PATTERN)]
SearchText = Annotated[str, StringConstraints(max_length=200, pattern=r"^([^!]|![\s\S])")]
HasText = Annotated[str, _one_of("|".join(Has))]
ViaText = Annotated[str, _one_of("|".join([*Relation, *TYPES]))]

FacetsText = Annotated[str, StringConstraints(pattern=f"^({'|'.join(Facet)})(,({'|'.join(Facet)}))*$", max_length=50)]


class FilterQuery(Asked):
    """What entries are asked for. A value that begins with `!` is what they have not."""

    subject: Annotated[list[SubjectText], Field(max_length=MOST_SUBJECTS)] = Field(
        [], description="Records whose timelines the entries are in: `leads/12`."
    )
    kind: Values[KindText] = Field([], description="A kind, or a group: talk, call, visit, change, system.")
    actor: Values[ActorText] = Field([], description="Who did it: an id, `me`, or `none`: Genjin itself.")
    department: Values[DepartmentText] = Field([], description="The actor's, or one above it.")
    has: Values[HasText] = Field([], description="Something to hear, a picture, a comment.")
    via: Values[ViaText] = Field([], description="How it came to the subject: own, or through another record.")
    from_: MomentOrDay | None = Field(None, alias="from", description="The first moment, or day.")
    to: MomentOrDay | None = Field(None, description="The moment behind the last one, or the last day.")


class EntriesQuery(FilterQuery):
    """What entries a feed is asked for, and in which order."""

    q: Values[SearchText] = Field([], description="A part of what was written; Latin letters in either case.")
    type: Values[TypeText] = Field([], description="The type of the record that it happened on: leads, customers, ...")
    owner: Values[ActorText] = Field([], description="Who owns that record now: an id, `me`, or `none`.")
    status: Values[ChoiceText] = Field([], description="The status that it is in now, of an opportunity the stage.")
    record_source: Values[ChoiceText] = Field([], description="Where it is from: a choice, or `none`.")
    converted: Flag | None = Field(None, description="1: what happened on leads that have become customers.")
    standing: Flag | None = Field(None, description="1: on records that are not merged into others, nor deleted.")
    answered: Values[AnsweredText] = Field(
        [], description="What a talk, call or visit on its record followed: within so many seconds, or `yes`: ever."
    )
    active: Values[SpanText] = Field(
        [], description="Days in which there was a talk, call or visit on its record: `2024-01-01..2024-01-31`."
    )
    left_status: Values[ChoiceText] = Field([], description="The status that its record left with it.")
    connected: Flag | None = Field(None, description="1: calls that were answered; 0: those that were not.")
    hour: Values[HourText] = Field([], description="The hour of the day, by the clock: 0 to 23.")
    clock: Moment = Field(Moment.AT, description="By which of its times an entry is in order.")
    order: Literal["newest", "oldest"] = Field("newest", description="Which end comes first.")
    as_of: Instant | None = Field(None, description="What was known at this moment, as it was worded then.")


class FeedQuery(EntriesQuery, Paged):
    """What a feed is asked for."""

    counts: FacetsText | None = Field(None, description="What the activities are counted by: `kind,actor,day`.")
    fold: Literal["0", "1"] = Field("0", description="1: what one colleague edits of one record in one go is one item.")
    group: Literal["day"] | None = Field(None, description="Whether the days of the page are told.")

    @property
    def facets(self) -> list[Facet]:
        """What is counted."""
        return [] if self.counts is None else list(map(Facet, dict.fromkeys(self.counts.split(","))))


class ExportQuery(EntriesQuery):
    """What entries are asked for as a file."""

    format: Literal["csv", "xlsx", "parquet"] = Field("csv", description="What the file is.")
    limit: int = Field(100_000, ge=1, le=MOST_EXPORTED, description="The most entries of the file.")


class FoldedEdits(Shown):
    """The edits that one item stands for."""

    count: int
    ids: list[int] = Field(description="In the order of the feed; the first is the item's own.")
    since: ShownTime = Field(description="When the earliest of them happened, by the clock.")
    until: ShownTime = Field(description="When the latest of them happened.")


class FeedItem(Activity):
    """An activity, or several edits as one: the first one with the changes of all."""

    folded: FoldedEdits | None


class FeedDay(DayObject):
    """A day of the organisation's zone, and which activities of the page are of it."""

    ids: list[int]


class Feed(Shown):
    """A page of a feed. It may have fewer items than `limit`, even none, while there is a next one."""

    items: list[FeedItem]
    next: Next
    days: list[FeedDay] | None = Field(None, description="With `group=day`: the days of the page, in its order.")
    counts: FeedCounts | None = Field(None, description="With `counts`.")


def feed_filter(asked: FilterQuery, viewer_id: int, directory: Directory) -> FeedFilter:
    """What is asked for. Raises Invalid by field."""
    calendar = directory.calendar
    errors: dict[str, list[str]] = {}
    since = None if asked.from_ is None else start_of(asked.from_, calendar)
    until = None if asked.to is None else end_of(asked.to, calendar)
    more = asked if isinstance(asked, EntriesQuery) else EntriesQuery()

    def person(text: str) -> int:
        return viewer_id if text == "me" else SYSTEM_ID if text == "none" else read_id(text)

    wanted = FeedFilter(
        subjects=choice_of("subject", asked.subject, read_ref, errors),
        kinds=choices_of("kind", asked.kind, lambda name: _kinds(name, directory), errors),
        actors=choice_of("actor", asked.actor, person, errors),
        departments=choice_of("department", asked.department, read_id, errors),
        texts=choice_of("q", more.q, folded, errors),
        has=choice_of("has", asked.has, Has, errors),
        via=choice_of("via", asked.via, _way, errors),
        clock=more.clock,
        since=since,
        until=until,
        as_of=more.as_of,
        record=OfRecord(
            choice_of("type", more.type, TYPES.__getitem__, errors),
            choice_of("owner", more.owner, person, errors),
            choice_of("status", more.status, _option, errors),
            choice_of("record_source", more.record_source, _option, errors),
            _flag(more.converted),
            _flag(more.standing),
        ),
        talked=Talked(
            directory.talk_codes,
            choice_of("answered", more.answered, lambda text: EVER if text == "yes" else int(text), errors),
            choice_of("active", more.active, lambda text: _span(text, calendar), errors),
        ),
        left=choice_of("left_status", more.left_status, _option, errors),
        connected=_flag(more.connected),
        hours=choice_of("hour", more.hour, int, errors),
        offsets=tuple(calendar.offsets(*_offsets_told(since, until))) if more.hour else ((0, 0),),
    )
    if errors:
        raise Invalid(errors)
    return wanted


def folded_to_wire(run: Sequence[Facts], clock: Moment, calendar: Calendar) -> JsonValue:
    """The entries of a run as FoldedEdits; None for a single one."""
    if len(run) < 2:
        return None
    moments = [clock.of(facts) for facts in run]
    return {
        "count": len(run),
        "ids": [facts.id for facts in run],
        "since": iso_time(min(moments), calendar),
        "until": iso_time(max(moments), calendar),
    }


def _offsets_told(since: int | None, until: int | None) -> tuple[int, int]:
    """Between which instants the zone's offsets are looked up: where no end is given, from 1970 to 2100."""
    first, last = 0 if since is None else since, 4_102_444_800 if until is None else until
    return first, max(first, last)


def _flag(given: str | None) -> bool | None:
    return None if given is None else given == "1"


def _option(text: str) -> str:
    """A choice, as records keep it."""
    return NONE if text == "none" else text


def _span(text: str, calendar: Calendar) -> tuple[int, int]:
    """`2024-01-01..2024-01-31` as instants. Raises ValueError."""
    first, last = map(read_moment_or_day, text.split(".."))
    return start_of(first, calendar), end_of(last, calendar)


def _kinds(name: str, directory: Directory) -> Iterable[int]:
    if not (codes := directory.codes_of(name)):
        raise ValueError("is neither a kind nor a group")
    return codes


def choice_of(field: str, texts: Sequence[str], read: Callable[[str], T], errors: dict[str, list[str]]) -> Choice[T]:
    """The values that are wanted and those that are not; `errors` hears of those that cannot be read."""
    return choices_of(field, texts, lambda text: [read(text)], errors)


def choices_of(
    field: str, texts: Sequence[str], read: Callable[[str], Iterable[T]], errors: dict[str, list[str]]
) -> Choice[T]:
    """The same, where a value stands for several."""
    wanted, unwanted = set[T](), set[T]()
    for text in texts:
        try:
            (unwanted if text.startswith(NOT) else wanted).update(read(text.removeprefix(NOT)))
        except ValueError as error:
            errors.setdefault(field, []).append(f"{text}: {error}")
    return Choice(frozenset(wanted), frozenset(unwanted))


def _way(text: str) -> Via:
    return TYPES[text] if text in TYPES else Relation(text)
