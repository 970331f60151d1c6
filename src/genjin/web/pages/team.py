"""The team: how much was done, how soon and how often somebody was in touch, and what came of it. Figures are those of
the reports of /api/v1, and each leads to the entries behind it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from starlette.responses import Response

from genjin.api.v1 import reports
from genjin.api.v1.answers import CSV
from genjin.domain.people import User
from genjin.domain.policy import may_see_work_of
from genjin.domain.report import NOTHING, Asked, By, Period, PeriodName, Tally
from genjin.errors import Forbidden, Invalid, NotFound
from genjin.service.reports.counting import count_each_day
from genjin.web.calling import Caller, PageCall
from genjin.web.queries import address_of, query_of
from genjin.web.rendering import HEADERS, page
from genjin.web.tables import Cell, Column, Row, Table, cell
from genjin.web.texts import _
from genjin.wire.v1.csv_text import BEGIN, csv_lines
from genjin.wire.v1.feed import MOST_VALUES, NOT
from genjin.wire.v1.report import PeopleQuery, people_asked, period_asked
from genjin.wire.v1.report_done import CALLS, DONE_BY_PEOPLE, FOLLOW_UPS, VISITS, done_to_wire, periods, spread_to_wire
from genjin.wire.v1.report_outcome import (
    ConversionQuery,
    FollowingQuery,
    OwnersQuery,
    ResponseQuery,
    SilentQuery,
    StatusesQuery,
)

VIEWS = {"work": _("What was done"), "touch": _("Being in touch"), "funnel": _("Funnel")}
PERIODS = {
    PeriodName.THIS_WEEK: _("This week"),
    PeriodName.LAST_WEEK: _("Last week"),
    PeriodName.THIS_MONTH: _("This month"),
    PeriodName.LAST_MONTH: _("Last month"),
    PeriodName.LAST_30_DAYS: _("Last 30 days"),
    PeriodName.THIS_QUARTER: _("This quarter"),
}
MEASURES = {
    "all": _("All"),
    "calls": _("Calls"),
    "minutes": _("Minutes of talk"),
    "follow_ups": _("Follow-ups"),
    "visits": _("Visits"),
}
MOST_PEOPLE = 50
"""Rows of the map of people and days."""
MOST_DAYS, MOST_WEEKS = 31, 182
"""Days of a period that is told day by day, or week by week; a longer one is told by months."""
_HOURS = 24


@dataclass(frozen=True)
class Team:
    """What is asked for. `people` are the colleagues whose work the viewer sees."""

    call: PageCall
    query: PeopleQuery
    people: Sequence[User]
    measure: str

    @cached_property
    def period(self) -> Period:
        """The days. Raises Invalid."""
        return period_asked(self.query, self.call.calendar, self.call.now)

    @cached_property
    def asked(self) -> Asked:
        """Whose doings. Raises Invalid."""
        return Asked(self.period, *people_asked(self.query, self.call.viewer.user_id))

    @cached_property
    def found(self) -> Mapping[tuple[int, int], Tally]:
        """What was done, by person and day."""
        return count_each_day(self.call.installation, self.call.session, self.asked)

    @cached_property
    def parts(self) -> tuple[By, Sequence[Period]]:
        """What the period is told by."""
        days = (self.period.last - self.period.first).days + 1
        by = By.DAY if days <= MOST_DAYS else By.WEEK if days <= MOST_WEEKS else By.MONTH
        return by, list(periods(by, self.period))

    def done(self, by: By) -> Sequence[Mapping[str, Any]]:
        """The rows of the reports of calls, follow-ups and visits as one: a mapping of figures each. Last the total."""
        nth = 0 if by is By.PERSON else 1
        sums = dict[int, Tally]()
        for key, tally in self.found.items():
            sums[key[nth]] = sums.get(key[nth], NOTHING).plus(tally)
        directory, rows = self.call.session.directory, dict[str, dict[str, Any]]()
        total = dict[str, Any]()
        for name, measures in (("calls", CALLS), ("follow_ups", FOLLOW_UPS), ("visits", VISITS)):
            told: dict[str, Any] = done_to_wire(measures, by, self.asked, sums, directory)
            for row in told["rows"]:
                about = str(row["person"] and row["person"]["id"]) if by is By.PERSON else row["from"]
                rows.setdefault(about, {"person": row["person"], "from": row["from"], "to": row["to"]})[name] = row
            total[name] = told["total"]
        return [*rows.values(), total]

    def asking(self, model: type[OwnersQuery], **more: str) -> Any:
        """The same of a report on records: of the same days, and of those whose records they are."""
        days = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return model.model_validate({**days, "owner": self.owners, **more})

    @cached_property
    def owners(self) -> Sequence[str]:
        """Whose records: those of the colleagues that are asked for. Raises Invalid for too many."""
        if self.query.actor or not self.query.department:
            return self.query.actor
        directory, asked = self.call.session.directory, self.asked.departments
        wanted, unwanted = directory.below(asked.wanted), directory.below(asked.unwanted)
        users = directory.users.values()
        found = [str(user.id) for user in users if user.department_id in wanted - unwanted]
        if not wanted:
            found = [f"{NOT}{user.id}" for user in users if user.department_id in unwanted]
        if len(found) > MOST_VALUES:
            raise Invalid({"department": [_("Too many people at once: choose a smaller department.")]})
        return found or ["none"]

    def say(self, text: str, **values: object) -> str:
        """A text in the language of the page."""
        return self.call.say(text, **values)

    def name(self, person: Mapping[str, Any] | None) -> str:
        """Of a row that is about somebody."""
        return str(person["name"]) if person else self.say(_("Nobody"))

    def label(self, by: By, first: str, last: str) -> str:
        """Of a part of the period."""
        times = self.call.times
        if by is By.MONTH:
            return times.month(int(first[:4]), int(first[5:7]))
        return times.short_day(first) if by is By.DAY else f"{times.short_day(first)}–{times.short_day(last)}"


def show(call: Caller) -> Response:
    """The parameters are those of the reports of /api/v1; `view` and `measure` say which of them are shown."""
    call = call.office
    address, view = address_of(call.request.scope), _one_of(VIEWS, call.request.query_params.get("view"))
    people = _people(call)
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
        team = _team(call, people)
        told: dict[str, Any] = {"team": team, "sums": _sums(team) if view == "work" else (), **_tables(team, view)}
    except Invalid as error:
        return page(call, "pages/team.html", 422, errors=error.errors, team=None, **beside)
    return page(call, "pages/team.html", errors={}, **told, **beside)


def download(call: Caller, name: str) -> Response:
    """One of the tables as CSV, by the same parameters."""
    if name not in TABLES:
        raise NotFound(name)
    call = call.office
    table = TABLES[name][1](_team(call, _people(call)))
    rows = [*table.rows, *([table.total] if table.total else [])]
    lines = [[table.of, *(column.label for column in table.columns)]]
    content = csv_lines([*lines, *([row.label, *(one.value for one in row.cells)] for row in rows)])
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(BEGIN + content, 200, headers, CSV)


def _team(call: PageCall, people: Sequence[User]) -> Team:
    """The last 30 days where none are asked for; who sees nobody else's work is shown their own. Raises Invalid."""
    query = query_of(PeopleQuery, call.request.scope)
    if query.period is None and query.from_ is None and query.to is None:
        query = query.model_copy(update={"period": PeriodName.LAST_30_DAYS})
    if query.actor:
        query = query.model_copy(update={"department": []})
    elif len(people) < 2:
        query = query.model_copy(update={"actor": ["me"], "department": []})
    team = Team(call, query, people, _one_of(MEASURES, call.request.query_params.get("measure")))
    assert team.asked.period == team.period  # what is wrong is found out at once
    return team


