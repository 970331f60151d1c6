"""Records as /api/v1 lists them: whose they are, and when something happened on them last."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from genjin.domain.calendar import Calendar
from genjin.domain.directory import STATUS_LISTS, Directory
from genjin.domain.json import JsonValue
from genjin.domain.record_list import NOBODY, RecordsAsked, Span, Worked
from genjin.domain.records import RecordType
from genjin.errors import Invalid
from genjin.wire.v1.feed import NOT, ActorText, DepartmentText, Values, choice_of, choices_of
from genjin.wire.v1.refs import TYPE_NAMES, TypeName, read_id
from genjin.wire.v1.shared import Named, Next, Paged, Shown, named_or_none
from genjin.wire.v1.times import MomentOrDay, ShownTime, end_of, iso_time, iso_time_or_none, start_of

_UNITS = {"d": 86_400, "h": 3600}
_DURATION = re.compile(r"([1-9][0-9]{0,3})([dh])")
StatusText = Annotated[str, StringConstraints(pattern=f"^{NOT}?[^!]", max_length=65)]
PoolText = DepartmentText
NameText = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=r"^[^\x00]*$")]
Sort = Literal[
    "created_at", "updated_at", "last_activity_at", "last_follow_up_at", "last_call_at", "last_visit_at", "next_due_at"
]
SilentFor = Annotated[str | None, StringConstraints(pattern="^[1-9][0-9]{0,3}[dh]$")]


def _after(what: str) -> str:
    return f"{what} at or behind this moment, or from this day on."


def _before(what: str) -> str:
    return f"{what} before this moment, or up to the end of this day."


class LatestQuery(Paged):
    """What lists are asked for by when something happened last."""

    silent_for: SilentFor = Field(None, description="Nothing happened for so long: `14d`, or `36h`.")
    last_activity_after: MomentOrDay | None = Field(None, description=_after("Something happened last"))
    last_activity_before: MomentOrDay | None = Field(None, description=_before("Something happened last"))
    last_follow_up_after: MomentOrDay | None = Field(None, description=_after("The last follow-up was"))
    last_follow_up_before: MomentOrDay | None = Field(None, description=_before("The last follow-up was"))
    last_call_after: MomentOrDay | None = Field(None, description=_after("The last call was"))
    last_call_before: MomentOrDay | None = Field(None, description=_before("The last call was"))
    last_visit_after: MomentOrDay | None = Field(None, description=_after("The last visit was"))
    last_visit_before: MomentOrDay | None = Field(None, description=_before("The last visit was"))
    next_due_after: MomentOrDay | None = Field(None, description=_after("The next reminder is due"))
    next_due_before: MomentOrDay | None = Field(None, description=_before("The next reminder is due"))
    order: Literal["asc", "desc"] = Field("desc", description="What has no such time comes last, either way.")


class RecordsQuery(LatestQuery):
    """What records are asked for."""

    owner: Values[ActorText] = Field([], description="Whose they are: an id, `me`, or `none`: nobody's.")
    department: Values[DepartmentText] = Field([], description="The department that they are of, or one above it.")
    status: Values[StatusText] = Field([], description="The status, of an opportunity the stage, by its id.")
    pool: Values[PoolText] = Field([], description="The pool that they lie in, by its id.")
    q: NameText = Field("", description="A part of the name or of the company's, or of the pinyin of either.")
    sort: Sort = "created_at"


class StatusObject(Shown):
    """A choice that was made; the label is empty where it is gone."""

    id: str
    label: str


class LatestTimes(Shown):
    """When something happened last, null for never; and when there is something to do next."""

    last_activity_at: ShownTime | None
    last_follow_up_at: ShownTime | None
    last_call_at: ShownTime | None
    last_visit_at: ShownTime | None
    next_due_at: ShownTime | None = Field(description="When the next open reminder is due; it may be over already.")


class RecordObject(LatestTimes):
    """A record. What the caller's role hides is null."""

    type: TypeName
    id: int
    name: str
    company_name: str | None
    owner: Named | None
    department: Named | None
    status: StatusObject | None
    created_at: ShownTime
    updated_at: ShownTime


class RecordList(Shown):
    """Records that the caller sees."""

    items: list[RecordObject]
    next: Next


def records_asked(
    query: RecordsQuery, type_: RecordType, viewer_id: int, directory: Directory, now: int
) -> RecordsAsked:
    """What is asked for. Raises Invalid by field."""
    errors: dict[str, list[str]] = {}

    def person(text: str) -> int:
        return viewer_id if text == "me" else NOBODY if text == "none" else read_id(text)

    asked = RecordsAsked(
        type_,
        owners=choice_of("owner", query.owner, person, errors),
        departments=choices_of("department", query.department, lambda text: directory.below([read_id(text)]), errors),
        statuses=choice_of("status", query.status, str, errors),
        pools=choice_of("pool", query.pool, read_id, errors),
        text=query.q,
        spans=spans_asked(query, directory.calendar),
        silent_since=silent_since(query, now),
        sort=query.sort,
        descending=query.order == "desc",
    )
    if errors:
        raise Invalid(errors)
    return asked


def spans_asked(query: LatestQuery, calendar: Calendar) -> dict[str, Span]:
    """The spans that are asked for, by the field that has to lie in each."""
    told = {}
    for name in LatestTimes.model_fields:
        after, before = (getattr(query, f"{name.removesuffix('_at')}_{way}") for way in ("after", "before"))
        if after is not None or before is not None:
            told[name] = Span(
                None if after is None else start_of(after, calendar),
                None if before is None else end_of(before, calendar),
            )
    return told


def silent_since(query: LatestQuery, now: int) -> int | None:
    """Since when nothing is to have happened."""
    if query.silent_for is None:
        return None
    found = _DURATION.fullmatch(query.silent_for)
    assert found is not None
    return now - int(found[1]) * _UNITS[found[2]]


def record_to_wire(worked: Worked, directory: Directory) -> dict[str, JsonValue]:
    """A record as RecordObject."""
    record, calendar = worked.view.record, directory.calendar
    owner, department = directory.users.get(record.owner_id or 0), directory.departments.get(record.department_id or 0)
    return {
        "type": TYPE_NAMES[record.type],
        "id": record.id,
        "name": record.name,
        "company_name": record.company_name or None,
        "owner": named_or_none(owner),
        "department": named_or_none(department),
        "status": _status(record.type, record.status, directory),
        "created_at": iso_time(record.created_at, calendar),
        "updated_at": iso_time(record.updated_at, calendar),
        **latest_to_wire((*worked.latest, worked.next_due_at), calendar),
    }


def latest_to_wire(latest: Sequence[int | None], calendar: Calendar) -> dict[str, JsonValue]:
    """As LatestTimes."""
    return {name: iso_time_or_none(at, calendar) for name, at in zip(LatestTimes.model_fields, latest, strict=True)}


def _status(type_: RecordType, status: str | None, directory: Directory) -> JsonValue:
    if not status:
        return None
    return {"id": status, "label": directory.label(STATUS_LISTS.get(type_, ""), status)}
