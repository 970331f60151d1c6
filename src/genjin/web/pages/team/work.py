"""What was done: by people and days, by people, over time."""

from collections.abc import Mapping, Sequence
from typing import Any

from genjin.domain.people import User
from genjin.domain.report import By
from genjin.web.pages.team.asked import Team
from genjin.web.tables import Cell, Column, Row, Table, cell
from genjin.web.texts import _
from genjin.wire.v1.report_done import DONE_BY_PEOPLE, spread_to_wire

MOST_PEOPLE = 50
"""Rows of the map of people and days."""


def sums(team: Team) -> Sequence[tuple[str, Cell]]:
    """All of it together, a figure each."""
    total = team.done(By.PERSON)[-1]
    return [
        (_("Calls"), cell(total["calls"]["made"])),
        (_("Answered calls"), cell(total["calls"]["connected"])),
        (_("Minutes of talk"), cell(total["calls"]["minutes"])),
        (_("Follow-ups"), cell(total["follow_ups"]["written"])),
        (_("Visits"), cell(total["visits"]["made"])),
    ]


def map_of_days(team: Team) -> Table:
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


def by_person(team: Team) -> Table:
    """A row for each colleague."""
    *rows, total = team.done(By.PERSON)
    told = [_done_row(team.name(row["person"]), row) for row in rows]
    return Table(
        *("people", team.say(_("By person")), team.say(_("Person")), _done_columns(team), told),
        total=_done_row(team.say(_("Total")), total),
    )


def by_time(team: Team) -> Table:
    """A row for each day, week or month."""
    by, _parts = team.parts
    *rows, total = team.done(by)
    told = [_done_row(team.label(by, row["from"], row["to"]), row) for row in rows]
    return Table(
        *("days", team.say(_("Day by day") if by is By.DAY else _("Over time")), team.say(_("Days"))),
        *(_done_columns(team), told),
        total=_done_row(team.say(_("Total")), total),
    )