def _one_of(some: Mapping[str, str], told: str | None) -> str:
    return told if told is not None and told in some else next(iter(some))


def _people(call: PageCall) -> list[User]:
    """Who is here, and whose work the viewer sees."""
    directory = call.session.directory
    found = [
        user
        for user in directory.users.values()
        if directory.is_here(user.id) and may_see_work_of(call.viewer, user.id, user.department_id)
    ]
    return sorted(found, key=lambda user: user.name)


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


def _sums(team: Team) -> Sequence[tuple[str, Cell]]:
    total = team.done(By.PERSON)[-1]
    return [
        (_("Calls"), cell(total["calls"]["made"])),
        (_("Answered calls"), cell(total["calls"]["connected"])),
        (_("Minutes of talk"), cell(total["calls"]["minutes"])),
        (_("Follow-ups"), cell(total["follow_ups"]["written"])),
        (_("Visits"), cell(total["visits"]["made"])),
    ]


def _map(team: Team) -> Table:
    """People and days."""
    by, parts = team.parts
    rows = spread_to_wire(_measured(team.measure), team.asked, team.found, parts, team.call.session.directory)
    told = [Row(team.name(row["person"]), [cell(one[team.measure]) for one in row["cells"]]) for row in rows]
    there = {row["person"]["id"] for row in rows if row["person"]}
    idle = [user for user in team.people if user.id not in there and _is_asked(team, user)]
    told += [Row(user.name, [Cell(0)] * len(parts)) for user in idle]
    columns = [Column(team.label(by, part.first.isoformat(), part.last.isoformat())) for part in parts]
    note = team.say(_("The %(number)s who did most. Choose a department to see others."), number=MOST_PEOPLE)
    title, note = team.say(_("Who did how much, and when")), note if len(told) > MOST_PEOPLE else ""
    return Table("map", title, team.say(_("Person")), columns, told[:MOST_PEOPLE], chart="heatmap", note=note)


