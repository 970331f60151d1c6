"""The team: how much was done, how soon and how often somebody was in touch, and what came of it. Figures are those of
the reports of /api/v1, and each leads to the entries behind it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from genjin.api.v1.answers import CSV
from genjin.domain.report import PeriodName
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.web.calling import Caller
from genjin.web.pages.team.asked import MEASURES, Team, one_of, people_seen, team_of
from genjin.web.pages.team.funnel import conversion, sources, stages
from genjin.web.pages.team.touch import customers_followed, first_response, leads_followed, silent
from genjin.web.pages.team.work import by_person, by_time, map_of_days, sums
from genjin.web.queries import address_of
from genjin.web.rendering import HEADERS, page
from genjin.web.tables import Table
from genjin.web.texts import _
from genjin.wire.v1.csv_text import BEGIN, csv_lines

VIEWS = {"work": _("What was done"), "touch": _("Being in touch"), "funnel": _("Funnel")}
PERIODS = {
    PeriodName.THIS_WEEK: _("This week"),
    PeriodName.LAST_WEEK: _("Last week"),
    PeriodName.THIS_MONTH: _("This month"),
    PeriodName.LAST_MONTH: _("Last month"),
    PeriodName.LAST_30_DAYS: _("Last 30 days"),
    PeriodName.THIS_QUARTER: _("This quarter"),
}
TABLES: Mapping[str, tuple[str, Callable[[Team], Table]]] = {
    "map": ("work", map_of_days),
    "people": ("work", by_person),
    "days": ("work", by_time),
    "first-response": ("touch", first_response),
    "silent": ("touch", silent),
    "customers-in-touch": ("touch", customers_followed),
    "leads-in-touch": ("touch", leads_followed),
    "leads-stages": ("funnel", stages("leads", _("Leads by status"))),
    "opportunities-stages": ("funnel", stages("opportunities", _("Opportunities by stage"))),
    "conversion": ("funnel", conversion),
    "sources": ("funnel", sources),
}
"""By name: in which view each stands, and what makes it."""


def show(call: Caller) -> Response:
    """The parameters are those of the reports of /api/v1; `view` and `measure` say which of them are shown."""
    call = call.office
    address, view = address_of(call.request.scope), one_of(VIEWS, call.request.query_params.get("view"))
    people = people_seen(call)
    beside: dict[str, Any] = {
        "address": address,
        "view": view,
        "views": VIEWS,
        "periods": PERIODS,
        "measures": MEASURES,
        "people": people if len(people) > 1 else (),
        "departments": call.session.directory.tree() if len(people) > 1 else (),
        "here": "team",
    }
    try:
        team = team_of(call, people)
        told: dict[str, Any] = {"team": team, "sums": sums(team) if view == "work" else (), **_tables(team, view)}
    except Invalid as error:
        return page(call, "pages/team.html", 422, errors=error.errors, team=None, **beside)
    return page(call, "pages/team.html", errors={}, **told, **beside)


def download(call: Caller, name: str) -> Response:
    """One of the tables as CSV, by the same parameters."""
    if name not in TABLES:
        raise NotFound(name)
    call = call.office
    table = TABLES[name][1](team_of(call, people_seen(call)))
    rows = [*table.rows, *([table.total] if table.total else [])]
    lines = [[table.of, *(column.label for column in table.columns)]]
    content = csv_lines([*lines, *([row.label, *(one.value for one in row.cells)] for row in rows)])
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(BEGIN + content, 200, headers, CSV)


def _tables(team: Team, view: str) -> dict[str, Any]:
    """Those of a view; of what the viewer's role hides is told that it does."""
    tables, hidden = list[Table](), False
    for of, make in TABLES.values():
        if of == view:
            try:
                tables.append(make(team))
            except Forbidden:
                hidden = True
    return {"tables": tables, "is_hidden": hidden}
