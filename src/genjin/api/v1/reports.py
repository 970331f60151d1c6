"""Reports: how much was done, and what came of it; as JSON or as CSV."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Protocol

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from genjin.api.accepting import likes
from genjin.api.v1.answers import csv, one
from genjin.api.v1.calling import Caller, OurCall
from genjin.domain.calendar import Calendar
from genjin.domain.feed import FeedFilter
from genjin.domain.json import JsonValue
from genjin.domain.report import Asked, By, Period, Trait
from genjin.service.context import Installation, Session
from genjin.service.reports.counting import count_done
from genjin.service.reports.outcomes import answers_to, count_each, statuses_of
from genjin.wire.v1.csv_text import csv_text
from genjin.wire.v1.report import Params, ReportQuery, people_asked, period_asked, period_to_wire
from genjin.wire.v1.report_done import (
    CALLS,
    FOLLOW_UPS,
    LEADS,
    VISITS,
    CallsQuery,
    DoneQuery,
    Measure,
    check_rows,
    column_of,
    done_to_wire,
)
from genjin.wire.v1.report_outcome import (
    ConversionQuery,
    Figures,
    FollowingQuery,
    OwnersQuery,
    ResponseQuery,
    SilentQuery,
    StatusesQuery,
    conversion_figures,
    counted_to_wire,
    filter_of,
    following_figures,
    left_asked,
    now_asked,
    owners_asked,
    response_figures,
    responses_to_wire,
    silent_figures,
    statuses_to_wire,
)


class Reader(Protocol):
    """Who reads a report: a call of /api/v1, or of the page. Days are those of its `calendar`."""

    @property
    def installation(self) -> Installation: ...

    @property
    def session(self) -> Session: ...

    @property
    def calendar(self) -> Calendar: ...


def report_calls(call: Caller, query: Annotated[CallsQuery, Query()]) -> Response:
    """How much was called: calls that were made, those that were answered, and minutes of talk."""
    return _done(call, query, CALLS)


def report_follow_ups(call: Caller, query: Annotated[DoneQuery, Query()]) -> Response:
    """How many follow-ups were written."""
    return _done(call, query, FOLLOW_UPS)


def report_visits(call: Caller, query: Annotated[DoneQuery, Query()]) -> Response:
    """How many visits were made."""
    return _done(call, query, VISITS)


def report_leads(call: Caller, query: Annotated[DoneQuery, Query()]) -> Response:
    """How many leads were created, and how many became customers."""
    return _done(call, query, LEADS)


def report_conversion(call: Caller, query: Annotated[ConversionQuery, Query()]) -> Response:
    """What became of the leads that were created in a period: how many are customers now."""
    return _report(call, query, conversion(call, query))


def report_first_response(call: Caller, query: Annotated[ResponseQuery, Query()]) -> Response:
    """How soon somebody talked to, called or visited the leads that were created, or came to somebody, in a period."""
    return _report(call, query, first_response(call, query))


def report_follow_up_rate(call: Caller, query: Annotated[FollowingQuery, Query()]) -> Response:
    """With how many of the records of each colleague somebody was in touch in a period."""
    return _report(call, query, follow_up_rate(call, query))


def report_silent(call: Caller, query: Annotated[SilentQuery, Query()]) -> Response:
    """With how many of the records of each colleague nobody was in touch for some days."""
    return _report(call, query, silent(call, query))


def report_statuses(call: Caller, query: Annotated[StatusesQuery, Query()]) -> Response:
    """How long records had been in the statuses that they left in a period, and how many are in each now."""
    return _report(call, query, statuses(call, query))


def conversion(call: Reader, query: ConversionQuery) -> dict[str, JsonValue]:
    """As ConversionReport."""
    period = _period(call, query)
    by: Trait = "owner_id" if query.by == "person" else "source"
    told = _counted(call, query, conversion_figures(period), query.by, by, ("converted", "created"))
    return {"period": period_to_wire(query, period), "by": query.by, **told}


def first_response(call: Reader, query: ResponseQuery) -> dict[str, JsonValue]:
    """As ResponseReport."""
    period = _period(call, query)
    figures, owners = response_figures(query, period), _owners(call, query)
    found = answers_to(call.installation, call.session, _filter(call, [*figures["leads"], *owners]))
    told = responses_to_wire(figures, found, owners, call.session.directory)
    return {"period": period_to_wire(query, period), "since": query.since, **told}


def follow_up_rate(call: Reader, query: FollowingQuery) -> dict[str, JsonValue]:
    """As FollowingReport."""
    period = _period(call, query)
    told = _counted(call, query, following_figures(query, period), "owner", "owner_id", ("followed", "records"))
    return {"period": period_to_wire(query, period), "type": query.type, **told}


def silent(call: Reader, query: SilentQuery) -> dict[str, JsonValue]:
    """As SilentReport."""
    today = call.calendar.local(call.installation.clock.now()).date()
    period = Period(today - timedelta(days=query.days - 1), today)
    told = _counted(call, query, silent_figures(query, period), "owner", "owner_id", ("silent", "records"))
    days = {"name": None, "from": period.first.isoformat(), "to": period.last.isoformat()}
    return {"period": days, "type": query.type, **told}


def statuses(call: Reader, query: StatusesQuery) -> dict[str, JsonValue]:
    """As StatusesReport."""
    period, owners = _period(call, query), _owners(call, query)
    left = _filter(call, [*left_asked(query, period), *owners])
    now = _filter(call, [*now_asked(query), *owners])
    stays, here = statuses_of(call.installation, call.session, left, now)
    rows = statuses_to_wire(query, period, stays, here, owners, call.session.directory)
    return {"period": period_to_wire(query, period), "type": query.type, "rows": rows}


def _counted(
    call: Reader, query: OwnersQuery, figures: Figures, by: str, trait: Trait, share: tuple[str, str]
) -> dict[str, JsonValue]:
    owners = _owners(call, query)
    filters = [_filter(call, [*params, *owners]) for params in figures.values()]
    counts = dict(zip(figures, count_each(call.installation, call.session, filters, trait), strict=True))
    return counted_to_wire(by, figures, counts, owners, call.session.directory, share)


def _filter(call: Reader, params: Params) -> FeedFilter:
    return filter_of(params, call.session.viewer.user_id, call.session.directory)


def _owners(call: Reader, query: OwnersQuery) -> Params:
    return owners_asked(query, call.session.viewer.user_id)


def _period(call: Reader, query: ReportQuery) -> Period:
    return period_asked(query, call.calendar, call.installation.clock.now())


def _done(call: OurCall, query: CallsQuery | DoneQuery, measures: tuple[Measure, ...]) -> Response:
    by, period = By(query.by), _period(call, query)
    check_rows(by, period)
    asked = Asked(period, *people_asked(query, call.session.viewer.user_id))
    numbers = {field for measure in measures for field in measure.fields}
    found = count_done(call.installation, call.session, asked, column_of(by), numbers)
    told = done_to_wire(measures, by, asked, found, call.session.directory)
    return _report(call, query, {"period": period_to_wire(query, period), **told})


def _report(call: OurCall, query: ReportQuery, body: Mapping[str, Any]) -> Response:
    """The report, or its rows and in a last line its total as CSV."""
    if query.format != "csv" and (query.format is not None or not _likes_csv(call.request)):
        return one(call, dict(body))
    rows: Sequence[Mapping[str, JsonValue]] = [{"line": "row", **row} for row in body["rows"]]
    total = {"line": "total", **body["total"]} if "total" in body else None
    return csv(call, csv_text([*rows, *([] if total is None else [total])], ["line"]))


def _likes_csv(request: Request) -> bool:
    """Whether the Accept header likes CSV better than JSON."""
    liked = {name.partition(";")[0]: like for name, like in likes(request.headers.get("accept", "")).items()}
    other = max(liked.get(name, 0.0) for name in ("application/json", "application/*", "*/*"))
    return liked.get("text/csv", 0.0) > other
