"""Tables of the figures of reports on records."""

from collections.abc import Callable, Mapping
from typing import Any

from genjin.web.pages.team.asked import Team
from genjin.web.tables import Column, Row, Table, cell
from genjin.web.texts import _


def figures(
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


def owner(team: Team) -> Callable[[Mapping[str, Any]], str]:
    """Names rows by whose records they are about."""
    return lambda row: team.name(row["person"])
