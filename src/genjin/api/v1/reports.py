"""Reports: how much was done, and what came of it; as JSON or as CSV."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from genjin.api.v1.answers import csv, one
from genjin.api.v1.calling import Caller, OurCall
from genjin.domain.json import JsonValue
from genjin.domain.report import Asked, By
from genjin.service.reports.counting import count_done
from genjin.wire.v1.csv_text import csv_text
from genjin.wire.v1.report import ReportQuery, people_asked, period_asked, period_to_wire
from genjin.wire.v1.report_done import (
    CALLS,
    FOLLOW_UPS,
    VISITS,
    CallsQuery,
    DoneQuery,
    Measure,
    check_rows,
    column_of,
    done_to_wire,
)

_ACCEPTED = re.compile(r"([\w*]+/[\w*+.-]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?")


def report_calls(call: Caller, query: Annotated[CallsQuery, Query()]) -> Response:
    """How much was called: calls that were made, those that were answered, and minutes of talk."""
    return _done(call, query, CALLS)


def report_follow_ups(call: Caller, query: Annotated[DoneQuery, Query()]) -> Response:
    """How many follow-ups were written."""
    return _done(call, query, FOLLOW_UPS)


def report_visits(call: Caller, query: Annotated[DoneQuery, Query()]) -> Response:
    """How many visits were made."""
    return _done(call, query, VISITS)


def _done(call: OurCall, query: CallsQuery | DoneQuery, measures: tuple[Measure, ...]) -> Response:
    by, period = By(query.by), period_asked(query, call.calendar, call.installation.clock.now())
    check_rows(by, period)
    asked = Asked(period, *people_asked(query, call.session.viewer.user_id))
    found = count_done(call.installation, call.session, asked, column_of(by))
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
    likes = {name.lower(): float(q or 1) for name, q in _ACCEPTED.findall(request.headers.get("accept", ""))}
    other = max(likes.get(name, 0.0) for name in ("application/json", "application/*", "*/*"))
    return likes.get("text/csv", 0.0) > other