def _measured(name: str) -> Any:
    return tuple(measure for measure in DONE_BY_PEOPLE if measure.name == name)


def _is_asked(team: Team, user: User) -> bool:
    """Whether this colleague is among those that are asked for."""
    actors, departments, directory = team.asked.actors, team.asked.departments, team.call.session.directory
    return actors.allows(lambda id_: id_ == user.id) and departments.allows(
        lambda id_: user.department_id in directory.below({id_})
    )


def _done_columns(team: Team) -> list[Column]:
    return [
        Column(team.say(_("Calls")), "bar", "--call"),
        Column(team.say(_("Answered calls"))),
        Column(team.say(_("Minutes of talk"))),
        Column(team.say(_("Follow-ups")), "bar", "--talk"),
        Column(team.say(_("Visits")), "bar", "--visit"),
    ]


def _done_row(label: str, row: Mapping[str, Any]) -> Row:
    calls = row.get("calls", {})
    figures = [calls.get("made"), calls.get("connected"), calls.get("minutes")]
    figures += [row.get("follow_ups", {}).get("written"), row.get("visits", {}).get("made")]
    return Row(label, [cell(figure) if figure else Cell(0) for figure in figures])


def _by_person(team: Team) -> Table:
    *rows, total = team.done(By.PERSON)
    told = [_done_row(team.name(row["person"]), row) for row in rows]
    return Table(
        *("people", team.say(_("By person")), team.say(_("Person")), _done_columns(team), told),
        total=_done_row(team.say(_("Total")), total),
    )


def _by_time(team: Team) -> Table:
    by, _parts = team.parts
    *rows, total = team.done(by)
    told = [_done_row(team.label(by, row["from"], row["to"]), row) for row in rows]
    return Table(
        *("days", team.say(_("Day by day") if by is By.DAY else _("Over time")), team.say(_("Days"))),
        *(_done_columns(team), told),
        total=_done_row(team.say(_("Total")), total),
    )


def _figures(
    names: Mapping[str, Column],
) -> Callable[[Team, str, str, str, Mapping[str, Any], Callable[[Mapping[str, Any]], str]], Table]:
    """Makes a table of these figures of a report."""

    def table(
        team: Team, name: str, title: str, of: str, told: Mapping[str, Any], label: Callable[[Mapping[str, Any]], str]
    ) -> Table:
        columns = [column._replace(label=team.say(column.label)) for column in names.values()]
        rows = [Row(label(row), [cell(row[figure]) for figure in names]) for row in told["rows"]]
        total = (
            Row(team.say(_("Total")), [cell(told["total"][figure]) for figure in names]) if told.get("total") else None
        )
        return Table(name, team.say(title), team.say(of), columns, rows, total)

    return table


