"""What came of it: by status, by owner, by source."""

from collections.abc import Callable, Mapping
from typing import Any

from genjin.api.v1 import reports
from genjin.web.pages.team.asked import Team
from genjin.web.pages.team.figures import figures, owner
from genjin.web.tables import Cell, Column, Row, Table, cell
from genjin.web.texts import _
from genjin.wire.v1.report_outcome import ConversionQuery, StatusesQuery

_HOURS = 24
_CONVERSION = figures(
    {
        "created": Column(_("New leads"), "bar", "--soft"),
        "converted": Column(_("Customers now"), "bar", "--talk"),
        "rate": Column(_("Share")),
    }
)


def conversion(team: Team) -> Table:
    """How many new leads became customers, by owner."""
    told: Any = reports.conversion(team.call, team.asking(ConversionQuery, by="person"))
    return _CONVERSION(team, "conversion", _("New leads that became customers"), _("Owner"), told, owner(team))


def sources(team: Team) -> Table:
    """The same by source."""
    told: Any = reports.conversion(team.call, team.asking(ConversionQuery, by="source"))

    def label(row: Mapping[str, Any]) -> str:
        return str(row["source"]["label"]) if row["source"] else team.say(_("None"))

    return _CONVERSION(team, "sources", _("New leads by source"), _("Source"), told, label)


def stages(type_: str, title: str) -> Callable[[Team], Table]:
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
