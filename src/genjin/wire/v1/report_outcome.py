"""Reports of what came of it: conversion, first response, follow-up rate, silent records, time in each status.

A figure is counted by the feed that it links to: the link is made first, and read as a feed is asked for.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from statistics import fmean, median
from typing import Annotated, Any, Literal

from pydantic import Field

from genjin.domain.directory import STATUS_LISTS, Directory
from genjin.domain.feed import FeedFilter
from genjin.domain.json import JsonValue
from genjin.domain.people import SYSTEM_ID
from genjin.domain.report import Period
from genjin.wire.v1.activity import actor_to_wire
from genjin.wire.v1.feed import NOT, ActorText, FeedQuery, Values, feed_filter
from genjin.wire.v1.refs import TYPES
from genjin.wire.v1.report import Figure, Params, Rate, ReportPeriod, ReportQuery, feed_link, period_params
from genjin.wire.v1.shared import Named, Shown

Counts = Mapping[str, Mapping[Any, int]]
"""How many entries there are behind each figure, by what the rows are."""
Figures = Mapping[str, Params]
"""What a feed is asked for to have what each figure counts."""
MANY = ("kind", "type", "owner", "status", "record_source", "left_status", "answered", "active")
"""Parameters of a feed that may be given several times."""
WITHIN = {"within_1_hour": 3_600, "within_4_hours": 14_400, "within_1_day": 86_400, "within_3_days": 259_200}
CREATED = ("kind", "record.created")
_SOURCES = "lead.source"


class OwnersQuery(ReportQuery):
    """What a report on records is about."""

    owner: Values[ActorText] = Field([], description="Who owns the record now: an id, `me`, or `none`.")


class ConversionQuery(OwnersQuery):
    """Which leads are looked at."""

    by: Literal["person", "source"] = Field("person", description="Who owns them now, or where they are from.")


class ResponseQuery(OwnersQuery):
    """Which leads are looked at, and from when on."""

    since: Literal["created", "assigned"] = Field(
        "created", description="From when on: when a lead was created, or handed over or taken from a pool."
    )


class FollowingQuery(OwnersQuery):
    """Which records are looked at."""

    type: Literal["leads", "customers"] = Field("customers", description="Of which type.")


class SilentQuery(OwnersQuery):
    """Which records are looked at; `period` is not asked."""

    type: Literal["leads", "customers"] = Field("customers", description="Of which type.")
    days: Annotated[int, Field(ge=1, le=3_660)] = Field(14, description="So many days up to today.")


class StatusesQuery(OwnersQuery):
    """Which records are looked at."""

    type: Literal["leads", "customers", "opportunities", "contracts"] = Field("leads", description="Of which type.")


class Choice(Shown):
    """A choice of an option list; one that is known by nothing but its text has no id."""

    id: int | None
    label: str


class Measured(Shown):
    """A number, and the path of the activities that it is of; null of none."""

    value: float | None
    activities: str


class OwnerKey(Shown):
    """Whose records a row is about."""

    person: Named | None = Field(description="Who owns the records now; null for those that nobody owns.")


class ConversionKey(OwnerKey):
    """What a row is about: what the report is by; the other is null."""

    source: Choice | None = Field(description="By source; null also for leads without one.")


class ConversionFigures(Shown):
    """Leads that were created, those of them that are customers now, and their share."""

    created: Figure
    converted: Figure
    rate: Rate


class ResponseFigures(Shown):
    """Leads, and after how long somebody was in touch. Those within a day count those within an hour too. Minutes are
    over those that were answered; null where none was.
    """

    leads: Figure
    answered: Figure
    unanswered: Figure
    within_1_hour: Figure
    within_4_hours: Figure
    within_1_day: Figure
    within_3_days: Figure
    median_minutes: Measured
    mean_minutes: Measured


class FollowingFigures(Shown):
    """Records that there were, those with a talk, call or visit in the period, those without one, and the share."""

    records: Figure
    followed: Figure
    unfollowed: Figure
    rate: Rate


class SilentFigures(Shown):
    """Records that are older than that, those of them with no talk, call or visit in these days, and the share."""

    records: Figure
    silent: Figure
    rate: Rate


class StatusFigures(Shown):
    """How often records left a status in the period, the hours for which they had been in it, how many are in it now,
    and since how many hours. Hours since a beginning that is not known are left out.
    """

    left: Figure
    mean_hours: Measured
    median_hours: Measured
    now: Figure
    now_mean_hours: Measured
    now_median_hours: Measured


class ConversionRow(ConversionKey, ConversionFigures):
    """Leads of a colleague, or from a source."""


class ResponseRow(OwnerKey, ResponseFigures):
    """Leads of a colleague."""


class FollowingRow(OwnerKey, FollowingFigures):
    """Records of a colleague."""


class SilentRow(OwnerKey, SilentFigures):
    """Records of a colleague."""


class StatusRow(StatusFigures):
    """A status, of opportunities a stage."""

    status: Choice | None = Field(description="Null for none.")


class ConversionReport(Shown):
    """What became of leads."""

    period: ReportPeriod
    by: str
    rows: list[ConversionRow]
    total: ConversionFigures


class ResponseReport(Shown):
    """How soon somebody was in touch with leads."""

    period: ReportPeriod
    since: str
    rows: list[ResponseRow]
    total: ResponseFigures


class FollowingReport(Shown):
    """With how many records somebody was in touch."""

    period: ReportPeriod
    type: str
    rows: list[FollowingRow]
    total: FollowingFigures


class SilentReport(Shown):
    """With how many records nobody was in touch lately."""

    period: ReportPeriod
    type: str
    rows: list[SilentRow]
    total: SilentFigures


class StatusesReport(Shown):
    """How long records are in each status."""

    period: ReportPeriod
    type: str
    rows: list[StatusRow]


def filter_of(params: Params, viewer_id: int, directory: Directory) -> FeedFilter:
    """What a feed is asked for by these parameters, as the feed itself reads them. Raises Invalid."""
    told: dict[str, Any] = {}
    for name, value in params:
        if name in MANY:
            told.setdefault(name, []).append(value)
        else:
            told[name] = value
    return feed_filter(FeedQuery.model_validate(told), viewer_id, directory)


def owners_asked(query: OwnersQuery, viewer_id: int) -> Params:
    """Whose records are looked at."""
    return [("owner", text.replace("me", str(viewer_id))) for text in query.owner]


def conversion_figures(period: Period) -> Figures:
    """Of leads that were created in the period."""
    created = [CREATED, ("type", "leads"), *period_params(period)]
    return {"created": created, "converted": [*created, ("converted", "1")]}


def response_figures(query: ResponseQuery, period: Period) -> Figures:
    """Of leads that were created, or came to somebody, in the period."""
    kinds = [CREATED] if query.since == "created" else [("kind", "record.assigned"), ("kind", "record.taken")]
    leads = [*kinds, ("type", "leads"), *period_params(period)]
    within = {name: [*leads, ("answered", str(seconds))] for name, seconds in WITHIN.items()}
    answered, unanswered = [*leads, ("answered", "yes")], [*leads, ("answered", "!yes")]
    return {"leads": leads, "answered": answered, "unanswered": unanswered, **within}


def following_figures(query: FollowingQuery, period: Period) -> Figures:
    """Of records that there were by the end of the period."""
    there = [CREATED, ("type", query.type), ("standing", "1"), ("to", period.last.isoformat())]
    span = _span(period)
    return {"records": there, "followed": [*there, ("active", span)], "unfollowed": [*there, ("active", NOT + span)]}


def silent_figures(query: SilentQuery, period: Period) -> Figures:
    """Of records that there were before the days in which nothing happened."""
    before = (period.first - timedelta(days=1)).isoformat()
    there = [CREATED, ("type", query.type), ("standing", "1"), ("to", before)]
    return {"records": there, "silent": [*there, ("active", NOT + _span(period))]}


def left_asked(query: StatusesQuery, period: Period) -> Params:
    """Changes of status in the period."""
    return [("kind", "record.status_changed"), ("type", query.type), *period_params(period)]


def now_asked(query: StatusesQuery) -> Params:
    """Records that there are."""
    return [CREATED, ("type", query.type), ("standing", "1")]


def counted_to_wire(
    by: str, figures: Figures, counts: Counts, owners: Params, directory: Directory, share: tuple[str, str]
) -> dict[str, JsonValue]:
    """Rows and total of figures that are counts, with the share that one of them is of another. `owners` are those
    that are asked for.
    """
    keys = sorted({key for found in counts.values() for key in found}, key=str)
    rows: list[JsonValue] = [
        {
            **_key(by, key, directory),
            **_counted(figures, {name: counts[name].get(key, 0) for name in figures}, _of(by, key, owners), share),
        }
        for key in keys
    ]
    totals = {name: sum(counts[name].values()) for name in figures}
    return {"rows": rows, "total": _counted(figures, totals, owners, share)}


def responses_to_wire(
    figures: Figures, found: Iterable[tuple[int | None, int | None]], owners: Params, directory: Directory
) -> dict[str, JsonValue]:
    """As in ResponseReport; `found` are owners and seconds."""
    by_owner = defaultdict[int | None, list[int | None]](list)
    for owner_id, seconds in found:
        by_owner[owner_id].append(seconds)
    rows: list[JsonValue] = [
        {
            "person": actor_to_wire(owner_id or SYSTEM_ID, directory),
            **_responses(figures, some, _of("person", owner_id, owners)),
        }
        for owner_id, some in sorted(by_owner.items(), key=lambda pair: pair[0] or 0)
    ]
    every = [seconds for some in by_owner.values() for seconds in some]
    return {"rows": rows, "total": _responses(figures, every, owners)}


def statuses_to_wire(
    query: StatusesQuery,
    period: Period,
    stays: Iterable[tuple[str, int | None]],
    now: Iterable[tuple[str, int | None]],
    owners: Params,
    directory: Directory,
) -> list[JsonValue]:
    """Rows as StatusRow: the choices in their order, then others that records were or are in."""
    left, here = defaultdict[str, list[int | None]](list), defaultdict[str, list[int | None]](list)
    for stay, found in ((stays, left), (now, here)):
        for status, seconds in stay:
            found[status].append(seconds)
    field = STATUS_LISTS[TYPES[query.type]]
    known = [str(option.id) for option in directory.choices(field)]
    others = sorted(({*left, *here} - {*known, ""}), key=lambda text: (len(text), text))
    rows = list[JsonValue]()
    for status in [*known, *others, *([""] if "" in left or "" in here else [])]:
        text = status or "none"
        leaving = feed_link(left_asked(query, period), [("left_status", text)], owners)
        being = feed_link(now_asked(query), [("status", text)], owners)
        hours, since = (
            [seconds / 3_600 for seconds in some if seconds is not None] for some in (left[status], here[status])
        )
        rows.append(
            {
                "status": _choice(field, status, directory),
                "left": {"value": len(left[status]), "activities": leaving},
                "mean_hours": _measured(fmean, hours, leaving),
                "median_hours": _measured(median, hours, leaving),
                "now": {"value": len(here[status]), "activities": being},
                "now_mean_hours": _measured(fmean, since, being),
                "now_median_hours": _measured(median, since, being),
            }
        )
    return rows


def _counted(figures: Figures, counts: Mapping[str, int], more: Params, share: tuple[str, str]) -> dict[str, JsonValue]:
    part, whole = (counts[name] for name in share)
    told: dict[str, JsonValue] = {
        name: {"value": counts[name], "activities": feed_link(params, more)} for name, params in figures.items()
    }
    return told | {"rate": {"value": round(part / whole, 4) if whole else None}}


def _responses(figures: Figures, some: Sequence[int | None], more: Params) -> dict[str, JsonValue]:
    answered = [seconds for seconds in some if seconds is not None]
    counts = {"leads": len(some), "answered": len(answered), "unanswered": len(some) - len(answered)}
    counts |= {name: sum(seconds < most for seconds in answered) for name, most in WITHIN.items()}
    told: dict[str, JsonValue] = {
        name: {"value": counts[name], "activities": feed_link(params, more)} for name, params in figures.items()
    }
    minutes, link = [seconds / 60 for seconds in answered], feed_link(figures["answered"], more)
    return told | {
        "median_minutes": _measured(median, minutes, link),
        "mean_minutes": _measured(fmean, minutes, link),
    }


def _measured(how: Callable[[Sequence[float]], float], some: Sequence[float], link: str) -> JsonValue:
    return {"value": round(how(some), 1) if some else None, "activities": link}


def _key(by: str, key: Any, directory: Directory) -> dict[str, JsonValue]:
    if by == "source":
        return {"person": None, "source": _choice(_SOURCES, key, directory)}
    return {"person": actor_to_wire(key or SYSTEM_ID, directory), **({"source": None} if by == "person" else {})}


def _of(by: str, key: Any, owners: Params) -> Params:
    """What a row asks for beside its figures."""
    if by == "source":
        return [("record_source", str(key or "none")), *owners]
    return [("owner", str(key or "none"))]


def _choice(field: str, value: str | None, directory: Directory) -> JsonValue:
    if not value:
        return None
    if not value.isdecimal():
        return {"id": None, "label": value}
    return {"id": int(value), "label": directory.label(field, value)}


def _span(period: Period) -> str:
    return f"{period.first.isoformat()}..{period.last.isoformat()}"