_RESPONSE = _figures(
    {
        "leads": Column(_("New leads"), "bar", "--soft"),
        "within_1_hour": Column(_("Within 1 hour"), "bar", "--call"),
        "within_4_hours": Column(_("Within 4 hours")),
        "within_1_day": Column(_("Within 1 day"), "bar", "--talk"),
        "within_3_days": Column(_("Within 3 days")),
        "unanswered": Column(_("Not yet")),
        "median_minutes": Column(_("Median minutes")),
    }
)
_FOLLOWING = _figures(
    {
        "records": Column(_("All")),
        "followed": Column(_("In touch"), "bar", "--talk"),
        "unfollowed": Column(_("Not in touch"), "bar", "--visit"),
        "rate": Column(_("Share")),
    }
)
_SILENT = _figures(
    {
        "records": Column(_("All"), "bar", "--soft"),
        "silent": Column(_("Silent"), "bar", "--bad"),
        "rate": Column(_("Share")),
    }
)
_CONVERSION = _figures(
    {
        "created": Column(_("New leads"), "bar", "--soft"),
        "converted": Column(_("Customers now"), "bar", "--talk"),
        "rate": Column(_("Share")),
    }
)


def _response(team: Team) -> Table:
    told: Any = reports.first_response(team.call, team.asking(ResponseQuery))
    return _RESPONSE(team, "first-response", _("First response to new leads"), _("Owner"), told, _owner(team))


def _customers_followed(team: Team) -> Table:
    told: Any = reports.follow_up_rate(team.call, team.asking(FollowingQuery, type="customers"))
    return _FOLLOWING(team, "customers-in-touch", _("In touch with customers"), _("Owner"), told, _owner(team))


def _leads_followed(team: Team) -> Table:
    told: Any = reports.follow_up_rate(team.call, team.asking(FollowingQuery, type="leads"))
    return _FOLLOWING(team, "leads-in-touch", _("In touch with leads"), _("Owner"), told, _owner(team))


def _silent(team: Team) -> Table:
    told: Any = reports.silent(team.call, team.asking(SilentQuery, type="customers"))
    table = _SILENT(team, "silent", _("Silent customers"), _("Owner"), told, _owner(team))
    return replace(table, note=team.say(_("No talk, call or visit within 14 days up to today.")))


def _conversion(team: Team) -> Table:
    told: Any = reports.conversion(team.call, team.asking(ConversionQuery, by="person"))
    return _CONVERSION(team, "conversion", _("New leads that became customers"), _("Owner"), told, _owner(team))


def _sources(team: Team) -> Table:
    told: Any = reports.conversion(team.call, team.asking(ConversionQuery, by="source"))

    def label(row: Mapping[str, Any]) -> str:
        return str(row["source"]["label"]) if row["source"] else team.say(_("None"))

    return _CONVERSION(team, "sources", _("New leads by source"), _("Source"), told, label)


def _owner(team: Team) -> Callable[[Mapping[str, Any]], str]:
    return lambda row: team.name(row["person"])


def _stages(type_: str, title: str) -> Callable[[Team], Table]:
    """The statuses of records of a type, with how many are in each and for how long."""

    def table(team: Team) -> Table:
        told: Any = reports.statuses(team.call, team.asking(StatusesQuery, type=type_))
        columns = [
            Column(team.say(_("Now")), "bar"),
            Column(team.say(_("Days so far, on average"))),
            Column(team.say(_("Left it"))),
            Column(team.say(_("Days until then, on average"))),
            Column(team.say(_("Days until then, median"))),
        ]
        rows = [
            Row(
                str(row["status"]["label"] or row["status"]["id"]) if row["status"] else team.say(_("None")),
                [
                    cell(row["now"]),
                    _in_days(row["now_mean_hours"]),
                    cell(row["left"]),
                    _in_days(row["mean_hours"]),
                    _in_days(row["median_hours"]),
                ],
            )
            for row in told["rows"]
        ]
        return Table(f"{type_}-stages", team.say(title), team.say(_("Status")), columns, rows, chart="funnel")

    return table


def _in_days(figure: Mapping[str, Any]) -> Cell:
    hours = figure["value"]
    return cell({**figure, "value": None if hours is None else round(hours / _HOURS, 1)})


TABLES: Mapping[str, tuple[str, Callable[[Team], Table]]] = {
    "map": ("work", _map),
    "people": ("work", _by_person),
    "days": ("work", _by_time),
    "first-response": ("touch", _response),
    "silent": ("touch", _silent),
    "customers-in-touch": ("touch", _customers_followed),
    "leads-in-touch": ("touch", _leads_followed),
    "leads-stages": ("funnel", _stages("leads", _("Leads by status"))),
    "opportunities-stages": ("funnel", _stages("opportunities", _("Opportunities by stage"))),
    "conversion": ("funnel", _conversion),
    "sources": ("funnel", _sources),
}
"""By name: in which view each stands, and what makes it."""
